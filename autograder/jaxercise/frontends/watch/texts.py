"""What is said about a function, in a terminal and in plain lines."""

from __future__ import annotations

from jaxercise.claims.claims import Exercise
from jaxercise.frontends.reports.feedback import feedback, first_line, headline, points
from jaxercise.frontends.watch.state import Place, State
from jaxercise.verdicts import Verdict


def about(state: State, place: Place) -> list[str]:
    """The lines on a function: its headline, and what to look at, or what is asked for."""
    result = state.results.get(place)
    if result is None:
        return [".".join(place)]
    told = feedback(result)
    if told and result.verdict != Verdict.NOT_ATTEMPTED:
        return told.splitlines()
    lines = told.splitlines()[1:] if told else []
    if result.verdict == Verdict.NOT_ATTEMPTED:
        lines += asked_for(state.exercises[place[0]], place[1])
    return [headline(result), *lines]


def all_about(state: State, place: Place) -> str:
    """The same, and in any case what is asked for."""
    lines, asked = about(state, place), asked_for(state.exercises[place[0]], place[1])
    return "\n".join(lines if asked[0] in lines else [*lines, "", "What is asked for:", *asked])


def asked_for(exercise: Exercise, function: str) -> list[str]:
    """The claims about a function, with their points."""
    return [
        f"  {points(claim.points):>4}  {first_line(claim.sentence)}"
        for claim in exercise.claims_about(function)
    ]


def saved(state: State) -> list[str]:
    """What was saved last, what came of it, and what had to be mended to read it."""
    if state.saved is None:
        return []
    head = f"{', '.join(state.saved.exercises)} saved"
    if not state.saved.functions:
        return [f"{head}; no code has changed.", *state.saved.notes]
    states: dict[str, list[str]] = {}
    for place in state.saved.functions:
        result = state.results.get(place)
        what = "..." if result is None or place in state.working else result.state
        states.setdefault(what, []).append(place[1])
    said = "; ".join(f"{', '.join(names)}: {what}" for what, names in states.items())
    return [f"{head}. {said}", *state.saved.notes]
