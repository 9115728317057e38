"""What somebody has decided to live with: an invariant, a resource, a reason and an end."""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from breakglass.checking.asking import READABLE
from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.proof.graph import Resource
from breakglass.proof.invariants import INVARIANTS

KEYS: Final = ("invariant", "resource", "reason", "until")

ALL: Final = "*"
"""The one word for every resource, and for what is about none."""

SHORTEST_REASON: Final = 12
"""Characters: as many as whoever breaks the glass has to give."""

LONGEST: Final = timedelta(days=366)
"""From today to the last day: whoever lives with something looks at it once a year."""


def known_name(name: object, where: str) -> str:
    """Return the name of an invariant; raises `InvalidInput` with the nearest one otherwise."""
    names = [READABLE, *INVARIANTS]
    if name in names:
        return str(name)
    raise InvalidInput(where, name, _nearest(name, names))


def _nearest(name: object, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    return f"{' or '.join(near)} (is it that?)" if near else f"one of {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception from one invariant.

    ``resource`` matches the name or the ARN of what falls short, ``*`` and ``?`` being wildcards;
    ``*`` alone matches also what is about no one resource. It holds to the end of the day
    ``until``; after that it fails. Raises `InvalidInputs` with all its faults: a name that no
    invariant has, a resource of nothing but wildcards that is not ``*``, a reason of less than
    `SHORTEST_REASON` characters, an end that is no day.
    """

    invariant: str
    resource: str
    reason: str
    until: date

    def __post_init__(self) -> None:
        values = {key: getattr(self, key) for key in KEYS}  # of any type yet
        faults = list(_faults(values, ""))
        if faults:
            raise InvalidInputs(f"{self}", faults)

    def covers(self, invariant: str, resource: Resource | None) -> bool:
        """Whether it speaks of a shortfall of an invariant, about a resource or none."""
        if invariant != self.invariant:
            return False
        if self.resource == ALL:
            return True
        pattern = self.resource.replace("[", "[[]")  # an index in a name is no set of characters
        names = [] if resource is None else _names(resource)
        return any(fnmatchcase(name, pattern) for name in names)

    def __str__(self) -> str:
        what = "every resource" if self.resource == ALL else self.resource
        return f"exemption of {what} from {self.invariant}"


def _names(resource: Resource) -> list[str]:
    said = (
        resource.name,
        resource.outputs.get("arn"),
        resource.inputs.get("name"),
        resource.inputs.get("bucket"),
    )
    return [text for text in said if isinstance(text, str)]


def refuse_endless(exemptions: Iterable[Exemption], today: date) -> None:
    """Raise `InvalidInputs` for exemptions whose end is further away than `LONGEST`."""
    latest = today + LONGEST
    accepted = f"a day up to {latest}: it is looked at once a year"
    faults = [
        InvalidInput(f"{one}: until", str(one.until), accepted)
        for one in exemptions
        if one.until > latest
    ]
    if faults:
        raise InvalidInputs("exceptions", faults)


# --- what is wrong with one ---------------------------------------------------------------------


def _faults(given: Mapping[str, Any], where: str) -> Iterator[InvalidInput]:
    """Every fault of what should be an exemption; ``where`` stands before each key."""
    for key in KEYS:
        if key not in given:
            accepted = "a value: an exception is never silent"
            yield InvalidInput(f"{where}{key}", "nothing", accepted)
        elif not _SOUND[key](given[key]):
            yield InvalidInput(f"{where}{key}", given[key], _accepted(key, given[key]))
    for key in given:
        if key not in KEYS:
            yield InvalidInput(f"{where}{key}", given[key], _nearest(key, KEYS))


def _names_a_resource(text: object) -> bool:
    return isinstance(text, str) and (text == ALL or bool(text.strip("*? \t\r\n")))


_SOUND: Final[Mapping[str, Callable[[object], bool]]] = {
    "invariant": lambda name: name in (READABLE, *INVARIANTS),
    "resource": _names_a_resource,
    "reason": lambda text: isinstance(text, str) and len(text.strip()) >= SHORTEST_REASON,
    "until": lambda day: isinstance(day, date) and not isinstance(day, datetime),
}


def _accepted(key: str, seen: object) -> str:
    if key == "invariant":
        return _nearest(seen, [READABLE, *INVARIANTS])
    return {
        "resource": "the name or the ARN of a resource, or * alone for all",
        "reason": f"why somebody lives with it, in at least {SHORTEST_REASON} characters",
        "until": "a day, such as 2026-12-31, without quotes",
    }[key]


# --- a file of them -----------------------------------------------------------------------------


def load(file: Path) -> list[Exemption]:
    """Read exemptions from a YAML file, or from ``[[tool.breakglass.exceptions]]`` of a TOML file.

    Raises `InvalidInput` for a file that cannot be read, `InvalidInputs` with every fault of what
    it holds.
    """
    listed = _listed(_document(file), file)
    faults = [
        fault
        for index, one in enumerate(listed)
        for fault in _faults_of(one, f"exceptions[{index}]")
    ]
    if faults:
        raise InvalidInputs(str(file), faults)
    found = [Exemption(**one) for one in listed]
    _refuse_duplicates(found, file)
    return found


def _document(file: Path) -> object:
    """What a YAML file holds, or the table of a TOML file in which exemptions are."""
    from breakglass.settings import plain_yaml  # noqa: PLC0415 - loads pydantic

    text = plain_yaml.text_of(file)
    if file.suffix != ".toml":
        return plain_yaml.read(text, document=str(file))
    try:
        tools = tomllib.loads(text).get("tool")
    except (ValueError, RecursionError) as error:  # no TOML, a number too long, a list too deep
        raise InvalidInput(str(file), str(error), "a TOML file") from error
    return tools.get("breakglass") if isinstance(tools, Mapping) else None


def _listed(document: object, file: Path) -> Sequence[Any]:
    if not isinstance(document, Mapping):
        accepted = "a mapping with the list exceptions; in TOML [[tool.breakglass.exceptions]]"
        raise InvalidInput(str(file), document, accepted)
    faults = [
        InvalidInput(str(key), value, _nearest(key, ["exceptions"]))
        for key, value in document.items()
        if key != "exceptions"
    ]
    listed = document.get("exceptions")
    if not isinstance(listed, list) and not faults:
        faults.append(InvalidInput("exceptions", listed, "a list of exceptions"))
    if faults:
        raise InvalidInputs(str(file), faults)
    return listed or []


def _faults_of(given: object, where: str) -> Iterator[InvalidInput]:
    if isinstance(given, Mapping):
        yield from _faults(given, f"{where}.")
    else:
        yield InvalidInput(where, given, f"a mapping with {', '.join(KEYS)}")


def _refuse_duplicates(exemptions: Sequence[Exemption], file: Path) -> None:
    """Of two for the same, one would lie there unused until the other has expired."""
    first: dict[tuple[str, str], int] = {}
    faults = []
    for index, one in enumerate(exemptions):
        earlier = first.setdefault((one.invariant, one.resource), index)
        if earlier != index:
            accepted = f"it once; exceptions[{earlier}] is the same"
            faults.append(InvalidInput(f"exceptions[{index}]", str(one), accepted))
    if faults:
        raise InvalidInputs(str(file), faults)
