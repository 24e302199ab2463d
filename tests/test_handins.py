"""Finding what was handed in: the ways of learning platforms, and what strangers put into zips."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from batches import write_zip
from jaxercise.frontends.batch import contents
from jaxercise.frontends.batch.handins import CollectError, Handins, collect
from jaxercise.submission.filenames import MAX_SOURCE

EXERCISES = ["01_vmap", "02_grad_vs_cos"]
FUNCTIONS = {"01_vmap": ["batched", "all_pairs"], "02_grad_vs_cos": ["derivative"]}
GIVEN = "def example(x):\n    return x\n\n\n"
LAMBDA = "import jax\n\nbatched = lambda f, x: jax.vmap(f)(x)\n"
STUB = "def batched(f, x):\n    raise NotImplementedError\n"
DONE = "import jax\n\n\ndef batched(f, x):\n    return jax.vmap(f)(x)\n"
OTHER = "def derivative(f, x):\n    return f(x)\n"
ONE, TWO = "01_vmap.py", "02_grad_vs_cos.ipynb"


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def found(handins: Handins) -> dict[str, list[str]]:
    """The graded files' names by student."""
    return {handin.student: sorted(handin.entries) for handin in handins.handins}


def texts(handins: Handins) -> dict[str, dict[str, str]]:
    """What was read."""
    return {
        handin.student: {name: data.decode() for name, data in handin.read()[0].items()}
        for handin in handins.handins
    }


#: Somebody whose name is made to look like another student's folder.
PRETENDER = "Ana Li_123_assignsubmission_file__126_assignsubmission_file_"
LAYOUTS = {
    "canvas, of groups": (
        {"lab_group3_123_1001_01_vmap.py": "a", "doejane_124_1002_01_vmap.py": "b"},
        {"lab_group3_123": {ONE: "a"}, "doejane_124": {ONE: "b"}},
    ),
    "canvas, names hidden": (
        {"anon_aB3x9_1001_01_vmap.py": "a", f"LATE_anon_Zk7q2_1002_{TWO}": "b"},
        {"anon_aB3x9": {ONE: "a"}, "anon_Zk7q2": {TWO: "b"}},
    ),
    "moodle, zipped on Windows": (
        {f"Ana Li_123_assignsubmission_file_\\{ONE}": "a"},
        {"Ana Li_123": {ONE: "a"}},
    ),
    "folders": (
        {f"ana/{ONE}": "a", f"ben/{TWO}": "b", f"ben/{ONE}": "c", "grades.csv": ""},
        {"ana": {ONE: "a"}, "ben": {ONE: "c", TWO: "b"}},
    ),
    "nbgrader": (
        {
            f"ana/hw1/{ONE}": "a",
            "ana/hw1/timestamp.txt": "2026-05-01 10:00:00 UTC",
            f"ana/hw2/{TWO}": "b",
            f"ana/hw2/.ipynb_checkpoints/{TWO}": "old",
            f"ben/hw1/{ONE}": "c",
        },
        {"ana": {ONE: "a", TWO: "b"}, "ben": {ONE: "c"}},
    ),
    "canvas": (
        {
            "liana_12345_67890_01_vmap.py": "a",
            "liana_12345_67891_02_grad_vs_cos-3.ipynb": "b",
            "okoroben_LATE_777_888_01_vmap-1.py": "second",
            "okoroben_LATE_777_880_01_vmap.py": "first",
        },
        {"liana_12345": {ONE: "a", TWO: "b"}, "okoroben_777": {ONE: "second"}},
    ),
    "moodle": (
        {
            f"Ana Li_123_assignsubmission_file_/{ONE}": "a",
            "Ana Li_123_assignsubmission_onlinetext_/onlinetext.html": "hello",
            f"Zoë_Müller_124_assignsubmission_file/{TWO}": "b",
            f"Ana Li_125_assignsubmission_file_{ONE}": "c",
            f"{PRETENDER}/{ONE}": "d",
        },
        {
            "Ana Li_123": {ONE: "a"},
            "Zoë_Müller_124": {TWO: "b"},
            "Ana Li_125": {ONE: "c"},
            PRETENDER: {ONE: "d"},
        },
    ),
    "gradescope": (
        {
            "assignment_1_export/submission_metadata.yml": """
submission_11: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: Ana Li
    :sid: "s1"
    :email: ana@example.org
  :created_at: 2026-02-01 20:00:15.123000000 Z
submission_12:
  :submitters:
  - :name: Ben
    :sid: s2
    :email: ben@example.org
  - :name: Carl
    :sid:
    :email: carl@example.org
""",
            f"assignment_1_export/submission_11/{ONE}": "a",
            f"assignment_1_export/submission_12/{TWO}": "b",
            f"assignment_1_export/submission_13/{TWO}": "c",
        },
        {
            "s1": {ONE: "a"},
            "s2": {TWO: "b"},
            "carl@example.org": {TWO: "b"},
            "submission_13": {TWO: "c"},
        },
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_recognised_in_a_folder_and_in_a_zip(layout: str, tmp_path: Path) -> None:
    files, expected = LAYOUTS[layout]
    assert texts(collect(tree(tmp_path / "folder", files), EXERCISES)) == expected
    zipped = write_zip(tmp_path / "export.zip", files)
    assert texts(collect(zipped, EXERCISES)) == expected


def test_a_folder_around_everything_is_no_student(tmp_path: Path) -> None:
    files = {f"submitted/ana/hw/{ONE}": "a", "__MACOSX/submitted/ana/hw/._x": "junk"}
    assert texts(collect(write_zip(tmp_path / "x.zip", files), EXERCISES)) == {"ana": {ONE: "a"}}


def test_a_course_folder_of_nbgraders_is_looked_into(tmp_path: Path) -> None:
    tree(tmp_path, {f"submitted/ana/hw/{ONE}": "a", f"source/hw/{ONE}": "the answer"})
    assert texts(collect(tmp_path, EXERCISES)) == {"ana": {ONE: "a"}}


def test_what_the_platform_knows_is_kept(tmp_path: Path) -> None:
    canvas, gradescope = LAYOUTS["canvas"][0], LAYOUTS["gradescope"][0]
    late = {h.student: h for h in collect(tree(tmp_path / "c", canvas), EXERCISES).handins}
    assert late["okoroben_777"].late
    assert not late["liana_12345"].late
    assert late["liana_12345"].identity == {"id": "12345", "name": "liana"}
    known = {h.student: h for h in collect(tree(tmp_path / "g", gradescope), EXERCISES).handins}
    assert known["s1"].identity["email"] == "ana@example.org"
    nbgrader = collect(tree(tmp_path / "n", LAYOUTS["nbgrader"][0]), EXERCISES).handins
    assert [handin.timestamp for handin in nbgrader] == ["2026-05-01 10:00:00 UTC", ""]


def test_one_assignment_of_several_is_chosen(tmp_path: Path) -> None:
    files = {f"ana/hw1/{ONE}": "a", f"ana/hw2/{ONE}": "b", f"ben/hw2/{ONE}": "c"}
    both = collect(tree(tmp_path, files), EXERCISES).handins[0]
    assert "01_vmap.py is there more than once" in both.refused[ONE]
    assert "--assignment" in both.refused[ONE]
    chosen = collect(tmp_path, EXERCISES, "hw2")
    assert texts(chosen) == {"ana": {ONE: "b"}, "ben": {ONE: "c"}}


def test_a_students_own_zip_is_looked_into(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"homework/{ONE}", "a")
    files: dict[str, str | bytes] = {
        "liana_1_2_homework.zip": inner.getvalue(),
        "ben_3_4_homework.zip": b"no zip",
    }
    course = collect(write_zip(tmp_path / "submissions.zip", files), EXERCISES)
    assert texts(course) == {"ben_3": {}, "liana_1": {ONE: "a"}}
    assert "homework.zip is not a zip" in course.handins[0].problem
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "carl.zip").write_bytes(inner.getvalue())
    assert texts(collect(tmp_path / "plain", EXERCISES)) == {"carl": {ONE: "a"}}


def test_names_that_lead_out_of_a_zip_are_left_out(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"../evil/{ONE}": "x",
        f"/etc/{ONE}": "x",
        f"ana/../../{ONE}": "x",
        f"ana/{ONE}": "a",
    }
    course = collect(write_zip(tmp_path / "x.zip", files), EXERCISES)
    assert texts(course) == {"ana": {ONE: "a"}}
    assert course.notes == ["3 file(s) of x.zip are left out: their names lead out of the zip."]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("secret")
    tree(tmp_path / "course", {f"ana/{ONE}": "a"})
    (tmp_path / "course" / "ben").mkdir()
    (tmp_path / "course" / "ben" / ONE).symlink_to(secret)
    os.mkfifo(tmp_path / "course" / "ben" / TWO)
    files, refused = collect(tmp_path / "course", EXERCISES).handins[1].read()
    assert files == {}
    assert "is a link" in refused[ONE]
    assert "is not a file" in refused[TWO]
    link = zipfile.ZipInfo(f"ben/{ONE}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    files, refused = collect(tmp_path / "x.zip", EXERCISES).handins[0].read()
    assert files == {}
    assert "is a link" in refused[ONE]


def test_a_folder_that_is_a_link_is_nobodys(tmp_path: Path) -> None:
    tree(tmp_path / "elsewhere", {f"ana/{ONE}": "a"})
    tree(tmp_path / "course", {f"ben/{ONE}": "b"})
    (tmp_path / "course" / "eve").symlink_to(tmp_path / "elsewhere" / "ana")
    assert texts(collect(tmp_path / "course", EXERCISES)) == {"ben": {ONE: "b"}}


def test_no_more_of_a_bomb_is_read_than_is_graded(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ONE, b"\0" * (50 << 20))
    data = bomb.getvalue()
    honest = write_zip(tmp_path / "honest.zip", {"ana_1_2_hw.zip": data})
    refused = collect(honest, EXERCISES).handins[0].read()[1]
    assert refused == {ONE: f"01_vmap.py is larger than {MAX_SOURCE >> 20} MiB."}
    # One that lies about its size, in both places where it is told.
    size = (50 << 20).to_bytes(4, "little")
    assert data.count(size) >= 2
    lying = data.replace(size, (10).to_bytes(4, "little"))
    liar = write_zip(tmp_path / "liar.zip", {"ana_1_2_hw.zip": lying})
    files, refused = collect(liar, EXERCISES).handins[0].read()
    assert files == {}
    assert ONE in refused


def test_a_listing_beyond_measure_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number}-{'x' * 100}", "")
    monkeypatch.setattr(contents, "_MAX_INNER_LISTING", 100_000)
    files: dict[str, str | bytes] = {"ana_1_2_hw.zip": inner.getvalue(), f"b_1_2_{ONE}": "b"}
    course = collect(write_zip(tmp_path / "x.zip", files), EXERCISES)
    assert "table of contents is too long" in course.handins[0].problem


def test_an_encrypted_or_damaged_member_is_one_students_trouble(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {f"ana/{ONE}": "print('ana')", f"ben/{ONE}": "b"})
    path.write_bytes(path.read_bytes().replace(b"print('ana')", b"print('eva')"))
    ana, ben = collect(path, EXERCISES).handins
    assert "cannot be read from the zip" in ana.read()[1][ONE]
    assert ben.read()[0] == {ONE: b"b"}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "is empty"),
        ({"ana/essay.txt": "x", "notes.md": "x"}, "holds no submission"),
        ({ONE: "x"}, "is one submission, not a folder of them"),
    ],
)
def test_what_is_no_course_is_refused(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(CollectError, match=sentence):
        collect(tree(tmp_path, files), EXERCISES)


def test_what_is_not_there_or_no_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="does not exist"):
        collect(tmp_path / "none", EXERCISES)
    (tmp_path / "x.zip").write_text("hello")
    with pytest.raises(CollectError, match="neither a folder nor a zip"):
        collect(tmp_path / "x.zip", EXERCISES)
    good = write_zip(tmp_path / "y.zip", {f"ana/{ONE}": "a"}).read_bytes()
    (tmp_path / "y.zip").write_bytes(good[:30] + b"PK\5\6" + good[-18:])
    with pytest.raises(CollectError):
        collect(tmp_path / "y.zip", EXERCISES)


def test_a_student_who_is_there_twice_is_named(tmp_path: Path) -> None:
    tree(tmp_path, {f"ana/{ONE}": "a"})
    write_zip(tmp_path / "ana.zip", {ONE: "b"})
    with pytest.raises(CollectError, match=r"ana is there twice: .*ana\.zip"):
        collect(tmp_path, EXERCISES)


def test_strange_names_are_students_like_others(tmp_path: Path) -> None:
    names = ["Zoë Müller", "a\nb", "..." + "x", "\x1b[31mred", "名前", "x" * 200]
    course = collect(tree(tmp_path, {f"{name}/{ONE}": "a" for name in names}), EXERCISES)
    assert sorted(found(course)) == sorted(name for name in names if name[0] != ".")
    write_zip(tmp_path / "a\nb.zip", {ONE: "b"})
    with pytest.raises(CollectError) as error:
        collect(tmp_path, EXERCISES)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "planted", ["submission_metadata.yml", "try_1_2_new.py", "x_1_assignsubmission_file_y.py"]
)
def test_a_file_of_one_student_changes_nothing_for_the_others(tmp_path: Path, planted: str) -> None:
    """The download as a whole says how it is to be read."""
    files = {f"ana/{ONE}": "a", f"ben/{ONE}": "b", f"cem/{planted}": "x", f"cem/{ONE}": "c"}
    found = collect(tree(tmp_path, files), EXERCISES)
    assert found.layout == "folders"
    assert texts(found) == {"ana": {ONE: "a"}, "ben": {ONE: "b"}, "cem": {ONE: "c"}}


def test_what_fits_no_layout_is_named(tmp_path: Path) -> None:
    """Nobody vanishes: what is nobody's is told."""
    files = {"liana_1_2_01_vmap.py": "a", "doejo_3_4_01_vmap.py": "b", "readme.txt": "x"}
    found = collect(tree(tmp_path / "c", files), EXERCISES)
    assert found.notes == ["readme.txt is nobody's: it was not graded."]
    loose = tree(tmp_path / "f", {f"ana/{ONE}": "a", "bob.rar": "x", "eve_01_vmap.py": "e"})
    (bob,) = (one for one in collect(loose, EXERCISES).handins if one.student == "bob")
    assert "bob.rar cannot be opened here" in bob.problem
    assert texts(collect(loose, EXERCISES)) == {"ana": {ONE: "a"}, "bob": {}, "eve": {ONE: "e"}}


def test_near_names_are_read_and_told(tmp_path: Path) -> None:
    """A renamed copy counts where there is no file of the right name."""
    files = {"ana/01_vmap (1).py": "a", f"ben/{ONE}": "old", "ben/01_vmap (1).py": "new"}
    ana, ben = collect(tree(tmp_path, files), EXERCISES).handins
    assert ana.notes == (f"01_vmap (1).py was read as {ONE}.",)
    assert ben.notes == (f"{ONE} was graded as {ONE}, and not 01_vmap (1).py.",)


def test_a_whole_course_handed_in_is_read_by_its_exercises(tmp_path: Path) -> None:
    """Solutions, tests and environments beside them are nobody's work."""
    files = {
        f"ana/kit/exercises/{ONE}": "mine",
        f"ana/kit/solutions/{ONE}": "theirs",
        f"ana/kit/venv/lib/site-packages/{ONE}": "x",
    }
    assert texts(collect(tree(tmp_path, files), EXERCISES)) == {"ana": {ONE: "mine"}}


def test_a_metadata_file_of_aliases_is_refused(tmp_path: Path) -> None:
    """A few lines of YAML can stand for gigabytes."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    files = {"submission_metadata.yml": bomb, f"submission_1/{ONE}": "a"}
    with pytest.raises(CollectError, match="aliases"):
        collect(tree(tmp_path, files), EXERCISES)


def cells(text: str) -> str:
    """A notebook of one cell."""
    cell = {"cell_type": "code", "source": text.splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 0})


#: What ana hands in, which of it is read, and what has to be said.
ODD: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "a copy of a stub": (
        {ONE: STUB, "01_vmap (1).py": DONE},
        {ONE: DONE},
        "01_vmap (1).py was graded as 01_vmap.py, and not 01_vmap.py.",
    ),
    "a stub beside what is done": (
        {ONE: DONE, "01_vmap (1).py": STUB},
        {ONE: DONE},
        "and not 01_vmap (1).py",
    ),
    "a solution beside a stub in a clone": (
        {f"exercises/{ONE}": STUB, f"solutions/{ONE}": DONE},
        {ONE: STUB},
        f"and not solutions/{ONE}",
    ),
    "no name": ({"homework.py": DONE}, {ONE: DONE}, "homework.py was read as 01_vmap.py."),
    "no name, a notebook": (
        {"Untitled.ipynb": cells(DONE)},
        {"01_vmap.ipynb": cells(DONE)},
        "Untitled.ipynb was read as 01_vmap.ipynb.",
    ),
    "no names": (
        {"a.py": DONE, "b.py": OTHER, "helper.py": "def h(x):\n    return x\n"},
        {ONE: DONE, "02_grad_vs_cos.py": OTHER},
        "helper.py is none of the exercises",
    ),
    "a helper with a function of an exercise that is there": (
        {ONE: DONE, "batched.py": STUB},
        {ONE: DONE},
        "batched.py is none of the exercises",
    ),
    "two exercises in one file": ({"all.py": DONE + OTHER}, {}, "There are: all.py."),
    "a zip in a zip": (
        {"all.zip": {"inner.zip": {ONE: DONE}}},
        {},
        "inner.zip of all.zip cannot be opened here",
    ),
    "a zip made on a Mac": (
        {"all.zip": {ONE: DONE, f"__MACOSX/._{ONE}": "x", f"._{ONE}": "x", ".DS_Store": "x"}},
        {ONE: DONE},
        "01_vmap.py of all.zip was read as 01_vmap.py.",
    ),
    "a tar": ({"all.tar.gz": b"\x1f\x8b"}, {}, "all.tar.gz cannot be opened here"),
    "a shortcut": ({"01_vmap.py.lnk": b"L\0"}, {}, "There are: 01_vmap.py.lnk."),
    "a document": ({"01_vmap.docx": b"PK"}, {}, "There are: 01_vmap.docx."),
    "a stub in a zip beside what is done": (
        {"all.zip": {ONE: STUB}, ONE: DONE},
        {ONE: DONE},
        f"{ONE} was graded as {ONE}, and not {ONE} of all.zip.",
    ),
    "an older version in a folder beside": (
        {f"Version 1/{ONE}": STUB, f"Version 2/{ONE}": DONE},
        {ONE: DONE},
        f"and not Version 1/{ONE}",
    ),
    "no names, a stub among them": (
        {"done.py": DONE, "new.py": STUB},
        {ONE: DONE},
        "done.py was graded as 01_vmap.py, and not new.py.",
    ),
    "what is given is no work": (
        {ONE: GIVEN + STUB + "\n\nbatched(example, 1)\n", "01_vmap (1).py": GIVEN + DONE},
        {ONE: GIVEN + DONE},
        "01_vmap (1).py was graded",
    ),
    "an answer that is set": (
        {ONE: LAMBDA, "01_vmap (1).py": DONE},
        {ONE: LAMBDA},
        "and not 01_vmap (1).py",
    ),
    "twelve folders down": (
        {f"{'/'.join('abcdefghijkl')}/{ONE}": DONE},
        {ONE: DONE},
        f"l/{ONE} was read as {ONE}.",
    ),
    "twelve folders down in a zip": (
        {"all.zip": {f"{'/'.join('abcdefghijkl')}/{ONE}": DONE}},
        {ONE: DONE},
        f"l/{ONE} of all.zip was read as {ONE}.",
    ),
    "thousands of folders down": (
        {"all.zip": {f"{'a/' * 3000}{ONE}": DONE}},
        {ONE: DONE},
        f"a/(...)/{ONE} of all.zip was read as {ONE}.",
    ),
    "a checkpoint alone": (
        {".ipynb_checkpoints/01_vmap-checkpoint.ipynb": "x"},
        {},
        "There are: .ipynb_checkpoints.",
    ),
    "an environment alone": ({"venv/lib/x.py": "x"}, {}, "There are: venv."),
    "an empty zip": ({"all.zip": {}}, {}, "all.zip holds no files."),
    "a zip that leads out": (
        {"all.zip": {f"../{ONE}": DONE}},
        {},
        "all.zip holds no files; of 1 the names lead out of it.",
    ),
    "many other files": (
        {ONE: DONE} | {f"data/{i}.csv": "x" for i in range(70)},
        {ONE: DONE},
        "20 more files are none of the exercises.",
    ),
    "many copies": (
        {f"{i}/{ONE}": DONE for i in range(30)},
        {ONE: DONE},
        "and 9 more.",
    ),
    "folders in folders": (
        {f"ana/hw/hw1/01/{ONE}": DONE},
        {ONE: DONE},
        "ana/hw/hw1/01/01_vmap.py was read as 01_vmap.py.",
    ),
    "a notebook as text": (
        {"01_vmap.txt": cells(DONE)},
        {ONE: cells(DONE)},
        "01_vmap.txt was read",
    ),
}


#: Downloads as a whole, and what becomes of them: students, files and contents, and a note.
DOWNLOADS: dict[str, tuple[dict[str, Any], dict[str, dict[str, str]], str]] = {
    "no name tells": (
        {"ana/homework.py": DONE, "ben/x.ipynb": cells(DONE)},
        {"ana": {ONE: DONE}, "ben": {"01_vmap.ipynb": cells(DONE)}},
        "",
    ),
    "empty folders and what machines put there": (
        {"ana/": "", f"ben/{ONE}": "b", "cem/.DS_Store": "x", "__MACOSX/x": "x"},
        {"ana": {}, "ben": {ONE: "b"}, "cem": {}},
        "",
    ),
    "empty folders within one folder": (
        {"week/": "", "week/ana/": "", f"week/ben/{ONE}": "b", f"week/cem/{ONE}": "c"},
        {"ana": {}, "ben": {ONE: "b"}, "cem": {ONE: "c"}},
        "",
    ),
    "Sakai": (
        {
            f"Week 1/Doe, Jane(jane)/Submission attachment(s)/{ONE}": "a",
            "Week 1/Doe, Jane(jane)/timestamp.txt": "20270131235900000",
            f"Week 1/Roe, Rob(rob)/Submission attachment(s)/{ONE}": "b",
            "Week 1/grades.csv": "x",
        },
        {"Doe, Jane(jane)": {ONE: "a"}, "Roe, Rob(rob)": {ONE: "b"}},
        "grades.csv is nobody's",
    ),
    "two folders around everything": (
        {f"Week 1/Abgaben/ana/{ONE}": "a", f"Week 1/Abgaben/ben/{ONE}": "b", "Week 1/x.csv": "x"},
        {"ana": {ONE: "a"}, "ben": {ONE: "b"}},
        "",
    ),
    "Google Drive": (
        {f"drive/Ana A - Copy of {ONE}": "a", f"drive/Ben B - {ONE}": "b"},
        {"Ana A": {ONE: "a"}, "Ben B": {ONE: "b"}},
        "",
    ),
    "names behind": (
        {"01_vmap - Ana A.py": "a", "01_vmap (Ben).py": "b", "01_vmap (1).py": "c"},
        {"Ana A": {ONE: "a"}, "Ben": {ONE: "b"}},
        "01_vmap (1).py is nobody's",
    ),
    "typed into Canvas": (
        {f"doejane_124_9_{ONE}": "a", "roejo_LATE_125_text.html": "x", "anon_1a2b3_link.html": "x"},
        {"anon_1a2b3": {}, "doejane_124": {ONE: "a"}, "roejo_125": {}},
        "",
    ),
    "a clone of the course is one student's": (
        {f"ana/exercises/{ONE}": "a", f"ana/solutions/{ONE}": "b", "ana/README.md": "x"},
        {"ana": {ONE: "a"}},
        "",
    ),
}


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_nobody_of_a_download_vanishes(kind: str, tmp_path: Path) -> None:
    files, due, says = DOWNLOADS[kind]
    (tmp_path / "x.zip").write_bytes(packed(files))
    found = collect(tmp_path / "x.zip", FUNCTIONS)
    assert texts(found) == due
    assert says in " ".join(found.notes)
    assert all(bool(one.problem) != bool(one.entries) for one in found.handins)


def test_one_folder_that_may_be_a_class_is_told(tmp_path: Path) -> None:
    folder = tree(tmp_path, {f"x/ana/{ONE}": "a", f"x/ben/{ONE}": "b", "x/grades.csv": "x"})
    (note,) = collect(folder, EXERCISES).notes
    assert note.endswith("If these are of several students, grade x by itself.")


def test_a_download_without_exercises_lists_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match=r"holds no submission.* There are: jane\.py\."):
        collect(tree(tmp_path, {"jane.py": DONE}), FUNCTIONS)


def packed(files: Mapping[str, Any]) -> bytes:
    """A zip of files and zips."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, packed(content) if isinstance(content, dict) else content)
    return data.getvalue()


@pytest.mark.parametrize("kind", ODD)
def test_odd_handins_are_read_or_named_and_touch_nobody_else(kind: str, tmp_path: Path) -> None:
    files, due, says = ODD[kind]
    (tmp_path / "x.zip").write_bytes(
        packed({**{f"ana/{name}": text for name, text in files.items()}, f"ben/{ONE}": "b"})
    )
    course = collect(tmp_path / "x.zip", FUNCTIONS)
    assert texts(course) == {"ana": due, "ben": {ONE: "b"}}
    ana = course.handins[0]
    assert says in " ".join([ana.problem, *ana.notes])


def test_names_in_two_forms_of_unicode_are_two_students(tmp_path: Path) -> None:
    """Nobody gets what somebody else has handed in."""
    files: dict[str, str | bytes] = {f"zo\u00eb/{ONE}": "a", f"zoe\u0308/{ONE}": "b"}
    found = texts(collect(write_zip(tmp_path / "x.zip", files), EXERCISES))
    assert found == {"zo\u00eb": {ONE: "a"}, "zoe\u0308": {ONE: "b"}}
