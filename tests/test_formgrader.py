"""What an instructor sees: the formgrader in a browser, and a gradebook in PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import nbgrader_commands
import pytest
from browser import chromium, missing
from nbgrader.api import Gradebook
from nbgrader_commands import ASSIGNMENT, EXERCISES, NbgraderTerm, scores
from nbgrader_term import OF
from needs import need

_CALM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def server(term: NbgraderTerm) -> Iterator[str]:
    """Jupyter's server with nbgrader's extensions, in the course's folder; its address."""
    port = free_port()
    log = term.root / "server.txt"
    environment = term.environment()
    with open(log, "w") as said:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser",
                f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=",
                "--ServerApp.disable_check_xsrf=True",
            ],
            cwd=term.course, env=environment, stdout=said, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", process, log)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10):
            return
        time.sleep(0.3)
    raise AssertionError(log.read_text())


@pytest.fixture
def browser() -> None:
    need("browser", missing())


@pytest.mark.usefixtures("browser")
def test_formgrader_shows_scores_and_feedback(server: str, term: NbgraderTerm) -> None:
    """The list of students with their scores, and a student's page with points and reasons."""
    from playwright.sync_api import sync_playwright

    folder = Path(os.environ.get("JAXERCISE_SCREENSHOTS", term.root / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium(), args=_CALM)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(240_000)
        page.goto(f"{server}/formgrader/manage_submissions/{ASSIGNMENT}")
        row = page.locator("tr", has=page.locator("td.student-id", has_text="cem"))
        row.wait_for()
        assert "12 / 24" in " ".join(row.inner_text().split())
        page.screenshot(path=folder / "submissions.png", full_page=True)
        with Gradebook(
            f"sqlite:///{term.course / 'gradebook.db'}", nbgrader_commands.COURSE_ID
        ) as gradebook:
            notebook = gradebook.find_submission_notebook(EXERCISES[0], ASSIGNMENT, "cem")
            number = notebook.id
        page.goto(f"{server}/formgrader/submissions/{number}/?index=0")
        page.get_by_text("Likely cause:").first.wait_for()
        page.screenshot(path=folder / "submission.png", full_page=True)
        text = page.inner_text("body")
        assert "largest_gap(f, df, x)" in text
        assert "The sign is kept" in text
        points = page.locator("input.score")
        points.first.wait_for()
        page.wait_for_function(
            "() => [...document.querySelectorAll('input.score')].length == 3"
            " && [...document.querySelectorAll('input.score')].every(i => i.placeholder != '')"
        )
        given = [float(points.nth(i).get_attribute("placeholder")) for i in range(points.count())]
        assert given == [OF["derivative"], 0, 0]
        browser.close()


def _postgres() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this test's own; the address of an empty gradebook in it."""
    programs = _postgres()
    need("database", "" if programs else "PostgreSQL is not installed here")
    need("database", "" if find_spec("psycopg2") else "psycopg2 is not installed here")
    assert programs is not None
    folder = tmp_path_factory.mktemp("postgres")
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(folder, "nobody", "nogroup")
        for parent in (folder, *folder.parents):  # that user has to get there
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    data, port = folder / "data", free_port()

    def run(name: str, *arguments: str) -> None:
        done = subprocess.run(
            [*as_user, str(programs / name), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    run("initdb", "-D", str(data), "-U", "grader", "-A", "trust", "-N", "-E", "UTF8")
    log = str(folder / "log.txt")
    options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run(
        [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", log, "-w",
         "-t", "240", "start"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "grader", "gradebook")
        yield f"postgresql+psycopg2://grader@127.0.0.1:{port}/gradebook"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@pytest.mark.nightly
def test_a_gradebook_in_postgresql_gives_the_same_points(term: NbgraderTerm, database: str) -> None:
    """The course's commands, with the gradebook in a database server."""
    url = f"--db={database}"
    term.nbgrader("generate_assignment", ASSIGNMENT, url, "--force")
    term.nbgrader("autograde", ASSIGNMENT, url, "--student=cem", "--force")
    assert scores(term, database)["cem"] == scores(term)["cem"]
    path = term.root / "postgres.csv"
    term.nbgrader(
        "export", url, "--exporter=jaxercise.frontends.exports.nbgrader.Canvas", f"--to={path}"
    )
    assert re.search(r"^cem,.*,12\r?$", path.read_text(), re.MULTILINE)
