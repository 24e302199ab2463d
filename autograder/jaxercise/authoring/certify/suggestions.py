"""What an author is told of mutants that get by: what has changed, and what would refuse it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from jaxercise.authoring.certify.mutants import Mutant
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.certify.survivors import run_mutants, tried
from jaxercise.authoring.certify.trying import probing, refused
from jaxercise.authoring.drafting import Draft, DraftError, asked_for, further
from jaxercise.course import Course


def run(course: Course, exercises: Sequence[str]) -> int:
    """Judge all mutants, printing as it goes; 0 if every survivor is listed, and no other."""
    return run_mutants(course, exercises, told)


def told(
    course: Course, exercise: str, survivors: Sequence[Mutant], workers: PatientWorkers
) -> dict[str, str]:
    """A text for each of the survivors, by their names.

    Args:
        course, exercise: whose reference they change.
        survivors: mutants that no claim refuses.
        workers: where they run.
    """
    found = suggestions(course, exercise, survivors, workers)
    texts = {}
    for one in survivors:
        lines = [f"- {one.before}", f"+ {one.after}", found.get(one.name, _NOTHING)]
        texts[one.name] = textwrap.indent("\n".join(lines), "    ")
    return texts


_NOTHING = (
    "nothing that can be drafted tells it from the solution: draw what does, or list it in "
    "misconceptions/equivalents.toml with the reason why it is as good"
)


def suggestions(
    course: Course, exercise: str, survivors: Sequence[Mutant], workers: PatientWorkers
) -> dict[str, str]:
    """What would refuse them and no right answer, by their names; some there is nothing for."""
    try:
        asked = asked_for(course.solution(exercise))
        changed = {one.function for one in survivors}
        # A helper is looked at through the functions that use it.
        helpers = changed - {one.name for one in asked}
        own = asked if helpers else [one for one in asked if one.name in changed]
        probes = [probe for one in own for probe in further(one)]
    except DraftError:
        return {}
    held = refused(course, exercise, asked, probes, workers)
    probes = [one for i, one in enumerate(probes) if i not in held]
    with probing(course, exercise, asked, probes) as made:
        results = list(tried(made, exercise, survivors, workers))
    return {
        one.changed.name: _text(probes[int(one.claim.rsplit("_", 1)[1])])
        for one in results
        if one.claim
    }


def _text(probe: Draft) -> str:
    """The line that an author may add, and what it draws."""
    (line,) = probe.lines
    drawn = ", ".join(f"{name}={text}" for name, text in probe.given.items())
    examples = f", on {probe.examples} examples" if probe.examples != Draft.examples else ""
    return f"refused by {line}\n     given {drawn}{examples}"
