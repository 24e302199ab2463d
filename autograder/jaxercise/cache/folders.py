"""Where JAX's compilation caches lie.

The judge has one of its own. Student code gets another, one per submission folder, for whoever
can write a compilation cache decides what comes out of compiled code. In a sandbox it can write
none, and reads one that the course's solutions have filled. All depend on jax's version, and can
be deleted at any time.

Who judges others believes nothing that is kept here: outside of a sandbox, student code can write
whatever its user can, and what a judge remembers decides points.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import inspect
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import platformdirs

from jaxercise.course import Course
from jaxercise.sandboxed.compiling import fast_compiler_flags
from jaxercise.sandboxed.families import PROGRAM
from jaxercise.sandboxed.internals import compiled_from, share_compiler_context

_own: Path | None = None


def forget_earlier_runs(folder: Path) -> None:
    """Let the caches of this process lie in a folder that is new and nobody else's.

    For judges of others, before they open anything. What they find out of references and
    misconceptions they keep in memory alone: there is no later run to write it down for.
    """
    global _own
    _own = folder


def judge_cache() -> Path:
    """The folder for what the judge compiles."""
    return _folder("judge")


def kept_file(what: str, course: Course, exercise: str = "") -> Path | None:
    """The file for what is known of an exercise, or of a course; None to write none.

    Args:
        what: `references` for what these have answered, `draws` for what has been drawn for the
            claims, `replies` for those of the misconceptions; of a course `outcomes`, for what
            became of its user's own exercises.
        course, exercise: which.
    """
    name = "-".join(one for one in (what, course.key, exercise) if one)
    return None if _own else judge_cache() / f"{name}.safetensors"


def trial_file(course: Course) -> Path:
    """The file for which versions a course's references have passed with."""
    return _folder("judge") / f"trial-{course.key}.txt"


def hints_file(course: Course) -> Path:
    """The file for which hints of a course its user has been shown."""
    return _folder("hints") / f"{course.key}.json"


def hypothesis_folder() -> Path:
    """The folder for what Hypothesis keeps: else it lies where a course or a student works."""
    return judge_cache() / "hypothesis"


def trusted_cache() -> Path:
    """The folder for what the course's misconceptions compile."""
    return _folder("misconceptions")


def references_cache(course: Course, exercises: Collection[str]) -> Path:
    """The folder for what the solutions of exercises compile, which sandboxed workers only read.

    It is not there before `engine.compiled_references` has filled it.
    """
    which = hashlib.sha256(" ".join(exercises).encode()).hexdigest()[:8]
    return trusted_cache().with_name(f"operations-{course.key}-{which}")


#: What JAX calls parameters that are functions, where it does not annotate them.
_FUNCTIONS = ("f", "fun", "func", "pyfunc", "body_fun")


def keep_operations(folder: Path, answers: Collection[str]) -> None:
    """Remove from a compilation cache every program that could be run in place of an answer.

    Whoever can read the cache can run what lies in it. What is left are programs of one operation
    of JAX's each, and those of our `f`, `model` and `loss`, which student code is handed.

    Args:
        folder: the cache.
        answers: the names of functions that students are to write.
    """
    for path in folder.iterdir():
        name = compiled_from(path.name)
        if name != PROGRAM and (name in answers or not _is_operation(name.lstrip("_"))):
            path.unlink()


def _is_operation(name: str) -> bool:
    """True for a function of JAX's whose compiled program holds no other function."""
    import jax

    found = [getattr(module, name, None) for module in (jax.numpy, jax.lax, jax.random)]
    operations = [one for one in found if callable(one)]
    return bool(operations) and not any(map(_takes_a_function, operations))


def _takes_a_function(operation: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(operation).parameters.values()
    except ValueError:
        return False
    return any("Callable" in str(one.annotation) or one.name in _FUNCTIONS for one in parameters)


def worker_cache(submission: Path) -> Path:
    """The folder for what the functions of one submission folder compile."""
    folder = submission.resolve()
    return _folder("worker-" + hashlib.sha256(str(folder).encode()).hexdigest()[:16])


def _folder(name: str) -> Path:
    root = _own or os.environ.get("JAXERCISE_CACHE") or platformdirs.user_cache_dir("jaxercise")
    folder = Path(root) / f"jax-{importlib.metadata.version('jaxlib')}" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def configure_judge() -> None:
    """Let the judge's JAX run on the CPU and keep what it compiles."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", fast_compiler_flags())
    import jax

    settings: dict[str, Any] = {
        "jax_disable_most_optimizations": True,  # compiling is what takes time
        **compilation_cache(judge_cache()),
    }
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    share_compiler_context()


def compilation_cache(folder: Path) -> dict[str, Any]:
    """The settings by which JAX keeps everything it compiles in a folder."""
    return {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        # Those of GPUs would make the folder's name a part of every key.
        "jax_persistent_cache_enable_xla_caches": "none",
    }


def shared_compilation_cache(folder: Path) -> dict[str, Any]:
    """The settings by which JAX reads what lies in a folder, and adds nothing to it."""
    never: dict[str, Any] = {"jax_persistent_cache_min_compile_time_secs": 1e9}
    return compilation_cache(folder) | never


def batches() -> Path:
    """The folder for a batch's results that wait for the instructor's word."""
    return _folder("batches")
