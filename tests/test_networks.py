"""A second course, `tests/courses/networks`: all that serves the first serves it as well.

On each commit two of its solutions are graded; nightly all and its stubs are, every exercise is
certified, and the course is taken through a wheel, a pack and nbgrader in folders elsewhere.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from environments import Environment
from jaxercise.authoring.build import differences
from jaxercise.authoring.certify import certify
from jaxercise.authoring.certify.report import claims
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.bodies import right, wrong
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.sandbox.selftest import check_machine
from needs import NIGHTLY
from outside import Notebook, graded_term, installed_wheel, scores
from running import ROOT, grade, property_files

NETWORKS = Course.at(ROOT / "tests" / "courses" / "networks")
NAMES = NETWORKS.names()
each_exercise = pytest.mark.parametrize("name", NAMES)
#: A wrong answer among right ones: the points that it leaves, by function.
FLAWED = {
    "levels": (
        "def levels(start, flows, capacity):\n"
        "    return jnp.clip(start + jnp.cumsum(flows), 0.0, capacity)\n"
    ),
    "points": (
        "def points(key, n):\n"
        "    place, weight = jax.random.normal(key, (n, 2)), jax.random.uniform(key, n)\n"
        '    return {"place": place, "weight": weight}\n'
    ),
}


def of(name: str) -> dict[str, float]:
    """The points of an exercise's functions."""
    found: dict[str, float] = {}
    for claim in load_exercise(NETWORKS, name).claims:
        function = f"{name}.{claim.function.name}"
        found[function] = found.get(function, 0) + claim.points
    return found


FULL = {function: points for name in NAMES for function, points in of(name).items()}


def flawed(folder: Path) -> dict[str, float]:
    """Solutions with the flawed functions in a folder, and what they deserve."""
    folder.mkdir()
    for name in NAMES:
        text = NETWORKS.solution(name).read_text()
        more = [code for one, code in FLAWED.items() if f"{name}.{one}" in FULL]
        (folder / f"{name}.py").write_text("\n\n# %%\n".join([text, *more]))
    return {one: 0 if one.partition(".")[2] in FLAWED else points for one, points in FULL.items()}


def test_it_is_as_large_as_a_course() -> None:
    """Of at least 14 functions, with four right and four wrong answers each, and built."""
    assert len(FULL) >= 14
    for name in NAMES:
        for function in load_exercise(NETWORKS, name).functions:
            for bodies in (right(NETWORKS, name), wrong(NETWORKS, name)):
                assert sum(one.function == function for one in bodies) >= 4, (function, bodies)
    assert not differences(NETWORKS.solutions, NETWORKS.exercises)


def test_no_line_of_the_engine_is_there_for_it() -> None:
    """None knows an exercise of it by name, or a function with a name of its own."""
    functions = (one.partition(".")[2] for one in FULL)
    names = [*NAMES, *(one for one in functions if "_" in one)]
    for path in (ROOT / "autograder" / "jaxercise").rglob("*.py"):
        text = path.read_text()
        assert not [name for name in names if name in text], path


def test_solutions_earn_everything_and_stubs_nothing(tmp_path: Path) -> None:
    """And a flawed answer loses its own points alone, to the cause that is named."""
    if NIGHTLY:
        assert grade(None, root=NETWORKS.root).scores == dict.fromkeys(FULL, 0)
    due = flawed(tmp_path / "flawed")
    graded = NAMES if NIGHTLY else ["01_jit", "02_keys"]  # in which the flawed ones are
    ran = grade(tmp_path / "flawed", root=NETWORKS.root, what=property_files(graded))
    assert ran.scores == {one: due[one] for one in due if one.partition(".")[0] in graded}
    assert "All flows are summed up first" in ran.feedback("01_jit.levels")
    assert "Both are drawn with the same key" in ran.feedback("02_keys.points")


@pytest.mark.nightly
@each_exercise
def test_every_claim_is_needed_and_enough(name: str, workers: PatientWorkers) -> None:
    """Certified without exception; of random answers it is told what is seen."""
    certificate = certify(NETWORKS, name, workers)
    assert not certificate.violations()
    assert len(certificate.named("right")) >= 0.9 * len(certificate.wrong)
    random = name in ("02_keys", "04_network")
    assert ("seen in 99 of 100 runs" in "\n".join(claims(certificate))) == random


# In a folder elsewhere, with a wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[test]'")
    return installed_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course."""
    place = tmp_path_factory.mktemp("elsewhere") / "networks"
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(NETWORKS.root, place, ignore=leave_out)
    return place


@pytest.mark.nightly
def test_a_wheel_grades_it_and_so_does_its_pack(
    wheel: Environment, course: Path, tmp_path: Path
) -> None:
    """The same scores; the pack holds no solution."""
    due = flawed(tmp_path / "flawed")
    assert scores(wheel, course, tmp_path / "flawed") == due
    wheel.ok("jaxercise", "pack", str(tmp_path / "pack.zip"), "--course", str(course), cwd=tmp_path)
    with zipfile.ZipFile(tmp_path / "pack.zip") as file:
        file.extractall(tmp_path)
    pack = tmp_path / "jaxercise"
    assert not (pack / "solutions").exists()
    assert scores(wheel, pack, tmp_path / "flawed") == due
    assert scores(wheel, pack, pack / "exercises") == dict.fromkeys(FULL, 0)


@pytest.mark.nightly
def test_a_term_with_nbgrader(wheel: Environment, course: Path, tmp_path: Path) -> None:
    """Ada hands in the solutions, Bob with what is flawed in them, Cem what he got."""

    def solved(name: str, notebook: Notebook, answers: Notebook) -> None:
        for cell in notebook["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            if about.get("solution"):
                cell["source"] = next(
                    one["source"]
                    for one in answers["cells"]
                    if one["metadata"].get("nbgrader", {}).get("grade_id") == about["grade_id"]
                )

    def nearly_solved(name: str, notebook: Notebook, answers: Notebook) -> None:
        solved(name, notebook, answers)
        for cell in notebook["cells"]:
            for function, code in FLAWED.items():
                if f"def {function}(" in "".join(cell["source"]):
                    cell["source"] = code

    def nothing(name: str, notebook: Notebook, answers: Notebook) -> None:
        pass

    students: dict[str, Any] = {"ada": solved, "bob": nearly_solved, "cem": nothing}
    which = ("--assignment", "programs")
    folder = graded_term(
        wheel, course, which[1], students, tmp_path, sandbox=check_machine().ok, options=which
    )
    with (folder / "scores.csv").open() as file:
        found: dict[str, float] = Counter()
        for row in csv.DictReader(file):
            found[row["student"]] += float(row["points"])
    whole = sum(of("01_jit").values()) + sum(of("02_keys").values())
    lost = FULL["01_jit.levels"] + FULL["02_keys.points"]
    assert found == {"ada": whole, "bob": whole - lost, "cem": 0}
