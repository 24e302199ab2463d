"""`jaxercise watch`: the command line of a watched course."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jaxercise import arguments
from jaxercise.frontends.reports.choices import add_only


def add_command(commands: Any) -> None:
    command = arguments.add_command(
        commands, "watch", "work with the grader beside you",
        "Show the course with your points, and after each save of a script or notebook what has "
        "become of the functions you changed, and of those that use them. Keys show a hint, the "
        "next function or everything. Without a terminal, it says so in plain lines.",
        "jaxercise watch", _watch,
    )  # fmt: skip
    command.add_argument(
        "--submission", type=Path, metavar="PATH",
        help="what to watch: a folder of .py and .ipynb files, or one file (default: exercises/)",
    )  # fmt: skip
    add_only(command)
    arguments.add_course(command)
    command.add_argument(
        "--call-seconds", type=float, default=20.0, metavar="S",
        help="how long a call may take that has to compile; later calls get half of it "
        "(default: %(default)g)",
    )  # fmt: skip


def _watch(options: argparse.Namespace) -> int:
    from jaxercise.course import Course
    from jaxercise.workers import forkservers

    course = Course.open(options.course)
    if sys.stdout.isatty():
        print("The grader starts; the first time this takes a while ...", flush=True)
    forkservers.prepare()  # before slow imports: the workers' own run beside them
    from jaxercise.cache.folders import worker_cache
    from jaxercise.engine import Engine
    from jaxercise.frontends.reports.choices import only
    from jaxercise.frontends.watch.watching import WatchError, watch
    from jaxercise.sandboxed.limits import Limits
    from jaxercise.trial import check_jax
    from jaxercise.versions import VersionError

    try:
        check_jax(course, lambda line: print(line, file=sys.stderr))
        course = only(course, options.only)
        path = options.submission or course.exercises
        if not path.exists():
            raise WatchError(f"{path} does not exist. Name a folder of exercises, or one file.")
        limits = Limits.of_calls(options.call_seconds)
        with (
            arguments.stopped_by_signal(),
            Engine(course, limits, cache=worker_cache(path)) as engine,
        ):
            watch(engine, path)
    except (VersionError, WatchError) as error:
        print(f"jaxercise watch: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0  # there is no other end to it without a keyboard
    finally:
        forkservers.discard()
    return 0
