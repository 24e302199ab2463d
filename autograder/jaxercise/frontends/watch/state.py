"""What a watched course looks like at a moment, whatever shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jaxercise.claims.claims import Exercise
from jaxercise.course import Course
from jaxercise.frontends.watch.judging import Began, Judged, Saved
from jaxercise.verdicts import FunctionResult, Verdict

#: An exercise's name, and that of a function of it.
Place = tuple[str, str]


@dataclass
class State:
    """The course with what is known of it.

    Attributes:
        course: the course.
        exercises: its exercises by name, in their order.
        results: of the functions that have been judged.
        working: the functions that are being judged.
        saved: what was saved last.
        at_hand: the function that the student is at; None before anything is known.
        hint: what was asked for, until something else is, or something is saved.
    """

    course: Course
    exercises: Mapping[str, Exercise]
    results: dict[Place, FunctionResult] = field(default_factory=dict)
    working: tuple[Place, ...] = ()
    saved: Saved | None = None
    at_hand: Place | None = None
    hint: str = ""

    def places(self) -> Iterator[Place]:
        """All functions, in their order."""
        for name, exercise in self.exercises.items():
            for function in exercise.functions:
                yield name, function

    def known(self) -> list[FunctionResult]:
        """The results there are, in the course's order."""
        return [self.results[place] for place in self.places() if place in self.results]

    @property
    def complete(self) -> bool:
        """Whether every function has been judged."""
        return all(place in self.results for place in self.places())

    @property
    def settled(self) -> bool:
        """Whether all that was saved last has been judged."""
        waiting = set(self.working)
        return self.saved is None or waiting.isdisjoint(self.saved.functions)

    def is_open(self, place: Place) -> bool:
        """Whether a function is not done, as far as is known."""
        result = self.results.get(place)
        return result is None or result.verdict != Verdict.PASSED

    def note(self, event: Saved | Began | Judged) -> None:
        """Take in what the judge tells."""
        match event:
            case Saved(_, functions):
                self.saved, self.hint = event, ""
                self.working = functions
                if functions and self.at_hand not in functions:
                    self.at_hand = functions[0]
            case Began(exercise, names):
                begun = tuple((exercise, name) for name in names)
                saved = self.saved.functions if self.saved is not None else ()
                left = (one for one in self.working if one in saved and one not in begun)
                self.working = (*begun, *left)
            case Judged(result):
                place = result.exercise, result.function
                self.results[place] = result
                self.working = tuple(one for one in self.working if one != place)
                self._choose()

    def _choose(self) -> None:
        """Once a save is judged, the first function that it leaves open is the one at hand."""
        if self.at_hand is None:
            if self.complete:
                self.at_hand = self.next_open()
        elif self.saved is not None and self.settled and not self.is_open(self.at_hand):
            self.at_hand = next(filter(self.is_open, self.saved.functions), self.at_hand)

    def next_open(self) -> Place | None:
        """The open function after the one at hand, or from the beginning; None if none is."""
        places = list(self.places())
        start = places.index(self.at_hand) + 1 if self.at_hand in places else 0
        return next(filter(self.is_open, [*places[start:], *places[:start]]), None)
