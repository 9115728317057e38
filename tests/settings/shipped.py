"""The shipped organisation files as plain data, and how a test changes them."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STACKS = Path(__file__).parents[2] / "stacks"
GONE = object()
"""In place of a value: take the key away."""


@cache
def _read(name: str) -> Any:  # noqa: ANN401 - any YAML
    return yaml.safe_load((STACKS / f"{name}.yaml").read_text(encoding="utf-8"))


def shipped(name: str = "example", changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A shipped file with changes: ``accounts.0.id`` leads to a value, ``accounts.+`` appends."""
    data: dict[str, Any] = deepcopy(_read(name))
    for path, value in (changes or {}).items():
        _put(data, path, value)
    return data


def _put(data: Any, path: str, value: object) -> None:  # noqa: ANN401 - any YAML
    *way, last = path.split(".")
    for step in way:
        data = data[int(step)] if isinstance(data, list) else data[step]
    if last == "+":
        data.append(value)
    elif isinstance(data, list):
        data[int(last)] = value
    elif value is GONE:
        del data[last]
    else:
        data[last] = value
