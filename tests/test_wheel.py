"""A wheel of this checkout, installed alone, serves a course that lies elsewhere.

In its environment nothing can be read from this checkout (`environments.py`).
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from environments import Environment
from jaxercise.sandbox.selftest import check_machine
from needs import NIGHTLY
from outside import Notebook, graded_term, installed_wheel, scores
from running import ROOT

pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[test]'")
RIGHT = """
import jax

def topic_changes(f, x):
    return jax.vmap(f)(x) - f(x[0])
"""
#: Earns the points for the values alone.
LOOP = """
import jax.numpy as jnp

def topic_changes(f, x):
    return jnp.stack([f(one) for one in x]) - f(x[0])
"""
WRONG = """
import jax
import jax.numpy as jnp

def topic_changes(f, x):
    values = jax.vmap(f)(x)
    return jnp.diff(values, prepend=values[:1])
"""
IDEA = "Each value is compared with the one before it"
SANDBOX = check_machine().ok


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel."""
    return installed_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def course(wheel: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course as `jaxercise new` begins it."""
    place = tmp_path_factory.mktemp("elsewhere")
    said = wheel.ok("jaxercise", "new", "--course", "networks", "01_topic", cwd=place)
    assert "certify 01_topic" in said
    return place / "networks"


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What three students have handed in."""
    folder = tmp_path_factory.mktemp("class")
    for student, text in {"ada": RIGHT, "bob": LOOP, "cem": WRONG}.items():
        (folder / student).mkdir()
        (folder / student / "01_topic.py").write_text(text)
    return folder


def test_the_checkout_is_closed_to_the_environment(wheel: Environment, tmp_path: Path) -> None:
    """Or the other tests would show nothing."""
    code = "import jaxercise; print(jaxercise.__file__)"
    said = wheel.ok("python", "-c", code, cwd=tmp_path)
    assert Path(said.strip()).is_relative_to(wheel.folder)
    for path in ("autograder/test_01_vmap.py", "pyproject.toml"):
        ran = wheel.run("python", "-c", f"open({str(ROOT / path)!r})", cwd=tmp_path)
        assert "read from the checkout" in ran.err


def test_new_writes_a_course_and_overwrites_nothing(
    wheel: Environment, course: Path, tmp_path: Path
) -> None:
    files = {p.relative_to(course).as_posix() for p in course.rglob("*.[pt][yo]*") if p.is_file()}
    assert {
        "pyproject.toml",
        "solutions/01_topic.py",
        "exercises/01_topic.py",
        "autograder/test_01_topic.py",
        "autograder/misconceptions/01_topic.py",
        "autograder/variants/01_topic.py",
    } <= files
    assert 'title = "Networks"' in (course / "pyproject.toml").read_text()
    assert "NotImplementedError" in (course / "exercises" / "01_topic.py").read_text()
    for arguments, why in (
        (("01_other",), "has an exercise 01_topic: take another number"),
        (("Topic",), "'Topic' is no name for an exercise: two digits"),
    ):
        ran = wheel.run("jaxercise", "new", *arguments, cwd=course)
        assert ran.code == 2
        assert ran.err.startswith("jaxercise new: ")
        assert why in ran.err
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_topic.py").write_text("mine")
    ran = wheel.run("jaxercise", "new", "--course", ".", "01_topic", cwd=tmp_path)
    assert "nothing is overwritten, and there is" in ran.err
    assert [path.name for path in tmp_path.rglob("*")] == ["solutions", "01_topic.py"]


def test_no_course_is_told_with_what_to_do(wheel: Environment, tmp_path: Path) -> None:
    for command in (("build",), ("certify",), ("doctor", "x.py"), ("course", "x"), ("new", "01_a")):
        ran = wheel.run("jaxercise", *command, cwd=tmp_path)
        assert ran.code == 2
        assert ran.err.startswith(f"jaxercise {command[0]}: {tmp_path} is in no course")
        assert "--course DIR" in ran.err
    ran = wheel.run("jaxercise", "build", "--course", str(tmp_path), cwd=tmp_path)
    assert "is no course: it holds no autograder/test_NN_topic.py" in ran.err


def test_every_command_has_a_help_with_an_example(wheel: Environment, tmp_path: Path) -> None:
    listed = wheel.ok("jaxercise", "--help", cwd=tmp_path)
    commands = re.findall(r"^    (\w+)\s", listed, re.MULTILINE)
    assert set(commands) == {
        "new", "build", "certify", "pack", "grade", "course", "doctor", "gradescope",
        "classroom50", "hint", "ask", "watch", "sandbox",
    }  # fmt: skip
    for command in commands if NIGHTLY else ("grade", "sandbox"):
        said = wheel.ok("jaxercise", command, "--help", cwd=tmp_path)
        assert f"example:\n  jaxercise {command}" in said
        assert ("--course DIR" in said) == (command != "sandbox")


def test_what_new_writes_passes(wheel: Environment, course: Path, tmp_path: Path) -> None:
    """The solution earns everything, an empty exercise nothing, and each claim is needed."""
    shutil.copytree(course, tmp_path / "course")
    folder = tmp_path / "course"
    # That the empty exercise earns nothing is a part of the certificate.
    assert scores(wheel, folder, folder / "solutions") == {"01_topic.topic_changes": 3}
    said = wheel.ok("jaxercise", "certify", cwd=folder)
    assert re.search(r"^01_topic +3/3 +0 +1 +1 +2 +2 +2 +2 +0 +2 +0$", said, re.MULTILINE), said
    ran = wheel.run("jaxercise", "certify", "09_none", "--course", str(folder), cwd=tmp_path)
    assert (ran.code, "no exercise 09_none; there are 01_topic" in ran.err) == (2, True)


@pytest.mark.nightly
def test_a_second_exercise_is_added_and_built(
    wheel: Environment, course: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "course"
    shutil.copytree(course, folder)
    wheel.ok("jaxercise", "new", "02_next", cwd=folder / "solutions")
    wheel.ok("jaxercise", "build", "--check", cwd=folder)
    solution = folder / "solutions" / "02_next.py"
    solution.write_text(solution.read_text().replace("## A small example", "## An example"))
    assert wheel.run("jaxercise", "build", "--check", cwd=folder).code == 1
    said = wheel.ok("jaxercise", "build", "--course", str(folder), cwd=tmp_path)
    assert said == f"wrote {folder}/exercises/02_next.py\n"
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "02_next.py").write_text(RIGHT.replace("topic_", "next_"))
    assert scores(wheel, folder, submission) == {
        "01_topic.topic_changes": 0,
        "02_next.next_changes": 3,
    }


def test_the_doctor_reads_a_file(wheel: Environment, course: Path, tmp_path: Path) -> None:
    (tmp_path / "01_topic.py").write_text(RIGHT)
    said = wheel.ok("jaxercise", "doctor", ".", "--course", str(course), cwd=tmp_path)
    assert "written: topic_changes" in said


def test_a_session_checks_itself(wheel: Environment, course: Path, tmp_path: Path) -> None:
    """In the course's folder, and where the environment names the course."""
    code = f'{WRONG}\nfrom jaxercise import check\ncheck("topic_changes")\n'
    said = wheel.ok("python", "-c", code, cwd=course / "exercises")
    assert "01_topic.topic_changes    0 / 3    wrong" in said
    assert IDEA in said
    ran = wheel.run("python", "-c", code, cwd=tmp_path)
    assert "is in no course" in ran.out
    if NIGHTLY:
        code = f"import os; os.environ['JAXERCISE_COURSE'] = {str(course)!r}\n{code}"
        assert "0 / 3    wrong" in wheel.ok("python", "-c", code, cwd=tmp_path)


def test_a_class_is_graded(
    wheel: Environment, course: Path, submissions: Path, tmp_path: Path
) -> None:
    """From anywhere, with --course."""
    options = () if SANDBOX else ("--unsafe-no-sandbox",)
    wheel.ok(
        "jaxercise", "grade", str(submissions), "--out", "results", "--course", str(course),
        "--jobs", "1", *options, cwd=tmp_path,
    )  # fmt: skip
    with (tmp_path / "results" / "scores.csv").open() as file:
        found = {row["student"]: float(row["points"]) for row in csv.DictReader(file)}
    assert found == {"ada": 3, "bob": 2, "cem": 0}


# nbgrader


@pytest.mark.nightly
def test_a_term_with_nbgrader(
    wheel: Environment, course: Path, submissions: Path, tmp_path: Path
) -> None:
    """From making the folder to the exported scores."""

    def fill(student: str) -> Callable[[str, Notebook, Notebook], None]:
        def filled(name: str, notebook: Notebook, _: Notebook) -> None:
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("solution"):
                    cell["source"] = (submissions / student / f"{name}.py").read_text()
            cells = ["".join(one["source"]) for one in notebook["cells"]]
            checks = [one for one in cells if "check(" in one]
            assert ["from jaxercise import check" in one for one in checks] == [True]

        return filled

    students = {path.name: fill(path.name) for path in sorted(submissions.iterdir())}
    folder = graded_term(wheel, course, "exercises", students, tmp_path, sandbox=SANDBOX)
    with (folder / "scores.csv").open() as file:
        found = {row["student"]: row for row in csv.DictReader(file)}
    assert {name: float(row["points"]) for name, row in found.items()} == {
        "ada": 3, "bob": 2, "cem": 0,
    }  # fmt: skip
    assert found["cem"]["misconception"]
    (page,) = (folder / "feedback" / "cem").rglob("*.html")
    assert IDEA in page.read_text()


# Folders that carry the engine along


@pytest.fixture(scope="module")
def pack(wheel: Environment, course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The students' pack of the course, unpacked."""
    place = tmp_path_factory.mktemp("pack")
    wheel.ok("jaxercise", "pack", str(place / "pack.zip"), "--course", str(course), cwd=place)
    with zipfile.ZipFile(place / "pack.zip") as file:
        file.extractall(place)
    return place / "jaxercise"


def test_a_pack_tells_of_its_own_course(pack: Path) -> None:
    text = (pack / "README.md").read_text()
    assert text.startswith("# Networks\n")
    assert "--only 01_topic.topic_changes" in text
    assert "vmap.py" not in text
    assert not (pack / "solutions").exists()
    notebook = json.loads((pack / "exercises" / "01_topic.ipynb").read_text())
    checks = [cell["source"] for cell in notebook["cells"] if "check" in "".join(cell["source"])]
    assert 'from jaxercise import check\n\ncheck("topic_changes")' in map("".join, checks)


@pytest.mark.nightly
def test_a_pack_grades_installed_and_as_a_plain_folder(
    wheel: Environment, pack: Path, submissions: Path, tmp_path: Path
) -> None:
    """With the engine that it carries along, and with one that is there already."""
    own = Environment.make(tmp_path / "environment", "-e", str(pack))
    where = own.ok("python", "-c", "import jaxercise; print(jaxercise.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(pack)
    for environment in (own, wheel):
        earned = [scores(environment, pack, submissions / one) for one in ("ada", "bob", "cem")]
        assert [list(one.values()) for one in earned] == [[3], [2], [0]]
    code = f'{LOOP}\nfrom jaxercise import check\ncheck("topic_changes")\n'
    assert "2 / 3    partly right" in own.ok("python", "-c", code, cwd=tmp_path)
    assert "2 / 3    partly right" in wheel.ok("python", "-c", code, cwd=pack)
    assert "topic_changes: hint 1 of 3" in own.ok("jaxercise", "hint", "01.topic_changes", cwd=pack)
    said = own.run("jaxercise", "doctor", str(submissions / "ada"), cwd=tmp_path).out
    assert "written: topic_changes" in said


def test_gradescope_s_archive_grades_with_its_own_engine(
    wheel: Environment, course: Path, submissions: Path, tmp_path: Path
) -> None:
    wheel.ok("jaxercise", "gradescope", str(tmp_path / "autograder.zip"), cwd=course)
    base = tmp_path / "autograder"
    with zipfile.ZipFile(tmp_path / "autograder.zip") as file:
        file.extractall(base / "source")
    shutil.copytree(submissions / "cem", base / "submission")
    own = Environment.make(base / "venv", "-e", str(base / "source" / "kit"))
    where = own.ok("python", "-c", "import jaxercise; print(jaxercise.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(base)
    subprocess.run(
        ["bash", str(base / "source" / "run_autograder")],
        env={"AUTOGRADER": str(base), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    results: dict[str, Any] = json.loads((base / "results" / "results.json").read_text())
    (entry,) = results["tests"]
    assert (entry["name"], entry["score"], entry["max_score"]) == ("01_topic.topic_changes", 0, 3)
    assert IDEA in entry["output"]


@pytest.mark.nightly
def test_classroom_50_gets_its_result(
    wheel: Environment, course: Path, submissions: Path, tmp_path: Path
) -> None:
    about = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    wheel.ok(
        "jaxercise", "classroom50", str(submissions / "bob"), "--course", str(course),
        cwd=tmp_path, environment=dict.fromkeys(about, "x"),
    )  # fmt: skip
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["score"], result["max-score"]) == (200, 300)
