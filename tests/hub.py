"""A JupyterHub for real: Unix accounts, two environments, two courses, as nbgrader's guide says.

It takes root, npm's `configurable-http-proxy`, a Python that other accounts can run, and a folder
that they can reach. What takes minutes to install there is kept for the next run.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from running import ROOT

GUIDE = ROOT / "autograder/jaxercise/frontends/nbgrader/README.md"
#: What the guide calls the accounts, and what they are called here.
ACCOUNTS = {"ada": "jaxercise-ada", "bob": "jaxercise-bob", "ida": "jaxercise-ida"}
STUDENTS = ("ada", "bob")
PASSWORD = "hub-test-6131"
ASSIGNMENTS = {"gradients": "02_grad_vs_cos", "partials": "04_partial_derivatives"}
COURSES = {"jax101": "gradients", "jax102": "partials"}
_PORT = 18650
ADDRESS = f"http://127.0.0.1:{_PORT}"
#: No command takes longer, however slow the machine.
SECONDS = 1800.0
_PORTS = f"""
c.JupyterHub.bind_url = "{ADDRESS}"
c.JupyterHub.hub_port = {_PORT + 1}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{_PORT + 2}"
c.PAMAuthenticator.open_sessions = False
c.Spawner.start_timeout = c.Spawner.http_timeout = 600
"""


def blocks(kind: str) -> list[str]:
    """The guide's blocks of code in a language."""
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


class Hub:
    """The machine of the guide, in a folder.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kit, self.students = root / "opt/kit", root / "opt/students"
        self.exchange = root / "srv/exchange"
        self.log = root / "srv/hub.txt"

    def here(self, text: str) -> str:
        """A text of the guide's, with the accounts, ports and folders of this machine."""
        for name, account in ACCOUNTS.items():
            text = text.replace(f'"{name}"', f'"{account}"')
            text = text.replace(f"/home/{name}", f"/home/{account}")
        for port in (9991, 9992):
            text = text.replace(str(port), str(_PORT + port - 9980))
        return re.sub(r"(?<![\w/])/(opt|srv|home)/", rf"{self.root}/\1/", text)

    def home(self, name: str) -> Path:
        """Somebody's home folder."""
        return self.root / "home" / ACCOUNTS[name]

    def run(self, *command: str, user: str = "", cwd: Path | None = None) -> str:
        """Run a command that has to succeed, as root or as somebody; what it says."""
        bin_folder = self.students / "bin" if user in STUDENTS else self.kit / ".venv/bin"
        own = {"PATH": f"{bin_folder}:/usr/local/bin:/usr/bin:/bin:/usr/sbin"}
        if user:
            own["HOME"] = str(self.home(user))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON"))}
        done = subprocess.run(
            command, cwd=cwd or (self.home(user) if user else self.root),
            env={**kept, **own, "TMPDIR": "/tmp"}, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
            **(_as(ACCOUNTS[user]) if user else {}),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def make(self) -> None:
        """Install the two environments and make the accounts, the exchange and the courses."""
        for folder in ("opt", "srv/hub", "home"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        for account in ACCOUNTS.values():
            home = self.root / "home" / account
            with contextlib.suppress(KeyError):
                pwd.getpwnam(account)
                self.run("userdel", account)
            shutil.rmtree(home, ignore_errors=True)
            self.run("useradd", "-m", "-d", str(home), "-s", "/bin/bash", account)
            secret = f"{account}:{PASSWORD}"
            subprocess.run(["/usr/sbin/chpasswd"], input=secret, text=True, check=True)
        self._copy_kit()
        _install(self.kit / ".venv", f"{self.kit}[instructor]")
        self.run("chown", "-R", ACCOUNTS["ida"], str(self.kit))
        self.kit.chmod(0o700)
        shutil.rmtree(self.root / "opt/jaxercise", ignore_errors=True)
        pack = self.root / "srv/jax.zip"
        self.run("jaxercise", "pack", str(pack), "--force", "--course", str(self.kit))
        shutil.unpack_archive(pack, self.root / "opt")
        _install(self.students, str(self.root / "opt/jaxercise"), "nbgrader")
        (settings, config) = blocks("python")
        for environment in (self.students, self.kit / ".venv"):
            where = environment / "etc/jupyter"
            where.mkdir(parents=True, exist_ok=True)
            (where / "nbgrader_config.py").write_text(self.here(settings))
        if not (self.students / "etc/jupyter/labconfig").exists():
            self.run("bash", "-euc", self.here(blocks("sh")[1]))
        shutil.rmtree(self.exchange, ignore_errors=True)
        self.exchange.mkdir()
        self.exchange.chmod(0o1777)
        shutil.rmtree(self.root / "srv/hub")
        (self.root / "srv/hub").mkdir(mode=0o700)
        (self.root / "srv/hub/jupyterhub_config.py").write_text(self.here(config) + _PORTS)
        for course, assignment in COURSES.items():
            said = self.run(
                "jaxercise", "course", course, "--course", str(self.kit), "--assignment",
                assignment, "--exchange", str(self.exchange), user="ida",
            )  # fmt: skip
            if course == "jax101":
                (line,) = re.findall(r"^ +(c\.CourseDirectory\.root = .*)$", said, re.MULTILINE)
                config = self.home("ida") / ".jupyter/nbgrader_config.py"
                config.parent.mkdir()
                config.write_text(line)
                self.run("chown", "-R", ACCOUNTS["ida"], str(config.parent))

    def _copy_kit(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        for name in listed.stdout.split("\n"):
            if (ROOT / name).is_file():
                (self.kit / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.kit / name)
        # Two exercises, so that packing and grading take seconds.
        dropped = {path.stem for path in (ROOT / "solutions").glob("[0-9]*.py")}
        tables = "".join(f'{name} = ["{of}"]\n' for name, of in ASSIGNMENTS.items())
        settings = (
            f"[tool.jaxercise]\ndrop = {sorted(dropped - set(ASSIGNMENTS.values()))}\n"
            f"[tool.jaxercise.assignments]\n{tables}\n"
        )
        path = self.kit / "pyproject.toml"
        text = re.sub(r"\[tool\.jaxercise\].*?(?=\[tool\.pytest)", "", path.read_text(), flags=re.S)
        path.write_text(text + settings)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The hub, up to its answering."""
        whole = {**os.environ, "PATH": f"{self.students / 'bin'}:{os.environ['PATH']}"}
        whole.pop("PYTHONPATH", None)
        with open(self.log, "w") as log:
            process = subprocess.Popen(
                [str(self.students / "bin/jupyterhub")], cwd=self.root / "srv/hub", env=whole,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            self._wait(process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            with contextlib.suppress(OSError):  # a hub that was killed leaves its proxy behind
                os.kill(int((self.root / "srv/hub/jupyterhub-proxy.pid").read_text()), 9)
            for account in ACCOUNTS.values():  # servers outlive a hub
                while not subprocess.run(["pkill", "-KILL", "-u", account], check=False).returncode:
                    time.sleep(0.5)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert process.poll() is None, self.log.read_text()[-4000:]
            if "JupyterHub is now running" in self.log.read_text():
                with urllib.request.urlopen(f"{ADDRESS}/hub/login", timeout=60):
                    return
            time.sleep(1)
        raise AssertionError(self.log.read_text()[-4000:])

    def remove(self) -> None:
        """Remove the accounts."""
        for account in ACCOUNTS.values():
            subprocess.run(["/usr/sbin/userdel", "-r", account], check=False, capture_output=True)


def lacking() -> str:
    """What the hub lacks on this machine; empty where it can run."""
    if os.geteuid() != 0:
        return "JupyterHub needs root, to start servers of other accounts"
    if shutil.which("configurable-http-proxy") is None:
        return "there is no configurable-http-proxy here: npm install -g configurable-http-proxy"
    return "" if _python() else "no Python of this version here can be run by other accounts"


def _python() -> str:
    """A Python of this version that an ordinary account can run; empty where there is none."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for path in (
        os.path.realpath(sys.executable),
        f"/usr/bin/{version}",
        f"/usr/local/bin/{version}",
    ):
        with contextlib.suppress(OSError):
            look = [path, "-c", "import venv"]
            if not subprocess.run(look, capture_output=True, **_as("nobody")).returncode:
                return path
    return ""


def _as(account: str) -> dict[str, Any]:
    """Arguments of `subprocess.run` for a process with an account's rights, and no more.

    `setpriv` keeps root's capabilities up to the program's start, so that it finds what the account
    cannot reach.
    """
    return {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def _install(environment: Path, *what: str) -> None:
    """Make an environment with JupyterHub and JupyterLab, unless it is there."""
    if (environment / "bin/jupyterhub-singleuser").exists():
        return
    subprocess.run([_python(), "-m", "venv", "--without-pip", environment], check=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(environment / "bin/python")),
            *("install", "-q", "-e", *what, "jupyterhub", "jupyterlab"),
        ],
        check=True,
    )
