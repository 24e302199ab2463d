"""The wire: what is sent arrives, and nothing that a stranger sends does more than be refused."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pickle
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jaxercise
import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from jaxercise.sandboxed.families import FAMILIES, Described, Family
from jaxercise.sandboxed.wire import frames
from jaxercise.sandboxed.wire.frames import MAX_BLOCK, MAX_HEADER, ClosedError, ProtocolError
from jaxercise.sandboxed.wire.values import (
    DTYPES,
    MAX_DEPTH,
    MAX_ITEMS,
    Key,
    Opaque,
    decode_arguments,
    decode_result,
    encode,
    printable,
)
from jaxercise.workers import runner
from needs import NIGHTLY

Array = npt.NDArray[Any]

#: For what meets random input: many examples, none of them slow.
MANY = settings(max_examples=3000 if NIGHTLY else 300, suppress_health_check=[HealthCheck.too_slow])

# Any text that JSON can carry, lone surrogates too: a stranger chooses it.
TEXTS = st.text(st.characters(), max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
#: What is carried by arrays of other dtypes.
CARRIED = ("bfloat16", "complex64", "complex128")
ARRAYS = st.sampled_from(sorted(DTYPES - {*CARRIED})).flatmap(
    lambda dtype: hnp.arrays(dtype, SHAPES)
)
OTHERS = (
    hnp.arrays(np.uint16, SHAPES).map(lambda array: array.view(ml_dtypes.bfloat16))
    | hnp.arrays(np.complex64, SHAPES, elements=st.complex_numbers(allow_nan=False, width=64))
    | hnp.arrays(np.complex128, SHAPES, elements=st.complex_numbers(allow_nan=False))
)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe: where to read, where to write. A test may close either end."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def received(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `receive` makes of these bytes followed by the end of the file."""
    read, write = os.pipe()
    try:
        os.write(write, data)  # at most 64 KiB, which a pipe holds
        os.close(write)
        return frames.receive(read)
    finally:
        os.close(read)


def frame(head: bytes, block: bytes) -> bytes:
    return struct.pack("<II", len(head), len(block)) + head + block


def safetensors(header: dict[str, Any], data: bytes) -> bytes:
    """A safetensors block that is put together by hand."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def same(one: Any, other: Any) -> bool:
    """Equal in type and bits: NaN equals NaN, 0 differs from -0, True differs from 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, Described):
        return one.family is other.family and same(one.coefficients, other.coefficients)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return repr(one) == repr(other)


# What is sent arrives


@given(
    st.dictionaries(TEXTS, JSON, max_size=3),
    st.lists(ARRAYS, max_size=3).map(lambda found: {str(i): a for i, a in enumerate(found)}),
)
def test_a_frame_arrives_as_it_was_sent(header: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Header and arrays come out of a pipe as they went in, to the bit."""
    read, write = os.pipe()
    try:
        frames.send(write, header, arrays)
        got_header, got_arrays = frames.receive(read)
    finally:
        os.close(read)
        os.close(write)
    assert same(got_header, header)
    assert same(got_arrays, arrays)


def test_frames_come_one_after_the_other(pipe: tuple[int, int]) -> None:
    """A frame ends where the next one begins."""
    read, write = pipe
    for number in range(3):
        frames.send(write, {"number": number}, {"x": np.full(number, 0.5)})
    for number in range(3):
        header, arrays = frames.receive(read)
        assert header == {"number": number}
        assert same(arrays, {"x": np.full(number, 0.5)})


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::3],
        np.arange(3.0)[::-1],
        np.broadcast_to(np.float32(2), (3, 2)),
    ],
    ids=["transposed", "every third", "backwards", "broadcast"],
)
def test_an_array_that_is_a_view_arrives_as_what_it_shows(array: Array) -> None:
    """Strides are no matter: the entries arrive in their order."""
    _, arrays = frames.unpack(*frames.pack({}, {"x": array}))
    assert np.array_equal(arrays["x"], array)


def test_an_array_that_has_arrived_is_plain() -> None:
    """What arrives is an `np.ndarray` and no subclass of it."""
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    _, arrays = frames.unpack(*frames.pack({}, {"x": masked}))
    assert type(arrays["x"]) is np.ndarray


MEMBERS = st.sampled_from(sorted(FAMILIES.values(), key=lambda family: family.name)).flatmap(
    lambda family: hnp.arrays(
        np.float32, len(family.coefficients), elements=st.floats(-4, 4, width=32)
    ).map(lambda coefficients: Described(family, coefficients))
)
KEYS = st.builds(Key, st.integers(0, 2**32 - 1), st.booleans())


ARGUMENTS = st.recursive(
    ARRAYS | OTHERS | MEMBERS | KEYS | st.integers() | st.floats() | st.booleans() | TEXTS
    | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS.map(printable), inner, max_size=3)
    ),
    max_leaves=4,
)  # fmt: skip


@given(st.lists(ARGUMENTS, max_size=3).map(tuple).filter(lambda one: depth(one) <= MAX_DEPTH))
def test_arguments_arrive_as_they_were_sent(arguments: tuple[Any, ...]) -> None:
    """Trees of arrays, numbers, texts, described functions and keys come back from their frame."""
    arrays: dict[str, Array] = {}
    sent = encode(arguments, arrays)
    header, got = frames.unpack(*frames.pack({"arguments": sent}, arrays))
    assert same(decode_arguments(header["arguments"], got), arguments)


@pytest.mark.parametrize("value", [{1}, len, object(), b"bytes", 1j, np.array([None])])
def test_other_arguments_are_a_fault_of_the_property(value: object) -> None:
    """What is no array, number, text, function of a family or key cannot be passed."""
    with pytest.raises(TypeError, match=f"{type(value).__name__} cannot be passed"):
        encode(({"a": [value]},), {})


def test_nothing_that_only_the_judge_sends_can_be_answered() -> None:
    """A function or a key in an answer is refused: it would be taken for the judge's own."""
    for value in (Key(3, True), Described(FAMILIES["scalar"], np.zeros(9, np.float32))):
        arrays: dict[str, Array] = {}
        with pytest.raises(ProtocolError):
            decode_result(encode([value], arrays), arrays)


LEAVES = (
    ARRAYS
    | OTHERS
    | st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats()
    | TEXTS.map(printable)
    | st.builds(Opaque, TEXTS.map(printable))
)
RESULTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS.map(printable), inner, max_size=3)
    ),
    max_leaves=6,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(value, list | tuple | dict) else 0


@pytest.mark.parametrize("kind", ["text", "other"])
def test_no_text_can_command_a_terminal(kind: str) -> None:
    """Control characters in a returned text or a type's name arrive as blanks."""
    got = decode_result({kind: "\x1b[31mred\x07\u202e"}, {})
    assert (got if kind == "text" else got.type_name) == " [31mred  "


@given(RESULTS.filter(lambda value: depth(value) <= MAX_DEPTH))
def test_results_arrive_as_they_were_sent(value: Any) -> None:
    """Nested tuples, lists and dicts of arrays, scalars and names come back from their frame."""
    arrays: dict[str, Array] = {}
    result = encode(value, arrays)
    header, got = frames.unpack(*frames.pack({"result": result}, arrays))
    assert same(decode_result(header["result"], got), value)


def test_long_texts_are_cut() -> None:
    """No text of a student's is longer than what one reads, whichever side does the cutting."""
    assert decode_result(encode("a" * 5000, {}), {}) == "a" * 2000
    assert decode_result({"text": "a" * 5000}, {}) == "a" * 2000
    assert decode_result(encode(Opaque("a" * 5000), {}), {}) == Opaque("a" * 200)
    assert decode_result({"other": "a" * 5000}, {}) == Opaque("a" * 200)


# What does not arrive


GOOD = frame(*frames.pack({"ask": "call", "n": 3}, {"0": np.arange(5.0)}))


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_frame_cut_short_is_the_end(length: int) -> None:
    """A frame that ends too early, wherever, is an other side that is gone."""
    with pytest.raises(ClosedError):
        received(GOOD[:length])


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("by", [-20, -8, -1, 1, 8])
def test_a_wrong_length_is_refused(which: int, by: int) -> None:
    """Lengths that are not those of the parts make no frame."""
    lengths = list(struct.unpack("<II", GOOD[:8]))
    lengths[which] = max(0, lengths[which] + by)
    data = struct.pack("<II", *lengths) + GOOD[8:]
    with pytest.raises((ProtocolError, ClosedError)):
        received(data)


@pytest.mark.parametrize(
    ("head", "block"),
    [(MAX_HEADER + 1, 0), (0, MAX_BLOCK + 1), (2**32 - 1, 2**32 - 1), (2, 2**31)],
)
def test_an_oversize_frame_is_refused_by_its_lengths(head: int, block: int) -> None:
    """Nothing is read of a frame that is too large: its two lengths are enough."""
    # Were the parts asked for, the end of the file would be met: another error.
    with pytest.raises(ProtocolError, match="too large"):
        received(struct.pack("<II", head, block))


def test_the_largest_frame_is_waited_for() -> None:
    """Lengths that are just allowed are no reason to refuse."""
    with pytest.raises(ClosedError):
        received(struct.pack("<II", MAX_HEADER, MAX_BLOCK))


def test_an_oversize_message_is_not_sent(pipe: tuple[int, int]) -> None:
    """What the other side would refuse is refused here, and nothing of it is written."""
    read, write = pipe
    with pytest.raises(ProtocolError, match="too large"):
        frames.send(write, {}, {"x": np.zeros(MAX_BLOCK + 1, np.uint8)})
    with pytest.raises(ProtocolError, match="too large"):
        frames.send(write, {"text": "a" * MAX_HEADER}, {})
    os.set_blocking(read, False)
    with pytest.raises(BlockingIOError):
        os.read(read, 1)


def test_sending_to_nobody_is_the_end(pipe: tuple[int, int]) -> None:
    """Where the other side has closed its end, sending and receiving say so."""
    read, write = pipe
    os.close(read)
    with pytest.raises(ClosedError):
        frames.send(write, {}, {})
    with pytest.raises(ClosedError):
        frames.receive(read)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b"3",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{}{}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda head: repr(head[:9]),
)
def test_a_header_that_is_no_object_is_refused(head: bytes) -> None:
    """The header is a JSON object, and neither too deep nor too large a number breaks that."""
    with pytest.raises(ProtocolError):
        frames.unpack(head, frames.pack({}, {})[1])


def tensor(dtype: str, shape: list[int], first: int, last: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\0" * 7,
        b"\xff" * 64,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10**9) + b"{}",
        pickle.dumps({"a": np.zeros(2)}),
        safetensors({"a": tensor("F32", [2**40], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F32", [2**62, 4], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F32", [-2], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F32", [3], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F32", [2], 0, 2**50)}, bytes(8)),
        safetensors({"a": tensor("F32", [2], 8, 0)}, bytes(8)),
        safetensors({"a": tensor("F32", [2], 0, 8), "b": tensor("F32", [2], 4, 12)}, bytes(12)),
        safetensors({"a": tensor("F32", [2], 0, 8), "b": tensor("F32", [2], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F32", [2], 0, 8)}, bytes(16)),
        safetensors({"a": tensor("O", [1], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("object", [1], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("BF16", [4], 0, 8)}, bytes(8)),
        safetensors({"a": tensor("F8_E5M2", [8], 0, 8)}, bytes(8)),
        safetensors({"a": 5}, b""),
        safetensors({"__metadata__": {"a": 5}}, b""),
    ],
    ids=range(21),
)
def test_a_block_that_is_no_plain_arrays_is_refused(block: bytes) -> None:
    """Shape bombs, overlaps, gaps, object dtypes, pickles: no array comes of them."""
    with pytest.raises(ProtocolError):
        frames.unpack(b"{}", block)


def refused_or(errors: tuple[type[Exception], ...], ask: Callable[[], Any]) -> None:
    """Ask; any exception but these, an AttributeError say, fails the test that does."""
    with contextlib.suppress(*errors):
        ask()


@MANY
@given(st.binary(max_size=200))
def test_random_bytes_are_no_frame(data: bytes) -> None:
    """Random bytes are refused by a ProtocolError or a ClosedError and nothing else."""
    with pytest.raises((ProtocolError, ClosedError)):
        received(data)


@MANY
@given(st.binary(max_size=60), st.binary(max_size=100))
def test_random_parts_are_no_frame(head: bytes, block: bytes) -> None:
    """Right lengths around random bytes are refused by a ProtocolError."""
    with pytest.raises(ProtocolError):
        received(frame(head, block))


@MANY
@given(st.integers(8, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_does_no_harm(place: int, by: int) -> None:
    """A good frame with one byte changed is another frame, or refused by a ProtocolError."""
    data = bytearray(GOOD)
    data[place] = (data[place] + by) % 256
    refused_or((ProtocolError,), lambda: received(bytes(data)))


# Values that a stranger describes


def nested(levels: int, kind: str = "tuple") -> Any:
    item: Any = {"NoneType": "None"}
    for _ in range(levels):
        item = {kind: {"inner": item} if kind == "dict" else [item]}
    return item


@pytest.mark.parametrize("kind", ["tuple", "list", "dict"])
def test_a_result_nested_too_deep_is_refused(kind: str) -> None:
    """MAX_DEPTH levels are taken, one more is not, and any number of them breaks nothing."""
    assert depth(decode_result(nested(MAX_DEPTH, kind), {})) == MAX_DEPTH
    for levels in (MAX_DEPTH + 1, 500):
        with pytest.raises(ProtocolError, match="nested"):
            decode_result(nested(levels, kind), {})


def test_a_result_of_too_many_parts_is_refused() -> None:
    """The parts are counted over all levels."""
    none = {"NoneType": "None"}
    assert len(decode_result({"list": [none] * (MAX_ITEMS - 1)}, {})) == MAX_ITEMS - 1
    with pytest.raises(ProtocolError, match="too many parts"):
        decode_result({"list": [none] * MAX_ITEMS}, {})
    half = {"tuple": [none] * (MAX_ITEMS // 2)}
    with pytest.raises(ProtocolError, match="too many parts"):
        decode_result({"tuple": [half, half]}, {})


KINDS = st.sampled_from(
    [
        "tuple",
        "list",
        "dict",
        "array",
        "bfloat16",
        "complex64",
        "function",
        "key",
        "figure",
        "text",
        "other",
        "float",
        "int",
        "bool",
        "NoneType",
        "set",
    ]
)
#: Nearly right: the kinds are there, what they hold is anything.
DESCRIBED = st.recursive(
    JSON,
    lambda inner: (
        st.dictionaries(KINDS, inner | st.lists(inner, max_size=3), min_size=1, max_size=1)
        | st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


@MANY
@given(DESCRIBED)
@example({"dict": []})
@example({"dict": 5})
@example({"array": []})
@example({"array": "7"})
@example({"int": "1e5"})
@example({"int": 10**50})
@example({"float": 10**400})
@example({"text": ["a"]})
def test_a_result_described_wrongly_is_refused(item: Any) -> None:
    """Whatever stands in a result's place, the judge makes plain values of it or refuses it."""
    refused_or((ProtocolError,), lambda: decode_result(item, {"0": np.zeros(2)}))


FRAMES = st.fixed_dictionaries({"file": JSON, "line": JSON, "code": JSON}) | JSON
EXCEPTIONS = JSON | st.fixed_dictionaries(
    {
        "type": JSON,
        "message": JSON,
        "frames": st.lists(FRAMES, max_size=2) | JSON,
        "not_implemented": JSON,
        "memory": JSON,
    }
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "result": DESCRIBED,
        "calls": st.lists(st.integers() | JSON, max_size=2) | JSON,
        "deleted": JSON,
        "error": EXCEPTIONS,
        "names": st.lists(JSON, max_size=2) | JSON,
        "errors": st.lists(EXCEPTIONS, max_size=2) | JSON,
        "equations": st.lists(st.integers(), max_size=3) | JSON,
        "events": JSON,
    },
)


def exception(line: Any) -> dict[str, Any]:
    frames_ = [{"file": "a.py", "line": line, "code": "f(x)"}]
    return {
        "type": "ValueError",
        "message": "no",
        "frames": frames_,
        "not_implemented": False,
        "memory": False,
    }


@MANY
@given(ANSWERS)
@example({"error": exception(float("inf"))})
@example({"error": exception(float("nan"))})
@example({"error": exception(None)})
@example({"errors": [exception([])], "names": []})
@example({"error": None})
@example({"names": [[]], "errors": [None]})
@example({"calls": [None]})
def test_an_answer_of_any_form_is_taken_or_refused(header: dict[str, Any]) -> None:
    """Whatever a worker answers, the judge makes plain data of it or refuses it."""
    refused_or((ProtocolError,), lambda: runner.loaded(header))
    refused_or((ProtocolError,), lambda: runner.reply(header, {}))
    refused_or((ProtocolError,), lambda: runner.scaling(header))


def test_the_examples_above_are_otherwise_right() -> None:
    """An exception that is described well arrives whole."""
    reply = runner.reply({"error": exception(3)}, {})
    assert reply.raised == runner.Raised("ValueError", "no", (("a.py", 3, "f(x)"),))


# Nothing is pickled


def test_no_module_of_the_boundary_knows_pickle() -> None:
    """Neither the wire nor the worker imports what could make an object of bytes."""
    forbidden = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "multiprocessing"}
    engine = Path(str(jaxercise.__file__)).parent
    files = [file for part in ("sandboxed", "workers") for file in (engine / part).rglob("*.py")]
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]}
            else:
                continue
            assert not names & forbidden, file


def test_no_object_travels() -> None:
    """An array of objects cannot be sent, with or without a pickle inside."""
    from safetensors import SafetensorError

    with pytest.raises((SafetensorError, ProtocolError, TypeError)):
        frames.pack({}, {"x": np.array([len, {}], object)})


class Bomb:
    """What would say so, were it unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("unpickled",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_wherever_it_stands(protocol: int) -> None:
    """A pickle in place of a header, of a block or of a frame does not come to life."""
    bomb = pickle.dumps(Bomb(), protocol)
    head, block = frames.pack({}, {})
    for data in (frame(bomb, block), frame(head, bomb), bomb + bytes(64)):
        with pytest.raises((ProtocolError, ClosedError)):
            received(data)


def test_a_family_is_looked_up_by_its_name_only() -> None:
    """A function on the wire is one of the families: no other name leads anywhere."""
    for family in FAMILIES.values():
        assert isinstance(family, Family)
        item = {"function": [family.name, "0"]}
        assert decode_arguments(item, {"0": family.vector()}).family is family
    with pytest.raises(KeyError):
        decode_arguments({"function": ["os.system", "0"]}, {"0": np.zeros(1)})
