"""nbgrader on JupyterHub as its guide says, in a browser: from fetching to feedback.

Left out unless `JAXERCISE_HUB` names a folder to set it up in, which other accounts can reach.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import missing
from hub import ACCOUNTS, ADDRESS, COURSES, Hub, lacking
from hub_pages import Formgrader, Lab, Visitors, visitors
from nbgrader_commands import cell_of, read, solution
from nbgrader_term import OF, RIGHT

FOLDER = os.environ.get("JAXERCISE_HUB", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="JAXERCISE_HUB names no folder")
WRONG = "def derivative(f, x):\n    return jax.vmap(f)(x)"
NOTEBOOK = "02_grad_vs_cos"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """The machine of the guide, its hub running."""
    for what in (lacking(), missing()):
        assert not what, what
    made = Hub(Path(FOLDER).resolve())
    try:
        made.make()
        with made.running():
            yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def people(hub: Hub) -> Iterator[Visitors]:
    """Browsers in which each account is logged in."""
    with visitors(hub.root / "pictures") as made:
        yield made


def formgrader(people: Visitors, course: str) -> Formgrader:
    """A course's formgrader, the hub's service."""
    return Formgrader(people.page("ida"), f"{ADDRESS}/services/{course}")


@pytest.fixture(scope="module")
def seen(hub: Hub, people: Visitors) -> dict[str, Any]:
    """Both courses released; ada and bob have worked, checked, validated, submitted, been graded.

    What was to be seen on the way, by name.
    """
    found: dict[str, Any] = {}
    for course, assignment in COURSES.items():
        formgrader(people, course).press(assignment, "assign")
        formgrader(people, course).press(assignment, "release")
    source = read(hub.home("ida") / "jax101/source/gradients" / f"{NOTEBOOK}.ipynb")
    plot = solution("".join(cell_of(source, "plot")["source"]))
    for name in ("ada", "bob"):
        lab = Lab(people.page(name), f"{ADDRESS}/user/{ACCOUNTS[name]}/lab")
        lab.assignments("jax101")
        found[f"{name}: courses"] = lab.courses()
        lab.fetch("gradients")
        people.picture("fetched", name)
        lab.open(f"jax101/gradients/{NOTEBOOK}.ipynb")
        if name == "bob":
            found["wrong: check"] = lab.work("derivative", WRONG)
            found["wrong: validate"] = lab.validate(people.pictures / "validated-wrong.png")
        found["right: check"] = lab.work("derivative", RIGHT["derivative"])
        lab.work("largest_gap", RIGHT["largest_gap"])
        if name == "ada":
            lab.work("plot", plot)
        found[f"{name}: validate"] = lab.validate(people.pictures / f"validated-{name}.png")
        lab.assignments("jax101")
        lab.submit("gradients")
    teacher = formgrader(people, "jax101")
    teacher.press("gradients", "collect")
    for name in ("ada", "bob"):
        teacher.autograde("gradients", ACCOUNTS[name])
        found[f"{name}: graded"] = teacher.submission("gradients", ACCOUNTS[name])
    return found


def test_students_see_their_own_courses(seen: dict[str, Any]) -> None:
    """As the hub's groups say."""
    assert (seen["ada: courses"], seen["bob: courses"]) == (["jax101", "jax102"], ["jax101"])


def test_validate_says_the_truth(seen: dict[str, Any]) -> None:
    """It names each function without full marks, and no other; a check says why."""
    assert "expected  [1, 1, 1]" in seen["wrong: check"]
    assert "All of its claims hold." in seen["right: check"]
    for name in ("derivative", "largest_gap", "plot"):
        assert f"NotYetError: {name} has 0 of {OF[name]} points." in seen["wrong: validate"]
    assert "NotYetError: plot has 0 of 4 points." in seen["bob: validate"]
    assert "derivative" not in seen["bob: validate"]
    assert "Success! Your notebook passes all the tests." in seen["ada: validate"]


def test_formgrader_grades_what_was_collected(seen: dict[str, Any]) -> None:
    """In the sandbox of an ordinary account: as much as Validate has said."""
    assert seen["ada: graded"].endswith("graded 14 / 14")
    assert seen["bob: graded"].endswith("graded 10 / 14")


def test_a_score_given_by_hand_stays_and_is_no_work_again(
    seen: dict[str, Any], people: Visitors
) -> None:
    """Also after autograding once more."""
    teacher, bob = formgrader(people, "jax101"), ACCOUNTS["bob"]
    teacher.gradebook("gradients", NOTEBOOK)
    people.picture("gradebook", "ida")
    teacher.notebook("gradients", NOTEBOOK, "10 / 14")
    teacher.score("test_plot", "1")
    people.picture("by-hand", "ida")
    assert teacher.submission("gradients", bob).endswith("graded 11 / 14")
    teacher.autograde("gradients", bob)
    assert teacher.submission("gradients", bob).endswith("graded 11 / 14")


def test_feedback_reaches_students(hub: Hub, seen: dict[str, Any], people: Visitors) -> None:
    """The page that bob fetches lists functions, and says what is not done."""
    teacher = formgrader(people, "jax101")
    teacher.press("gradients", "generate-feedback")
    teacher.press("gradients", "release-feedback")
    lab = Lab(people.page("bob"), f"{ADDRESS}/user/{ACCOUNTS['bob']}/lab")
    lab.assignments("jax101")
    lab.feedback("gradients")
    (page,) = hub.home("bob").glob(f"jax101/gradients/feedback/*/{NOTEBOOK}.html")
    text = page.read_text(encoding="utf-8")
    for name in ("derivative", "largest_gap", "plot"):
        assert f'<a href="#test_{name}">{name}</a>' in text
    assert "Test cell" not in text
    assert '<a href="#comment-plot">Comment on plot</a>' in text  # of nbgrader: no response
    people.picture("feedback-fetched", "bob")
    where = page.relative_to(hub.home("bob"))
    people.page("bob").goto(f"{ADDRESS}/user/{ACCOUNTS['bob']}/files/{where}")
    people.picture("feedback", "bob")


def test_the_second_course_stands_by_itself(seen: dict[str, Any], people: Visitors) -> None:
    """Its own assignment, hand-ins and points."""
    lab = Lab(people.page("ada"), f"{ADDRESS}/user/{ACCOUNTS['ada']}/lab")
    lab.assignments("jax102")
    lab.fetch("partials")
    lab.open("jax102/partials/04_partial_derivatives.ipynb")
    lab.work("partial_x", RIGHT["partial_x"])
    lab.save()
    lab.assignments("jax102")
    lab.submit("partials")
    teacher = formgrader(people, "jax102")
    teacher.press("partials", "collect")
    teacher.autograde("partials", ACCOUNTS["ada"])
    assert teacher.submission("partials", ACCOUNTS["ada"]).endswith("graded 2 / 10")


def test_formgrader_works_where_the_instructor_s_server_starts(
    hub: Hub, seen: dict[str, Any], people: Visitors
) -> None:
    """In the home folder, by the line that `jaxercise course` prints."""
    own = Formgrader(people.page("ida"), f"{ADDRESS}/user/{ACCOUNTS['ida']}")
    assert ACCOUNTS["ada"] in own.submission("gradients", ACCOUNTS["ada"])
    answer = people.page("ida").goto(f"{own.address}/manage_assignments")
    # So the guide says to open it in a tab of its own.
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_students_reach_neither_formgrader_nor_answers_nor_others_work(
    hub: Hub, seen: dict[str, Any], people: Visitors
) -> None:
    """Roles at the hub, and permissions of the folders."""
    page, ida, bob = people.page("bob"), ACCOUNTS["ida"], ACCOUNTS["bob"]
    for address, status in (
        ("services/jax101/formgrader", 403),
        (f"user/{ida}/formgrader", 403),
        (f"user/{bob}/formgrader", 404),
    ):
        assert page.goto(f"{ADDRESS}/{address}").status == status
    course = hub.exchange / "jax101"
    for command in (
        ["ls", str(course / "inbound")],
        ["ls", str(hub.kit)],
        ["mv", str(course), str(hub.exchange / "mine")],
        ["rm", "-r", str(course / "outbound/gradients")],
    ):
        with pytest.raises(AssertionError, match=r"Permission denied|not permitted"):
            hub.run(*command, user="bob")
