"""Which exercise a file is meant to be, by its name: one rule for whoever looks for exercises."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

FORMS = (".py", ".ipynb")

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
