"""Functions by their formula, as a student writes it: `x^2`, `2 x y - sin(x)`, `sin`.

A formula is evaluated on some points, and the member of a family is looked for that has the same
values there. So whatever is equal to a member is one, however it is written; what the grader prints
of a function is read, too.
"""

from __future__ import annotations

import ast
import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jaxercise.sandboxed.families import FAMILIES, Described, Family
from jaxercise.sandboxed.wire.frames import Array

_LONGEST = 200
_POINTS = 64
#: Entries of a vector.
_LENGTH = 3
#: Numbers of a formula that are tried as coefficients inside of sin, exp and the like.
_MOST_INNER = 6
_CLOSE = 1e-6
_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[a-z_]\w*|\*\*|[-+*/^(),])", re.IGNORECASE)
_OPERATIONS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "exp": np.exp,
    "sum": lambda vector: np.sum(vector, axis=-1),
}


class FormulaError(Exception):
    """A text is no formula, or one of no member of a family; the message says what to write."""


def members(text: str, ranks: tuple[int, ...]) -> list[Described]:
    """The functions that a formula may stand for, those of the smallest family first.

    Args:
        text: the formula.
        ranks: those of the function's arguments.

    Raises:
        FormulaError: there is none.
    """
    families = sorted(
        (family for family in FAMILIES.values() if family.ranks == ranks),
        key=lambda family: len(family.coefficients),
    )
    if not families:
        raise FormulaError("functions of such arguments cannot be described by a formula")
    found = [one for family in families if (one := _member(text, family)) is not None]
    if not found:
        largest = families[-1]
        known = ", ".join(dict.fromkeys(_terms(largest)))
        raise FormulaError(
            f"the formula {text!r} is of none of the functions of {', '.join(largest.parameters)} "
            f"that the grader has: sums of numbers times {known}"
        )
    return found


def _terms(family: Family) -> list[str]:
    """What a member is a sum of, each with 1 for the numbers inside of it."""
    inner = dict.fromkeys(set(family.coefficients) - set(family.linear), 1.0)
    return [
        family.formula({**dict.fromkeys(family.coefficients, 0.0), **inner, name: 1.0})
        for name in family.linear
    ]


def _member(text: str, family: Family) -> Described | None:
    tree = _parsed(text, family)
    points = _points(family)
    with np.errstate(all="ignore"):
        due = np.broadcast_to(_evaluated(tree, _named(points, family)), (_POINTS,))
    if not np.all(np.isfinite(due)):
        return None
    outer = [name for name in family.coefficients if name in family.linear]
    inner = [name for name in family.coefficients[:-1] if name not in family.linear]
    settings = [
        dict(zip(inner, chosen, strict=True))
        for chosen in itertools.product(_inner_numbers(tree), repeat=len(inner))
    ]
    vectors = np.array([
        family.vector(**setting, **{name: 1.0}) for setting in settings for name in outer
    ])  # fmt: skip
    columns = _values(family, vectors, points).reshape(len(settings), len(outer), _POINTS)
    # The simplest first: what needs no number inside of anything has none.
    order = sorted(range(len(settings)), key=lambda i: sum(map(bool, settings[i].values())))
    for place in order:
        factors = _factors(columns[place], due)
        if factors is not None:
            return Described(
                family, family.vector(**settings[place], **dict(zip(outer, factors, strict=True)))
            )
    return None


def _factors(columns: Array, due: Array) -> list[float] | None:
    """By which the columns add up to what is due; None where they do not.

    A column that others add up to is left out.
    """
    used: list[int] = []
    for place in range(len(columns)):
        tried = [*used, place]
        if np.linalg.matrix_rank(columns[tried], tol=_CLOSE) == len(tried):
            used = tried
    found = np.zeros(len(columns))
    if used:
        found[used] = np.linalg.lstsq(columns[used].T, due, rcond=None)[0]
    found = np.round(found, 6)
    room = _CLOSE * (1 + np.max(np.abs(due)))
    return found.tolist() if np.max(np.abs(found @ columns - due)) <= room else None


def _values(family: Family, vectors: Array, points: Sequence[Array]) -> Array:
    import jax

    cpu = jax.local_devices(backend="cpu")[0]
    with jax.enable_x64(True), jax.default_device(cpu):
        at_points = jax.vmap(family.evaluate, in_axes=(None, *([0] * len(points))))
        each = jax.jit(jax.vmap(at_points, in_axes=(0, *([None] * len(points)))))
        return np.asarray(each(vectors.astype(np.float64), *points))


def _points(family: Family) -> list[Array]:
    generator = np.random.default_rng(0)
    return [
        generator.uniform(-2, 2, (_POINTS, *([_LENGTH] * rank))) for rank in family.ranks
    ]  # fmt: skip


def _named(points: Sequence[Array], family: Family) -> dict[str, Any]:
    """What the names in a formula stand for."""
    known: dict[str, Any] = {}
    for names in (family.parameters, *family.names):
        known |= dict(zip(names, points, strict=True))
    for name, point in list(known.items()):
        if np.ndim(point) == 2:
            known["i"] = np.arange(1.0, _LENGTH + 1)
            known |= {f"{name}_i": point, **{f"{name}_{k}": point[:, k] for k in range(_LENGTH)}}
            known[f"{name}_before"] = np.roll(point, 1, axis=1)
    return known


def _inner_numbers(tree: ast.expr) -> list[float]:
    """What may stand inside of sin, exp and the like: 0, 1, and what the formula says."""
    constants = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)]
    said = dict.fromkeys(float(one) for one in constants if isinstance(one, int | float))
    told = [one for one in said if one not in (0, 1, 2)][:_MOST_INNER]
    roots = [float(np.sqrt(abs(one))) for one in told]
    signed = [1.0, 2.0, *told, *(root for root in roots if root not in told)]
    return [0.0, *signed[: _MOST_INNER + 2], -1.0, *(-one for one in told)]


def _parsed(text: str, family: Family) -> ast.expr:
    """A formula's tree; what stands side by side is multiplied."""
    if len(text) > _LONGEST:
        raise FormulaError(f"a formula has at most {_LONGEST} characters")
    # As the grader writes them: a sum over i takes what follows, and p is a polynomial.
    plain = re.sub(r"\bp\(x\)", "(p_0 + p_1 x + p_2 x^2)", text.partition(" with ")[0])
    plain = re.sub(r"\b([a-z])_\(i-1\)", r"\1_before", plain)
    plain = re.sub(r"sum_i\s+((?:[^-+()]|\^)+)", r"sum(\1)", plain)
    plain = re.sub(r"^\s*\w+\([\w, ]*\)\s*=", "", plain)  # f(x) =
    tokens, place = [], 0
    while place < len(plain.rstrip()):
        found = _TOKEN.match(plain, place)
        if found is None:
            raise FormulaError(f"the formula {text!r} cannot be read at {plain[place:].strip()!r}")
        tokens.append(found[1])
        place = found.end()
    words: list[str] = []
    for token, after in itertools.zip_longest(tokens, tokens[1:]):
        if words and _ends(words[-1]) and (token == "(" or token[0].isalnum() or token[0] in "_."):
            words.append("*")
        words.append("**" if token == "^" else token)
        if token in _FUNCTIONS and after != "(":
            if len(family.parameters) > 1:
                raise FormulaError(f"the formula {text!r} does not say of what {token} is taken")
            words.append(f"({family.parameters[0]})")  # sin alone
    try:
        return ast.parse(" ".join(words), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"the formula {text!r} cannot be read: write it like x^2 + 1") from None


def _ends(word: str) -> bool:
    """Whether something that is multiplied may end there."""
    return word not in _FUNCTIONS and (word[-1].isalnum() or word[-1] in ")._")


def _evaluated(node: ast.expr, known: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return np.float64(value)  # which overflows without a word
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            raise FormulaError(f"there is no {name} in it; there are {', '.join(known)}")
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_evaluated(operand, known))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            pair = _evaluated(left, known), _evaluated(right, known)
            pair = tuple(one[:, None] if _is_short(one, *pair) else one for one in pair)
            return _OPERATIONS[type(op)](*pair)
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_evaluated(argument, known))
    raise FormulaError(f"a formula is made of + - * / ^ and {', '.join(_FUNCTIONS)}")


def _is_short(one: Any, *pair: Any) -> bool:
    """Whether it is a number of each point, beside something that is a vector of each."""
    return np.shape(one) == (_POINTS,) and max(map(np.ndim, pair)) == 2
