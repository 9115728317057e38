"""What nobody knows before an update, and where it stands within a value."""

from collections.abc import Iterator, Mapping
from typing import Final

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only an update, never a preview, will know."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show what stands for an unknown value in reports."""
        return "<unknown>"


UNKNOWN: Final = Unknown()
"""The only instance that matters: compare with ``is``."""


def unknown_paths(value: object, path: str = "") -> Iterator[str]:
    """Yield the path of each ``UNKNOWN`` within ``value``."""
    match value:
        case Unknown():
            yield path
        case Mapping():
            for key, inner in value.items():
                yield from unknown_paths(inner, f"{path}.{key}" if path else key)
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from unknown_paths(inner, f"{path}[{index}]")
