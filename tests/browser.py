"""JupyterLab in a headless Chromium, driven as a student drives it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: No step waits longer, however slow the machine.
SECONDS = 240.0
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TOKEN = "browser-test"


def missing() -> str:
    """What the browser tests lack on this machine; empty where they can run."""
    for module in ("jupyterlab", "playwright"):
        try:
            __import__(module)
        except ImportError:
            return f"{module} is not installed: pip install -e '.[browser]'"
    return "" if chromium() else "there is no chromium here"


def chromium() -> str | None:
    """The browser that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextlib.contextmanager
def jupyter(folder: Path, home: Path) -> Iterator[str]:
    """A JupyterLab server for a folder; its address.

    Args:
        folder: with the notebooks.
        home: an empty folder for what Jupyter keeps.
    """
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(
        json.dumps({"windowingMode": "none", "codeCellConfig": {"autoClosingBrackets": False}})
    )
    page = home / "config" / "labconfig"
    page.mkdir(parents=True)
    news = "@jupyterlab/apputils-extension:announcements"
    (page / "page_config.json").write_text(json.dumps({"disabledExtensions": {news: True}}))
    places = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "IPYTHONDIR": home / "ipython",
        "HOME": home,
    }
    environment = os.environ | {name: str(path) for name, path in places.items()}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
        *(f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={_TOKEN}"),
    ]
    with (
        (home / "log.txt").open("w") as log,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as server,
    ):
        try:
            yield _address(home / "runtime", server, home / "log.txt")
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(runtime: Path, server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # it is being written
                return str(json.loads(path.read_text())["url"])
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


#: The prompt of a cell says `[*]:` while it runs, and then a new number.
_PROMPT = "const prompt = cell.querySelector('.jp-InputPrompt').innerText;"
_BEGUN = f"([cell, before]) => {{ {_PROMPT} return prompt !== before && /[*\\d]/.test(prompt); }}"
_DONE = f"([cell, before]) => {{ {_PROMPT} return prompt !== before && /\\d/.test(prompt); }}"


@dataclass
class Notebook:
    """A notebook that is open in the browser.

    Attributes:
        page: Playwright's page.
    """

    page: Any

    def code_cell(self, text: str) -> Any:
        """The first code cell whose source holds a text."""
        source = self.page.locator(".cm-content", has_text=text)
        return self.page.locator(".jp-CodeCell", has=source).first

    def fill(self, cell: Any, source: str) -> None:
        """Replace a cell's source, by keyboard."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def source(self, cell: Any) -> str:
        """What stands in a cell."""
        lines = cell.locator(".cm-line").all_inner_texts()
        return "\n".join(line.rstrip("\n") for line in lines)  # an empty line is a line break

    def run(self, cell: Any) -> None:
        """Run a cell, and wait until it is done."""
        before = cell.locator(".jp-InputPrompt").inner_text()
        arguments = [cell.element_handle(), before]
        for _ in range(5):
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            try:  # what is run before the kernel is there is forgotten
                self.page.wait_for_function(_BEGUN, arg=arguments, timeout=SECONDS * 100)
            except Exception:
                continue
            self.page.wait_for_function(_DONE, arg=arguments)
            return
        raise TimeoutError("the cell does not begin to run")

    def output(self, cell: Any) -> str:
        """What a cell has put out, as one reads it."""
        return str(cell.locator(".jp-OutputArea").inner_text())


@contextlib.contextmanager
def opened(address: str, name: str) -> Iterator[Notebook]:
    """A notebook of the server, opened in a new browser, its kernel ready."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{address}doc/tree/{name}?token={_TOKEN}")
        page.wait_for_selector(".jp-CodeCell .cm-content")
        page.wait_for_selector("text=/ipykernel.*Idle/")
        yield Notebook(page)
        browser.close()
