"""The pytest plugin, end to end: what is graded, what it says, and what it leaves."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import readme
import running
from needs import NIGHTLY
from running import (
    IN_TURN,
    SOME,
    SUBMISSIONS,
    Graded,
    grade,
    grade_once,
    property_files,
    typical_mistakes,
)

# In the order of the property files.
ALL = {
    "01_vmap": 14,
    "02_grad_vs_cos": 14,
    "03_second_derivative": 12,
    "04_partial_derivatives": 10,
    "05_per_example_gradients": 10,
    "06_parallel_regression": 18,
    "07_ensemble": 14,
    "08_scaling_up": 8,
}

#: What the functions of `tests/submissions/typical_mistakes` that are not right should earn.
MISTAKES = {
    "01_vmap.ensemble_predict": 1.5,  # a Python loop: values and law, no method
    "01_vmap.column_predict": 0,  # maps the rows
    "02_grad_vs_cos.derivative": 0,  # finite differences, too coarse for the values
    "02_grad_vs_cos.largest_gap": 0.0,  # no absolute value
    "03_second_derivative.second_derivative": 0,  # the first derivative
    "03_second_derivative.nth_derivative": 0.5,  # range(n - 1): right for n = 0
    "04_partial_derivatives.gradient": 0,  # the wrong order
    "04_partial_derivatives.loss_and_gradient": 2.5,  # calls the loss twice
    "05_per_example_gradients.batch_gradient": 0,  # the sum, not the mean
    "06_parallel_regression.parallel_train_step": 1.5,  # losses after the step
    "06_parallel_regression.train": 1.5,  # right params, the history is transposed
    "06_parallel_regression.fit": 0,  # not written
    "07_ensemble.train_ensemble": 0,  # a list for a tuple
    "07_ensemble.spread": 0,  # prints and returns nothing
    "08_scaling_up.learning_rate_search": 1.5,  # NaN wins argmin
    "08_scaling_up.ensemble_prediction": 0.25,  # the sample's deviation
    "08_scaling_up.log_likelihoods": 0,  # multiplies shapes that do not fit
}

#: Those whose mistakes are graded.
GRADED = tuple(ALL) if NIGHTLY else SOME


@pytest.fixture(scope="session")
def references() -> Graded:
    return grade_once("solutions", property_files(IN_TURN))


@pytest.fixture(scope="session")
def stubs() -> Graded:
    return grade(None)


@pytest.fixture(scope="session")
def mistakes() -> Graded:
    return typical_mistakes()


def some_of(all_functions: dict[str, Any], exercises: Sequence[str] = SOME) -> dict[str, Any]:
    """What is said about the functions of some exercises."""
    return {
        name: said for name, said in all_functions.items() if name.partition(".")[0] in exercises
    }


def by_exercise(graded: Graded) -> dict[str, float]:
    """The points by exercise."""
    points: dict[str, float] = {}
    for name, score in graded.scores.items():
        exercise = name.split(".")[0]
        points[exercise] = points.get(exercise, 0) + score
    return points


def table_of(graded: Graded) -> dict[str, str]:
    """The summary table's lines by their first word."""
    _, _, table = graded.out.partition(" points =")
    return {line.split()[0]: line for line in table.splitlines() if re.match(r"\w", line)}


def without_time(text: str) -> str:
    return re.sub(r'"execution_time": [0-9.]+', '"execution_time": 0', text, count=1)


def test_references_earn_every_point(references: Graded) -> None:
    """The kit's own solutions earn all points, nightly 100 of 100, and the run succeeds."""
    due = {name: points for name, points in ALL.items() if name in IN_TURN}
    full = sum(due.values())
    assert references.code == 0, references.said
    assert references.results["score"] == full
    assert by_exercise(references) == due
    assert "output" not in references.results
    assert re.search(rf"^total +{full} / +{full}$", references.out, re.MULTILINE)
    assert "what to look at" not in references.out


def test_stubs_are_not_attempted(stubs: Graded) -> None:
    """The untouched exercises earn nothing, are called not attempted, and blame nobody."""
    assert stubs.code == 1
    assert stubs.results["score"] == 0
    assert set(stubs.verdicts().values()) == {"not attempted"}
    assert set(stubs.entries) >= {"01_vmap.batched", "08_scaling_up.log_likelihoods"}
    assert re.search(r"^total +0 / 100$", stubs.out, re.MULTILINE)
    assert "what to look at" not in stubs.out
    assert "Traceback" not in stubs.said
    assert "Error" not in stubs.said
    assert not stubs.err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_no_process_outlives_a_run(stubs: Graded, mistakes: Graded) -> None:
    """The worker's forkserver is gone when grading has ended, whether it was needed or not."""
    assert not stubs.left_behind()
    assert not mistakes.left_behind()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_processes_of_a_run_can_be_found() -> None:
    """The search for processes left behind sees one that is there."""
    mark, _ = running.marked()
    with running.subprocess.Popen(
        [sys.executable, "-c", "print('there', flush=True); input()"],
        stdin=running.subprocess.PIPE,
        stdout=running.subprocess.PIPE,
        env=running.marked_environment(mark),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        assert running.left_behind(mark, seconds=0)
        process.communicate(b"\n")
    assert not running.left_behind(mark)


def test_k_grades_the_functions_that_match() -> None:
    """`-k derivative` grades the claims whose names speak of it, and nothing else."""
    what = property_files(["02_grad_vs_cos", "04_partial_derivatives"])
    graded = grade("solutions", "-k", "test_derivative or partial_x", what=what)
    assert graded.code == 0, graded.said
    assert graded.scores == {
        "02_grad_vs_cos.derivative": 5,
        "04_partial_derivatives.partial_x": 2,
    }
    assert "deselected" in graded.out


def test_header_says_what_is_graded(mistakes: Graded) -> None:
    """The header names the submission, JAX's version and device, and where student code runs."""
    (line,) = [line for line in mistakes.out.splitlines() if line.startswith("jaxercise:")]
    jax = importlib.metadata.version("jax")
    assert line == (
        f"jaxercise: grading tests/submissions/typical_mistakes with jax {jax} on cpu, "
        f"Python {platform.python_version()}, in worker processes"
    )


def test_table_has_a_line_for_each_exercise(mistakes: Graded) -> None:
    """The table gives every exercise's points, each function's state, and the total."""
    table = table_of(mistakes)
    assert list(table) == ["exercise", *GRADED, "total", "Next:"]
    first = "ensemble_predict (partly right)" if NIGHTLY else "gradient (wrong)"
    assert table["Next:"].startswith(f"Next: {first}, in tests/submissions/")
    line = r"04_partial_derivatives +6\.5 / +10 +done: partial_x, partial_y"
    assert re.match(line, table["04_partial_derivatives"])
    full = sum(ALL[name] for name in GRADED)
    assert table["total"].split() == ["total", f"{mistakes.results['score']:g}", "/", f"{full}"]
    for state in (
        "partly right: loss_and_gradient",
        "wrong: gradient",
    ):
        assert state in mistakes.out


def test_x_stops_at_the_first_failure() -> None:
    """`-x` ends the run at the first claim that does not hold, and the score file says so."""
    what = ["autograder/test_04_partial_derivatives.py"]
    graded = grade("tests/submissions/typical_mistakes", "-x", what=what)
    assert graded.code != 0
    assert graded.scores == {
        "04_partial_derivatives.partial_x": 2,
        "04_partial_derivatives.partial_y": 2,
        "04_partial_derivatives.gradient": 0,
        "04_partial_derivatives.loss_and_gradient": 0,
    }
    assert graded.verdict("04_partial_derivatives.loss_and_gradient") == "not graded"
    assert "cut short" in graded.results["output"]
    assert "Traceback" not in graded.said


def test_q_leaves_the_feedback_and_the_table() -> None:
    """`-q` drops the header, and keeps what a student needs; one file grades its exercise alone."""
    what = ["autograder/test_04_partial_derivatives.py"]
    graded = grade("tests/submissions/typical_mistakes", "-q", what=what)
    assert graded.code == 1
    assert "The first item of the answer is 0; expected 1." in graded.out
    assert by_exercise(graded) == {"04_partial_derivatives": 6.5}
    assert table_of(graded)["total"].split() == ["total", "6.5", "/", "10"]
    assert "collected" not in graded.out


@pytest.mark.nightly
def test_two_processes_give_the_same_scores(mistakes: Graded) -> None:
    """Under `-n 2` every function gets the same verdict and the same points."""
    graded = grade("tests/submissions/typical_mistakes", "-n", "2", what=property_files(SOME))
    assert graded.code == 1
    # The order of the entries is the order in which the processes answer.
    assert graded.scores == some_of(mistakes.scores)
    assert graded.verdicts() == some_of(mistakes.verdicts())
    assert graded.results["score"] == 12.5
    assert table_of(graded)["total"].split() == ["total", "12.5", "/", "20"]


@pytest.mark.nightly
def test_in_process_gives_the_same_scores(mistakes: Graded) -> None:
    """`--in-process` gives every function the same points, and says that it is for debugging."""
    graded = grade("tests/submissions/typical_mistakes", "--in-process", what=property_files(SOME))
    assert graded.code == 1
    assert graded.scores == some_of(mistakes.scores)
    assert graded.verdicts() == some_of(mistakes.verdicts())
    header = next(line for line in graded.out.splitlines() if line.startswith("jaxercise:"))
    assert header.endswith("in this process (for debugging only)")
    assert "Graded in process, for debugging: no limits held." in graded.out


@pytest.mark.nightly
def test_grading_twice_writes_the_same_bytes(mistakes: Graded) -> None:
    """The same submission gives the same score file, down to the byte, but for the time taken."""
    again = grade("tests/submissions/typical_mistakes")
    assert again.results["execution_time"] != 0
    assert without_time(again.text) == without_time(mistakes.text)


@pytest.mark.nightly
def test_unusual_but_right_submission_earns_every_point() -> None:
    """Right answers written in unusual ways earn 100 of 100."""
    graded = grade("tests/submissions/unusual")
    assert graded.code == 0, graded.out
    assert graded.results["score"] == 100
    assert by_exercise(graded) == ALL


def test_half_finished_notebooks_earn_the_half() -> None:
    """Notebooks done up to the middle of exercise 4 earn what is done, and nothing else."""
    graded = grade_once("tests/submissions/half_finished")
    assert graded.code == 1
    assert graded.results["score"] == 44
    assert by_exercise(graded) == ALL | {
        "04_partial_derivatives": 4,
        "05_per_example_gradients": 0,
        "06_parallel_regression": 0,
        "07_ensemble": 0,
        "08_scaling_up": 0,
    }
    assert set(graded.verdicts().values()) == {"passed", "not attempted"}
    assert "what to look at" not in graded.out  # neither of these is talked about


def test_typical_mistakes_cost_their_points_and_no_others(mistakes: Graded) -> None:
    """Each mistake costs what it gets wrong; the functions beside it keep all their points."""
    full = {name: entry["max_score"] for name, entry in mistakes.entries.items()}
    assert mistakes.code == 1
    due = some_of(MISTAKES, GRADED)
    assert mistakes.scores == full | due
    assert mistakes.results["score"] == sum(mistakes.scores.values())
    assert mistakes.results["score"] == (54.25 if NIGHTLY else 12.5)
    verdicts = mistakes.verdicts()
    errors = {name for name, verdict in verdicts.items() if verdict == "error"}
    assert errors == {"01_vmap.column_predict", "08_scaling_up.log_likelihoods"} & set(verdicts)
    unwritten = {name for name, verdict in verdicts.items() if verdict == "not attempted"}
    assert unwritten == {"06_parallel_regression.fit"} & set(verdicts)
    assert all(verdicts[name] == "passed" for name in set(full) - set(due))


def test_every_submission_of_the_suite_is_graded_here() -> None:
    """No folder of `tests/submissions` is left out of these tests."""
    assert {path.name for path in SUBMISSIONS.iterdir()} == {
        "half_finished",
        "typical_mistakes",
        "unusual",
    }


@pytest.mark.nightly
def test_readme_shows_what_is_printed(mistakes: Graded) -> None:
    """Its sample of a run is made of parts of one; `python tests/readme.py` writes it anew."""
    assert readme.settled(readme.sample_shown()) == readme.settled(readme.sample(mistakes))
