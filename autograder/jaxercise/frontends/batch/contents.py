"""What lies in a folder or in a zip: names and contents, read with care and never extracted.

Nothing a stranger has named becomes a path here, no link is followed, and no more is read of a
file than is graded, whatever it claims its size to be.
"""

from __future__ import annotations

import datetime
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jaxercise.submission.filenames import is_clutter

MAX_FILES = 200_000
#: Of a zip's names, as many parts are told: nobody's way to a file is longer.
_DEEPEST = 50
#: What people pack things into. Only zips are opened.
ARCHIVES = (
    *(".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".tar.zst", ".rar", ".7z", ".gz"),
    *(".bz2", ".xz", ".zst", ".zipx"),
)
#: A zip that a student has handed in, and how much of it may be listing instead of content.
MAX_INNER_ZIP = 64 << 20
_MAX_INNER_LISTING = 16 << 20
_MAX_LISTING = 128 << 20

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
        parts: its path from the top, folders first; of a folder of which nothing is read, with an
            empty name behind it.
        read: its content up to a number of bytes; raises UnsafeError.
        time: when it was changed last, as far as is known: greater is newer.
        within: the archive that it lies in; empty outside of any.
    """

    parts: tuple[str, ...]
    read: Callable[[int], bytes]
    time: float = 0.0
    within: str = ""

    @property
    def name(self) -> str:
        return self.parts[-1]

    def below(self, count: int) -> Entry:
        """The same file, seen from `count` folders further down."""
        return replace(self, parts=self.parts[count:])


def folder_entries(folder: Path) -> Iterator[Entry]:
    """The files of a folder; links and special files are there, and refuse to be read.

    An empty folder at the top is there too, for it is somebody's, and so is what machines put into
    people's folders.

    Raises:
        UnsafeError: there are too many of them.
        OSError: a folder cannot be read.
    """
    seen = 0
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(folder.joinpath(*place)) as listing:
                items = sorted(listing, key=lambda item: item.name)
        except OSError:
            if not place:
                raise
            yield Entry(place, _nothing)  # closed, or too far down: named, like a strange file
            continue
        for item in items:
            seen += 1
            if seen > MAX_FILES:
                raise UnsafeError(f"{folder} holds more than {MAX_FILES} files.")
            parts = (*place, item.name)
            if is_clutter(item.name):
                if place:
                    yield Entry((*parts, ""), _nothing)
                continue
            if item.is_dir(follow_symlinks=False):
                waiting.append(parts)
                if not place:
                    yield Entry((*parts, ""), _nothing)
                continue
            try:
                changed = item.stat(follow_symlinks=False).st_mtime
            except OSError:
                changed = 0.0
            # A zip made on Windows leaves back slashes in names, wherever it was opened.
            parts = (*place, *filter(None, item.name.split("\\")))
            yield Entry(parts, _file_reader(Path(item.path)), changed)


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
    """The files of a zip, and how many were left out because their names lead out of it.

    As in a folder, empty folders and clutter are there without their contents.
    """
    entries: list[Entry] = []
    folders: set[tuple[str, ...]] = set()
    unsafe = 0
    for item in archive.infolist():
        # Programs on Windows write names with back slashes, against the standard.
        name = item.filename if "/" in item.filename else item.filename.replace("\\", "/")
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        leads_out = ".." in parts or name.startswith("/") or "\0" in name or not parts
        if len(parts) > _DEEPEST:
            parts = (*parts[: _DEEPEST - 2], "(...)", parts[-1])
        if leads_out:
            unsafe += 1
        elif len(entries) + len(folders) >= MAX_FILES:
            raise UnsafeError(
                f"the zip holds more than {MAX_FILES} files; leave out what is not your work."
            )
        elif any(map(is_clutter, parts)):
            first = next(i for i, part in enumerate(parts) if is_clutter(part))
            if first:
                folders.add(parts[: first + 1])
        elif item.is_dir():
            if len(parts) <= 2:  # of a student, or of one within the folder around everything
                folders.add(parts)
        else:
            entries.append(Entry(parts, _member_reader(archive, item), _time(item)))
    return [*entries, *(Entry((*parts, ""), _nothing) for parts in sorted(folders))], unsafe


def inside(entries: Iterable[Entry]) -> list[Entry]:
    """What lies in folders, seen from there: without the one around everything, for instance."""
    return [entry.below(1) for entry in entries if entry.parts[1:] not in ((), ("",))]


def _time(item: zipfile.ZipInfo) -> float:
    """When it was changed, to compare with others; a zip knows no time zone."""
    try:
        return datetime.datetime(*item.date_time, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return 0.0


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


def inner_entries(outer: Entry) -> tuple[list[Entry], int]:
    """The files of a zip that a student has handed in, which is not kept in memory.

    As `zip_entries`, with how many were left out.

    Raises:
        UnsafeError: it cannot be read, or it is a bomb.
    """

    def reader(parts: tuple[str, ...]) -> Callable[[int], bytes]:
        return lambda limit: next(e for e in _listed(outer)[0] if e.parts == parts).read(limit)

    found, unsafe = _listed(outer)
    entries = [
        Entry((*outer.parts[:-1], *one.parts), reader(one.parts), one.time, outer.name)
        for one in found
    ]
    return entries, unsafe


def _listed(outer: Entry) -> tuple[list[Entry], int]:
    try:
        file = io.BytesIO(outer.read(MAX_INNER_ZIP))
        _check_listing(file, _MAX_INNER_LISTING)
        return zip_entries(zipfile.ZipFile(file))
    except _BROKEN_ZIP as error:
        raise UnsafeError(f"{outer.name} is not a zip that can be read ({error}).") from None


def _check_listing(file: io.BufferedReader | io.BytesIO, limit: int) -> None:
    """Look at how long the table of contents is before it is read into memory.

    Raises:
        ValueError: it is too long.
    """
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - (1 << 16) - 100)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise ValueError("it has no table of contents")
    (length,) = struct.unpack_from("<L", tail, place + 12)
    if place >= 76 and tail[place - 20 : place - 16] == b"PK\x06\x07":
        # A 64-bit record tells more: it lies before its locator, or where that says.
        (told,) = struct.unpack_from("<Q", tail, place - 12)
        for record in (place - 76, told - start):
            if 0 <= record <= len(tail) - 56 and tail[record : record + 4] == b"PK\x06\x06":
                length = max(length % 0xFFFFFFFF, *struct.unpack_from("<Q", tail, record + 40))
    if length > limit:
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
