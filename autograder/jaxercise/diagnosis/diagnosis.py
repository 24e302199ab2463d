"""Which misconception a wrong answer looks like.

The student's function is tried on further inputs, and so are the misconceptions about it. One is
named only if it alone did what the student's function did, on every input of every claim that is
judged, and was wrong on some: to say nothing is better than to say something wrong. Where values
are wrong, no law is judged yet; there it is enough to do about the same. Where several fit, further
inputs and the other claims may tell them apart.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from jaxercise.claims.bodies import Body
from jaxercise.claims.claims import LAW, METHOD, VALUES, Claim
from jaxercise.course import Course
from jaxercise.diagnosis.equivalence import near, same_form, same_reply, same_scaling
from jaxercise.diagnosis.general_causes import GeneralCause, cause_in_manner, general_cause
from jaxercise.diagnosis.input_causes import input_cause
from jaxercise.diagnosis.misconception_runner import MisconceptionRunner
from jaxercise.diagnosis.probing import Asked, Probe, ProbingError, asked_again, probe
from jaxercise.grading.session import Session
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Reply, Runner, WorkerStoppedError

#: Inputs to compare on: for the claim that does not hold, and for each of the others.
_INPUTS = 6
_FURTHER = 3
#: How often, and among how many more inputs, such are looked for that tell misconceptions apart.
_SEARCHES = 2
_SEARCHED = 40
#: On how many inputs an answer has to be far off before it says anything about its cause.
_TELLING = 2


class Diagnostician:
    """Names misconceptions about the functions of one exercise.

    Args:
        course: whose misconceptions.
        open_runner: makes a runner, to run the misconceptions on.
        claims: all about the functions of one of its exercises.
    """

    def __init__(
        self, course: Course, open_runner: Callable[[], Runner], claims: Sequence[Claim]
    ) -> None:
        self._claims = claims
        exercise = claims[0].function.exercise.name
        self._misconceptions = MisconceptionRunner(course, exercise, open_runner)

    def diagnose(self, claim: Claim, session: Session) -> Body | GeneralCause | None:
        """What is behind a claim that does not hold: a misconception, or a cause that needs none.

        None if nothing is certain.
        """
        record: list[Probe] = []
        return self._misconception(claim, session, record) or self._general(claim, session, record)

    def _general(self, claim: Claim, session: Session, record: list[Probe]) -> GeneralCause | None:
        """A cause that explains all that is judged while the claim does not hold."""
        function = claim.function
        if claim.kind == METHOD:
            own = [one for one in record if one.claim is claim]
            return None if any(map(_unsteady, own)) else cause_in_manner(own)
        looked = {each.claim for each in record}
        with contextlib.suppress(ProbingError):
            for one in (claim, *self._others(claim)):
                if one.kind in (VALUES, claim.kind) and one not in looked:
                    record += probe(one, session, _FURTHER, 0)
            relevant = [one for one in record if one.claim.kind in (VALUES, claim.kind)]
            if any(map(_unsteady, relevant)):
                return None
            values = [one for one in relevant if one.claim.kind == VALUES]
            found = general_cause(relevant)
            if found is not None:
                return found
            calls = (one for one in session.first_asked.values() if one.function == function.name)
            text = input_cause(values, function.parameters, session.expected, next(calls, None))
            return GeneralCause(text) if text else None
        return None

    def _misconception(self, claim: Claim, session: Session, record: list[Probe]) -> Body | None:
        """The misconception behind a claim that does not hold; what was tried joins the record."""
        everyone = self._misconceptions.of(claim.function.name)
        fitting = [one for one in everyone if not one.remembers]
        others = self._others(claim)
        least = 1 + sum(one.kind != METHOD or claim.kind != VALUES for one in others)
        discriminating, seen, answered = 0, 0, False
        with contextlib.suppress(ProbingError):
            for probes, last in self._lots(claim, others, session, fitting):
                record += probes
                # What was refused tells most.
                for each in sorted(probes, key=lambda one: not one.refused):
                    if claim.kind == VALUES and each.claim.kind == LAW:
                        fitting[:] = [one for one in fitting if self._resembles(one, each)]
                        continue
                    fitting[:] = [one for one in fitting if self._fits(one, each)]
                    discriminating += each.discriminating
                    answered |= each.answered
                if claim.kind == LAW and any(map(_unsteady, probes)):
                    least = 1  # what differs from call to call can be held against nothing else
                seen += 1
                if not fitting:
                    return self._remembering(claim, session, probes) if seen == 1 else None
                # Where all inputs so far raise, those of the other claims may not.
                enough = discriminating >= _needed(claim) and (answered or last)
                if enough and seen >= least and len(fitting) == 1:
                    return fitting[0]
        return None

    def close(self) -> None:
        self._misconceptions.close()

    def _others(self, claim: Claim) -> list[Claim]:
        """The other claims about a function, values first: what else is judged where these hold,
        and what tells more of its answers where they do not."""
        found = [
            one
            for one in self._claims
            if one.function is claim.function
            and one is not claim
            and (one.strategies or claim.kind != VALUES)
        ]
        return sorted(found, key=lambda one: (VALUES, LAW, METHOD).index(one.kind))

    def _lots(
        self, claim: Claim, others: Sequence[Claim], session: Session, fitting: list[Body]
    ) -> Iterator[tuple[list[Probe], bool]]:
        """Probes of a function, those of the claim in question first, then such as tell.

        Between them `fitting` shrinks to what still fits. With each lot comes whether all claims
        have been looked at with it.
        """
        yield probe(claim, session, _INPUTS, 0), not others
        for other in others:
            inputs = _FURTHER if VALUES in (claim.kind, other.kind) else 1
            yield probe(other, session, inputs, 0), other is others[-1]
        for number in range(1, 1 + _SEARCHES):
            if claim.strategies:
                yield self._searched(claim, session, fitting, number), True

    def _searched(
        self, claim: Claim, session: Session, fitting: Sequence[Body], number: int
    ) -> list[Probe]:
        """Probes found by trying misconceptions: there the first is wrong, or others differ."""
        first, *others = fitting
        tried = probe(
            claim,
            Session(self._misconceptions.runner(first), session.references),
            _SEARCHED,
            number,
        )
        apart = [each for each in tried if not all(self._fits(one, each) for one in others)]
        wrong = [each for each in tried if each.discriminating]
        chosen = apart or ([] if others else wrong)
        return [asked_again(each, session) for each in chosen[:_INPUTS]]

    def _fits(self, one: Body, each: Probe) -> bool:
        """True if a misconception does in a probe what the student's function did."""
        with contextlib.suppress(WorkerStoppedError):
            if each.claim.kind == LAW and _unsteady(each):
                return all(self._as_unsteady(one, asked, each) for asked in each.asked)
            return all(self._did_the_same(one, asked, each) for asked in each.asked)
        return False

    def _resembles(self, one: Body, each: Probe) -> bool:
        """True if a misconception does about the same in a probe of a law.

        Laws ask what is far away, steep or small, where two programs with one idea round
        differently; that the function does something else altogether shows there as well.
        """
        with contextlib.suppress(WorkerStoppedError):
            return all(self._did_about_the_same(one, asked) for asked in each.asked)
        return False

    def _did_about_the_same(self, one: Body, asked: Asked) -> bool:
        if asked.reply is None:
            return True
        mine = self._misconceptions.reply(one, asked)
        if mine.raised is not None or asked.reply.raised is not None:
            return (mine.raised is None) == (asked.reply.raised is None)
        return near(mine.value, asked.reply.value)

    def _did_the_same(self, one: Body, asked: Asked, each: Probe) -> bool:
        if asked.reply is None:
            assert asked.measured is not None
            return same_scaling(self._misconceptions.scaling(one, asked), asked.measured)
        counted = each.claim.kind == METHOD
        # Where the answer is as good as right, it says little about how it came about.
        how = {"counted": counted, "loosely": not each.discriminating}
        # Most are ruled out by what they reply when compiled as a whole, which is quicker. Where
        # that comes near, or cannot be had, they are called as they stand.
        quick = self._misconceptions.reply(one, asked, compiled=True)
        if same_reply(quick, asked.reply, **how):
            return True
        if quick.raised is None and not near(quick.value, asked.reply.value):
            return False
        return same_reply(self._misconceptions.reply(one, asked), asked.reply, **how)

    def _as_unsteady(self, one: Body, asked: Asked, each: Probe) -> bool:
        """Where the same call gives another answer every time: so it does here, of that form."""
        replies = [self._misconceptions.reply(one, other) for other in each.asked if other.reply]
        mine = self._misconceptions.reply(one, asked)
        assert asked.reply is not None
        first = [other.key for other in each.asked].index(asked.key)
        turned = not asked.occurrence or not same_reply(replies[first], mine)
        return turned and mine.raised is None and same_form(mine.value, asked.reply.value)

    def _remembering(self, claim: Claim, session: Session, probes: Sequence[Probe]) -> Body | None:
        """The misconception that keeps answers, where the student's function seems to."""
        remembering = [one for one in self._misconceptions.of(claim.function.name) if one.remembers]
        before = [
            one for one in session.first_asked.values() if one.function == claim.function.name
        ]
        asked = [asked for each in probes for asked in each.asked if asked.reply is not None]
        discriminating = sum(each.discriminating for each in probes)
        if not remembering or not before or discriminating < _TELLING or not _all_the_same(asked):
            return None
        if not any(_tells(one.reply) for one in asked) and not _keeps(session, probes):
            return None
        for one in remembering:
            with contextlib.suppress(WorkerStoppedError):
                replies = self._misconceptions.replies_after(one, before, asked)
                pairs = zip(replies, asked, strict=True)
                if all(each.reply and same_reply(mine, each.reply) for mine, each in pairs):
                    return one
        return None


def _needed(claim: Claim) -> int:
    """On how many inputs the answer has to be wrong; a measurement is made only once."""
    return _TELLING if claim.strategies else 1


def _unsteady(each: Probe) -> bool:
    """True if the same call got other answers."""
    return not all(_steady(asked, each) for asked in each.asked if asked.occurrence)


def _steady(asked: Asked, each: Probe) -> bool:
    """True if a call got the answer that it got the first time."""
    first = next(other for other in each.asked if other.key == asked.key)
    if first.reply is None or asked.reply is None:
        return True
    return same_reply(first.reply, asked.reply)


def _keeps(session: Session, probes: Sequence[Probe]) -> bool:
    """Whether a function that answers 0 does so no more when it has been asked nothing before."""
    compared = [one for each in probes for one in each.compared]
    telling = [request for request, _, due in compared if any(map(np.any, trees.leaves(due.value)))]
    if session.afresh is None or not telling:
        return False
    with contextlib.closing(session.afresh()) as runner, contextlib.suppress(WorkerStoppedError):
        return _tells(runner.call(telling[0]))
    return False


def _tells(reply: Reply | None) -> bool:
    """Whether any number of an answer is not 0."""
    leaves = [] if reply is None else trees.leaves(reply.value)
    return any(isinstance(leaf, np.ndarray) and np.any(leaf) for leaf in leaves)


def _all_the_same(asked: Sequence[Asked]) -> bool:
    replies = [one.reply for one in asked if one.reply is not None]
    return len(replies) > 1 and all(same_reply(replies[0], one) for one in replies[1:])
