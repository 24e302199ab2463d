"""What to say about a failure that needs no misconception to explain it.

A wrong shape or dtype, items in the other order, a missing return, the exceptions that JAX raises
most. A hint says what is seen and where to look; it never says what the answer is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxercise.comparison import Difference, Expected, compare
from jaxercise.comparison.compare import answer_dtype, ordinal
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import Opaque
from jaxercise.workers.runner import Raised

Array = npt.NDArray[Any]

#: Beyond that, nobody takes a difference for rounding.
_LOOKS_ROUNDED = 1e-2
_ROUNDING = 10.0
_MOST_ORDERS = 24


def about_value(
    got: Any,
    expected: Expected,
    difference: Difference,
    *,
    printed: bool,
    rounding: bool,
    lengths: Mapping[int, str] | None = None,
) -> str:
    """A hint on an answer that differs; empty where there is nothing to add.

    Args:
        got: what came back.
        expected: what was due.
        difference: how they differ.
        printed: the call printed something.
        rounding: the allowed error is that of rounding.
        lengths: what in the call has such a length: `as long as axis 0 of params`; see
            `signatures.lengths`.
    """
    if got is None:
        told = "Is a return missing at the end? Without one, a function returns None"
        return f"{told}; print only shows a value." if printed else f"{told}."
    if isinstance(expected.value, tuple) and _in_another_order(got, expected):
        return "The right items are there, but in another order."
    if expected.is_of(got):
        got, expected = got[expected.part], expected[expected.part]
    place = trees.first_difference(trees.structure(got), trees.structure(expected.value))
    if place is not None:
        return _about_structure(trees.at(got, place), _part(expected, place))
    for leaf, due in zip(trees.leaves(got), expected.leaves(), strict=True):
        apart = compare(leaf, due)
        if apart is not None:
            return _about_leaf(leaf, due, apart, rounding, lengths or {})
    return ""


def _part(expected: Expected, place: trees.Path) -> Expected:
    return Expected(trees.at(expected.value, place), trees.at(expected.error, place))


def _about_structure(got: Any, expected: Expected) -> str:
    """A hint where the outermost containers differ."""
    if isinstance(got, Opaque):
        return _about_opaque(got)
    if not isinstance(expected.value, tuple):
        return _about_python(got)
    size = len(expected.value)
    if isinstance(got, list) and len(got) == size:
        return "The items stand in a list, not in a tuple."
    if isinstance(got, np.ndarray):
        shapes = [np.shape(one) for one in expected.value]
        if got.shape[:1] == (size,) and got.shape not in shapes:
            return "Are the items stacked in one array? A tuple holds them side by side."
        alone = shapes.index(got.shape) if shapes.count(got.shape) == 1 else None
        which = "one of the items" if alone is None else f"the {ordinal(alone)} item alone"
        return f"Is that {which}? All of them are due, in a tuple: return a, b."
    return ""


def _in_another_order(got: Any, expected: Expected) -> bool:
    if not isinstance(got, tuple) or len(got) != len(expected.value):
        return False
    expected = replace(expected, part=None)
    orders = itertools.islice(itertools.permutations(range(len(got))), 1, _MOST_ORDERS)
    return any(_right(tuple(got[i] for i in order), expected) for order in orders)


def _about_leaf(
    got: Any,
    expected: Expected,
    difference: Difference,
    rounding: bool,
    lengths: Mapping[int, str],
) -> str:
    if isinstance(got, Opaque):
        return _about_opaque(got)
    if not isinstance(got, np.ndarray):
        return _about_python(got)
    if difference.kind == "shape":
        return _about_shape(got, expected, lengths)
    if difference.kind == "dtype":
        return _about_dtype(got, expected)
    return _about_numbers(got, expected, difference, rounding)


def _about_opaque(got: Opaque) -> str:
    if got.type_name == "function":
        return "A function came back where its value is due. Has it been called?"
    if got.type_name == "generator":
        return "A yield makes a generator of a function; return hands back what is computed."
    if got.type_name in ("map", "filter", "zip"):
        return f"{got.type_name}() has computed nothing yet. What vmap returns is an array."
    if got.type_name == "leaked tracer":
        return (
            "A tracer stands for a value while JAX traces a function, and means nothing "
            "afterwards. Return what a traced function computes; do not store it on the way."
        )
    return ""


def _about_python(got: Any) -> str:
    if isinstance(got, bool | int | float):
        return (
            "An array turns into a Python number by float(), int(), bool() or .item(); a 0.0 that "
            "nothing replaces is one, too."
        )
    if isinstance(got, list):
        return (
            "A Python list is no array, and JAX cannot compute with it. What vmap returns is one; "
            "jnp.array makes one of numbers, jnp.stack one of arrays."
        )
    if isinstance(got, tuple):
        return "Is there a comma too many, or an item that was not asked for?"
    return ""


def _about_shape(got: Array, expected: Expected, lengths: Mapping[int, str]) -> str:
    due = expected.value.shape
    without = tuple(n for n in got.shape if n != 1), tuple(n for n in due if n != 1)
    if got.shape == due[::-1] and got.ndim > 1:
        told = f"Rows and columns have changed places{_numbers_right(got.T, expected)}."
        known = [f" Axis {i} has to be {lengths[n]}." for i, n in enumerate(due) if n in lengths]
        return told + "".join(known[:1])
    if due == ():
        return "Several numbers came back where one is due." if got.size > 1 else _one_number()
    if got.shape == ():
        known = [f": axis {i} has to be {lengths[n]}" for i, n in enumerate(due) if n in lengths]
        return (
            f"One number came back where several are due{''.join(known[:1])}. What makes one of "
            "many (sum, mean, max, norm) has an option for the axis, what draws or fills takes a "
            "shape."
        )
    if without[0] == without[1]:
        right = _numbers_right(got.reshape(due), expected)
        if got.ndim > len(due):
            odd = _odd_one(got.shape, due)
            if odd is None:
                return f"There is an axis of length 1 too many{right}."
            alike = f" It is {lengths[1]}." if 1 in lengths else ""
            return f"Axis {odd}, of length 1, is one too many{right}.{alike}"
        if got.ndim < len(due):
            return f"An axis of length 1 is gone (squeezed away, or taken by an index?){right}."
        return f"The axis of length 1 stands in another place{right}."
    if got.ndim != len(due):
        return _about_axes(got.shape, due, lengths)
    axis = next(
        i for i, (one, other) in enumerate(zip(got.shape, due, strict=True)) if one != other
    )
    own, wanted = lengths.get(got.shape[axis]), lengths.get(due[axis])
    known = [*([f"is {own}"] if own else []), *([f"has to be {wanted}"] if wanted else [])]
    if known:
        return f"Axis {axis} has another length: it {', and '.join(known)}."
    return f"Axis {axis} has another length: what does it count?"


def _about_axes(got: tuple[int, ...], due: tuple[int, ...], lengths: Mapping[int, str]) -> str:
    """A hint where there are more axes than should be, or fewer; which one, if that is plain."""
    many = len(got) > len(due)
    odd = _odd_one(*((got, due) if many else (due, got)))
    length = lengths.get((got if many else due)[odd], "") if odd is not None else ""
    if many:
        which = "There are too many axes" if odd is None else f"Axis {odd} is one too many"
        told = f" It is {length}." if length else ""
        return f"{which}: was every axis mapped or summed that should be?{told}"
    if odd is None:
        return "There are too few axes: was more mapped away or summed than should be?"
    told = f"which has to be {length}" if length else f"of length {due[odd]}"
    return f"Axis {odd}, {told}, is missing: summed or mapped away, or left out of a shape?"


def _odd_one(long: tuple[int, ...], short: tuple[int, ...]) -> int | None:
    """The axis that one shape has and the other has not; None if that is not certain."""
    fitting = [i for i in range(len(long)) if long[:i] + long[i + 1 :] == short]
    return fitting[0] if len(fitting) == 1 else None


def _one_number() -> str:
    return "The one number stands in an array of length 1; it is due without an axis."


def _about_dtype(got: Array, expected: Expected) -> str:
    wanted = answer_dtype(expected.value)
    if wanted == "bool":
        return "True and false are asked for, not numbers that stand for them."
    if expected.value.dtype.kind in "iu":
        return "Whole numbers are asked for." if got.dtype.kind not in "iu" else ""
    right = _numbers_right(got.astype(wanted), expected)
    if got.dtype == np.float64 and wanted == "float32":
        return f"NumPy computes in float64 where jax.numpy does in float32{right}."
    if got.dtype.kind in "iub":
        return "Whole numbers, or true and false, came back: what has cut off the rest?"
    return ""


def _about_numbers(got: Array, expected: Expected, difference: Difference, rounding: bool) -> str:
    if got.dtype.kind != "f" or expected.value.dtype == bool:
        return ""
    if _right(got.T, expected) and got.ndim > 1:
        return "Rows and columns have changed places: the numbers are right."
    if np.isnan(got).any() and np.isfinite(expected.value).all():
        return "Nan comes from 0 / 0, inf - inf, or the root or logarithm of a negative number."
    return _about_rounding(got, expected, difference.ratio, rounding)


def _about_rounding(got: Array, expected: Expected, ratio: float, rounding: bool) -> str:
    """How far off an answer is, where that might be taken for rounding."""
    if not np.isfinite(ratio):
        return ""
    allowed = "rounding allows" if rounding else "is allowed"
    if ratio < _ROUNDING:
        return f"Off by {ratio:.1f} times what {allowed}."
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        off = np.abs(got - expected.value) / np.abs(expected.value)
    counts = np.isfinite(expected.error)
    if not rounding or not np.all(off[counts] < _LOOKS_ROUNDED):
        return ""
    return f"Off by {ratio:.0f} times what rounding allows: that is not a matter of rounding."


def _numbers_right(got: Array, expected: Expected) -> str:
    return "; the numbers are right" if _right(got, expected) else ""


def _right(got: Any, expected: Expected) -> bool:
    """True if this would be right, and not only because everything is 0 on a small input."""
    return _tells(expected) and compare(got, expected) is None


def _tells(expected: Expected) -> bool:
    return any(map(_leaf_tells, expected.leaves()))


def _leaf_tells(expected: Expected) -> bool:
    numbers = np.unique(expected.value[np.isfinite(expected.error)])
    return bool(len(numbers) > 1 or (numbers.size and numbers[0] != 0 and not expected.value.ndim))


#: What stands for the words of exceptions that are about JAX's insides, by their type, which is
#: what one would search for.
TRACED = {
    "TracerArrayConversionError": (
        "NumPy is given a value that JAX is tracing",
        "Under jit, vmap and grad there are no numbers yet that NumPy could see. jax.numpy needs "
        "none, and has the same functions: jnp.sin for np.sin.",
    ),
    "NonConcreteBooleanIndexError": (
        "a mask picks entries while JAX is tracing",
        "How many it picks is not known yet; jnp.where keeps the shape.",
    ),
    "UnexpectedTracerError": (
        "a value is used that was stored while JAX traced a function",
        "Return what a traced function computes; do not store it on the way.",
    ),
} | dict.fromkeys(
    (
        "ConcretizationTypeError",
        "TracerBoolConversionError",
        "TracerIntegerConversionError",
    ),
    (
        "Python asks for a number while JAX is tracing",
        "Under jit, vmap and grad it is not known yet: if, while, range, float() and int() cannot "
        "look at it. jnp.where and jax.lax can; static_argnums keeps an int out of the tracing.",
    ),
)

#: What to add to exceptions that have no message, by their type.
_BY_TYPE = {
    "SystemExit": "exit(), quit() and sys.exit() end the program. A function ends by return.",
}
#: What to add to other exceptions, by a piece of their message, and whether that leaves no doubt of
#: the cause; the first that fits counts.
_RAISED = [
    (
        r"JAX arrays are immutable|assignment destination is read-only|object does not support "
        r"item assignment",
        "JAX arrays cannot be changed in place; x.at[i].set(value) gives a changed copy.",
        True,
    ),
    (
        r"Array has been deleted",
        "A donated or deleted array cannot be used again.",
        True,
    ),
    (
        r"Gradient only defined for scalar-output",
        "What is differentiated has to return one number. Does it see one example, or all?",
        True,
    ),
    (
        r"requires real-valued outputs",
        "What is differentiated returns a whole number, or one that stands for no computation.",
        True,
    ),
    (
        r"requires real- or complex-valued inputs|requires real-valued",
        "Derivatives are taken in floats, not in whole numbers. Which argument is it?",
        True,
    ),
    (
        r"Expected a callable value",
        "What grad, vmap and jit take is a function: f, and not its value f(x).",
        True,
    ),
    (
        r"maximum recursion depth exceeded",
        "A function calls itself and comes to no end. One that is made in a loop looks variables "
        "up when it is called: by then they are those of the last round.",
        False,
    ),
    (
        r"as an abstract array|is not a valid JAX type",
        "Under jit, vmap and grad, arguments are arrays. A function can be used from outside, or "
        "be marked by static_argnums.",
        False,
    ),
    (
        r"argnums=.* requires at least",
        "`argnums` says in which argument of the call, counted from 0, and not how often.",
        False,
    ),
    (
        r"vmap got inconsistent sizes",
        "All arguments that are mapped need the same length along the mapped axis. Which of them "
        "is the same for everybody, and should not be mapped?",
        True,
    ),
    (
        r"vmap was requested to map its argument along axis",
        "Axes are counted from 0: a vector has axis 0 alone, a number has none to map over. In "
        "in_axes, in the function's order, None stands for what all examples share.",
        False,
    ),
    (
        r"Only integer scalar arrays can|vmap (in|out)_axes must be .*got \[ *-?\d+\.",
        "A whole number is due here, and an array came. With grad, vmap and jit, the arguments "
        "stand in brackets of their own: grad(f)(x).",
        False,
    ),
    (
        r"vmap in_axes must be",
        "in_axes is a tuple with one entry for each argument of the call.",
        True,
    ),
    (
        r"vmap (in_axes|must have at least one non-None)|vmap.*non-None",
        "At least one argument has to be mapped.",
        False,
    ),
    (
        r"(scan|fori_loop|while_loop|body_fun).*(carry|input and output|equal types|same type)",
        "What a loop carries keeps its shape and dtype from round to round.",
        False,
    ),
    (
        r"written for ONE example.*too many axes, and no vmap",
        "The whole batch arrives at once: neither a plain call nor grad takes it apart. vmap hands "
        "over one example at a time; it is given f, and not f(x).",
        True,
    ),
    (
        r"written for ONE example.*too many axes, through",
        "Each vmap takes one axis away, and here one is left. Is another vmap needed, or does "
        "in_axes keep an argument whole that runs over the examples?",
        True,
    ),
    (
        r"written for ONE example.*too few axes, through",
        "An axis is gone that one example needs. Does in_axes map an argument that all examples "
        "share, or is there a vmap too many?",
        True,
    ),
    (
        r"written for ONE example.*too few axes, and no vmap",
        "An axis is gone that one example needs. Do the arguments stand in the function's order, "
        "or does an index take too much away?",
        True,
    ),
    (
        r"takes two vectors of equal length",
        "What belongs to one example does not fit what is shared. Which axis of the table counts "
        "the examples? That is the one to map.",
        False,
    ),
    (
        r"function passed in is written for ONE example",
        "The function passed in gets too many axes, or too few. Which of its arguments are to be "
        "mapped, and over which axis?",
        True,
    ),
    (
        r"-dimensional array given|must be (one|two)-dimensional",
        "What is called here takes one vector or one table, and gets several. vmap hands over one "
        "at a time.",
        False,
    ),
    (
        r"EOF when reading a line",
        "Nobody is there to answer input(): what a function needs are its arguments.",
        True,
    ),
    (
        r"incompatible shapes|not broadcastable|could not be broadcast|dot_general requires",
        "These shapes do not fit each other. Print them just before this line.",
        False,
    ),
    (
        r"different numbers of dimensions|cannot reshape|Zero-dimensional arrays",
        "These shapes do not fit each other. Print them just before this line.",
        False,
    ),
    (
        r"'NoneType' object has no attribute '(append|extend|insert|sort|reverse)'",
        "What changes a list in place returns None, so its result is no list. It stands on a line "
        "of its own, without a name and an equals sign before it.",
        True,
    ),
    (
        r"'NoneType'",
        "None comes from a function without a return, or from what changes a list in place. Which "
        "value on this line is it?",
        False,
    ),
    (
        r"unsupported operand type.*'function'|bad operand type.*'function'|"
        r"'function' object is not (subscriptable|iterable)|non-iterable function",
        "A function stands where its value is needed. What grad, vmap and jit return are "
        "functions, too: they have to be called.",
        True,
    ),
    (
        r"object is not callable",
        "Brackets behind something call it, and this is no function. Is a bracket closed in the "
        "wrong place, or a comma missing?",
        False,
    ),
    (
        r"got <class '(list|tuple)'>|unsupported operand.*'(list|tuple)'|multiply sequence by|"
        r"'(list|tuple)' object has no attribute",
        "A list or a tuple is no array. jnp.array makes one of numbers, jnp.stack one of arrays; "
        "of a tuple, one item may be meant.",
        True,
    ),
    (
        r"truth value of an array",
        "if, while, and, or, not, max() and min() need one truth, and here are many. On arrays "
        "there are jnp.where, &, |, ~, jnp.max and jnp.min.",
        True,
    ),
    (
        r"Only scalar arrays can be converted",
        "float() and int() are for one number, and this array has several.",
        True,
    ),
    (
        r"iteration over a 0-d array|len\(\) of unsized|values to unpack",
        "Print what stands there: one number cannot be walked through or taken apart, and a call "
        "has to return as many things as there are names on the left.",
        False,
    ),
    (
        r"out of bounds for array of dimension|tuple index out of range|Too many indices",
        "The array has fewer axes than that; they are counted from 0. Print its shape.",
        False,
    ),
    (
        r"unexpected keyword argument|invalid keyword argument",
        "There is no option of that name. JAX's are called axis, argnums and in_axes; Python's own "
        "sum and max have none.",
        False,
    ),
    (
        r"PRNG key|'PRNGKeyArray'",
        "What jax.random has takes the key first and the shape as a tuple, normal(key, (4, 3)); "
        "what NumPy has takes no key.",
        False,
    ),
    (
        r"Shapes must be 1D sequences|as a data type",
        "A shape is a tuple, one item for each axis: (4, 3), or (4,) for a vector.",
        False,
    ),
    (
        r"scan body output must be a pair",
        "What scan calls returns two things: what is carried on, and what is kept of this round.",
        True,
    ),
    (
        r"Non-hashable static arguments",
        "static_argnums is for Python's numbers; arrays are traced.",
        True,
    ),
    (
        r"missing \d+ required positional argument|takes .*argument(s?|\(s\)) .*(but|called)",
        "Count what that call passes on. vmap and grad hand over the arguments they get, scan a "
        "carry and one item.",
        False,
    ),
    (
        r"(ArrayImpl|Tracer|function)' object has no attribute",
        "An array has NumPy's methods and no others, a function has none. What JAX adds takes them "
        "as arguments: jax.vmap(f)(x), not f.vmap(x) or x.vmap(f).",
        False,
    ),
    (
        r"No module named",
        "It is not installed where your code runs. What the exercise imports is enough for it.",
        True,
    ),
    (
        r"associated with a value|referenced before assignment",
        "A name that a function gives a value anywhere is its own from the first line on. Does it "
        "get one before this line, also where a loop makes no turn?",
        True,
    ),
]  # fmt: skip

#: What stands for the words of exceptions that name the insides of JAX, by a piece of them.
_REWORDED = [
    (
        r"map its argument along axis (-?\d+),.*\(its shape is (\([\d, ]*\))\)",
        r"in_axes maps axis \1 of an argument that has shape \2",
    ),
    (
        r"interpreting argument to .* is of type <class '([\w.]+)'>",
        r"an argument under jit is of type \1",
    ),
    (
        r"of type '?<class '([\w.]+)'>'? is not a valid JAX type",
        r"an argument is of type \1, which JAX cannot trace",
    ),
]
_MAPPED = re.compile(r"axis (-?\d+) of [^;]+? of type \w+\[([\d,]*)\]")
#: What JAX calls an array, or what stands for one while it traces.
_ARRAY = re.compile(r"[\w.]*(ArrayImpl|Tracer)\b")
_FIRST_SENTENCE = 300


def about_exception(raised: Raised) -> str:
    """A hint on an exception of student code; empty where its own words do."""
    return _about(raised)[0]


def sure_of(raised: Raised) -> str:
    """The hint on an exception, where its words leave no doubt about the cause; else empty."""
    hint, sure = _about(raised)
    return hint if sure else ""


def _about(raised: Raised) -> tuple[str, bool]:
    if raised.type in TRACED:
        return TRACED[raised.type][1], True
    if raised.type in _BY_TYPE:
        return _BY_TYPE[raised.type], True
    found = ((hint, sure) for piece, hint, sure in _RAISED if re.search(piece, raised.message))
    return next(found, ("", False))


def words_of(raised: Raised) -> str:
    """An exception in words, without what speaks of the insides of JAX or of this engine.

    Where there is a hint, the first sentence is enough; JAX's go on with advice and links.
    """
    if raised.type in TRACED:
        return f"{raised.type}: {TRACED[raised.type][0]}"
    for piece, words in _REWORDED:
        found = re.search(piece, raised.message)
        if found:
            return f"{raised.type}: {found.expand(words)}"
    if "vmap got inconsistent sizes" in raised.message:
        return f"{raised.type}: {_lengths(raised.message)}"
    inside = ("jaxercise", "traceback", "----")
    lines = [
        _ARRAY.sub("array", line.partition("See https://")[0]).strip()
        for line in raised.message.splitlines()
    ]
    told = [line for line in lines if line and not any(word in line for word in inside)]
    if not about_exception(raised):
        return "\n".join([f"{raised.type}: {told[0] if told else ''}".rstrip(": "), *told[1:3]])
    first = re.split(r"(?<=[.?!])\s|:$", told[0] if told else "", maxsplit=1)[0]
    if len(first) > _FIRST_SENTENCE:
        first = f"{first[: _FIRST_SENTENCE - 4]} ..."
    return f"{raised.type}: {first}"


def _lengths(message: str) -> str:
    """Which axes of which shapes JAX found to differ in length, one of each length."""
    told = [
        f"axis {axis} of shape ({shape.replace(',', ', ')}{',' * (shape.isdigit())})"
        for axis, shape in _MAPPED.findall(message)
    ]
    return ": ".join(["the mapped axes differ in length", *([", ".join(told)] if told else [])])
