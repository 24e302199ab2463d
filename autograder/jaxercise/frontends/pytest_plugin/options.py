"""The options of the pytest plugin, which is silent wherever no course is graded.

Registered as a plugin of pytest's, not from a conftest: while pytest looks for conftests it must
know already that the path behind `--submission` is no folder of tests, or it would run a
`conftest.py` that a submission has brought along.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import pytest

from jaxercise.course import Course, CourseError
from jaxercise.frontends.reports.choices import HELP, Only
from jaxercise.sandboxed.limits import Limits
from jaxercise.workers import forkservers


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Refuse settings that a submission has brought along, before any of its conftests is run.

    With a space behind `--submission`, pytest takes the path for one of tests, and looks for its
    settings there. Plugins that these name with `-p` have been imported by now, and nothing that
    is installed could have come before them: only the equals sign keeps them out.
    """
    course = graded_course(early_config, early_config.known_args_namespace.file_or_dir)
    if course is None:
        return
    if any(word.partition("=")[0] == "--submission" for word in args):
        refuse_foreign_settings(early_config, course)
    if not early_config.known_args_namespace.collectonly:
        forkservers.prepare()  # before slow imports: the workers' own run beside them


def graded_course(config: pytest.Config, paths: list[str]) -> Course | None:
    """The course whose claims pytest is to run; None where it is to run something else.

    Args:
        config: pytest's.
        paths: what pytest was called with; nothing stands for its `testpaths`.
    """
    course, places = _asked(config, paths)
    if course is None:
        return None
    inside = any(one.is_relative_to(course.autograder.resolve()) for one in places)
    return course if inside else None


def _asked(config: pytest.Config, paths: list[str]) -> tuple[Course | None, list[Path]]:
    """The course around the current folder, if there is one, and where pytest is to look."""
    folder = config.invocation_params.dir
    try:
        course = Course.find(folder)
    except CourseError:
        return None, []
    asked = paths or config.getini("testpaths") or ["."]
    return course, [(folder / one.partition("::")[0]).resolve() for one in map(str, asked)]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config.option, "file_or_dir"):
        return  # pytest --help ends before it has read paths
    course = graded_course(config, config.option.file_or_dir)
    if course is not None:
        from jaxercise.frontends.pytest_plugin.plugin import register

        register(config, course)
    else:
        _refuse_exercises(config)


def _refuse_exercises(config: pytest.Config) -> None:
    """Say how exercises are graded, where pytest is to look for tests in them.

    Raises:
        pytest.UsageError: it is.
    """
    course, places = _asked(config, config.option.file_or_dir)
    if course is None:
        return
    exercises = course.exercises.resolve()
    if all(one.is_relative_to(exercises) for one in places):
        names = [one.stem for one in places if one.stem in course.names()]
        files = [f"{course.autograder.name}/test_{name}.py" for name in names]
        away = config.invocation_params.dir.resolve() != course.root.resolve()
        there = f"cd {quote(str(course.root))} && " if away else ""
        raise pytest.UsageError(
            "exercises hold no tests; to grade them: "
            f"{there}pytest {' '.join(files) or course.autograder.name + '/'}"
        )


def refuse_foreign_settings(config: pytest.Config, course: Course) -> None:
    """Settings come from the course.

    Raises:
        pytest.UsageError: pytest has found others.
    """
    settings = config.inipath
    if settings is not None and settings.parent != course.root:
        forkservers.discard()
        raise pytest.UsageError(
            f"pytest took its settings from {settings}, not from the course, and may have imported "
            f"plugins they name. Run it in {course.root}, and write --submission=PATH, with the "
            "equals sign."
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("jaxercise")
    group.addoption(
        "--submission",
        type=Path,
        metavar="PATH",
        help="what to grade: a folder of .py and .ipynb files, or one file (default: exercises/)",
    )
    group.addoption("--only", action=Only, default=[], metavar="NAME", help=HELP)
    group.addoption(
        "--scores",
        type=Path,
        metavar="FILE",
        help="write the scores there, as Gradescope reads them",
    )
    group.addoption(
        "--in-process",
        action="store_true",
        help="run student code in this very process: for debugging with --pdb, not for grading",
    )
    group.addoption(
        "--grading-seed", type=int, default=0, metavar="N", help="draw other inputs (default: 0)"
    )
    group.addoption(
        "--device",
        default="cpu",
        metavar="PLATFORM",
        help="JAX platform for student code (default: cpu)",
    )
    group.addoption(
        "--call-seconds",
        type=float,
        default=Limits.first_call,
        metavar="S",
        help="how long a call may take that has to compile; later calls get half of it "
        "(default: %(default)g)",
    )
