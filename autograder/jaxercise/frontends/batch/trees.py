"""What lies in a folder or in a zip: names and contents, read with care and never extracted.

Nothing a stranger has named becomes a path here, no link is followed, and no more is read of a
file than is graded, whatever it claims its size to be.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 200_000
MAX_DEPTH = 8
#: A zip that a student has handed in, and how much of it may be listing instead of content.
MAX_INNER_ZIP = 64 << 20
_MAX_INNER_LISTING = 1 << 20
_MAX_LISTING = 128 << 20

_JUNK = re.compile(r"^(\.|__MACOSX$|__pycache__$|Thumbs\.db$|desktop\.ini$)")
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # a password
    EOFError,
    OSError,
    ValueError,
    struct.error,
    zlib.error,
)


class UnsafeError(Exception):
    """A file that is not read; the message says why, and what to do."""


@dataclass(frozen=True)
class Entry:
    """A file of a tree.

    Attributes:
        parts: its path from the top, folders first.
        read: its content up to a number of bytes; raises UnsafeError.
    """

    parts: tuple[str, ...]
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        return self.parts[-1]

    def below(self, count: int) -> Entry:
        """The same file, seen from `count` folders further down."""
        return Entry(self.parts[count:], self.read)


def folder_entries(folder: Path) -> Iterator[Entry]:
    """The files of a folder; links and special files are there, and refuse to be read.

    Raises:
        UnsafeError: there are too many of them.
        OSError: a folder cannot be read.
    """
    seen = 0
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        place = waiting.pop()
        with os.scandir(folder.joinpath(*place)) as listing:
            items = sorted(listing, key=lambda item: item.name)
        for item in items:
            if _JUNK.match(item.name):
                continue
            parts = (*place, item.name)
            if item.is_dir(follow_symlinks=False):
                if len(parts) < MAX_DEPTH:
                    waiting.append(parts)
                if len(parts) == 1:
                    yield Entry((*parts, ""), _nothing)  # an empty folder is somebody's, too
                continue
            seen += 1
            if seen > MAX_FILES:
                raise UnsafeError(f"{folder} holds more than {MAX_FILES} files.")
            yield Entry(parts, _file_reader(Path(item.path)))


def _nothing(_: int) -> bytes:
    return b""


def _file_reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            # Neither follows a link nor waits for a writer where the name is a FIFO.
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            descriptor = os.open(path, flags)
        except OSError as error:
            what = "is a link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
            raise UnsafeError(f"{path.name} {what}; the file itself is needed.") from None
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnsafeError(f"{path.name} is not a file.")
            return _limited(file.read(limit + 1), limit, path.name)

    return read


def zip_entries(archive: zipfile.ZipFile) -> tuple[list[Entry], int]:
    """The files of a zip, and how many were left out because their names lead out of it."""
    entries: list[Entry] = []
    unsafe = 0
    for item in archive.infolist():
        if item.is_dir():
            continue
        parts = tuple(part for part in item.filename.split("/") if part not in ("", "."))
        if ".." in parts or item.filename.startswith("/") or "\0" in item.filename or not parts:
            unsafe += 1
        elif len(entries) >= MAX_FILES:
            raise UnsafeError(f"the zip holds more than {MAX_FILES} files.")
        elif len(parts) <= MAX_DEPTH and not any(map(_JUNK.match, parts)):
            entries.append(Entry(parts, _member_reader(archive, item)))
    return entries, unsafe


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip on disk, as a learning platform hands it out.

    Raises:
        UnsafeError: it is none, or its listing is beyond all measure.
    """
    try:
        with path.open("rb") as file:
            _check_listing(file, _MAX_LISTING)
        return zipfile.ZipFile(path)
    except _BROKEN_ZIP as error:
        raise UnsafeError(
            f"{path} is not a zip that can be read ({error}). Download it again."
        ) from None


def inner_entries(outer: Entry) -> list[Entry]:
    """The files of a zip that a student has handed in; it is not kept in memory.

    Raises:
        UnsafeError: it cannot be read, or it is a bomb.
    """

    def reader(parts: tuple[str, ...]) -> Callable[[int], bytes]:
        return lambda limit: next(e for e in _listed(outer) if e.parts == parts).read(limit)

    return [Entry((*outer.parts[:-1], *one.parts), reader(one.parts)) for one in _listed(outer)]


def _listed(outer: Entry) -> list[Entry]:
    try:
        file = io.BytesIO(outer.read(MAX_INNER_ZIP))
        _check_listing(file, _MAX_INNER_LISTING)
        return zip_entries(zipfile.ZipFile(file))[0]
    except _BROKEN_ZIP as error:
        raise UnsafeError(f"{outer.name} is not a zip that can be read ({error}).") from None


def _check_listing(file: io.BufferedReader | io.BytesIO, limit: int) -> None:
    """Look at how long the table of contents is before it is read into memory.

    Raises:
        ValueError: it is too long.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise ValueError("it has no table of contents")
    (length,) = struct.unpack_from("<L", tail, place + 12)
    # 0xFFFFFFFF announces the 64-bit table of a zip beyond 4 GiB: then the file's size says more.
    if min(length, size) > limit:
        raise ValueError("its table of contents is too long")


def _member_reader(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Callable[[int], bytes]:
    name = item.filename.rpartition("/")[2]

    def read(limit: int) -> bytes:
        if stat.S_ISLNK(item.external_attr >> 16):
            raise UnsafeError(f"{name} is a link; the file itself is needed.")
        if item.file_size > limit:
            raise _too_large(name, limit)
        try:
            with archive.open(item) as file:
                return _limited(file.read(limit + 1), limit, name)
        except _BROKEN_ZIP as error:
            raise UnsafeError(f"{name} cannot be read from the zip ({error}).") from None

    return read


def _limited(data: bytes, limit: int, name: str) -> bytes:
    if len(data) > limit:
        raise _too_large(name, limit)
    return data


def _too_large(name: str, limit: int) -> UnsafeError:
    advice = "; clear its outputs and save it again" if name.endswith(".ipynb") else ""
    return UnsafeError(f"{name} is larger than {limit >> 20} MiB{advice}.")
