"""Which exercise a file is meant to be, by its name: one rule for whoever looks for exercises."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

FORMS = (".py", ".ipynb")
_File = TypeVar("_File")

#: What browsers, editors and people put around a name.
_COPIES = re.compile(
    r"^(copy|kopie|copie|copia) (of|von|de|di) |[ _-]*\(\d+\)$|[ _-]+(copy|kopie)\d*$"
)
_TEXT = re.compile(r"(\.py|\.ipynb)(\.(txt|json|py|ipynb))+$")
_WORDS = re.compile(r"[\s_.-]+")
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
    """
    for form in FORMS:
        if name.endswith(form) and name[: -len(form)] in exercises:
            return Meant(name[: -len(form)], form, exact=True)
    lower = _TEXT.sub(lambda found: found[1], name.lower())
    form = next((one for one in FORMS if lower.endswith(one)), "")
    if not form:
        return None
    words = _WORDS.sub("_", _COPIES.sub("", lower[: -len(form)].strip()))
    found = [one for one in exercises if _holds(words, _WORDS.sub("_", one.lower()))]
    return Meant(found[0], form, exact=False) if len(found) == 1 else None


def _holds(words: str, exercise: str) -> bool:
    return f"_{exercise}_" in f"_{words}_"


def rank(folders: Iterable[str]) -> int:
    """How little a file counts that lies in these folders, beside one that lies in others.

    Of a whole course handed in, `exercises/` is what was worked on.
    """
    names = [one.lower() for one in folders]
    if any(one in _ELSEWHERE for one in names):
        return 2
    return 0 if "exercises" in names or not names else 1


@dataclass(frozen=True)
class Candidate(Generic[_File]):
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


def counting(
    candidates: Sequence[Candidate[_File]], equal: Callable[[Sequence[_File]], bool]
) -> list[Candidate[_File]]:
    """Of the files that are meant to be one, the one that counts; several where none does.

    The right name counts before a near one, what lies in `exercises/` before what lies elsewhere,
    further up before further down; and of those in one folder, the newest. Of equal ones, any does.

    Args:
        candidates: at least one.
        equal: whether files have the same contents.
    """
    order = [(not one.meant.exact, rank(one.folders), len(one.folders)) for one in candidates]
    best = [one for one, key in zip(candidates, order, strict=True) if key == min(order)]
    if len({one.folders for one in best}) == 1:
        newest = max(one.time for one in best)
        best = [one for one in best if one.time == newest]
    same = len(best) == 1 or equal([one.file for one in best])
    return best[:1] if same else best


def about_choice(
    chosen: Candidate[_File], candidates: Sequence[Candidate[_File]]
) -> tuple[str, ...]:
    """What to say about the file that counts: its name, and those that do not count beside it."""
    name = chosen.meant.name
    others = [one.place for one in candidates if one is not chosen]
    if others:
        return (f"{chosen.place} was graded as {name}, and not {', '.join(others[:5])}.",)
    return () if chosen.place == name else (f"{chosen.place} was read as {name}.",)


def undecided(candidates: Sequence[Candidate[_File]]) -> str:
    """What to say where none of several files counts."""
    both = " and ".join(one.place for one in candidates[:6])
    return f"{candidates[0].meant.name} is there more than once: {both}. Only one can be graded."
