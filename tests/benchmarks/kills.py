"""What a class's run survives: processes of it are killed at random moments, one in each run.

    python tests/benchmarks/kills.py [--moments 50] [--first 1] [--seed 0]

Killed is, in turn, the batch itself, a judge, a forkserver, a worker, or whatever the kernel
chooses where memory runs out (Linux control groups, as root). A run that has ended in an error is
started again with the same command, as its own words ask. Afterwards every student has to have what
a run without disturbance gives, and nothing that was decided before may be decided again.
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

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from batches import (
    FORKSERVER,
    JUDGE,
    command,
    command_line,
    decided,
    parent,
    records,
    students,
    write_course,
)
from jaxercise.sandbox.selftest import check_machine
from jaxercise.workers.watch import descendants
from running import ROOT

MEMORY = Path("/sys/fs/cgroup/memory")
#: One of each kind of outcome, and two with the same files: few, so that a run takes seconds.
CLASS = ("ana", "Zoë\nMüller", "b en", "crash", "broken", "empty")
#: A run that takes so many times as long as one without disturbance hangs.
HANGS = 10.0


class Run:
    """A run of `jaxercise grade`, in a control group of its own where there are such."""

    def __init__(self, submissions: Path, out: Path, options: list[str]) -> None:
        self.group = MEMORY / f"jaxercise-kills-{os.getpid()}"
        with contextlib.suppress(OSError):
            self.group.mkdir(exist_ok=True)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [
                *("sh", "-c", 'echo $$ > "$0" 2>/dev/null; exec "$@"', str(self.group / "tasks")),
                *command(submissions, out, "--jobs", "2", *options),
            ],
            cwd=ROOT,
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
        submissions = write_course(root / "class", {name: students()[name] for name in CLASS})
        calm = Run(submissions, root / "warm", sandbox)
        assert calm.end(3600.0)[0] == 0
        calm = Run(submissions, root / "calm", sandbox)
        assert calm.end(3600.0)[0] == 0
        usual = time.monotonic() - calm.begun
        due = decided(root / "calm")
        print(f"undisturbed: {len(due)} students, {usual:.1f} s")
        kinds = ("batch", "judge", "forkserver", "worker", "memory")
        for number in range(options.first, options.first + options.moments):
            out, kind = root / f"out{number}", kinds[number % len(kinds)]
            chance = random.Random(f"{options.seed} {number}")  # whatever is run in pieces
            moment = chance.uniform(0.0, usual)
            run, what = Run(submissions, out, sandbox), ""
            time.sleep(moment)
            while run.process.poll() is None and not what:
                what = run.kill(kind, chance)
                time.sleep(0.02)
            before = records(out) if out.exists() and kind == "batch" else {}
            code, said = run.end(HANGS * usual + 60.0)
            starts = 1
            while code not in (0, None) and starts < 4:
                again = Run(submissions, out, sandbox)
                code, said = again.end(HANGS * usual + 60.0)
                starts += 1
            found = decided(out) if code == 0 else {}
            changed = sorted(
                {one for one in due if found.get(one) != due[one]}
                | {one for one in before if records(out).get(one) != before[one]} - {"crash"}
            )
            verdict = "hangs" if code is None else said if code else "as due"
            verdict = f"differs: {', '.join(changed)}" if code == 0 and changed else verdict
            faults += verdict != "as due"
            counts[what.partition(" ")[0].rstrip(",") or "over before"] += 1
            done = f"{what or 'over before'}; {starts} run(s)"
            print(f"{number:3} {moment:5.1f} s  {done}: {verdict}", flush=True)
            run.close()
    print(", ".join(f"{kind} {count}" for kind, count in counts.items()), f"; {faults} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
