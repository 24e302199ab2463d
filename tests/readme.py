"""What README.md shows of runs: a sample of what students read, and the table of `certify`.

    python tests/readme.py [--check]

writes both anew, or says whether they are as they should be. The tests compare them as well.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable

from jaxercise.authoring.certify import Certificate, certify
from jaxercise.authoring.certify.report import HEAD, SHOWN, row
from jaxercise.authoring.certify.runners import patient_workers
from running import COURSE, ROOT, Graded, grade

PATH = ROOT / "README.md"
SUBMISSION = "tests/submissions/typical_mistakes"
_COMMAND = f"$ pytest autograder/ --submission={SUBMISSION}"
#: Whose feedback is shown, and how many lines of the table.
_FUNCTIONS = (
    "02_grad_vs_cos.largest_gap",
    "05_per_example_gradients.batch_gradient",
    "08_scaling_up.log_likelihoods",
)
_LINES = 6


def sample(mistakes: Graded) -> str:
    """Parts of what is printed about a submission."""
    told = "\n\n".join(mistakes.feedback(function).rstrip() for function in _FUNCTIONS)
    printed = mistakes.out.split("\n")
    first = next(i for i, line in enumerate(printed) if line.startswith("exercise "))
    table = "\n".join(line.rstrip() for line in printed[first : first + _LINES + 1])
    (total,) = (line for line in printed if line.startswith("total "))
    return "\n...\n".join((_COMMAND, told, table, total))


def table_head() -> str:
    """The first line of the table."""
    return HEAD[:SHOWN]


def table_row(certificate: Certificate) -> str:
    """An exercise's line of the table, as far as it does not change with the texts."""
    return row(certificate)[:SHOWN]


def table(certificates: Iterable[Certificate]) -> str:
    """The table: how the graders are graded."""
    return "\n".join((table_head(), *map(table_row, certificates)))


def settled(text: str) -> str:
    """A text without what JAX is free to change, the words of its exceptions, and lines' ends."""
    return re.sub(r"dot_general requires .*? \(2,\)\.", "...", " ".join(text.split()))


def sample_shown() -> str:
    """The sample as README.md has it."""
    return shown(_COMMAND)


def shown(begin: str) -> str:
    """The block of README.md that begins with a line."""
    return _block(begin).search(PATH.read_text(encoding="utf-8"))[1]  # type: ignore[index]


def _block(begin: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=^```\n)({re.escape(begin)}\n.*?)(?=\n```$)", re.DOTALL | re.MULTILINE)


def main() -> int:
    """Write or compare; 1 if something is not as it should be."""
    with patient_workers() as workers:
        certificates = [certify(COURSE, name, workers) for name in COURSE.names()]
    made = {_COMMAND: sample(grade(SUBMISSION)), table_head(): table(certificates)}
    old = [begin for begin, text in made.items() if settled(shown(begin)) != settled(text)]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"README.md shows another text than: {made[begin]}" for begin in old))
        return bool(old)
    text = PATH.read_text(encoding="utf-8")
    for begin in old:
        text = _block(begin).sub(_constantly(made[begin]), text)
    PATH.write_text(text, encoding="utf-8")
    return 0


def _constantly(text: str) -> Callable[[re.Match[str]], str]:
    return lambda match: text


if __name__ == "__main__":
    sys.exit(main())
