"""Whether what an API tells is what a program asked for."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_ABSENT: Final[tuple[object, ...]] = (None, [], {}, "")
Value = Any
"""A property value: text, number, boolean, list or mapping."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where they differ."""

    path: str
    """Property, and the way into it: ``rule.defaultRetention.days``."""
    wanted: Value
    seen: Value


def document(value: Value) -> Value:
    """Return the JSON document that a text is; any other value as it is."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def differences(wanted: Value, seen: Value, path: str) -> Iterator[Difference]:
    """Yield where ``seen`` lacks something of ``wanted``.

    Documents are compared as values. An object may show more than was asked for (defaults), a list
    may not; absent, empty and None are the same.
    """
    if wanted in _ABSENT and seen in _ABSENT:
        return
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping | None):
        for name, value in wanted.items():
            yield from differences(value, (seen or {}).get(name), f"{path}.{name}")
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for number, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif document(wanted) != document(seen) or isinstance(wanted, bool) != isinstance(seen, bool):
        yield Difference(path, wanted, seen)


def ordered(value: Value) -> Value:
    """Return a list in an order of its own, for lists whose order means nothing."""
    if not isinstance(value, list):
        return value
    return sorted(value, key=lambda item: json.dumps(item, sort_keys=True, default=str))


def same(wanted: Value, seen: Value, normal: Callable[[Value], Value]) -> bool:
    """Tell whether two inputs mean the same."""
    one, other = normal(wanted), normal(seen)
    return bool((one in _ABSENT and other in _ABSENT) or document(one) == document(other))
