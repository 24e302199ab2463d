"""Late hand-ins: who is late, what that takes off, and that nbgrader and `grade` take off alike."""

from __future__ import annotations

import csv
import datetime
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from batches import write_zip
from jaxercise.__main__ import main
from jaxercise.authoring.new import begin_course
from jaxercise.course import Course
from jaxercise.course_settings import CourseSettings
from jaxercise.frontends.batch import report
from jaxercise.frontends.batch.handins import Handin, Handins, collect
from jaxercise.frontends.batch.lateness import (
    Deadline,
    Lateness,
    by_student,
    due_date,
    duration,
)
from jaxercise.frontends.batch.records import Record, Store
from jaxercise.frontends.exports.nbgrader import Moodle, Tidy
from jaxercise.frontends.nbgrader.config import configure
from jaxercise.frontends.nbgrader.lateness import AssignLateness, LatePenalty
from jaxercise.lateness import DateError, LateRule, read_dates
from jaxercise.verdicts import Outcome, Verdict
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from test_handins import EXERCISES, LAYOUTS, ONE, tree
from traitlets.config import Config, Configurable

DAY = 24 * 60
DUE = datetime.datetime.fromisoformat("2027-01-31T23:59:00+01:00")
RULE = LateRule(grace_minutes=15, percent_a_day=30, at_most=50)


@pytest.mark.parametrize(
    ("minutes", "share"),
    [(0, 0), (15, 0), (15.1, 0.3), (DAY, 0.3), (DAY + 1, 0.5), (2 * DAY + 1, 0.5), (9e5, 0.5)],
)
def test_the_rule(minutes: float, share: float) -> None:
    """Nothing for a while, then a part for each day begun, up to a limit."""
    assert RULE.share(60 * minutes) == share


def test_both_doors_take_off_alike() -> None:
    """nbgrader, notebook by notebook, takes off in all what the batch takes off the sum."""
    plugin = LatePenalty(grace_minutes=15, percent_a_day=30, at_most=50)
    for minutes in (0, 14, 16, DAY, DAY + 1, 40 * DAY):
        late = Deadline(RULE, DUE).of(handin(DUE + datetime.timedelta(minutes=minutes)))
        scores = (3.25, 0.0, 7.5)
        taken = [plugin.late_submission_penalty("ana", one, 60 * minutes) or 0 for one in scores]
        assert sum(scores) - sum(taken) == pytest.approx(late.after(sum(scores)))


def test_nbgrader_s_rule_is_the_course_s(tmp_path: Path) -> None:
    """What its pyproject.toml says, the course's configuration says as well."""
    course, _ = begin_course(tmp_path / "course", "01_topic")
    settings = course.root / "pyproject.toml"
    table = "[tool.jaxercise.late]\ngrace-minutes = 15\npercent-a-day = 30\nat-most = 50\n"
    settings.write_text(f"{settings.read_text()}\n{table}")
    assert Course(course.root).settings.late == RULE
    config = Config()
    configure(config, str(tmp_path / "nbgrader_config.py"), str(course.root))
    plugin = LatePenalty(config=config)
    assert (plugin.grace_minutes, plugin.percent_a_day, plugin.at_most) == (15, 30, 50)


def handin(submitted: datetime.datetime | None = None, name: str = "ana", **more: str) -> Handin:
    """Somebody's submission of that time."""
    return Handin(name, {}, timestamp=submitted.isoformat() if submitted else "", identity=more)


@pytest.mark.parametrize(
    "text",
    [
        "ana,2027-02-03T23:59:00+01:00\nben,2027-02-03T22:59Z\n",
        "\ufeffstudent,date\nana,2027-02-03T23:59:00+01:00\n\nben,2027-02-03 22:59:00 UTC\n",
        "Name;Until\r\nana;2027-02-03T23:59:00+01:00\r\nben;2027-02-03T22:59:00+00:00;why\r\n",
        "date\treason\tstudent\n2027-02-03T23:59:00+01:00\tx\tana\n2027-02-03T22:59Z\ty\tben\n",
    ],
)
def test_a_table_of_dates_is_read(text: str, tmp_path: Path) -> None:
    """With a header or without, parted as spreadsheets part cells."""
    (tmp_path / "dates.csv").write_text(text, encoding="utf-8")
    dates = read_dates(tmp_path / "dates.csv")
    assert set(dates) == {"ana", "ben"}
    assert set(dates.values()) == {datetime.datetime.fromisoformat("2027-02-03T22:59:00+00:00")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ana,2027-02-03T23:59:00\n", r"line 1: '2027-02-03T23:59:00' does not say its distance"),
        ("student,date\nana,2027-02-30T23:59:00Z\n", r"line 2: .* is no date. Write it like 2027"),
        ("student,date\nana,soon\n", "line 2: 'soon' is no date"),
        ("ana\n", "line 1 has to hold a student and a date"),
        (",2027-02-03T23:59:00Z\n", "line 1 has to hold a student and a date"),
        ("ana,2027-02-03T23:59:00Z\nana,2027-02-04T23:59:00Z\n", "line 2: ana is there twice"),
        ("ana,2027-02-03T23:59:00Z\n\udcff,x\n", "no text in UTF-8"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DateError, match=why):
        read_dates(path)


def test_students_are_found_by_what_the_platform_knows() -> None:
    """By the name here, or by number, name or address; who is nobody's is told, not guessed."""
    class_ = [
        handin(name="liana_12345", id="12345", name_="x", email="ana@x.org"),
        handin(name="s7", id="s7", email="ben@x.org"),
        handin(name="cem_1", name_="", id="1"),
    ]
    dates = {"12345": DUE, "BEN@x.org": DUE, "eve": DUE}
    found, notes = by_student(dates, class_, "late.csv")
    assert set(found) == {"liana_12345", "s7"}
    assert notes == ["late.csv: nobody here is eve."]
    with pytest.raises(DateError, match="s7 is there twice"):
        by_student({"s7": DUE, "ben@x.org": DUE}, class_, "late.csv")
    with pytest.raises(DateError, match="ana may be a, b"):
        by_student({"ana": DUE}, [handin(name=n, email="ana") for n in "ab"], "late.csv")


def test_an_extension_moves_the_date_of_one(tmp_path: Path) -> None:
    """It is never earlier than that of all; without a time nothing is taken off, and it is told."""
    two_days = datetime.timedelta(days=2)
    late = DUE + two_days
    deadline = Deadline(
        RULE, DUE, {"ben": late, "cem": DUE - two_days}, {"dan": DUE + two_days / 4}
    )
    class_ = [handin(late, name) for name in ("ana", "ben", "cem")]
    class_ += [handin(None, "dan"), Handin("eve", {}, late=True)]
    of = {one.student: deadline.of(one) for one in class_}
    assert {name: one.share for name, one in of.items()} == {
        "ana": 0.5, "ben": 0, "cem": 0.5, "dan": 0.3, "eve": 0,
    }  # fmt: skip
    assert of["ben"].minutes == 0
    assert of["eve"].minutes is None
    said = " ".join(deadline.notes(class_))
    assert "Extensions that end no later than that: of cem." in said
    assert (
        "not known of 1 (eve): nothing is taken off. Marked as late by the platform: eve." in said
    )
    assert not Deadline(RULE).notes(class_)


def test_the_date_is_that_of_what_is_graded() -> None:
    """Of the assignment that was asked for, or the one that all exercises share."""
    other = DUE + datetime.timedelta(days=7)
    settings = CourseSettings(
        assignments={"week1": ("01_a", "02_b"), "week2": ("03_c",)},
        dates={"week1": DUE, "week2": other, "02_b": other},
    )
    assert due_date(settings, ["01_a"], "") == (DUE, "")
    assert due_date(settings, ["01_a", "02_b"], "week1") == (DUE, "")
    assert due_date(settings, ["02_b", "03_c"], "") == (other, "")
    assert due_date(CourseSettings(), ["01_a"], "") == (None, "")
    due, unclear = due_date(settings, ["01_a", "03_c"], "")
    assert due is None
    assert "--due DATE" in unclear


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0.2, "1 min"), (61, "1 h 1 min"), (DAY + 30, "1 day 30 min"), (2 * DAY + 121, "2 days 2 h")],
)
def test_how_late_is_told(minutes: float, told: str) -> None:
    assert duration(minutes) == told


def _times(found: Handins) -> dict[str, datetime.datetime | None]:
    deadline = Deadline(RULE, DUE)
    return {one.student: deadline.of(one).submitted for one in found.handins}


def test_a_download_s_own_times_are_read(tmp_path: Path) -> None:
    """Gradescope's metadata and nbgrader's files; nothing that a student has put there."""
    metadata = LAYOUTS["gradescope"][0]["assignment_1_export/submission_metadata.yml"]
    rails = (
        "  :created_at: !ruby/object:ActiveSupport::TimeWithZone\n"
        "    utc: 2026-02-02 07:30:00.000000000 Z\n    zone: !ruby/object:ActiveSupport::TimeZone\n"
        "      name: America/Los_Angeles\n    time: 2026-02-01 23:30:00.000000000 Z\n"
    )
    files = {
        "submission_metadata.yml": metadata + rails,
        f"submission_11/{ONE}": "a",
        "submission_11/hw1/timestamp.txt": "2020-01-01 00:00:00 UTC",
        f"submission_12/{ONE}": "b",
    }
    exact = datetime.datetime(2026, 2, 1, 20, 0, 15, 123000, datetime.UTC)
    with_zone = datetime.datetime(2026, 2, 2, 7, 30, tzinfo=datetime.UTC)
    assert _times(collect(write_zip(tmp_path / "g.zip", files), EXERCISES)) == {
        "s1": exact, "s2": with_zone, "carl@example.org": with_zone,
    }  # fmt: skip
    stamp = "2026-05-01 10:00:00"
    inner = write_zip(tmp_path / "inner.zip", {"hw1/timestamp.txt": stamp, ONE: "x"}).read_bytes()
    tree(tmp_path / "n", {
        f"ana/hw1/{ONE}": "a", "ana/hw1/timestamp.txt": f"{stamp}.5 UTC",
        "ana/hw2/timestamp.txt": "2026-06-01 10:00:00 UTC",
        f"ben/hw1/{ONE}": "b", "ben/hw1/timestamp.txt": f"{stamp} Europe/Berlin",
        "ben/hw1/deep/timestamp.txt": "2026-05-09 10:00:00 UTC",
        f"cem/hw1/{ONE}": "c", "cem/hw1/timestamp.txt": "2026-05-99 soon",
        f"dan/{ONE}": "d", "dan/timestamp.txt": stamp,
    })  # fmt: skip
    (tmp_path / "n" / "eve.zip").write_bytes(inner)
    ten = datetime.datetime(2026, 5, 1, 10, tzinfo=datetime.UTC)
    assert _times(collect(tmp_path / "n", EXERCISES)) == {
        "ana": ten + datetime.timedelta(seconds=0.5), "ben": ten - datetime.timedelta(hours=2),
        "cem": None, "dan": None, "eve": None,
    }  # fmt: skip


def test_tables_and_pages_say_what_is_left(tmp_path: Path) -> None:
    """A row a function with its part; the report a row a student; the student a sentence."""
    store = Store(tmp_path)
    store.open()
    outcomes = tuple(
        Outcome("01_vmap", name, "claim", Verdict.PASSED, points, 4.0, "So.", None)
        for name, points in (("f", 4.0), ("g", 2.5))
    )
    for student in ("ana", "ben"):
        store.write(Record(student, "k", "f", "graded", outcomes=outcomes))
    store.write(Record("eve", "k", "f", "error", "Why."))
    deadline = Deadline(RULE, DUE, {"ben": DUE + datetime.timedelta(days=1)})
    times = {"ana": 20, "ben": DAY, "eve": DAY}
    handed_in = {
        name: deadline.of(handin(DUE + datetime.timedelta(minutes=late), name))
        for name, late in times.items()
    }
    said = report.write(store, handed_in, "class")
    assert "2 handed in late; 1.95 points are taken off 1 of the scores" in said
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = {(row["student"], row["function"]): row for row in csv.DictReader(file)}
    told = ("points", "late_minutes", "penalty", "points_after")
    assert [rows["ana", "g"][one] for one in told] == ["2.5", "20", "0.75", "1.75"]
    assert [rows["ben", "g"][one] for one in told] == ["2.5", "0", "0", "2.5"]
    assert [rows["eve", ""][one] for one in told] == ["", "1440", "", ""]
    page = (tmp_path / "report.html").read_text()
    assert "20 min</td><td>30 %</td>" in page
    assert '<td class="n">4.55</td>' in page
    assert "(extension)" in page
    own = [(tmp_path / "feedback" / f"{name}.html").read_text() for name in ("ana", "ben", "eve")]
    assert ["It was handed in 20 min late" in one for one in own] == [True, False, False]
    assert "30 % are taken off, and 4.55 of 6.5 points count" in own[0]
    # Where nothing is due, nothing is told.
    report.write(store, dict.fromkeys(times, Lateness()), "class")
    assert "taken off" not in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--due", "2027-01-31T23:59"], "does not say its distance from UTC"),
        (["--due", "2027-01-31T23:59Z", "--extensions", "none.csv"], "none.csv cannot be read"),
        (["--submitted-at", "dates.csv"], "dates.csv, line 1: 'soon1' is no date"),
        (["--extensions", "good.csv"], "there is none: --due DATE"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_graded(
    options: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    course, _ = begin_course(tmp_path / "course", "01_topic")
    tree(tmp_path, {
        "class/ana/01_topic.py": "", "dates.csv": "ana,soon1\n", "good.csv": "ana,2027-01-01T00Z\n",
    })  # fmt: skip
    monkeypatch.chdir(tmp_path)
    command = ["grade", "class", "--out", "out", "--course", str(course.root)]
    assert main([*command, "--grading-seed", "0", *options]) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:Object of type .* not in session")  # nbgrader's own
def test_nbgrader_grants_extensions_from_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are in its gradebook, so that its own pages and exports follow; and gone with a line."""
    # nbgrader calls alembic by its name.
    here = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([here, os.environ["PATH"]]))
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    app = NbGrader()
    app.coursedir = CourseDirectory(root=str(tmp_path), parent=app)
    config = Config()
    config.AssignLatePenalties.plugin_class = "jaxercise.frontends.nbgrader.lateness.LatePenalty"
    config.AssignLateness.extensions = {"week1": "until.csv"}
    config.LatePenalty.percent_a_day = 30.0
    exporter = Configurable(parent=app, config=config)
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("week1", duedate="2027-01-31 22:59:00 UTC")
        gradebook.add_notebook("01_vmap", "week1")
        gradebook.add_grade_cell("test_f", "01_vmap", "week1", max_score=2, cell_type="code")
        gradebook.add_student("ana")
        submission = gradebook.update_or_create_submission("week1", "ana")
        submission.timestamp = datetime.datetime(2027, 2, 2, 12)
        grade = gradebook.find_grade("test_f", "01_vmap", "week1", "ana")
        grade.auto_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    about = {"notebook": "01_vmap", "assignment": "week1", "student": "ana", "db_url": url}
    penalties = []
    for until in ("ana,2027-02-01T23:59:00+01:00", "ana,2027-02-03T23:59:00+01:00", ""):
        (tmp_path / "until.csv").write_text(until)
        preprocessor = AssignLateness(parent=exporter)
        preprocessor.preprocess(SimpleNamespace(cells=[]), {"nbgrader": about})
        with Gradebook(url) as gradebook:
            found = gradebook.find_submission("week1", "ana")
            penalties.append(found.late_submission_penalty or 0)
            if until.startswith("ana,2027-02-01"):
                (row,) = list(Tidy(parent=app).table(gradebook))[1:]
                assert row[8:11] == [13 * 60 + 1, pytest.approx(0.6), pytest.approx(1.4)]
                (line,) = list(Moodle(parent=app).table(gradebook))[1:]
                assert line[4] == pytest.approx(1.4)
    assert penalties == [pytest.approx(0.6), 0, pytest.approx(1.2)]
