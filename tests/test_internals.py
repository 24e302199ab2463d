"""What leans on JAX's internals stands in one module; the installed JAX has all of it."""

from __future__ import annotations

import ast
from pathlib import Path

import jax
import pytest
from jaxercise.processes import HOME
from jaxercise.sandboxed import internals
from jaxercise.sandboxed.internals import PARTS, Part

ENGINE = HOME / "jaxercise"
MODULE = ENGINE / "sandboxed" / "internals.py"
#: Modules of JAX's that promise nothing, or less than the rest. `jax.core` has a few public names.
INTERNAL = ("jax._src", "jax.core", "jax.extend", "jax.interpreters", "jax.lib", "jaxlib")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name.partition(":")[0])
def test_the_installed_jax_has_what_the_kit_leans_on(part: Part) -> None:
    assert part.check()


def test_every_part_of_the_module_is_checked() -> None:
    """Each public name of it stands in the name of a part."""
    told = {name for part in PARTS for name in part.name.partition(":")[0].split(", ")}
    tree = ast.parse(MODULE.read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    own = {"PARTS", "missing"}
    assert told == {name for name in defined if not name.startswith("_")} - own


def internals_used(path: Path) -> list[str]:
    """What a file uses of JAX's insides: modules, also by attribute, and private names."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module), level=0):
                names = [f"{module}.{alias.name}" for alias in node.names]
            case ast.Attribute():
                names = [ast.unparse(node)]
            case ast.Constant(value=str(text)) if text.startswith(INTERNAL) and " " not in text:
                names = [text]
            case _:
                continue
        found += [
            name
            for name in names
            if f"{name}.".startswith(tuple(f"{one}." for one in INTERNAL))
            or (name.startswith("jax.") and "._" in name)
        ]
    return found


def test_no_other_module_leans_on_them() -> None:
    assert internals_used(MODULE)
    used = {path: internals_used(path) for path in ENGINE.rglob("*.py") if path != MODULE}
    # Of `jaxlib` the version is asked, nothing else.
    assert {
        p.relative_to(ENGINE).as_posix() for p, names in used.items() if {*names} - {"jaxlib"}
    } == set()


def test_what_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener's event by another name, and a class that is somewhere else."""
    assert internals.missing() == []
    monkeypatch.setattr(internals, "_TRACED", "/jax/another/name")
    monkeypatch.delattr(jax.core, "Tracer")
    assert [one.partition(":")[0] for one in internals.missing()] == ["is_tracer", "traces"]


def test_a_part_that_decides_nothing_may_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internals, "LOWERING_MODULES", ("jax.nowhere",))
    (part,) = [part for part in PARTS if part.name.startswith("LOWERING")]
    assert not part.holds()
    assert internals.missing() == []
