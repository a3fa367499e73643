"""Objects inside an object: a verdict around a quote, a quote around a verdict, a quote in a frame.

`{"reply": {"A": 4, …}}` is a verdict in a frame, unless the inner object stands in the prompt; then the judge
framed a quote. Two verdicts inside one another that differ are none, like two beside one another.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.verdict.echo import Echo
from harness.verdict.form import Flaw, Form, FormReader
from harness.verdict.spans import Pairs

Tree = Pairs | list[object]


def check_inside(tree: Tree, found: Form, reader: FormReader, echo: Echo) -> Form | Flaw:
    """The form of an object, unless its grades are a quote within it, or a verdict within it differs."""
    for inner in _inner_trees(tree):
        alone = reader.read(inner)
        if not isinstance(alone, Form):
            continue
        if not echo.is_copy(" ".join(_spelled(inner))):
            if alone.grades != found.grades:
                return Flaw("objects inside one another that differ; none is chosen", blocking=True)
        elif not isinstance(reader.read(_without(tree, inner)), Form):
            return Flaw("the only grades are copied from the prompt", blocking=False)
    return found


def _inner_trees(tree: Tree) -> Iterator[Tree]:
    """Every object, and list of objects, below the outermost one."""
    for entered in _values(tree):
        if isinstance(entered, list) and (isinstance(entered, Pairs) or _holds_objects(entered)):
            yield entered
            yield from _inner_trees(entered)


def _holds_objects(listed: list[object]) -> bool:
    return any(isinstance(entry, list) for entry in listed)


def _values(tree: Tree) -> Iterator[object]:
    return (told for _, told in tree) if isinstance(tree, Pairs) else iter(tree)


def _spelled(entered: object) -> Iterator[str]:
    """The words of an object in order, as they would stand in a text."""
    if isinstance(entered, Pairs):
        for key, told in entered:
            yield key
            yield from _spelled(told)
    elif isinstance(entered, list):
        for told in entered:
            yield from _spelled(told)
    else:
        yield str(entered)


def _without(tree: Tree, inner: Tree) -> Tree:
    """The object less one of its inner objects."""
    if isinstance(tree, Pairs):
        return Pairs((key, _pruned(told, inner)) for key, told in tree if told is not inner)
    return [_pruned(told, inner) for told in tree if told is not inner]


def _pruned(entered: object, inner: Tree) -> object:
    return _without(entered, inner) if isinstance(entered, list) else entered
