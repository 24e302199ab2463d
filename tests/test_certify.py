"""The grader of the graders: it tells a dead claim, an unintended catch, a survivor, a flip."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import readme
from corpus import sample
from jaxercise.authoring.certify import (
    Certificate,
    JudgedBody,
    margins,
    naming,
    reasons,
    stability,
    survivors,
)
from jaxercise.authoring.certify.compiled_calls import Echo, replies
from jaxercise.authoring.certify.grading import grader_of, judge
from jaxercise.authoring.certify.mutants import Mutant, mutants
from jaxercise.authoring.certify.naming import Naming
from jaxercise.authoring.certify.report import claims, row
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.certify.stability import Subject
from jaxercise.authoring.certify.survivors import Tried
from jaxercise.claims import LAW, METHOD, Exercise, draws, given
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.strategies import vectors
from jaxercise.course import Course
from jaxercise.engine import references
from jaxercise.grading.exercise import Grader
from jaxercise.grading.references import References
from jaxercise.grading.running import explore
from jaxercise.submission import Source
from jaxercise.verdicts import Finding, Outcome, Verdict
from jaxercise.workers.local import LocalRunner
from needs import NIGHTLY
from running import COURSE, IN_TURN

EXERCISES = COURSE.names()
#: How much of what the commands look at in full is looked at here.
SOME_MUTANTS, SOME_SUBJECTS, SOME_SEEDS = (40, 3, (0, 1, 2)) if NIGHTLY else (8, 1, (0, 1))

exercise = Exercise("test_00_double.py")
double = exercise.function("double(x)")


@double.claim(points=2)
@given(x=vectors(n=3, distinct=True))
def has_twice_every_entry(x: np.ndarray) -> None:
    """Twice every entry."""
    double.agrees(x)


@double.claim(points=1, kind=LAW, examples=4)
@given(x=vectors(n=1))
def keeps_a_single_entry(x: np.ndarray) -> None:
    """One entry stays a vector."""
    double.agrees(x)


@double.claim(points=1, kind=METHOD)
def does_not_loop() -> None:
    """No loop over the entries."""
    double.does_not_loop(lambda n: (np.ones(n, np.float32),), over="entries")


RIGHT = "return 2 * x"
THRICE = "return 3 * x"
SQUEEZED = "return jnp.squeeze(2 * x)"
LOOP = "return jnp.stack([2 * one for one in x])"
RAISES = "raise ValueError('no')"


def course_of(root: Path, name: str, solution: str) -> Course:
    """A course that has one solution, and no claims."""
    course = Course(root)
    course.solutions.mkdir()
    course.solution(name).write_text(solution, encoding="utf-8")
    return course


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Grader:
    text = "def double(x):\n    return 2 * x\n"
    course = course_of(tmp_path_factory.mktemp("double"), "00_double", text)
    references = References(course, "00_double")
    return Grader(lambda: LocalRunner(debug=False), lambda _: references, all_claims=True)


@pytest.fixture(scope="module")
def judged(grader: Grader) -> Callable[..., JudgedBody]:
    def judged(line: str, kind: str = "") -> JudgedBody:
        code = f"import jax.numpy as jnp\n\n\ndef double(x):\n    {line}\n"
        return judge(exercise, grader, Body(line, "double", code, kind))

    return judged


def certificate(right: list[JudgedBody], wrong: list[JudgedBody]) -> Certificate:
    return Certificate(exercise, right, wrong)


def test_certificate_without_a_fault(judged: Callable[..., JudgedBody]) -> None:
    """Each claim alone refuses what is meant for it, and the report says so."""
    wrong = [judged(THRICE, "values"), judged(SQUEEZED, "law"), judged(LOOP, "method")]
    found = certificate([judged(RIGHT)], wrong)
    assert found.violations() == []
    assert found.alone == {
        "has_twice_every_entry": [THRICE],
        "keeps_a_single_entry": [SQUEEZED],
        "does_not_loop": [LOOP],
    }
    assert found.catches["keeps_a_single_entry"] == [THRICE, SQUEEZED]
    assert "keeps_a_single_entry (law): refuses 2, alone 1" in "\n".join(claims(found))
    assert " ".join(row(found).split()) == "00_double 0/0 0 1 1 3 3 3 0 0 3 0"


def test_a_claim_that_fails_by_itself_is_told_once(judged: Callable[..., JudgedBody]) -> None:
    """And nothing else then, for all that is judged by it fails with it."""
    good = judged(RIGHT)
    failed = tuple(
        replace(one, verdict=Verdict.INTERNAL, points=0, finding=Finding("internal", "no luck"))
        for one in good.outcomes[:1]
    )
    broken = replace(good, outcomes=failed + good.outcomes[1:])
    found = Certificate(exercise, [broken], [broken], broken.outcomes)
    assert found.violations() == [
        "00_double: the claim fails by itself: has_twice_every_entry is internal: no luck"
    ]


def test_every_claim_is_asked_on_its_own(judged: Callable[..., JudgedBody]) -> None:
    """A law is asked where the values are wrong, and still waits in what a student is told."""
    wrong = judged(THRICE, "values")
    assert [one.verdict for one in wrong.outcomes] == ["wrong", "wrong", "passed"]
    assert [one.verdict for one in wrong.as_graded(exercise)] == [
        "wrong",
        Verdict.WAITING,
        Verdict.WAITING,
    ]
    assert wrong.loses(exercise) == ["has_twice_every_entry"]


def test_dead_claim_is_a_violation(judged: Callable[..., JudgedBody]) -> None:
    """A claim that alone refuses nothing is told, also where it refuses what others do."""
    found = certificate([judged(RIGHT)], [judged(THRICE, "values"), judged(LOOP, "method")])
    assert found.dead == ["keeps_a_single_entry"]
    assert found.violations() == [
        "00_double: dead claim: keeps_a_single_entry alone refuses nothing"
    ]


def test_unintended_catch_is_a_violation(judged: Callable[..., JudgedBody]) -> None:
    """A misconception that loses its points to another kind of claim than was meant is told."""
    found = certificate([judged(RIGHT)], [judged(THRICE, "law")])
    assert [one.body.name for one in found.unintended] == [THRICE]
    (said,) = [one for one in found.violations() if "unintended" in one]
    assert "meant for a law claim; refused by has_twice_every_entry" in said


def test_wrong_but_accepted_is_a_violation(judged: Callable[..., JudgedBody]) -> None:
    """A misconception that gets every point is told."""
    found = certificate([], [judged(RIGHT, "values")])
    assert f"00_double: wrong, but accepted: double__{RIGHT}" in found.violations()


@pytest.mark.parametrize("line", [THRICE, SQUEEZED, LOOP, RAISES])
def test_right_but_refused_is_a_violation(line: str, judged: Callable[..., JudgedBody]) -> None:
    """A right answer that loses a point to any claim is told, with the claim and the reason."""
    (said, *_) = certificate([judged(line)], []).violations()
    assert said.startswith(f"00_double: right, but refused: double__{line}: ")
    assert " is error: " in said if line == RAISES else " is wrong: " in said


def test_misnamed_misconception_is_a_violation(judged: Callable[..., JudgedBody]) -> None:
    """A student who is told another misconception's name is told something wrong."""
    wrong = judged(THRICE, "values")
    (first, *others) = wrong.outcomes
    assert first.finding is not None
    finding = replace(first.finding, diagnosis="You added one.", misconception="added_one")
    told = replace(first, finding=finding)
    body = replace(wrong.body, idea="You tripled it.")
    found = certificate([], [JudgedBody(body, (told, *others))])
    assert found.named("wrong") == [(f"double__{THRICE}", "You added one.")]
    assert f"00_double: named wrongly: double__{THRICE}: You added one." in found.violations()
    named = replace(wrong.body, idea="You added one.")
    assert certificate([], [JudgedBody(named, (told, *others))]).named("right")
    assert certificate([], [wrong]).named("silent")


def test_lost_verdict_is_a_violation(judged: Callable[..., JudgedBody]) -> None:
    """A body that was not judged, for its worker died or the grader failed, proves nothing."""
    wrong = judged(THRICE, "values")
    crashed = replace(
        wrong.outcomes[0], verdict=Verdict.CRASHED, finding=Finding("stopped", "gone")
    )
    found = certificate([], [JudgedBody(wrong.body, (crashed, *wrong.outcomes[1:]))])
    assert any(one.startswith("00_double: no verdict: ") for one in found.violations())


def test_reference_and_stub_are_held_to_account(judged: Callable[..., JudgedBody]) -> None:
    """A reference that loses points and a stub that earns some are told."""
    found = Certificate(exercise, [], [], judged(THRICE).outcomes, judged(RIGHT).outcomes)
    first, second, *_ = found.violations()
    assert first.startswith("00_double: the reference earns 1: has_twice_every_entry is wrong")
    assert second == "00_double: the stub earns 4"


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_the_graders_are_certified(name: str, certificates: Callable[[str], Certificate]) -> None:
    """Right answers get every point, misconceptions lose some as meant, and no claim is dead."""
    found = certificates(name)
    assert found.right
    assert found.wrong
    if not NIGHTLY:  # what only the misconceptions that are left out are refused by seems dead
        assert not [one for one in found.violations() if ": dead claim: " not in one]
        return
    assert not found.violations()
    shown = readme.shown(readme.table_head()).split("\n")
    assert readme.table_row(found) in shown, "python tests/readme.py writes the table anew"


def test_what_was_drawn_before_changes_no_outcome(judged: Callable[..., JudgedBody]) -> None:
    """Draws are remembered, as complete once nothing has failed on them; outcomes stay the same."""
    draws._kept.clear()
    claim = exercise.claims[0]

    def complete() -> bool:
        return draws.judged_on(claim, 0).complete

    def outcomes(line: str) -> list[Outcome]:
        return [replace(one, seconds=0.0) for one in judged(line).outcomes]

    before = outcomes(THRICE)
    assert not complete()
    judged(RIGHT)
    assert complete()
    assert outcomes(THRICE) == before


def test_a_body_sees_nothing_of_the_one_before(workers: PatientWorkers) -> None:
    """Bodies take turns in a process, each in a namespace of its own."""
    with closing(workers.open()) as first:
        assert "left" in first.load("first.py", ["left = 1"])[0]
    with closing(workers.open()) as second:
        names, errors = second.load("second.py", ["mine = 1", "mine = left"])
        assert "mine" in names
        assert "left" not in names
        assert [one.type for one in errors] == ["NameError"]


def test_calls_made_at_once_are_those_made_one_by_one(workers: PatientWorkers) -> None:
    """One compiled loop over many calls replies what each call would have, under jit."""
    claim = load_exercise(COURSE, "03_second_derivative").claims[0]
    (body, *_) = (
        one for one in right(COURSE, "03_second_derivative") if one.function == claim.function.name
    )
    with closing(workers.open()) as runner:
        echo = Echo(references(COURSE, "03_second_derivative"))
        explore(claim, echo.session(), seed=0)
        found = replies(runner, body.name, body.code, echo.asked.values())
        assert set(found) == set(echo.asked)
        for key, request in echo.asked.items():
            alone = runner.call(replace(request, result_under=request.result_under or "jit"))
            np.testing.assert_allclose(found[key].value, alone.value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"mine": 10}, []),
        ({"mine": 9}, []),
        ({"mine": 8}, ["mine is named in 8 of 10 runs"]),
        ({"mine": 9, "other": 1}, ["mine is taken for other"]),
    ],
)
def test_names_are_counted(told: dict[str, int], said: list[str]) -> None:
    """Named in nine runs of ten is enough, named wrongly once is too often."""
    assert Naming("mine", 10, Counter(told)).violations() == said


def test_some_misconceptions_are_named_with_other_seeds(workers: PatientWorkers) -> None:
    """The command counts the names of all; here one misconception is graded under three seeds."""
    (one, *_) = wrong(COURSE, "05_per_example_gradients")
    subject = stability.of_body(load_exercise(COURSE, "05_per_example_gradients"), one, False)
    grader = replace(
        grader_of(COURSE, "05_per_example_gradients", workers), all_claims=False, shrink=False
    )
    assert naming.naming(one.name, subject, grader, SOME_SEEDS).told == {one.name: len(SOME_SEEDS)}


SOLUTION = '''\
import jax
import jax.numpy as jnp

OFFSET = 1


# given
def untouched(x):
    return x + 1


def shift(x, by):
    """x moved by twice the sum of by."""
    ### BEGIN SOLUTION
    step = jnp.sum(by, axis=0) * 2
    return jax.vmap(abs)(x) - step
    ### END SOLUTION


if __name__ == "__main__":
    print(shift(1.0, 2.0))
'''


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Mutant]:
    return mutants(course_of(tmp_path_factory.mktemp("shift"), "00_shift", SOLUTION), "00_shift")


@pytest.mark.parametrize(
    "after",
    [
        "pass",  # a statement left out
        "step = jnp.mean(by, axis=0) * 2",  # a related function
        "step = jnp.sum(by) * 2",  # a keyword left out
        "step = jnp.sum(by, axis=1) * 2",  # another axis
        "step = jnp.sum(by, axis=None) * 2",
        "step = jnp.sum(by, axis=0) * 4",  # another number
        "step = jnp.sum(by, axis=0) / 2",  # another operator
        "step = jnp.sum(by, axis=0)",  # an operand alone
        "step = by * 2",  # a call left out
        "step = jnp.sum(x, axis=0) * 2",  # another parameter
        "return abs(x) - step",  # a transformation left out
        "return step - jax.vmap(abs)(x)",  # the other way round
    ],
)
def test_mutants_change_what_goes_wrong(after: str, made: list[Mutant]) -> None:
    """Each rule makes its change."""
    assert after in {one.after for one in made}


def test_mutants_change_the_answer_alone(made: list[Mutant]) -> None:
    """Everything else stays, what runs as a script is gone, and every mutant is another."""
    assert {one.function for one in made} == {"shift"}
    for one in made:
        tree = ast.parse(one.code)
        assert "def untouched(x):\n    return x + 1" in one.code
        assert not any(isinstance(node, ast.If) for node in tree.body)
        assert one.before != one.after
    assert Counter(one.name for one in made).most_common(1)[0][1] == 1
    assert len({one.code for one in made}) == len(made)


def test_survivors_have_to_be_listed(made: list[Mutant]) -> None:
    """A survivor that is not listed, and a listed mutant that is refused, are violations."""
    lives, dies, broken = made[:3]
    results = [Tried(lives, "", "passed"), Tried(dies, "claim", "wrong")]
    assert survivors.violations(results, {lives.name: "reason"}) == []
    assert survivors.violations(results, {}) == [f"survives, and is not listed: {lives.name}"]
    listed = {lives.name: "reason", dies.name: "reason"}
    assert survivors.violations(results, listed) == [
        f"listed as equivalent, and refused by claim: {dies.name}"
    ]
    internal = [Tried(broken, "claim", "internal")]
    assert survivors.violations(internal, {}) == [
        f"refused for want of a verdict (internal): {broken.name}"
    ]


def test_list_of_equivalents_names_mutants_with_reasons(tmp_path: Path) -> None:
    """Every entry is a mutant that can still be made, once, with a reason."""
    listed = reasons.listed(COURSE, reasons.MUTANTS)
    assert survivors.unknown(COURSE, IN_TURN, listed) == []
    assert {name.partition(".")[0] for name in listed} <= set(EXERCISES)
    assert all(len(reason) > 20 for reason in listed.values())
    gone = {"01_vmap.batched: return 1 -> return 2": "for the test"}
    (said,) = survivors.unknown(COURSE, EXERCISES[:1], gone)
    assert said.startswith("listed, but no mutant: 01_vmap.batched")
    twice = Course(tmp_path)
    twice.equivalents.parent.mkdir(parents=True)
    twice.equivalents.write_text(
        '[[because]]\nreason = "so"\nmutants = ["a", "a"]\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="twice"):
        reasons.listed(twice, reasons.MUTANTS)


def test_some_mutants_are_refused_or_listed(workers: PatientWorkers) -> None:
    """Of a fixed choice of mutants, none gets by that is not listed; the command tries them all."""
    some = sample((one for name in IN_TURN for one in mutants(COURSE, name)), SOME_MUTANTS)
    results: list[Tried] = []
    for name in IN_TURN:
        ours = [one for one in some if one.exercise == name]
        results += survivors.tried(COURSE, name, ours, workers)
    assert len(results) == SOME_MUTANTS
    assert survivors.violations(results, reasons.listed(COURSE, reasons.MUTANTS)) == []


def test_a_flip_is_seen(grader: Grader) -> None:
    """Points that depend on the seed, and right answers that lose some, are flips."""
    lucky = "return (2 if len(seen) < 9 else 3) * x"
    code = f"seen = []\n\n\ndef double(x):\n    seen.append(0)\n    {lucky}\n"
    source = Source.written("00_double", [code], ["double"])
    subject = Subject("lucky", source, exercise.claims[:1], None)
    (flip, *_) = stability.flips_of(subject, grader, range(3))
    assert (flip.seed, flip.before, flip.points) == (1, 2, 0)
    assert "earns 0 with seed 1, 2 before; does not hold: has_twice_every_entry" in str(flip)


def test_a_right_answer_has_every_point_and_a_wrong_one_has_not(grader: Grader) -> None:
    """Points that are the same with every seed, but not those that are due, are flips as well."""
    code = "def double(x):\n    return 2 * x\n"
    source = Source.written("00_double", [code], ["double"])
    for due, count in ((True, 0), (False, 2), (None, 0)):
        subject = Subject("double", source, exercise.claims, due)
        assert len(stability.flips_of(subject, grader, range(2))) == count


def test_some_subjects_earn_the_same_with_other_seeds(workers: PatientWorkers) -> None:
    """Of a fixed choice of bodies, none flips under other seeds; the command tries them all."""
    for name in IN_TURN:
        some = sample(stability.subjects(COURSE, name), SOME_SUBJECTS)
        for subject, found in stability.flips(COURSE, name, some, SOME_SEEDS, workers):
            assert not found, f"{subject.name}: {found[0]}"


@pytest.fixture(scope="module")
def remote(grader: Grader, workers: PatientWorkers) -> Grader:
    """Bodies run in workers."""
    return replace(grader, open_runner=workers.open)


@pytest.mark.parametrize(
    ("line", "due", "least", "most"),
    [
        (RIGHT, True, 0, 1e-9),
        ("return 2.000004 * x", True, 0.3, 0.5),  # a rounding of 2e-6, where 80 roundings may be
        ("return 2.000008 * x", True, 0.5, 1.0),
        ("return 2.00003 * x", False, 2.0, 4.0),
        (THRICE, False, 1e4, np.inf),
    ],
)
def test_margins_are_measured(
    line: str, due: bool, least: float, most: float, remote: Grader
) -> None:
    """A margin is the error in units of what is allowed, in every way to run."""
    body = Body(line, "double", f"def double(x):\n    {line}\n", "" if due else "values")
    found = margins.measured(remote, exercise.claims[0], body, range(4), due)
    assert found is not None
    assert least <= found.ratio <= most
    assert found.holds == (found.ratio < 0.5 if due else True)
    assert found.examples == 4 * 8


def test_margin_of_what_a_claim_does_not_refuse_is_none(remote: Grader) -> None:
    """A wrong answer says nothing about a claim that it is right for."""
    body = Body(LOOP, "double", f"import jax.numpy as jnp\ndef double(x):\n    {LOOP}\n", "method")
    assert margins.measured(remote, exercise.claims[0], body, range(2), False) is None


def test_a_right_answer_that_raises_has_no_margin(remote: Grader) -> None:
    """What raises is beyond all that is allowed."""
    body = Body(RAISES, "double", f"def double(x):\n    {RAISES}\n")
    found = margins.measured(remote, exercise.claims[0], body, range(1), True)
    assert found is not None
    assert found.ratio == np.inf
    assert not found.holds
