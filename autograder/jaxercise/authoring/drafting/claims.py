"""Claims about a function that follow from its signature alone.

What is drafted is what nearly every exercise claims: the values, one claim for each item of a
tuple; axes that keep their places, under `jit` and `vmap` too; automatic differentiation where the
solution uses it; no Python loop over an axis that is a batch. `further` is what is tried where
something wrong gets by: other scales, sizes and numbers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from jaxercise.authoring.drafting.annotations import (
    DraftError,
    constant,
    example,
    ones,
    strategy,
)
from jaxercise.authoring.drafting.signatures import Asked
from jaxercise.claims import LAW, METHOD, VALUES
from jaxercise.comparison.compare import ordinal
from jaxercise.grading.signatures import ANY, Form
from jaxercise.sandboxed import families
from jaxercise.sandboxed.calling import StudentError
from jaxercise.sandboxed.figures import describe
from jaxercise.sandboxed.wire.trees import Instance
from jaxercise.sandboxed.wire.values import Key

#: How long axes are: no two alike, none as long as one that is written as a number often is.
_SIZES = (3, 4, 5, 6)
_OTHER = 3
_FACTORS = ("2**-14", "-1", "2**12")
_MOVED = ("{0} * np.float32(64.123)", "{0} / 4096", "{0} + 8", "abs({0}) + 1", "0 * {0}")
_COUNTS = ("options(0, 1, 2)", "options(5, 8)", "options(40)")
#: Curves of more points are not written down.
_MOST_POINTS = 9
#: What texts of examples are made of.
_KNOWN = {**vars(families), "Instance": Instance, "Key": Key, "np": np, "ones": ones}


@dataclass(frozen=True)
class Draft:
    """A claim, as it is to be written.

    Attributes:
        function: of which function.
        name: of the test.
        sentence: what students read, before what is said of each of the lines.
        lines: the statements, each with what it says, if it is said; each can be left out.
        given: what is drawn, strategies by name.
        points, kind, examples: as in `Function.claim`.
        comment: what stands above it for the author.
    """

    function: str
    name: str
    sentence: str
    lines: Mapping[str, str]
    given: Mapping[str, str]
    points: float
    kind: str = VALUES
    examples: int = 8
    comment: str = ""

    @property
    def title(self) -> str:
        """The test's whole name."""
        return f"test_{self.function}_{self.name}"

    def without(self, lines: Collection[str]) -> Draft:
        """The claim with some lines left out."""
        kept = {line: said for line, said in self.lines.items() if line not in lines}
        return replace(self, lines=kept)

    @property
    def told(self) -> str:
        """The sentence that students read."""
        said = "; ".join(filter(None, dict.fromkeys(self.lines.values())))
        return " ".join(filter(None, (self.sentence, said and f"{said[:1].upper()}{said[1:]}.")))


def drafts_of(asked: Sequence[Asked]) -> tuple[list[Draft], dict[str, str]]:
    """The claims about functions, and why there is none of some, by their names.

    Raises:
        DraftError: there is none of any, for the annotations of some; all of them are told.
    """
    found: list[Draft] = []
    reasons: dict[str, str] = {}
    for one in asked:
        try:
            found += drafted(one)
        except DraftError as error:
            reasons[one.name] = str(error)
    if reasons and not found:
        raise DraftError("\n".join(f"{name}: {why}" for name, why in reasons.items()))
    return found, reasons


def drafted(asked: Asked) -> list[Draft]:
    """The claims about a function; none where only its author knows what is right.

    Raises:
        DraftError: an argument has an annotation that no strategy is for.
    """
    if asked.is_figure:
        return list(_of_a_figure(asked))
    if asked.answer.kind in ("any", "other", "text"):
        return []
    if any(one.kind == "key" for one in asked.arguments.values()):
        return list(_of_a_key(asked))
    if _is_data(asked):
        return [*_of_data(asked), *_loops(asked)]
    return [*_values(asked), *_axes(asked), *_automatic(asked), *_loops(asked)]


def further(asked: Asked) -> Iterator[Draft]:
    """More that can be claimed of it, of one line each, the simplest first."""
    if asked.is_figure or _is_data(asked) or not drafted(asked):
        return
    first = Draft(asked.name, "", "More.", {}, _given(asked), 0)
    passed = [name for name, one in _all(asked).items() if one.kind == "function"]
    floats = [name for name, one in _all(asked).items() if one.is_float]
    same = {_agrees(asked): ""}
    yield replace(first, given=_given(asked, wide=False), lines=same)
    yield replace(first, given=_given(asked, wide=True), lines=same)
    for line in _of_axes(asked):
        yield replace(first, given=_given(asked, equal=True), lines={line: ""})
    for factor in _FACTORS * bool(passed):
        changed = {one: f"{one}.scaled({factor})" for one in passed}
        yield replace(first, lines={_agrees(asked, changed): ""})
    for moved in _MOVED:
        for names in [*([one] for one in floats), *[floats] * (len(floats) > 1)]:
            changed = {name: moved.format(name) for name in names}
            yield replace(first, lines={_agrees(asked, changed): ""})
    for name in (name for name, one in _all(asked).items() if one.kind == "int"):
        for counts in _COUNTS:
            yield replace(first, given={**first.given, name: counts}, lines=same)
    yield replace(first, given=_given(asked, longer=True), lines=same)
    yield replace(first, lines=same, examples=40)


def _values(asked: Asked) -> Iterator[Draft]:
    given = _given(asked)
    right = asked.summary or "The answer is right."
    parts = asked.answer.parts
    if asked.answer.kind != "tuple" or not 2 <= len(parts) <= 4:
        yield Draft(asked.name, "is_right", right, {_agrees(asked): ""}, given, 2)
        return
    for part in range(len(parts)):
        which = ordinal(part)
        yield Draft(
            asked.name,
            f"has_the_{which}_item_right".replace(" ", "_"),
            f"The {which} item of the answer is right. {right}",
            {_agrees(asked, part=part): ""},
            given,
            1,
        )


def _axes(asked: Asked) -> Iterator[Draft]:
    given = _given(asked, equal=True, wide=False)
    examples = 6 if any("options(" in text for text in given.values()) else 3
    yield Draft(asked.name, "composes", "", _of_axes(asked), given, 0.5, LAW, examples)


def _of_axes(asked: Asked) -> dict[str, str]:
    """Lines on axes and transformations, with what they say; the axes with names equally long."""
    every, lines = _all(asked), {}
    step = "result_under" if asked.last else "under"
    sizes = [axis for one in every.values() for axis in one.shape or ()]
    trees = any(one.kind != "array" and one.letters for one in every.values())
    if len({axis for axis in sizes if axis != 1}) > 1:
        lines[_agrees(asked)] = "axes that are equally long keep their places"
    if any(isinstance(axis, str) for axis in sizes) and not trees:
        cut = {name: _first(name, one) for name, one in every.items()}
        lines[_agrees(asked, cut)] = "axes of length 1 stay"
    lines[_agrees(asked, how={step: "jit"})] = "the answer is the same under jax.jit"
    mapped = asked.last or asked.arguments
    if mapped and all(one.is_float for one in mapped.values()):
        stacked = {name: f"np.stack([{name}, {name} + 1])" for name in mapped}
        lines[_agrees(asked, stacked, how={step: "vmap"})] = "jax.vmap carries a batch"
    return lines


def _first(name: str, form: Form) -> str:
    """An argument with every axis that has a name cut to length 1."""
    cuts = [":1" if isinstance(axis, str) else ":" for axis in form.shape or ()]
    while cuts and cuts[-1] == ":":
        cuts.pop()
    return f"{name}[{', '.join(cuts)}]" if cuts else name


def _is_data(asked: Asked) -> bool:
    """True if lines are to be found through points to some percent: not everywhere they can be."""
    x, y, *more = [*asked.arguments.values(), ANY, ANY]
    found = bool(asked.within) and x.is_float and y.is_float and len(more) == 2
    return found and len(y.shape or ()) == 2 and x.shape == (*(y.shape or ()), 1)


def _of_data(asked: Asked) -> Iterator[Draft]:
    given, drawn = {"data": "market(c=3)"}, f"{', '.join(asked.arguments)} = data\n"
    right = asked.summary or "The answer is right."
    line = f"{drawn}{_agrees(asked)}"
    yield Draft(asked.name, "is_right", right, {line: ""}, given, 2, examples=4)
    cut = {name: f"{name}[:1]" for name in asked.arguments}
    lines = {
        _agrees(asked, cut): "a batch of one is a batch, too",
        _agrees(asked, how={"under": "jit"}): "the answer is the same under jax.jit",
    }
    lines = {f"{drawn}{line}": said for line, said in lines.items()}
    yield Draft(asked.name, "composes", "", lines, given, 0.5, LAW, 3)


def _automatic(asked: Asked) -> Iterator[Draft]:
    given = _given(asked)
    passed = [name for name, one in _all(asked).items() if one.kind == "function"]
    if not asked.differentiates or not passed:
        return
    stated = {passed[0]: given[passed[0]].replace("()", "(stated=True)")}
    yield Draft(
        asked.name,
        "is_automatic",
        f"Automatic differentiation follows a derivative that {passed[0]} states itself, "
        "differences do not.",
        {_agrees(asked): ""},
        {**given, **stated},
        0.5,
        METHOD,
        6 if any("options(" in text for text in given.values()) else 3,
    )


def _loops(asked: Asked) -> Iterator[Draft]:
    """A function of one example says which axes are one example's: the others are batches."""
    passed = [one for one in asked.arguments.values() if one.kind == "function"]
    single = {axis for one in passed for taken in one.parts[:-1] for axis in taken.letters}
    axes = [axis for one in asked.arguments.values() for axis in one.letters]
    lines = {}
    for axis in dict.fromkeys(one for one in axes if one not in single):
        sizes = {other: _OTHER for other in axes if other != axis}
        ones = [constant(one, sizes) for one in asked.arguments.values()]
        arguments = f"({', '.join(ones)}{',' * (len(ones) == 1)})"
        called = f"lambda {axis}: {arguments}"
        lines[f'{asked.name}.does_not_loop({called}, over="axis {axis}")'] = ""
    if lines and not asked.last:
        yield Draft(
            asked.name,
            "does_not_loop",
            "The batch is carried by a transformation or array operations, not by a Python loop.",
            lines,
            {},
            0.5,
            METHOD,
        )


def _of_a_key(asked: Asked) -> Iterator[Draft]:
    """A right answer may draw otherwise than the reference: what is alike is how it is made."""
    given, call = _given(asked), ", ".join(asked.arguments)
    yield Draft(
        asked.name,
        "is_made_as_it_should_be",
        f"The answer has the shapes and dtypes asked for, with keys of both kinds. {asked.summary}",
        {f"{asked.name}.tree({call})": ""},
        given,
        1,
        comment="The numbers are free: a right answer may draw them in its own way. Where the "
        f"exercise says how, claim them: {asked.name}.agrees({call})",
    )
    if asked.answer.kind != "array":
        return
    key = next(name for name, one in asked.arguments.items() if one.kind == "key")
    first, other = f"{asked.name}({call})", f"{asked.name}({call.replace(key, 'other', 1)})"
    lines = (
        f"assume({key} != other)",
        f"first, again = {first}, {first}",
        f'{asked.name}.check(np.array_equal(first, again), "the same key gave two answers")',
        f'{asked.name}.check(not np.array_equal(first, {other}), "two keys gave the same answer")',
    )
    yield Draft(
        asked.name,
        "follows_its_key",
        "The same key gives the same answer, another key gives another.",
        {"\n".join(lines): ""},
        {**given, "other": "keys()"},
        0.5,
        LAW,
        4,
    )


#: What most figures have, by what is said of one that has not.
_FIGURE = {
    "the figure has no axes of its own, or several": 'drawn["axes"] == 1',
    "no curve can be seen in the figure": 'drawn["curves"]',
    "a curve is hidden, or of no size": 'drawn["hidden"] == 0',
    "a curve has no label": 'all(one["label"].strip() for one in drawn["curves"])',
    "two curves look the same": (
        'len({one["look"] for one in drawn["curves"]}) == len(drawn["curves"])'
    ),
    "a curve is partly out of view": 'not any(one["cut_off"] for one in drawn["curves"])',
    "the figure has no legend that can be seen": 'drawn["legend"]',
    "an axis has no label": 'drawn["xlabel"].strip() and drawn["ylabel"].strip()',
    "the figure was shown or saved; leave that to the caller": (
        'not drawn["shown"] and not drawn["saved"]'
    ),
    "the figure was returned before; make a new one in each call": 'not drawn["returned_before"]',
    "another figure is left open": 'drawn["open_figures"] == 0',
}


def _of_a_figure(asked: Asked) -> Iterator[Draft]:
    """That it can be read, and that it has the solution's curves; a right one may have more."""
    call = ", ".join(asked.arguments)
    drawn = f"drawn = {asked.name}.figure({call})"
    yield Draft(
        asked.name,
        "can_be_read",
        f"The answer is a new Figure that can be read, neither shown nor saved. {asked.summary}",
        {
            f"{drawn}\n{asked.name}.check({holds}, {json.dumps(said)})": ""
            for said, holds in _FIGURE.items()
        },
        _given(asked, wide=False),
        2,
    )
    yield from _of_curves(asked)


def _of_curves(asked: Asked) -> Iterator[Draft]:
    """Through which points the solution's curves pass, for one input."""
    try:
        texts = {name: example(one) for name, one in asked.arguments.items()}
        drawn = describe(asked.called(*(eval(text, dict(_KNOWN)) for text in texts.values())))
    except (AttributeError, DraftError, NameError, StudentError):  # it draws no such input
        return
    known = "".join(f"{name} = {text}\n" for name, text in texts.items())
    known += f"drawn = {asked.name}.figure({', '.join(texts)})\n"
    labels: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for curve in drawn["curves"]:
        if curve["x"].size <= _MOST_POINTS:
            points = tuple(tuple(f"{number:.5g}" for number in curve[axis]) for axis in "xy")
            labels.setdefault(points, []).append(curve["label"].strip())
    lines = {}
    for (x, y), told in labels.items():
        where = f"{known}along = [{', '.join(x)}]\ndue = [{', '.join(y)}]\n{asked.name}.check("
        many = "no curve passes" if len(told) == 1 else f"fewer than {len(told)} curves pass"
        said = json.dumps(f"{many} through ({x[0]}, {y[0]}) and so on")
        lines[f"{where}len(through(drawn, along, due)) >= {len(told)}, {said})"] = ""
        named = len(set(told) - {""})
        found = '{one["label"].strip() for one in through(drawn, along, due)} - {""}'
        said = json.dumps(f"not each curve through ({x[0]}, {y[0]}) has a label of its own")
        lines |= {f"{where}len({found}) >= {named}, {said})": ""} if named else {}
    if lines:
        sentence = "The curves pass through the right points."
        yield Draft(asked.name, "has_its_curves", sentence, lines, {}, 1)


def _all(asked: Asked) -> dict[str, Form]:
    return {**asked.arguments, **asked.last}


def _given(
    asked: Asked, *, equal: bool = False, wide: bool | None = None, longer: bool = False
) -> dict[str, str]:
    """What is drawn: large numbers too, but where waves and powers would make them larger still."""
    every = _all(asked)
    passed = [one for one in every.values() if one.kind == "function"]
    if wide is None:
        wide = not any(len(one.parts) == 2 for one in passed)
    names = list(dict.fromkeys(axis for one in every.values() for axis in one.letters))
    if len(names) > len(_SIZES):
        raise DraftError(f"more than {len(_SIZES)} axes have names")
    sizes = dict(zip(names, _SIZES, strict=False))
    if equal:
        told = (axis for one in every.values() for axis in one.shape or () if type(axis) is int)
        sizes = dict.fromkeys(names, next((size for size in told if size > 1), _SIZES[0]))
    if longer:
        sizes = {name: 9 + size for name, size in sizes.items()}
    return {name: strategy(name, one, sizes, wide=wide) for name, one in every.items()}


def _agrees(
    asked: Asked,
    changed: Mapping[str, str] = MappingProxyType({}),
    *,
    part: int | None = None,
    how: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The call of `agrees`, some arguments changed."""
    told = [changed.get(name, name) for name in asked.arguments]
    last = [changed.get(name, name) for name in asked.last]
    if last:
        told.append(f"result_arguments=({', '.join(last)}{',' * (len(last) == 1)})")
    told += [] if part is None else [f"part={part}"]
    told += [f"within={asked.within:g}"] * bool(asked.within)
    told += [f'{name}="{step}"' for name, step in how.items()]
    return f"{asked.name}.agrees({', '.join(told)})"
