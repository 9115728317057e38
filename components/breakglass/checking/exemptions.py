"""What somebody has decided to live with: an invariant, a resource, a reason and an end."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from breakglass.checking.asking import READABLE
from breakglass.errors import InvalidInput
from breakglass.proof.graph import Resource
from breakglass.proof.invariants import INVARIANTS

KEYS: Final = ("invariant", "resource", "reason", "until")
_TEXTS: Final = {
    "resource": "the name or the ARN of a resource, or * for all",
    "reason": "why somebody lives with it",
}


def known_name(name: object, where: str) -> str:
    """Return the name of an invariant; raises `InvalidInput` with the nearest one otherwise."""
    names = [READABLE, *INVARIANTS]
    if name in names:
        return str(name)
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    accepted = f"{' or '.join(near)} (is it that?)" if near else f"one of {', '.join(names)}"
    raise InvalidInput(where, name, accepted)


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception from one invariant.

    ``resource`` matches the name or the ARN of what falls short, ``*`` and ``?`` being wildcards;
    ``*`` alone matches also what is about no one resource. It holds to the end of the day
    ``until``; after that it fails. Raises `InvalidInput` for a name that no invariant has and for a
    missing reason.
    """

    invariant: str
    resource: str
    reason: str
    until: date

    def __post_init__(self) -> None:
        known_name(self.invariant, "exemption: invariant")
        values: Mapping[str, Any] = {key: getattr(self, key) for key in KEYS}  # of any type yet
        for key, accepted in _TEXTS.items():
            if not isinstance(values[key], str) or not values[key].strip():
                raise InvalidInput(f"{self}: {key}", values[key], accepted)
        if not isinstance(values["until"], date) or isinstance(values["until"], datetime):
            raise InvalidInput(f"{self}: until", values["until"], "a day, such as 2026-12-31")

    def covers(self, invariant: str, resource: Resource | None) -> bool:
        """Whether it speaks of a shortfall of an invariant, about a resource or none."""
        if invariant != self.invariant:
            return False
        if self.resource == "*":
            return True
        names = [] if resource is None else _names(resource)
        return any(fnmatchcase(name, self.resource) for name in names)

    def __str__(self) -> str:
        return f"exemption of {self.resource} from {self.invariant}"


def _names(resource: Resource) -> list[str]:
    said = (
        resource.name,
        resource.outputs.get("arn"),
        resource.inputs.get("name"),
        resource.inputs.get("bucket"),
    )
    return [text for text in said if isinstance(text, str)]


def load(file: Path) -> list[Exemption]:
    """Read exemptions from a YAML file, or from ``[[tool.breakglass.exceptions]]`` of a TOML file.

    Raises `InvalidInput` for a file that cannot be read and for whatever is no exemption.
    """
    from breakglass.settings import plain_yaml  # noqa: PLC0415 - loads pydantic

    if file.exists() and not file.is_file():  # a pipe or a device would be waited for
        raise InvalidInput(str(file), "no regular file", "a readable YAML or TOML file")
    try:
        text = file.read_text(encoding="utf-8")
        document = (
            _table_of(tomllib.loads(text))
            if file.suffix == ".toml"
            else plain_yaml.read(text, document=str(file))
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(str(file), str(error), "a readable YAML or TOML file") from error
    listed = document.get("exceptions") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise InvalidInput(str(file), document, "a mapping with the list exceptions")
    return [_parsed(one, f"{file}: exceptions[{index}]") for index, one in enumerate(listed)]


def _table_of(document: Mapping[str, Any]) -> object:
    """The table of a pyproject.toml in which exemptions are."""
    tools = document.get("tool")
    return tools.get("breakglass") if isinstance(tools, Mapping) else None


def _parsed(given: Any, where: str) -> Exemption:  # noqa: ANN401 - whatever the file holds
    if not isinstance(given, Mapping):
        raise InvalidInput(where, given, f"a mapping with {', '.join(KEYS)}")
    for key in KEYS:
        if key not in given:
            raise InvalidInput(f"{where}.{key}", "nothing", "a value: an exception is never silent")
    for key in given:
        if key not in KEYS:
            raise InvalidInput(f"{where}.{key}", given[key], f"one of {', '.join(KEYS)}")
    known_name(given["invariant"], f"{where}.invariant")
    return Exemption(**given)
