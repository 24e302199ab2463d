"""Near names of exercises: one rule, whoever looks."""

from __future__ import annotations

import pytest
from jaxercise.submission.filenames import meant, rank

EXERCISES = ["01_vmap", "02_grad_vs_cos", "03_second_derivative"]


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("01_vmap.py", "01_vmap.py"),
        ("01_vmap.ipynb", "01_vmap.ipynb"),
        ("Copy of 01_vmap.ipynb", "01_vmap.ipynb"),
        ("Kopie von 01_vmap.ipynb", "01_vmap.ipynb"),
        ("01_vmap (1).py", "01_vmap.py"),
        ("01_vmap(12).ipynb", "01_vmap.ipynb"),
        ("01_vmap - Copy.py", "01_vmap.py"),
        ("01_vmap-Copy1.ipynb", "01_vmap.ipynb"),
        ("01_vmap-2.py", "01_vmap.py"),
        ("01_vmap_smith.py", "01_vmap.py"),
        ("eve_01_vmap.py", "01_vmap.py"),
        ("01_VMAP.PY", "01_vmap.py"),
        ("01-vmap.py", "01_vmap.py"),
        ("01 vmap final.ipynb", "01_vmap.ipynb"),
        ("01_vmap.py.txt", "01_vmap.py"),
        ("01_vmap.ipynb.json", "01_vmap.ipynb"),
        ("02_grad_vs_cos_v3 (2).py", "02_grad_vs_cos.py"),
        ("Copie de 01_vmap.ipynb", "01_vmap.ipynb"),
        ("Copy of Copy of 01_vmap.ipynb", "01_vmap.ipynb"),
        ("01_vmap (Ana's conflicted copy 2026-11-01).py", "01_vmap.py"),
        ("01_vmap copy 2.py", "01_vmap.py"),
        ("01_vmap-checkpoint.ipynb", "01_vmap.ipynb"),
        ("01_vmap.ipynb.py", "01_vmap.py"),
        ("01_vmap.py.ipynb", "01_vmap.ipynb"),
        ("01_vmap.py.download", "01_vmap.py"),
        ("01_vmap.ipynb (1)", "01_vmap.ipynb"),
        ("01_vmap.py?forcedownload=1", "01_vmap.py"),
        ("01_vmap", "01_vmap.py"),
        ("01_vmap.txt", "01_vmap.py"),
        ("01_vmap.json", "01_vmap.py"),
        ("01_vmap.py ", "01_vmap.py"),
        ("01_vmap\n.py", "01_vmap.py"),
        ("01_vmap\u200b.py", "01_vmap.py"),
        ("01\u2013vmap.py", "01_vmap.py"),
        ("01_vmap\u00a0(1).py", "01_vmap.py"),
        ("\uff10\uff11_vmap.py", "01_vmap.py"),
    ],
)
def test_near_names_are_understood(name: str, due: str) -> None:
    """Copies, additions, capitals and endings that were put behind."""
    understood = meant(name, EXERCISES)
    assert understood is not None
    assert understood.name == due
    assert understood.exact == (name == due)


@pytest.mark.parametrize(
    "name",
    [
        *("01_vmap.docx", "01_vmap.html", "01_vmap.ipynb - Colaboratory.pdf", "01_vmap.py.lnk"),
        *("about 01_vmap.txt", "01_vmap_data.json", "01_vmap.gdoc", "01_vmap.qmd", "vmap.txt"),
        "01_vmap.pdf",
        "101_vmap.py",
        "01_vmapping.py",
        "01_vmap_02_grad_vs_cos.py",
    ],
)
def test_other_names_are_not(name: str) -> None:
    """Neither what only looks alike, nor what names two exercises."""
    assert meant(name, EXERCISES) is None


def test_what_was_worked_on_comes_first() -> None:
    """Of a whole course, its exercises; solutions come last."""
    assert rank(["kit", "exercises"]) < rank(["kit", "hw1"]) < rank(["kit", "solutions"])
