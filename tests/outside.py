"""A wheel's environment and a course that lies elsewhere: scores, and a term with nbgrader."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbconvert
from environments import Environment
from running import ROOT

Notebook = dict[str, Any]
#: Changes what a student has fetched; also gets the notebook with the answers.
Fill = Callable[[str, Notebook, Notebook], None]


def installed_wheel(place: Path) -> Environment:
    """An environment with the wheel of this checkout."""
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(place), str(ROOT)]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True)
    (built,) = place.glob("*.whl")
    return Environment.make(place / "environment", str(built))


def scores(environment: Environment, folder: Path, submission: Path) -> dict[str, float]:
    """What pytest gives a submission in a course's folder, by function."""
    file = submission / "scores.json"
    command = ("pytest", "autograder/", f"--submission={submission}", f"--scores={file}", "-q")
    environment.run("python", "-m", *command, cwd=folder)
    return {one["name"]: one["score"] for one in json.loads(file.read_text())["tests"]}


def graded_term(
    environment: Environment,
    course: Path,
    assignment: str,
    students: Mapping[str, Fill],
    place: Path,
    *,
    sandbox: bool,
    options: Sequence[str] = (),
) -> Path:
    """A term with nbgrader, from making its folder to the feedback and the exported scores.

    Args:
        environment: whose engine.
        course: the course's folder.
        assignment: what is handed in.
        students: what each of them makes of a notebook.
        place: an empty folder.
        sandbox: whether there is one here.
        options: of the command that makes nbgrader's folder.

    Returns:
        nbgrader's folder; `scores.csv` is in it.
    """
    alembic = environment.python.with_name("alembic")  # nbgrader calls it by its name
    alembic.write_text(
        f"#!{environment.python}\nfrom alembic.config import main\nmain(prog='alembic')\n"
    )
    alembic.chmod(0o755)
    exchange, folder = place / "exchange", place / "jax101"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    environment.ok(
        "jaxercise", "course", str(folder), "--exchange", str(exchange), "--course", str(course),
        *options, cwd=place,
    )  # fmt: skip
    if not sandbox:
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write("c.GradeWithEngine.unsafe_no_sandbox = True\n")

    def nbgrader(*commands: tuple[Path, list[str]]) -> None:
        code = (
            "import json, os, sys\n"
            "from nbgrader.apps import NbGraderApp\n"
            "for folder, arguments in json.loads(sys.argv[1]):\n"
            "    os.chdir(folder)\n"
            "    NbGraderApp.clear_instance()\n"
            "    NbGraderApp.launch_instance(arguments)\n"
        )
        given = json.dumps([(str(folder), arguments) for folder, arguments in commands])
        environment.ok("python", "-c", code, given, cwd=place, environment=jupyter(place))

    def as_student(student: str, command: str) -> tuple[Path, list[str]]:
        home = place / student
        home.mkdir(exist_ok=True)
        return home, [
            *(command, assignment, "--course=jax101", f"--student={student}"),
            *(f"--Exchange.root={exchange}", f"--Exchange.cache={home / 'cache'}"),
        ]

    nbgrader(
        (folder, ["generate_assignment", assignment]),
        (folder, ["release_assignment", assignment]),
        *(as_student(one, "fetch_assignment") for one in students),
    )
    for student, fill in students.items():
        for path in sorted((place / student / assignment).glob("*.ipynb")):
            notebook = json.loads(path.read_text())
            fill(
                path.stem,
                notebook,
                json.loads((folder / "source" / assignment / path.name).read_text()),
            )
            path.write_text(json.dumps(notebook))
    nbgrader(
        *(as_student(one, "submit") for one in students),
        (folder, ["collect", assignment]),
    )
    nbgrader((folder, ["autograde", assignment]))
    exporter = "jaxercise.frontends.exports.nbgrader.Tidy"
    nbgrader(
        (folder, ["generate_feedback", assignment]),
        (folder, ["export", f"--exporter={exporter}", "--to=scores.csv"]),
    )
    return folder


def jupyter(home: Path) -> dict[str, str]:
    """Where Jupyter's own folders lie."""
    names = ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    folders = {name: str(home / name.lower()) for name in names}
    # Templates of pages, which nbconvert has not beside its code.
    shared = str(Path(nbconvert.__file__).parents[4] / "share" / "jupyter")
    return folders | {"HOME": str(home), "PYTHONWARNINGS": "ignore", "JUPYTER_PATH": shared}
