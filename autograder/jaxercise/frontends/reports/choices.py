"""What functions of a course somebody asks for, and what to say where there is no such name."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence

from jaxercise.course import Course, CourseError, is_named, short

#: What `--only` is, in a line.
HELP = (
    "these functions alone, by exercise and name: 02, or 02.derivative, or several with commas "
    "between them (default: all)"
)


def meant(word: str, names: Iterable[str]) -> str:
    """A sentence: the name that is nearest to a word, or all that there are, each once."""
    there = dict.fromkeys(names)
    alike = difflib.get_close_matches(word, there, 1)
    return f"Is {alike[0]} meant?" if alike else f"There are {', '.join(there)}."


def likeliest(exercises: Mapping[str, Collection[str]], defined: Collection[str]) -> list[str]:
    """Of exercises, by their functions, those of which most is defined in a session."""
    here = {name: len(set(defined) & set(functions)) for name, functions in exercises.items()}
    return [name for name, count in here.items() if count == max(here.values())]


def add_only(command: argparse.ArgumentParser) -> None:
    """Add `--only NAME`, whose words `only` takes."""
    command.add_argument("--only", action=Only, default=[], metavar="NAME", help=HELP)


class Only(argparse.Action):
    """`--only NAME`, as often as wanted, for argparse and for pytest; it can be completed."""

    def __call__(self, parser: object, namespace: object, values: object, _: object = None) -> None:
        words = str(values).replace(",", " ").split()
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), *words])

    @staticmethod
    def completer(prefix: str, **_: object) -> list[str]:
        """What stands there so far, completed in every way, for argcomplete."""
        done, comma, word = prefix.rpartition(",")
        try:
            functions = _functions(Course.open(None))
        except CourseError:
            return []
        names = [name if "_" in word.partition(".")[0] else short(name) for name in functions]
        return [
            f"{done}{comma}{one}"
            for name, of in zip(names, functions.values(), strict=True)
            for one in (name, *(f"{name}.{function}" for function in of))
        ]


def only(course: Course, words: Iterable[str]) -> Course:
    """The course with what is asked for alone, as if its settings dropped all else.

    Args:
        course: the course.
        words: `02`, `02_topic`, `02.name`, `02_topic.name`, or `name` where that is one function;
            none for all.

    Raises:
        CourseError: there is no such function; the message lists those of similar names.
    """
    asked = list(words)
    if not asked:
        return course
    functions = _functions(course)
    chosen = {place for word in asked for place in _chosen(word, functions)}
    dropped = set(functions) - {name for name, _ in chosen}
    dropped |= {
        f"{name}.{one}"
        for name in functions.keys() - dropped
        for one in functions[name]
        if (name, one) not in chosen
    }
    return dataclasses.replace(course, dropped=course.dropped | dropped)


def _functions(course: Course) -> dict[str, list[str]]:
    from jaxercise.claims.loading import load_exercises

    return {one.name: list(one.functions) for one in load_exercises(course)}


def _chosen(word: str, functions: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The exercise and the name of each function that a word means; never none."""
    head, dot, function = word.partition(".")
    exercises = [name for name in functions if is_named(name, head)]
    if dot or not exercises:
        wanted = function if dot else head
        among = exercises if dot else list(functions)
        found = [(name, wanted) for name in among if wanted in functions[name]]
    else:
        found = [(name, one) for name in exercises for one in functions[name]]
    if len({name for name, _ in found}) > 1:
        names = " or ".join(f"{short(name)}.{one}" for name, one in found)
        raise CourseError(f"--only {word} may be {names}: write which.")
    if not found:
        raise CourseError(f"--only {word} chooses no function. {near(word, exercises, functions)}")
    return found


def near(word: str, exercises: Sequence[str], functions: Mapping[str, Collection[str]]) -> str:
    """What may have been meant by a word that means nothing, of these exercises or of all."""
    wanted = word.rpartition(".")[2]
    among = exercises or list(functions)
    places = {f"{short(name)}.{one}": one for name in among for one in functions[name]}
    alike = difflib.get_close_matches(wanted, dict.fromkeys(places.values()), 3)
    names = [place for one in alike for place in places if places[place] == one]
    if names:
        return f"Is {' or '.join(names)} meant?"
    listed = places if exercises else functions
    return f"There are {', '.join(listed)}."
