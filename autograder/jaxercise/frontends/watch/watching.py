"""The loop of `jaxercise watch`: what is saved, judged and pressed, one after the other."""

from __future__ import annotations

import functools
import queue
from pathlib import Path

from jaxercise.claims.loading import load_exercises
from jaxercise.engine import Engine
from jaxercise.frontends.reports.next_hint import NoHintError, next_hint
from jaxercise.frontends.reports.next_step import next_step
from jaxercise.frontends.watch import texts
from jaxercise.frontends.watch.files import saves
from jaxercise.frontends.watch.judging import Began, Failed, Judged, Judging, Saved, Unreadable
from jaxercise.frontends.watch.keys import pressed
from jaxercise.frontends.watch.screens import Screen, screen
from jaxercise.frontends.watch.state import State

_TICK_SECONDS = 1.0


class WatchError(Exception):
    """The folder cannot be watched; the message says what to do."""


def watch(engine: Engine, path: Path) -> None:
    """Show a course, and judge again what is saved, until `q` is pressed.

    Args:
        engine: judges.
        path: the folder to watch, or a file.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        WatchError: the folder cannot be watched.
    """
    exercises = {one.name: one for one in load_exercises(engine.course)}
    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    judging = Judging(engine, path, events.put)
    state = State(engine.course, exercises)
    step = functools.partial(next_step, source_of=judging.source)
    try:
        with (
            saves(path, list(exercises), judging.saved, events.put),
            pressed(events.put) as keys,
        ):
            shown = screen(step, keys=keys)
            judging.start()
            try:
                _follow(events, judging, state, shown)
            finally:
                shown.close()
    finally:
        judging.close()


def _follow(
    events: queue.SimpleQueue[object], judging: Judging, state: State, shown: Screen
) -> None:
    while True:
        try:
            event = events.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            shown.tick(state)
            continue
        match event:
            case Saved() | Began() | Judged():
                state.note(event)
                shown.update(state)
            case Unreadable(sentence):
                shown.show(sentence, state)
            case Failed(error):
                raise error
            case OSError():
                raise WatchError(
                    f"the folder cannot be watched: {event}. WATCHFILES_FORCE_POLLING=1 before the "
                    "command looks at it again and again instead."
                )
            case "q":
                return
            case str():
                _press(event, judging, state, shown)


def _press(key: str, judging: Judging, state: State, shown: Screen) -> None:
    if key == "e":
        state.saved, state.hint = None, ""
        shown.everything()
        judging.again({name: tuple(one.functions) for name, one in state.exercises.items()})
    elif key == "n" and (place := state.next_open()) is not None:
        state.at_hand, state.saved, state.hint = place, None, ""
        judging.again({place[0]: [place[1]]})  # what it says of lines may have moved
        shown.update(state)
    elif key == "h" and state.at_hand is not None:
        state.hint = _hint(judging, state, *state.at_hand)
        shown.show(state.hint, state)


def _hint(judging: Judging, state: State, exercise: str, function: str) -> str:
    """The next hint for a function; where there is none, why, and what is known of it."""

    def attempted(exercise: str, function: str) -> bool:
        source = judging.source(exercise)
        return source is not None and source.attempted({function})

    try:
        return str(next_hint(state.course, f"{exercise}.{function}", attempted=attempted))
    except NoHintError as error:
        return f"{error}\n\n{texts.all_about(state, (exercise, function))}"
