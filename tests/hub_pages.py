"""nbgrader's pages on a hub, as students and instructors use them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browser import FLAGS, SECONDS, Notebook, chromium
from hub import ACCOUNTS, ADDRESS, PASSWORD


class Visitors:
    """Browsers in which each account is logged in at the hub.

    Args:
        browser: Playwright's.
        pictures: the folder for what was on the screens, at some steps and at the end.
    """

    def __init__(self, browser: Any, pictures: Path) -> None:
        self._browser, self._pages, self.pictures = browser, dict[str, Any](), pictures

    def page(self, name: str) -> Any:
        """Somebody's page, on which the server of theirs has started."""
        if name not in self._pages:
            page = self._browser.new_context(viewport={"width": 1200, "height": 1000}).new_page()
            page.set_default_timeout(SECONDS * 1000)
            page.goto(f"{ADDRESS}/hub/login")
            page.fill("#username_input", ACCOUNTS[name])
            page.fill("#password_input", PASSWORD)
            page.click("#login_submit")
            page.wait_for_url(f"**/user/{ACCOUNTS[name]}/lab*")
            self._pages[name] = page
        return self._pages[name]

    def picture(self, name: str, *people: str) -> None:
        """Keep the screens of these people, or of everybody."""
        self.pictures.mkdir(exist_ok=True)
        for person in people or self._pages:
            self._pages[person].screenshot(path=self.pictures / f"{name}-{person}.png")


@contextlib.contextmanager
def visitors(pictures: Path) -> Iterator[Visitors]:
    """Browsers for everybody, with pictures of them at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        made = Visitors(browser, pictures)
        try:
            yield made
        finally:
            made.picture("end")
            browser.close()


class Formgrader:
    """nbgrader's formgrader.

    Args:
        page: Playwright's.
        address: the server's, without `/formgrader`.
    """

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, f"{address}/formgrader"

    def press(self, assignment: str, step: str) -> str:
        """Press an assignment's button, which has to succeed; what the log says."""
        self.page.goto(f"{self.address}/manage_assignments")
        return self._press("td.name", assignment, step)

    def autograde(self, assignment: str, student: str) -> str:
        """Autograde a hand-in, which has to succeed; what the log says."""
        self.page.goto(f"{self.address}/manage_submissions/{assignment}")
        return self._press("td.student-id", student, "autograde")

    def submission(self, assignment: str, student: str) -> str:
        """The row of a hand-in among an assignment's."""
        self.page.goto(f"{self.address}/manage_submissions/{assignment}")
        row = self.page.locator("tr", has=self.page.locator("td.student-id", has_text=student))
        return " ".join(row.inner_text().split())

    def _press(self, cell: str, name: str, step: str) -> str:
        row = self.page.locator("tr", has=self.page.locator(cell, has_text=name))
        row.locator(f"td.{step} a").click()
        dialog = self.page.locator(".modal.in")
        dialog.wait_for()
        said: str = dialog.text_content()
        assert "Success" in dialog.locator(".modal-title").text_content(), said
        dialog.locator(".modal-footer button").click()
        dialog.wait_for(state="detached")
        return said

    def gradebook(self, assignment: str, notebook: str) -> None:
        """Open the gradebook of a notebook, which names nobody."""
        self.page.goto(f"{self.address}/gradebook/{assignment}/{notebook}")
        self.page.locator("td.score").first.wait_for()

    def notebook(self, assignment: str, notebook: str, points: str) -> None:
        """Open the hand-in with so many points, by the gradebook."""
        self.gradebook(assignment, notebook)
        score = self.page.locator("td.score", has_text=points)
        self.page.locator("tr", has=score).locator("td.name a").first.click()
        self.page.locator("input.score").first.wait_for()
        self.page.wait_for_load_state("networkidle")

    def score(self, cell: str, points: str) -> None:
        """Enter a score by hand."""
        field = self.page.locator(f"input.score#{cell}")
        with self.page.expect_response(lambda one: "/api/grade/" in one.url):
            field.fill(points)
            field.blur()


class Lab:
    """A student's JupyterLab.

    Args:
        page: Playwright's.
        address: the server's, with `/lab`.
    """

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.notebook = Notebook(page)

    def assignments(self, course: str) -> None:
        """Open the list of a course's assignments."""
        self.page.goto(f"{self.address}?reset")
        # What is opened before the old workspace is gone goes with it.
        self.page.wait_for_url(lambda url: "reset" not in url)
        self.page.locator(".jp-Launcher").first.wait_for()
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
        choice = self.page.locator("#course_list a", has_text=course)
        choice.wait_for(state="attached")
        if self.page.locator("#course_list_default").inner_text() != course:
            self.page.locator("#course_list_dropdown").click()
            choice.click()

    def courses(self) -> list[str]:
        """The courses to choose from."""
        found: list[str] = self.page.locator("#course_list a").all_text_contents()
        return found

    def fetch(self, assignment: str) -> None:
        """Fetch an assignment."""
        self._item("released", assignment).get_by_role("button", name="Fetch", exact=True).click()
        self._item("fetched", assignment).wait_for()

    def submit(self, assignment: str) -> None:
        """Hand an assignment in."""
        self._item("fetched", assignment).get_by_role("button", name="Submit").click()
        self._item("submitted", assignment).wait_for()

    def feedback(self, assignment: str) -> None:
        """Fetch the feedback on a hand-in."""
        button = self._item("submitted", assignment).get_by_role("button", name="Fetch Feedback")
        with self.page.expect_response(lambda one: "fetch_feedback" in one.url):
            button.click()

    def _item(self, kind: str, assignment: str) -> Any:
        items = self.page.locator(f"#{kind}_assignments_list .list_item")
        return items.filter(has_text=assignment).first

    def open(self, path: str) -> None:
        """Open a notebook, its kernel ready."""
        self.page.goto(f"{self.address}/tree/{path}?reset")
        self.page.wait_for_selector(".jp-CodeCell .cm-content")
        self.page.wait_for_selector("text=/Python 3.*Idle/")
        self.notebook.run(self.notebook.code_cell("import jax.numpy as jnp"))

    def work(self, function: str, source: str) -> str:
        """Write a function, run its cell and its check; what the check says."""
        cell = self.notebook.code_cell(f"def {function}(")
        self.notebook.fill(cell, source)
        self.notebook.run(cell)
        check = self.notebook.code_cell(f'check("{function}")')
        self.notebook.run(check)
        return self.notebook.output(check)

    def save(self) -> None:
        """Save the notebook."""
        with self.page.expect_response(
            lambda one: "/api/contents/" in one.url and one.request.method == "PUT"
        ):
            self.page.keyboard.press("Control+s")

    def validate(self, picture: Path | None = None) -> str:
        """Press Validate; what the dialog says, and looks like."""
        self.page.locator(".validate-button button, .validate-button jp-button").first.click()
        dialog = self.page.locator(".jp-Dialog")
        dialog.wait_for()
        said = str(dialog.inner_text())
        if picture:
            self.page.screenshot(path=picture)
        dialog.locator("button", has_text="O").last.click()
        dialog.wait_for(state="detached")
        return said
