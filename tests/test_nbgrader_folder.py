"""`jaxercise course`: what it makes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jaxercise.__main__ import main
from jaxercise.claims.loading import load_exercise
from jaxercise.frontends.nbgrader.folder import FolderError, check_nbgrader, make_folder
from jaxercise.frontends.nbgrader.notebooks import points_of
from running import COURSE, ROOT

NAME = "04_partial_derivatives"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    """The one sentence of a command that fails."""
    assert main(["course", *arguments]) == code
    told = capsys.readouterr()
    assert not told.out
    assert told.err.startswith("jaxercise course: ")
    assert told.err.count("\n") == 1
    return told.err


def test_a_folder_with_other_things_in_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written beside what is there."""
    (tmp_path / "thesis.txt").write_text("all my work")
    assert "is not empty" in refused(capsys, str(tmp_path), NAME)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert "is a file" in refused(capsys, str(tmp_path / "thesis.txt"), NAME)


def test_the_kit_s_own_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Students' work does not belong into the checkout, unless somebody insists."""
    assert "--inside-checkout" in refused(capsys, str(ROOT / "course"), NAME)
    assert not (ROOT / "course").exists()


def test_unknown_names_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An exercise that is none, and a name that no assignment can have."""
    unknown = refused(capsys, str(tmp_path), "09_none", code=2)
    assert "no exercise 09_none; there are 01_vmap" in unknown
    said = refused(capsys, str(tmp_path), NAME, "--assignment", "../up")
    assert "'../up' is no name for an assignment" in said
    assert not list(tmp_path.iterdir())


def test_a_course_that_nbgrader_has_already_takes_an_assignment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its settings stay, and get lines at their end, once; its notebooks stay."""
    config, sheet = tmp_path / "nbgrader_config.py", tmp_path / "source" / "ps1" / "problem1.ipynb"
    settings = 'c = get_config()\nc.CourseDirectory.course_id = "physics"  # ours'
    config.write_text(settings)
    sheet.parent.mkdir(parents=True)
    sheet.write_text("{}")
    for assignment in ("week1", "week2"):
        assert main(["course", str(tmp_path), NAME, "--assignment", assignment]) == 0
    told = capsys.readouterr().out
    assert told.count(f"added to the end of {config}") == 1
    text = config.read_text()
    assert text.startswith(f"{settings}\n\n# Exercises of this folder")
    assert text.count("join(c, course=") == 1
    assert sheet.read_text() == "{}"
    assert (tmp_path / "source" / "week2" / f"{NAME}.ipynb").exists()


def test_the_line_for_jupyter_s_own_settings_is_printed_resolved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By it, formgrader finds the course wherever the instructor's server starts."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "link").symlink_to(tmp_path)
    assert main(["course", str(tmp_path / "link" / "jax101"), NAME]) == 0
    line = f"c.CourseDirectory.root = {str(tmp_path / 'jax101')!r}"
    assert f"    {line}\n" in capsys.readouterr().out
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "jupyter" / "nbgrader_config.py").write_text(line)
    assert main(["course", str(tmp_path / "jax102"), NAME]) == 0
    assert "jax102'" in capsys.readouterr().out
    assert main(["course", str(tmp_path / "jax101"), NAME, "--assignment", "more"]) == 0
    assert line not in capsys.readouterr().out


@pytest.mark.parametrize("version", ["0.9.4", "0.8.0", "0.9"])
def test_an_old_nbgrader_is_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that helps."""
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    with pytest.raises(FolderError, match=r"too old for this kit. Run: pip install 'nbgrader>="):
        check_nbgrader()
    for fine in ("0.9.5", "0.9.6", "0.10.0", "1.0.0.dev1"):
        monkeypatch.setattr("importlib.metadata.version", lambda _, fine=fine: fine)
        check_nbgrader()


def test_updating_leaves_what_was_edited(tmp_path: Path) -> None:
    """Notebooks are made anew, but not those that somebody has worked on since."""
    folder = tmp_path / "course"
    made = make_folder(COURSE, folder, exercises=[NAME])
    source = folder / "source" / "transformations" / f"{NAME}.ipynb"
    assert source in made.written
    with pytest.raises(FolderError, match="is there already"):
        make_folder(COURSE, folder, exercises=[NAME])
    assert not make_folder(COURSE, folder, update=True).written
    notebook = json.loads(source.read_text())
    notebook["cells"][0]["source"] = "# My own words"
    source.write_text(json.dumps(notebook))
    assert make_folder(COURSE, folder, update=True).kept == [source]
    assert "My own words" in source.read_text()
    source.unlink()
    assert make_folder(COURSE, folder, exercises=[NAME], update=True).written == [source]
    more = make_folder(COURSE, folder, assignment="extra", exercises=[NAME])
    assert more.written == [folder / "source" / "extra" / f"{NAME}.ipynb"]


def test_points_are_the_claims() -> None:
    """All exercises together are worth a hundred points."""
    points = [points_of(load_exercise(COURSE, name)) for name in COURSE.names()]
    assert sum(sum(one.values()) for one in points) == 100
