"""Properties as trees: JSON text is looked into, so that a policy's statement has a path too."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

Path = tuple[str | int, ...]
"""Keys and places on the way to a value, from a resource's inputs on, through JSON text too."""


class Dropped(Enum):
    """The type of `DROPPED`."""

    VALUE = "dropped"


DROPPED: Final = Dropped.VALUE
"""Stands for a value that is no longer given."""


def document(value: object) -> Any:  # noqa: ANN401 - JSON
    """What a JSON text says; None for whatever is no object written as JSON."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        return json.loads(value)
    except json.JSONDecodeError:  # a text that begins like one, such as a template
        return None


def changed(tree: Any, path: Path, new: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return the tree with another value at ``path``; what is on the way is copied, or made.

    What is JSON text stays text, whatever of it is changed.
    """
    if document(tree) is not None and (path or isinstance(new, Mapping)):
        return json.dumps(changed(json.loads(tree), path, new))
    if not path:
        return new
    step, *rest = path
    if tree is None:
        tree = [] if isinstance(step, int) else {}
    if isinstance(tree, Mapping):
        return _of_mapping(tree, str(step), tuple(rest), new)
    if not isinstance(step, int):
        raise TypeError(f"{step!r} is no place in a list")
    return _of_list(tree, step, tuple(rest), new)


def _of_mapping(tree: Mapping[str, Any], key: str, rest: Path, new: object) -> dict[str, Any]:
    copied = dict(tree)
    if new is DROPPED and not rest:
        del copied[key]
    else:
        copied[key] = changed(copied.get(key), rest, new)
    return copied


def _of_list(tree: Sequence[Any], place: int, rest: Path, new: object) -> list[Any]:
    copied = list(tree)
    if new is DROPPED and not rest:
        del copied[place]
    elif place >= len(copied):
        copied.append(changed(None, rest, new))
    else:
        copied[place] = changed(copied[place], rest, new)
    return copied


def at(tree: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path; None where there is none."""
    for step in path:
        tree = document(tree) if isinstance(tree, str) else tree
        if isinstance(tree, Mapping):
            tree = tree.get(str(step))
        elif isinstance(step, int) and isinstance(tree, Sequence) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield every plain value below a value, with the path to it; an empty container is one."""
    inner = document(value)
    if inner is not None:
        value = inner
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for place, below in enumerate(value):
            yield from leaves(below, (*path, place))
    else:
        yield path, value


def spelt(path: Path) -> str:
    """``policy.Statement[2].Action`` for people."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
