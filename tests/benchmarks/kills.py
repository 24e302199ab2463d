"""What a class's run survives: processes of it are killed at random moments, one in each run.

    python tests/benchmarks/kills.py [--moments 50] [--first 1] [--seed 0]

Killed is, in turn, the batch itself, a judge, a forkserver, a worker, or whatever the kernel
chooses where memory runs out (Linux control groups, as root), with one judge or with two. A run
that has ended in an error is started again with the same command, as its own words ask. Afterwards
every student has to have what a run without disturbance gives, and nothing that was decided before
may be decided again. The course is one of a single function, so that a run takes seconds; judges
begin without anything remembered, as always.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from batches import (
    FORKSERVER,
    JUDGE,
    PATIENT,
    command_line,
    decided,
    parent,
    records,
    write_course,
)
from jaxercise.sandbox.selftest import check_machine
from jaxercise.workers.watch import descendants
from small_course import EXERCISE, answer, write_small_course

MEMORY = Path("/sys/fs/cgroup/memory")
_RIGHT = answer("return x - x[0]")
#: One of each kind of outcome, and two with the same files.
CLASS = {
    "ana": _RIGHT,
    "Zoë\nMüller": _RIGHT,
    "raises": answer('raise ValueError("not today")'),
    "misconception": answer("return jnp.diff(x, prepend=x[:1])"),
    "crash": answer("import os; os._exit(3)"),
    "broken": b"def changes(x:",
}
#: A run that takes so many times as long as one without disturbance hangs.
HANGS = 10.0


class Run:
    """A run of `jaxercise grade`, in a control group of its own where there are such."""

    def __init__(self, root: Path, out: Path, jobs: int, options: list[str]) -> None:
        self.group = MEMORY / f"jaxercise-kills-{os.getpid()}"
        with contextlib.suppress(OSError):
            self.group.mkdir(exist_ok=True)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [
                *("sh", "-c", 'echo $$ > "$0" 2>/dev/null; exec "$@"', str(self.group / "tasks")),
                *(sys.executable, "-m", "jaxercise", "grade", str(root / "class")),
                *("--out", str(out), "--course", str(root / "course"), "--grading-seed", "0"),
                *("--jobs", str(jobs), *PATIENT, *options),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pids(self, kind: str) -> list[int]:
        """The processes of a kind that are there now."""
        lines = {pid: command_line(pid) for pid in descendants(self.process.pid)}
        forked = [pid for pid, line in lines.items() if FORKSERVER in line]
        found = {
            "batch": [self.process.pid],
            "judge": [pid for pid, line in lines.items() if JUDGE in line],
            "forkserver": [pid for pid in forked if parent(pid) not in forked],
            "worker": [pid for pid in forked if parent(pid) in forked],
        }
        return found[kind]

    def kill(self, kind: str, chance: random.Random) -> str:
        """Kill a process of a kind; what was done, empty if there was none."""
        if kind == "memory":
            return self._starve()
        if not (pids := self.pids(kind)):
            return ""
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(pids), signal.SIGKILL)
            return f"{kind} of {len(pids)}"
        return ""

    def _starve(self) -> str:
        """Leave the run no more memory than it uses, until the kernel has killed a process."""
        usage = self.group / "memory.usage_in_bytes"
        if not usage.exists():
            return ""
        limit, control = self.group / "memory.limit_in_bytes", self.group / "memory.oom_control"

        def kills() -> int:
            words = control.read_text().split()
            return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0

        before = kills()
        try:
            with contextlib.suppress(OSError):  # busy: it cannot give back what it uses
                limit.write_text(str(int(usage.read_text()) - (32 << 20)))
            for _ in range(100):
                if kills() > before or self.process.poll() is not None:
                    break
                with contextlib.suppress(OSError):
                    limit.write_text(str(int(usage.read_text())))
                time.sleep(0.02)
        finally:
            limit.write_text("-1")
        return f"memory, {kills() - before} killed" if kills() > before else ""

    def end(self, seconds: float) -> tuple[int | None, str]:
        """Exit code, None if it hangs, and what it said last."""
        try:
            _, said = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            for pid in descendants(self.process.pid)[::-1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.communicate()
            return None, ""
        return self.process.returncode, said

    def close(self) -> None:
        """Remove the control group; what a killed run has left there ends first."""
        for _ in range(100):
            with contextlib.suppress(OSError):
                self.group.rmdir()
            if not self.group.exists():
                return
            time.sleep(0.1)
        raise SystemExit(f"processes are left: {(self.group / 'tasks').read_text().split()}")


def results(out: Path) -> dict[str, Any]:
    """All that was decided, without how often it was tried: who loses a worker gets another try."""
    whole = decided(out)
    for record in whole.values():
        del record["tries"]
    return whole


def main() -> int:
    """Print a line for each moment; 1 if anything was lost, changed or hung."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, help="the number of the first moment")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts, faults = Counter[str](), 0
    sandbox = [] if check_machine().ok else ["--unsafe-no-sandbox"]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        write_small_course(root / "course")
        files = {name: {f"{EXERCISE}.py": data.decode()} for name, data in CLASS.items()}
        write_course(root / "class", files | {"empty": {}})
        calm = Run(root, root / "calm", 1, sandbox)
        assert calm.end(3600.0)[0] == 0
        usual = time.monotonic() - calm.begun
        due = results(root / "calm")
        print(f"undisturbed: {len(due)} students, {usual:.1f} s")
        kinds = ("batch", "judge", "forkserver", "worker", "memory")
        for number in range(options.first, options.first + options.moments):
            out, kind = root / f"out{number}", kinds[number % len(kinds)]
            jobs = 1 if number % 3 else 2
            chance = random.Random(f"{options.seed} {number}")  # whatever is run in pieces
            moment = chance.uniform(0.0, usual)
            run, what = Run(root, out, jobs, sandbox), ""
            time.sleep(moment)
            while run.process.poll() is None and not what:
                what = run.kill(kind, chance)
                time.sleep(0.02)
            before = records(out) if out.exists() and kind == "batch" else {}
            code, said = run.end(HANGS * usual + 60.0)
            starts = 1
            while code not in (0, None) and starts < 4:
                again = Run(root, out, jobs, sandbox)
                code, said = again.end(HANGS * usual + 60.0)
                starts += 1
            found = results(out) if code == 0 else {}
            changed = [
                f"{one}'s {name}"
                for one in due
                for name in due[one]
                if found.get(one, {}).get(name) != due[one][name]
            ]
            changed += [f"{one} again" for one in before if records(out).get(one) != before[one]]
            changed = [one for one in changed if one != "crash again"]  # that is tried twice
            verdict = "hangs" if code is None else said if code else "as due"
            verdict = f"differs: {', '.join(changed)}" if code == 0 and changed else verdict
            faults += verdict != "as due"
            counts[what.partition(" ")[0].rstrip(",") or "over before"] += 1
            done = f"{what or 'over before'}; {starts} run(s)"
            print(f"{number:3} {moment:5.1f} s  {jobs} judge(s), {done}: {verdict}", flush=True)
            run.close()
    print(", ".join(f"{kind} {count}" for kind, count in counts.items()), f"; {faults} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
