"""A student at work in JupyterLab: a wrong answer, its check, the right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import jupyter, missing, opened
from jaxercise.authoring.pack.notebooks import notebook_text
from jaxercise.claims.loading import load_exercise
from needs import need
from running import COURSE, ROOT

NAME = "02_grad_vs_cos"
WRONG, RIGHT = "    return jax.vmap(f)(x)", "    return jax.vmap(jax.grad(f))(x)"


@pytest.fixture(autouse=True)
def browser() -> None:
    need("browser", missing())


@pytest.mark.nightly
def test_a_wrong_answer_is_explained_and_a_right_one_passes(tmp_path: Path) -> None:
    """The check under a function says which misconception it sees, and then that all is well."""
    folder, home, shots = (tmp_path / name for name in ("course", "home", "shots"))
    for path in (folder, home, shots):
        path.mkdir()
    script = (ROOT / "exercises" / f"{NAME}.py").read_text(encoding="utf-8")
    text = notebook_text(script, load_exercise(COURSE, NAME).functions)
    (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    with jupyter(folder, home) as address, opened(address, f"{NAME}.ipynb") as notebook:
        notebook.run(notebook.code_cell("import jax.numpy as jnp"))
        cell, check = (
            notebook.code_cell("def derivative("),
            notebook.code_cell('check("derivative")'),
        )
        stub = notebook.source(cell)
        assert "raise NotImplementedError" in stub

        notebook.fill(cell, stub.replace("    raise NotImplementedError", WRONG))
        notebook.run(cell)
        notebook.run(check)
        said = notebook.output(check)
        notebook.page.screenshot(path=shots / "wrong.png")
        assert "0 / 5" in said
        assert "Likely cause: This returns f itself at every entry" in said
        assert check.locator(".jp-OutputArea b", has_text="Likely cause").count() == 1  # HTML

        notebook.fill(cell, stub.replace("    raise NotImplementedError", RIGHT))
        notebook.run(cell)
        notebook.run(check)
        said = notebook.output(check)
        notebook.page.screenshot(path=shots / "right.png")
        assert "5 / 5" in said
        assert "All of its claims hold." in said

        table = notebook.code_cell("check_all()")
        notebook.run(table)
        table.scroll_into_view_if_needed()
        notebook.page.screenshot(path=shots / "table.png")
        assert "5 / 14" in notebook.output(table)
