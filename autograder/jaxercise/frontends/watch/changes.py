"""What a save has changed: the functions whose code differs, and those that use them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from jaxercise.submission import Source


def touched(
    before: Source | None, after: Source | None, functions: Iterable[str]
) -> tuple[str, ...]:
    """The graded functions whose verdict may be another one.

    Args:
        before, after: the file that counts; None where there is none.
        functions: the graded ones, in their order.
    """
    names = tuple(functions)
    if before is None or after is None or before.path != after.path:
        return names if before is not after else ()
    known = {*before.digests, *after.digests, *names}
    changed = {name for name in known if _state(before, name) != _state(after, name)}
    reached = with_users(changed, after.calls)
    # What stands outside of functions may be used anywhere.
    return names if "" in reached else tuple(name for name in names if name in reached)


def _state(source: Source, name: str) -> tuple[str | None, ...]:
    """What decides about a function, besides what it uses."""
    problem = None if name in source.functions or not name else source.problem
    return source.digests.get(name), source.lost.get(name), problem


def with_users(names: Collection[str], calls: Mapping[str, Collection[str]]) -> set[str]:
    """Names, and all that use them, directly or by others.

    Args:
        names: of functions.
        calls: for each function, the names it uses.
    """
    reached = set(names)
    while new := {user for user, used in calls.items() if not reached.isdisjoint(used)} - reached:
        reached |= new
    return reached


def with_used(
    names: Collection[str], calls: Mapping[str, Collection[str]], among: Collection[str]
) -> set[str]:
    """Names, and what they use of some others, directly or by each other."""
    reached = set(names)
    while new := {one for name in reached for one in calls.get(name, ()) if one in among} - reached:
        reached |= new
    return reached
