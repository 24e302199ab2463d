"""A term with eight students: what each of them hands in, and the points it deserves."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import nbgrader_commands
from nbgrader_commands import ASSIGNMENT, EXERCISES, NbgraderTerm, Notebook, solution, solved
from needs import NIGHTLY

RIGHT = {
    "derivative": "def derivative(f, x):\n    return jax.vmap(jax.grad(f))(x)",
    "largest_gap": (
        "def largest_gap(f, df, x):\n"
        "    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))"
    ),
    "partial_x": "def partial_x(f, x, y):\n    return jax.grad(f)(x, y)",
    "partial_y": "def partial_y(f, x, y):\n    return jax.grad(f, argnums=1)(x, y)",
    "gradient": "def gradient(f, x, y):\n    return jax.grad(f, argnums=(0, 1))(x, y)",
    "loss_and_gradient": (
        "def loss_and_gradient(loss, params, x, y):\n"
        "    return jax.value_and_grad(loss)(params, x, y)"
    ),
}
OF = {
    "derivative": 5, "largest_gap": 5, "plot": 4,
    "partial_x": 2, "partial_y": 2, "gradient": 3, "loss_and_gradient": 3,
}  # fmt: skip


def half_finished(name: str, notebook: Notebook) -> Notebook:
    return solved(notebook, {"derivative": RIGHT["derivative"], "partial_x": RIGHT["partial_x"]})


def typical_mistakes(name: str, notebook: Notebook) -> Notebook:
    gap = RIGHT["largest_gap"].replace("jnp.abs(", "(")
    swapped = RIGHT["gradient"].replace("(0, 1)", "(1, 0)")
    return solved(notebook, {**RIGHT, "largest_gap": gap, "gradient": swapped})


def unusual(name: str, notebook: Notebook) -> Notebook:
    helper = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 7, "id": "h"}
    notebook["cells"].insert(1, helper | {"source": "%matplotlib inline\nimport jax as J"})
    lambdas = {
        "derivative": "derivative = lambda f, x: J.lax.map(J.jacfwd(f), x)",
        "partial_x": "partial_x, partial_y = (\n"
        "    lambda f, x, y: J.jvp(lambda t: f(t, y), (x,), (J.numpy.ones_like(x),))[1],\n"
        "    lambda f, x, y: J.jacrev(f, 1)(x, y),\n)",
        "partial_y": "# see above",
    }
    return solved(notebook, {**RIGHT, **lambdas})


def hostile(name: str, notebook: Notebook) -> Notebook:
    leave = "import os\n\ndef derivative(f, x):\n    os._exit(0)"
    hang = "import time\n\ndef partial_x(f, x, y):\n    while True:\n        time.sleep(1)"
    stop = "import os\n\ndef partial_x(f, x, y):\n    os.abort()"
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "test_partial_y":
            cell["source"] = "2.0"  # a test cell that gives itself full marks
            cell["metadata"]["nbgrader"]["points"] = 200
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    return solved(notebook, {**RIGHT, "derivative": leave, "partial_x": hang if NIGHTLY else stop})


def broken(name: str, notebook: Notebook) -> Notebook | str:
    notebook = solved(notebook, RIGHT)
    if name == "02_grad_vs_cos":  # cut off below `derivative`
        text = json.dumps(notebook)
        return text[: text.index("def largest_gap")]
    cells = notebook["cells"]
    twice = [one for one in cells if "def partial_x" in one["source"]]
    for cell in cells:
        if "def gradient" in cell["source"]:
            cell["cell_type"], cell["metadata"] = "markdown", {}
            del cell["outputs"], cell["execution_count"]
        elif "def partial_y" in cell["source"]:
            cell["metadata"] = {}
    kept = [one for one in cells if "loss_and_gradient" not in one["source"]]
    notebook["cells"] = [*kept, *twice]  # the copy has the same id, the last task is deleted
    return notebook


#: Points that are not the function's full ones; `plot` is nobody's favourite.
EXPECTED: dict[str, dict[str, float]] = {
    "ada": {},
    "bob": {"largest_gap": 0, "plot": 0, "partial_y": 0, "gradient": 0, "loss_and_gradient": 0},
    "cem": {"largest_gap": 0, "plot": 0, "gradient": 0},
    "dora": {"plot": 0},
    "eve": {"derivative": 0, "plot": 0, "partial_x": 0},
    "finn": {"largest_gap": 0, "plot": 0, "loss_and_gradient": 0},
    "gil": {},
}
LATE_HOURS = 30


def graded_term(folder: Path) -> NbgraderTerm:
    """A course with two exercises, handed in by seven of eight, graded, told and exported."""
    term = NbgraderTerm(folder)
    nbgrader_commands.make(term, *EXERCISES)
    due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    stamp = f"{due:%Y-%m-%d %H:%M:%S} UTC"
    students = [*EXPECTED, "hana"]
    term.many(
        [
            (term.course, ["generate_assignment", ASSIGNMENT]),
            (term.course, ["db", "assignment", "add", ASSIGNMENT, f"--duedate={stamp}"]),
            *((term.course, ["db", "student", "add", student]) for student in students),
            (term.course, ["release_assignment", ASSIGNMENT]),
            # What is given to one command lingers in this process, so this one comes last.
            (term.course, ["db", "student", "add", "=1+1", "--first-name==cmd", "--email=-x"]),
        ]
    )
    answers = {
        cell["metadata"]["nbgrader"]["grade_id"]: solution("".join(cell["source"]))
        for path in (term.course / "source" / ASSIGNMENT).glob("*.ipynb")
        for cell in json.loads(path.read_text())["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    term.hand_in(
        {
            "ada": lambda name, notebook: solved(notebook, answers),
            "bob": half_finished,
            "cem": typical_mistakes,
            "dora": unusual,
            "eve": hostile,
            "finn": broken,
            "gil": lambda name, notebook: solved(notebook, answers),
        }
    )
    late = due + datetime.timedelta(hours=LATE_HOURS)
    submitted = term.course / "submitted" / "gil" / ASSIGNMENT
    (submitted / "timestamp.txt").chmod(0o644)
    (submitted / "timestamp.txt").write_text(f"{late:%Y-%m-%d %H:%M:%S} UTC")
    (term.root / "autograde.txt").write_text(term.nbgrader("autograde", ASSIGNMENT).said)
    term.many(
        [
            (term.course, ["generate_feedback", ASSIGNMENT]),
            (term.course, ["release_feedback", ASSIGNMENT]),
            *map(term.exporting, ("Tidy", "Canvas", "Moodle")),
            *(term.as_student(student, "fetch_feedback") for student in EXPECTED),
        ]
    )
    return term
