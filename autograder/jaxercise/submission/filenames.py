"""Which exercise a file is meant to be, by its name: one rule for whoever looks for exercises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

FORMS = (".py", ".ipynb")
#: As many bytes of a file are read.
MAX_SOURCE, MAX_NOTEBOOK = 1 << 20, 20 << 20
_File = TypeVar("_File")

#: What browsers, editors and people put around a name.
_COPIES = re.compile(
    r"^(copy|kopie|copie|copia) (of|von|de|di) |[ _-]*\(\d+\)$|[ _-]+(copy|kopie)\d*$",
    re.IGNORECASE,
)
_COPY_OF = re.compile(r"(?:^|[ _-]+)(copy|kopie|copie|copia) (of|von|de|di)\s*$", re.IGNORECASE)
_TEXT = re.compile(
    r"(\.py|\.ipynb)(\.(txt|json|py|ipynb|download)|\s*\(\d+\)|(?<=py|nb)[?;].*)+$", re.DOTALL
)
_WORDS = re.compile(r"[\s_.\u2010-\u2015\u2212-]+")
#: Endings of a file that is called like an exercise, and of which its contents say what it is.
_BARE = re.compile(r"(\.txt|\.json)?$")
#: A definition in a script, or in the JSON of a notebook.
_DEFINED = re.compile(rb'(?:^|["\n]|\\n)(?:async )?def (\w+)')
#: Likewise, or a name that is set.
_BOUND = re.compile(rb'(?:^|["\n]|\\n)(?:(?:async )?def |(?=\w+ *=[^=]))(\w+)')
#: Folders in which exercises lie that nobody has worked on, or that are none.
_ELSEWHERE = {"solutions", "solution", "tests", "autograder", "release", "source", "feedback"}


#: What machines put beside people's work: never looked into, never named.
_CLUTTER = re.compile(
    r"^(\.|__MACOSX$|__pycache__$|Thumbs\.db$|desktop\.ini$|~\$)"
    r"|^(v?env|node_modules|site-packages|dist-packages|miniconda3|anaconda3)$",
    re.IGNORECASE,
)


def is_clutter(name: str) -> bool:
    """Whether a file or folder is an environment, a cache or a system's own, by its name."""
    return _CLUTTER.match(name) is not None


@dataclass(frozen=True)
class Meant:
    """A file's name, understood.

    Attributes:
        exercise: the exercise that it is meant to be.
        form: `.py` or `.ipynb`.
        exact: it has that very name.
    """

    exercise: str
    form: str
    exact: bool

    @property
    def name(self) -> str:
        """How the file should be called."""
        return f"{self.exercise}{self.form}"


def meant(name: str, exercises: Collection[str]) -> Meant | None:
    """What a file is meant to be; None where its name does not tell.

    Copies (`Copy of 01_vmap.ipynb`, `01_vmap (1).py`, `01_vmap-Copy1.ipynb`), names with something
    added (`01_vmap_smith.py`, `eve_01_vmap.py`), capitals, and endings that a mail program or an
    editor has put behind (`01_vmap.py.txt`) are understood where they name one exercise alone.
    Characters of a width of their own, or of none, count as what they look like.
    """
    for form in FORMS:
        if name.endswith(form) and name[: -len(form)] in exercises:
            return Meant(name[: -len(form)], form, exact=True)
    seen = "".join(one for one in name if unicodedata.category(one) != "Cf")
    lower = unicodedata.normalize("NFKC", seen).lower().strip()
    lower = _TEXT.sub(lambda found: re.findall(r"\.(?:py|ipynb)\b", found[0])[-1], lower)
    form = next((one for one in FORMS if lower.endswith(one)), "")
    if not form:
        bare = _WORDS.sub("_", _BARE.sub("", lower))
        named = [one for one in exercises if _WORDS.sub("_", one.lower()) == bare]
        return Meant(named[0], ".py", exact=False) if len(named) == 1 else None
    words = _WORDS.sub("_", _COPIES.sub("", lower[: -len(form)].strip()))
    found = [one for one in exercises if f"_{_WORDS.sub('_', one.lower())}_" in f"_{words}_"]
    return Meant(found[0], form, exact=False) if len(found) == 1 else None


def without_copies(name: str) -> str:
    """A name, or what stands beside one, without the words for copies around it."""
    return _COPY_OF.sub("", _COPIES.sub("", name))


def meant_by_functions(
    name: str, data: bytes, exercises: Mapping[str, Collection[str]]
) -> Meant | None:
    """What a file is meant to be whose name does not tell: that which it has functions of, alone.

    Args:
        name: the file's name.
        data: what is in it.
        exercises: the graded functions of each.
    """
    form = next((one for one in FORMS if name.lower().endswith(one)), "")
    defined = {one.decode(errors="replace") for one in _DEFINED.findall(data)} if form else set()
    found = [one for one, functions in exercises.items() if defined.intersection(functions)]
    return Meant(found[0], form, exact=False) if len(found) == 1 else None


@dataclass(frozen=True)
class Choice(Generic[_File]):
    """What counts of the files that are meant to be one.

    Attributes:
        meant: what they are.
        file: the one that counts; where none does, one of them.
        notes: what to say about that: its name, and those that do not count beside it.
        problem: why none counts; empty where one does.
    """

    meant: Meant
    file: _File
    notes: tuple[str, ...] = ()
    problem: str = ""


def choose(
    files: Sequence[tuple[tuple[str, ...], str, _File]],
    exercises: Collection[str],
    functions: Mapping[str, Collection[str]],
    *,
    time: Callable[[_File], float],
    equal: Callable[[Sequence[_File]], bool],
    content: Callable[[_File], bytes],
) -> tuple[list[Choice[_File]], list[_File]]:
    """Which of a student's files count.

    Args:
        files: each with its path, folders first, and with what to call it.
        exercises: the exercises' names.
        functions: the graded functions of each; of one that is missing no contents tell.
        time: when a file was changed last, as far as is known: greater is newer.
        equal: whether files have the same contents.
        content: what is in a file; nothing where that cannot be read.

    Returns:
        a choice for each exercise's script and notebook, and the files that are none.
    """
    known = [meant(parts[-1], exercises) for parts, *_ in files]
    # What is in a file is looked at for those exercises alone that no file's name tells.
    named = {one.exercise for one in known if one is not None}
    others = {one: words for one, words in functions.items() if one not in named}
    candidates: dict[str, list[_Candidate[_File]]] = {}
    strange = []
    for (parts, place, file), one in zip(files, known, strict=True):
        if one is None and others and parts[-1].lower().endswith(FORMS):
            one = meant_by_functions(parts[-1], content(file), others)
        if one is None:
            strange.append(file)
        else:
            candidate = _Candidate(one, parts[:-1], time(file), place, file)
            candidates.setdefault(one.name, []).append(candidate)
    found = []
    for ones in candidates.values():
        graded = functions.get(ones[0].meant.exercise, ())
        best, *rivals = _counting(ones, equal, content, graded)
        notes = () if rivals else _about_choice(best, ones)
        problem = _undecided([best, *rivals]) if rivals else ""
        found.append(Choice(best.meant, best.file, notes, problem))
    return found, strange


def rank(folders: Iterable[str]) -> int:
    """How little a file counts that lies in these folders, beside one that lies in others.

    Of a whole course handed in, `exercises/` is what was worked on.
    """
    names = [one.lower() for one in folders]
    if any(one in _ELSEWHERE for one in names):
        return 2
    return 0 if "exercises" in names or not names else 1


@dataclass(frozen=True)
class _Candidate(Generic[_File]):
    """A file that is meant to be an exercise.

    Attributes:
        meant: its name, understood.
        folders: those it lies in, outermost first.
        time: when it was changed last, as far as is known: greater is newer.
        place: what to call it.
        file: the file itself.
    """

    meant: Meant
    folders: tuple[str, ...]
    time: float
    place: str
    file: _File


def _counting(
    candidates: Sequence[_Candidate[_File]],
    equal: Callable[[Sequence[_File]], bool],
    content: Callable[[_File], bytes],
    functions: Collection[str],
) -> list[_Candidate[_File]]:
    """Of the files that are meant to be one, the one that counts; several where none does.

    The right name counts before a near one, what lies in `exercises/` before what lies elsewhere,
    further up before further down; and of those in one folder, the newest. Of equal ones, any does.
    Where one is written, a stub gives way: to its like, or to a copy beside it.
    """
    order = [(not one.meant.exact, rank(one.folders), len(one.folders)) for one in candidates]
    best = [one for one, key in zip(candidates, order, strict=True) if key == min(order)]
    if len(candidates) > 1:
        folders = {one.folders for one in best}
        beside = [one for one in candidates if one.folders in folders]
        written = {id(one): _written(content(one.file), functions) for one in beside}
        most = max(written.values())
        done = [one for one in best if written[id(one)]]
        best = done or [one for one in beside if written[id(one)] == most > 0] or best
    if len({one.folders for one in best}) == 1:
        newest = max(one.time for one in best)
        best = [one for one in best if one.time == newest]
    same = len(best) == 1 or equal([one.file for one in best])
    return best[:1] if same else best


def _written(data: bytes, functions: Collection[str]) -> int:
    """How many of these functions are more than stubs, as far as can be seen without parsing."""
    found = list((_BOUND if functions else _DEFINED).finditer(data))
    ends = [one.start() for one in found[1:]] + [len(data)] * bool(found)
    written = {
        one[1].decode(errors="replace")
        for one, end in zip(found, ends, strict=True)
        if b"raise NotImplementedError" not in data[one.end() : end]
    }
    return len(written.intersection(functions) if functions else written)


def _about_choice(
    chosen: _Candidate[_File], candidates: Sequence[_Candidate[_File]]
) -> tuple[str, ...]:
    """What to say about the file that counts: its name, and those that do not count beside it."""
    name = chosen.meant.name
    others = [one.place for one in candidates if one is not chosen]
    if others:
        more = f" and {len(others) - 20} more" if len(others) > 20 else ""
        return (f"{chosen.place} was graded as {name}, and not {', '.join(others[:20])}{more}.",)
    return () if chosen.place == name else (f"{chosen.place} was read as {name}.",)


def _undecided(candidates: Sequence[_Candidate[_File]]) -> str:
    """What to say where none of several files counts."""
    both = " and ".join(one.place for one in candidates[:6])
    return f"{candidates[0].meant.name} is there more than once: {both}. Only one can be graded."
