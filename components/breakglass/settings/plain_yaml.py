"""YAML without its traps: one document of mappings, lists, texts, numbers and truth values.

PyYAML's safe loader makes no objects, yet takes the last of two equal keys in silence, expands
aliases without end, and fails in many ways on malformed numbers and dates.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

import yaml

from breakglass.errors import InvalidInput

LARGEST_FILE: Final = 1 << 20
"""Bytes of a file: some thousand repositories."""

DEEPEST: Final = 32
"""Levels of nesting; an organisation file has eight."""

TEXT: Final = "tag:yaml.org,2002:str"
"""What PyYAML calls a text."""


def text_of(file: Path) -> str:
    """The text of a file.

    Raises InvalidInput for one that cannot be read, is no regular file, is larger than
    `LARGEST_FILE` or no UTF-8.
    """
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise InvalidInput(str(file), "a folder, a pipe or a device", "a readable UTF-8 file")
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise InvalidInput(str(file), "a larger file", f"at most {LARGEST_FILE} bytes")
        return content.decode()
    except (OSError, ValueError) as error:  # not there, not allowed; no path, no UTF-8
        raise InvalidInput(str(file), str(error), "a readable UTF-8 file") from error


def read(text: str, *, document: str) -> Any:  # noqa: ANN401 - whatever the document holds
    """The value of a YAML document; ``document`` names it in the errors.

    Raises InvalidInput for what is no YAML, for a key that stands twice in a mapping or is no text,
    and for aliases and tags: they hide from a reader what the file says.
    """
    try:
        return yaml.load(text, _PlainLoader)  # noqa: S506 - a SafeLoader that takes less
    except yaml.YAMLError as error:
        raise InvalidInput(document, _described(error), "a plain YAML document") from error
    except (ValueError, ArithmeticError) as error:  # what looks like a date or a number and is none
        raise InvalidInput(document, str(error), "a plain YAML document") from error


def _described(error: yaml.YAMLError) -> str:
    """What is wrong, and where."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error)


class _PlainLoader(yaml.SafeLoader):
    """A safe loader that takes nothing which a reader could overlook."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases, tags and depth before anything is made of them."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it out
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event, f"the alias *{event.anchor}; write the value out")
        if getattr(event, "tag", None) is not None:
            raise _refused(event, f"the tag {event.tag}")
        if self._depth == DEEPEST:
            raise _refused(event, f"more than {DEEPEST} levels")
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: Any = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT002 - PyYAML's signature
        """Refuse a key that stands twice, of which only the last would count, or is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != TEXT:
                raise _refused(key, "a key that is no text")
            if key.value in seen:
                raise _refused(key, f"the key {key.value!r} a second time")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _refused(place: Any, what: str) -> yaml.MarkedYAMLError:  # noqa: ANN401 - an event or a node
    return yaml.MarkedYAMLError(problem=what, problem_mark=place.start_mark)
