"""The students' pack: it holds no answer, grades as the kit does, and is never made carelessly."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

import combined
import nbformat
import numpy as np
import parity
import pytest
from environments import Environment
from jax import export
from jaxercise import versions
from jaxercise.__main__ import main
from jaxercise.authoring.build.markers import BEGIN, END
from jaxercise.authoring.engine_copy import zipped
from jaxercise.authoring.pack import PackError, archive, pack, sealing
from jaxercise.authoring.pack.notebooks import notebook_text
from jaxercise.authoring.pack.questions import questions
from jaxercise.claims.claims import Claim
from jaxercise.claims.loading import load_exercise
from jaxercise.comparison import Expected
from jaxercise.course import Course
from jaxercise.engine import Engine
from jaxercise.frontends.live.asking import answer
from jaxercise.grading.own_inputs import InputError
from jaxercise.grading.references import References
from jaxercise.grading.sealed import (
    Pattern,
    Sealed,
    check_seals,
    pattern_of,
    read_seal,
    sealed_path,
)
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire.values import Key
from jaxercise.trial import check_jax
from jaxercise.versions import VersionError, sealed_for
from running import (
    COURSE,
    IN_TURN,
    ROOT,
    SUBMISSIONS,
    Graded,
    command,
    grade_once,
    graded,
    marked,
    marked_environment,
    property_files,
)
from safetensors import safe_open
from safetensors.numpy import save

NAMES = COURSE.names()
each_exercise = pytest.mark.parametrize("name", NAMES)
#: A line of so few signs is in many a file.
SHORT = 10


@dataclass(frozen=True)
class Pack:
    """The pack, made once.

    Attributes:
        path: the zip file.
        folder: where it was unpacked.
        asked: by exercise, the questions that its references are for.
    """

    path: Path
    folder: Path
    asked: dict[str, list[Request]]

    @property
    def course(self) -> Course:
        """The pack as a course."""
        return Course(self.folder)


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("pack")
    asked: dict[str, list[Request]] = {}

    def noted(course: Course, claims: Sequence[Claim]) -> list[Request]:
        return asked.setdefault(claims[0].function.exercise.name, questions(course, claims))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "questions", noted)
        assert main(["pack", str(folder / "pack.zip")]) == 0
    with zipfile.ZipFile(folder / "pack.zip") as file:
        file.extractall(folder)
    return Pack(folder / "pack.zip", folder / "jaxercise", asked)


@pytest.fixture(scope="session")
def installed(packed: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment of its own in which the pack is installed; its interpreter.

    Everything else comes from this environment, so that nothing is downloaded.
    """
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[test]'")
    place = tmp_path_factory.mktemp("fresh") / ".venv"
    return Environment.make(place, "-e", str(packed.folder), closed=False).python


def run(
    python: Path, folder: Path, submission: Path, what: Sequence[str] = ("autograder",)
) -> Graded:
    """Grade with an installed pack, as its README says."""
    mark, place = marked()
    done = subprocess.run(
        [str(python), *command(submission, place, what=what)[1:]],
        cwd=folder,
        env=marked_environment(mark),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return graded(done.returncode, done.stdout, done.stderr, mark, place)


# What is in it


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.replace('\\"', '"'))


def answers() -> Iterator[str]:
    """Every line of every answer, as it stands in the solutions."""
    outside: list[str] = []
    lines: list[str] = []
    for path in COURSE.solutions.glob("[0-9]*.py"):
        inside = False
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip() in (BEGIN, END):
                inside = line.strip() == BEGIN
            else:
                (lines if inside else outside).append(line.split("  # ")[0].strip())
    for line in lines:
        only_names = set(line) <= set(f"{ascii_letters}{digits}_ ,)") and "return" not in line
        if len(line) >= SHORT and line not in outside and not only_names:
            yield line


def test_no_line_of_an_answer_is_in_the_pack(packed: Pack) -> None:
    """Nor in the name, the comment or the extra field of a member."""
    wanted = {squeezed(line): line for line in answers()}
    assert len(wanted) > 50
    with zipfile.ZipFile(packed.path) as file:
        assert file.comment == b""
        for entry in file.infolist():
            assert not entry.comment
            assert not entry.extra
            text = squeezed(file.read(entry).decode("latin-1"))
            assert [line for key, line in wanted.items() if key in text] == [], entry.filename


def test_sealed_programs_say_nothing_about_how_they_were_written(packed: Pack) -> None:
    """No file, no line, and no name of a transformation: JAX notes them for debuggers."""
    for name in NAMES:
        data = sealed_path(packed.course, name).read_bytes()
        for told in (b"jvp", b"vmap(", b"grad(", b".py", b"solutions", str(ROOT).encode()):
            assert told not in data, (name, told)


def test_the_pack_holds_what_students_need_and_no_more(packed: Pack) -> None:
    """Exercises in both forms and the autograder; no solutions, no tests, no wrong answers."""
    assert packed.path.stat().st_size < 5 << 20
    with zipfile.ZipFile(packed.path) as file:
        names = [name.removeprefix("jaxercise/") for name in file.namelist()]
    tops = {name.split("/")[0] for name in names}
    assert tops == {"LICENSE", "README.md", "autograder", "exercises", "pyproject.toml"}
    expected = {f"exercises/{name}{form}" for name in NAMES for form in (".py", ".ipynb")}
    assert {name for name in names if name.startswith("exercises/")} == expected
    for absent in ("misconceptions/0", "build/", "certify/", "pack/", "__main__", ".pyc"):
        assert not [name for name in names if absent in name]


@each_exercise
def test_notebooks_hold_the_exercise_with_a_check_under_every_function(
    packed: Pack, name: str
) -> None:
    notebook = nbformat.read(packed.folder / "exercises" / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for function in load_exercise(COURSE, name).functions:
        place = next(i for i, source in enumerate(sources) if f"def {function}(" in source)
        assert sources[place + 1].endswith(f'\n\ncheck("{function}")')
    assert sources[-1].endswith("\n\ncheck_all()")


@pytest.mark.nightly
def test_the_same_kit_makes_the_same_bytes(packed: Pack) -> None:
    """Whatever the hash seed, the process and the hour."""
    name = "06_parallel_regression"
    code = (
        "import hashlib; from jaxercise.claims.loading import load_exercise;"
        "from jaxercise.course import Course; from pathlib import Path;"
        "from jaxercise.authoring.pack.sealing import seal;"
        f"course = Course(Path({str(ROOT)!r}));"
        f"data = seal(course, load_exercise(course, {name!r}).claims);"
        "print(hashlib.sha256(data).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=marked_environment(marked()[0], {"PYTHONHASHSEED": "7"}),
        capture_output=True,
        text=True,
        check=True,
    )
    sealed = sealed_path(packed.course, name).read_bytes()
    assert done.stdout.strip() == hashlib.sha256(sealed).hexdigest()
    with zipfile.ZipFile(packed.path) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.namelist() == sorted(file.namelist())
        files = {name: file.read(name) for name in file.namelist()}
    assert zipped(files) == packed.path.read_bytes()


# What it is worth


@pytest.mark.in_turn
@each_exercise
def test_sealed_references_answer_what_the_solutions_answer(packed: Pack, name: str) -> None:
    """To rounding in float64, values and allowed errors."""
    sealed = References(packed.course, name)
    solutions = References(COURSE, name)
    assert packed.asked[name]
    for request in packed.asked[name]:
        same(sealed.expected(request), solutions.expected(request))


def same(one: Expected, other: Expected) -> None:
    if isinstance(one.value, tuple):
        assert isinstance(other.value, tuple)
        for i in range(len(one.value)):
            same(one[i], other[i])
        return
    assert np.shape(one.value) == np.shape(other.value)
    assert one.value.dtype == other.value.dtype
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(one.error, other.error, rtol=1e-6, atol=1e-13)


@pytest.mark.nightly
def test_an_installed_pack_gives_the_kits_scores(
    packed: Pack, installed: Path, tmp_path: Path
) -> None:
    """On right, wrong and missing answers, and with a notebook that has its check cells."""
    name = "02_grad_vs_cos"
    mixed = tmp_path / "mixed"
    shutil.copytree(SUBMISSIONS / "typical_mistakes", mixed)
    script = (mixed / f"{name}.py").read_text(encoding="utf-8")
    notebook = notebook_text(script, load_exercise(COURSE, name).functions)
    assert r"check(\"derivative\")" in notebook
    (mixed / f"{name}.ipynb").write_text(notebook, encoding="utf-8")
    (mixed / f"{name}.py").unlink()
    kits = grade_once(str(SUBMISSIONS / "typical_mistakes"))
    packs = run(installed, packed.folder, mixed)
    assert packs.scores == kits.scores
    assert packs.verdicts() == kits.verdicts()


@pytest.mark.skipif(not parity.ALL, reason="JAXERCISE_PARITY=all takes the whole corpus")
@pytest.mark.parametrize("name", parity.names())
def test_parity_of_an_installed_pack(name: str, packed: Pack, installed: Path) -> None:
    """Every right answer, misconception and shipped submission gets what the kit gives it."""
    due = parity.by_pytest(name).scores
    submission = parity.laid_out(name, combined.scripts)
    assert run(installed, packed.folder, submission).scores == due


def test_an_installed_pack_gives_full_marks_to_the_solutions(packed: Pack, installed: Path) -> None:
    """In a commit to those that have their turn, as what the references answer is compared."""
    graded_run = run(installed, packed.folder, COURSE.solutions, property_files(IN_TURN))
    due = sum(claim.points for name in IN_TURN for claim in load_exercise(COURSE, name).claims)
    assert graded_run.results["score"] == due, graded_run.said
    assert graded_run.code == 0


def test_an_exercise_of_a_pack_is_not_judged_again(
    packed: Pack, installed: Path, tmp_path: Path
) -> None:
    """As its README says, in its folder, with what its engine has."""
    folder = tmp_path / "jaxercise"
    shutil.copytree(packed.folder, folder)
    exercise = folder / "exercises" / "04_partial_derivatives.py"
    body = '"""\n    raise NotImplementedError'
    text = exercise.read_text(encoding="utf-8")
    exercise.write_text(text.replace(body, '"""\n    return jax.grad(f)(x, y)', 1))
    command = [str(installed), "-m", "pytest", "autograder/", "--only", "04"]
    environment = marked_environment(marked()[0], {"JAXERCISE_CACHE": str(tmp_path / "cache")})
    environment.pop("PYTHONPATH", None)  # the engine of the pack, and no other
    first, second = (
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        for _ in range(2)
    )
    assert first.stderr == second.stderr == ""
    assert "done: partial_x" in first.stdout
    assert "04_partial_derivatives has not changed since last judged" not in first.stdout
    assert "04_partial_derivatives has not changed since last judged" in second.stdout


def test_a_check_in_an_installed_pack_is_held_against_sealed_references(
    packed: Pack, installed: Path
) -> None:
    code = """
import jax
from jaxercise import check
def derivative(f, x): return jax.vmap(f)(x)
check("derivative")
derivative = lambda f, x: jax.vmap(jax.grad(f))(x)
check("derivative")
"""
    done = subprocess.run(
        [str(installed), "-c", code],
        cwd=packed.folder / "exercises",
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert "02_grad_vs_cos.derivative    0 / 5    wrong" in done.stdout
    assert "expected" in done.stdout
    assert "02_grad_vs_cos.derivative    5 / 5    done" in done.stdout


#: Cells of a session: a wrong answer, a right one, and one that is not written.
CELLS = [
    "import jax; from jaxercise import check, check_all, hint",
    "def derivative(f, x): return jax.vmap(f)(x)",
    "check(derivative)",
    "derivative = lambda f, x: jax.vmap(jax.grad(f))(x)",
    "check('derivative')",
    "def largest_gap(f, df, x): raise NotImplementedError",
    "check(largest_gap)",
    "hint('largest_gap')",
]
SESSION = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in {CELLS!r}:
    shell.run_cell(cell, store_history=True).raise_error()
"""


def test_a_zip_that_pip_installs_is_the_whole_set_up(packed: Pack, tmp_path: Path) -> None:
    """As in Colab: `pip install jax101.zip`, then a session that has no course around it.

    Where bubblewrap is there, without shared memory to speak of.
    """
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[test]'")
    python = Environment.make(tmp_path / ".venv", str(packed.path), closed=False).python
    content = tmp_path / "content"
    content.mkdir()
    little = ["--dev-bind", "/", "/", "--size", "65536", "--tmpfs", "/dev/shm", "--"]
    around = ["bwrap", *little] if shutil.which("bwrap") else []
    done = subprocess.run(
        [*around, str(python), "-c", SESSION],
        cwd=content,
        env={k: v for k, v in marked_environment(marked()[0]).items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    headlines = [line for line in done.stdout.splitlines() if line.startswith("02_grad_vs_cos.")]
    assert headlines == [
        "02_grad_vs_cos.derivative    0 / 5    wrong",
        "02_grad_vs_cos.derivative    5 / 5    done",
        "02_grad_vs_cos.largest_gap    0 / 5    not attempted",
        "02_grad_vs_cos.largest_gap: hint 1 of 3",
    ]
    assert not list(content.iterdir())


def test_an_installed_pack_has_a_doctor(packed: Pack, installed: Path) -> None:
    command = [
        str(installed.with_name("jaxercise")),
        "doctor",
        "exercises/04_partial_derivatives.py",
    ]
    done = subprocess.run(command, cwd=packed.folder, capture_output=True, text=True)
    assert done.stdout == (
        "04_partial_derivatives.py\n"
        "  still to write: partial_x, partial_y, gradient, loss_and_gradient\n"
        "  nothing had to be mended\n"
    ), done.stderr


def test_the_readme_of_the_pack_sets_up_what_it_says(packed: Pack) -> None:
    """Its two commands name what the pack has."""
    text = (packed.folder / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)\n```", text, re.DOTALL)
    assert [one.rpartition("&& ")[2] for one in commands] == [
        ".venv/bin/pytest autograder/",
        ".venv/bin/jupyter lab exercises/",
    ]
    assert "install -q -e . &&" in commands[0]
    assert "install -q -e '.[notebook]' &&" in commands[1]
    assert "source .venv/bin/activate" in text  # the exercises' texts name `pytest` alone
    project = tomllib.loads((packed.folder / "pyproject.toml").read_text())["project"]
    assert list(project["optional-dependencies"]) == ["notebook"]
    assert not [one for one in project["dependencies"] if one.startswith(("nbgrader", "jupytext"))]


def test_sealed_references_are_asked_as_the_solutions_are(packed: Pack) -> None:
    """The same answers, and where no program was sealed, what can be asked."""
    name = "03_second_derivative"
    functions = load_exercise(packed.course, name).functions
    with Engine(COURSE) as engine, Engine(packed.course) as sealed:
        for function, given in (
            ("largest_gap", ("x^3", "6 x", [0, 1, 2, 7])),
            ("second_derivative", ("sin", 1.0)),
        ):
            due = answer(engine, functions[function], given, {})
            assert answer(sealed, functions[function], given, {}) == due
        with pytest.raises(InputError, match=r"in the course's own folder alone.*n = 2"):
            answer(sealed, functions["nth_derivative"], ("sin", 77, 0.5), {})
        right = answer(sealed, functions["largest_gap"], ("x", "x", [0]), {}, [0])
        assert right[0] == "Your example is right."
        assert "misconceptions" not in "".join(right)  # a pack has none
    assert Sealed(sealed_path(packed.course, name)).signature("largest_gap") is not None


# JAX's versions


def test_a_jax_older_than_the_sealed_references_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.10.2")
    with pytest.raises(VersionError, match=r"made with jax 0\.10\.3, and jax 0\.10\.2 is too old"):
        sealed_for("0.10.3")
    assert not sealed_for("0.10.2")
    assert sealed_for("0.9.10")


@pytest.mark.parametrize(
    "later_version",
    [{"calling_convention_version": 99}, {"mlir_module_serialized": b"of a later StableHLO"}],
)
def test_a_jax_that_cannot_read_the_sealed_references_is_told_so(
    packed: Pack, tmp_path: Path, later_version: dict[str, Any]
) -> None:
    course = Course(tmp_path)
    shutil.copytree(packed.course.sealed, course.sealed)
    check_seals(course)
    (course.sealed / "jax.txt").write_text("0.0.1\n")
    check_seals(course)  # older, and still read
    first = sealed_path(course, NAMES[0])
    pattern, program = read_seal(first)[0]
    later = dataclasses.replace(export.deserialize(bytearray(program)), **later_version)
    data = np.frombuffer(later.serialize(), np.uint8)
    first.write_bytes(save({"0": data}, {"patterns": json.dumps([pattern.as_json()])}))
    with pytest.raises(VersionError, match=r"can no longer read .* pip install 'jax==0\.0\.1'"):
        check_seals(course)


def test_a_newer_jax_is_held_against_what_the_references_answered(
    packed: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack has no solutions to grade: its programs have to answer as when they were made."""
    monkeypatch.setattr(versions, "UNKNOWN", versions.OLDEST)
    course = Course(tmp_path / "pack")
    name = "02_grad_vs_cos"
    for one in (packed.course.properties(name), sealed_path(packed.course, name)):
        copied = course.root / one.relative_to(packed.folder)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(one, copied)
    shutil.copy(packed.course.sealed / "jax.txt", course.sealed)
    told: list[str] = []
    check_jax(course, told.append)
    assert told[-1].endswith("its own references pass with it.")
    seal = sealed_path(course, name)
    with safe_open(seal, "numpy") as file:
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        about = file.metadata()
    changed = {
        key: 3 * array if key.startswith("known") and array.dtype == np.float64 else array
        for key, array in arrays.items()
    }
    seal.write_bytes(save({key: np.asarray(array) for key, array in changed.items()}, about))
    with pytest.raises(VersionError, match=r"sealed references do not pass with it \(02_") as error:
        check_jax(course, told.append)
    assert str(error.value).endswith(f"Run: pip install 'jax=={metadata.version('jax')}'")


def test_the_grader_says_so_in_one_sentence(packed: Pack, tmp_path: Path) -> None:
    """`pytest autograder/` in a pack that a newer JAX has made."""
    folder = tmp_path / "jaxercise"
    shutil.copytree(packed.folder, folder)
    (folder / "autograder" / "sealed" / "jax.txt").write_text("99.0.0\n")
    done = run(Path(sys.executable), folder, folder / "exercises")
    assert done.code == 4
    assert "The sealed references were made with jax 99.0.0" in done.said
    assert "Traceback" not in done.said


# Requests and programs


def test_a_pattern_fits_requests_of_its_sizes_alone() -> None:
    def request(c: int, cities: int, n: int, epochs: int, **how: object) -> Request:
        arrays = np.zeros((c, 2)), np.zeros((cities, n, 1)), np.zeros((cities, n))
        return Request("train", (*arrays, epochs), **how)  # type: ignore[arg-type]

    narrow = pattern_of(request(2, 2, 5, 3))
    shapes = ("c", 2), ("c", "n", 1), ("c", "n")
    leaves = [(*one[:2], shape) for one, shape in zip(narrow.leaves, shapes, strict=False)]
    pattern = dataclasses.replace(narrow, leaves=(*leaves, *narrow.leaves[3:]))
    assert Pattern.from_json(json.loads(json.dumps(pattern.as_json()))) == pattern
    assert pattern.fits(request(2, 2, 5, 3))
    assert pattern.fits(request(7, 7, 1, 3))
    assert not pattern.fits(request(2, 3, 5, 3))
    assert not pattern.fits(request(2, 2, 5, 4))
    assert not pattern.fits(request(2, 2, 5, 3, result_arguments=()))
    assert not pattern.fits(request(2, 2, 5, 3, result_under="vmap"))


def test_a_question_that_was_not_sealed_is_a_fault_of_the_kits(packed: Pack) -> None:
    """It is said which, and never answered with something else."""
    sealed = References(packed.course, "06_parallel_regression")
    data = np.zeros((2, 2)), np.zeros((2, 3, 1)), np.zeros((2, 3)), np.zeros(())
    with pytest.raises(LookupError, match=r"no reference for .*train"):
        sealed.expected(Request("train", (*data, 17)))
    with pytest.raises(LookupError, match=r"no reference for .*train"):
        sealed.expected(Request("train", (Key(0, True),)))


# What is refused


@pytest.fixture
def copied(tmp_path: Path) -> Course:
    """The course's own sources, to be spoilt."""
    course = Course(tmp_path / "course")
    shutil.copytree(COURSE.solutions, course.solutions)
    shutil.copytree(COURSE.exercises, course.exercises)
    return course


def test_exercises_out_of_date_are_refused(copied: Course, tmp_path: Path) -> None:
    path = copied.exercises / f"{NAMES[0]}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(PackError, match="run `jaxercise build`"):
        pack(copied, tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()


def test_nothing_is_replaced_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archive, "members", lambda course, names: {"README.md": b"new"})
    target = tmp_path / "pack.zip"
    target.write_text("old")
    assert main(["pack", str(target)]) == 1
    assert "is there already; choose another name, or write --force" in capsys.readouterr().err
    assert target.read_text() == "old"
    assert main(["pack", str(target), "--force"]) == 0
    assert zipfile.ZipFile(target).namelist() == ["jaxercise/README.md"]


@pytest.mark.parametrize(
    ("name", "said"), [("pack.tar", "no name for a zip file"), ("no/pack.zip", "is no folder")]
)
def test_a_wrong_target_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert main(["pack", str(tmp_path / name)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "carrier",
    [
        pytest.param(lambda line: f"\t\t{line}   # for later\n", id="indented"),
        pytest.param(lambda line: json.dumps({"source": line}), id="notebook"),
        pytest.param(lambda line: line.replace("(", "(\n    "), id="wrapped"),
    ],
)
def test_a_pack_with_a_line_of_an_answer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carrier
) -> None:
    line = max(answers(), key=lambda one: (one.count('"'), len(one)))
    spoilt = {"exercises/notes.txt": carrier(line).encode()}
    monkeypatch.setattr(archive, "members", lambda course, names: spoilt)
    with pytest.raises(PackError, match=r"notes\.txt"):
        pack(COURSE, tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()
