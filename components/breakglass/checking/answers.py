"""What a program that is recorded in another process hands back, as plain data.

Whoever runs in that process could have written it, so nothing but JSON is read, and nothing but
what a recording is made of is taken from it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeVar

from breakglass.rehearsal.engine.registration import Options, Registration, Unfinished
from breakglass.rehearsal.engine.unknown import UNKNOWN, UNKNOWN_TEXT, Unknown


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended a program, as `breakglass.errors.ProgramFailed` tells it."""

    what: str = ""
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one run of a program."""

    records: Mapping[str, Registration]
    """By URN."""
    unfinished: tuple[Unfinished, ...] = ()
    failure: Failure | None = None

    def as_json(self) -> str:
        """Return it as text; a value that is not known is a text of Pulumi's."""
        return json.dumps(
            {
                "records": [asdict(one) for one in self.records.values()],
                "unfinished": [asdict(one) for one in self.unfinished],
                "failure": self.failure and asdict(self.failure),
            },
            default=_plain,
        )

    @classmethod
    def from_json(cls, text: bytes) -> "Answer":
        """Read it; raises ``ValueError`` for whatever it does not write."""
        try:
            given = json.loads(text)
            records = [_record(one) for one in given["records"]]
            failure = given["failure"]
            return cls(
                {one.urn: one for one in records},
                tuple(_read(_UNFINISHED, one) for one in given["unfinished"]),
                None if failure is None else _read(_FAILURE, failure),
            )
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


_REGISTRATION: Final = Registration("", "", "")
_OPTIONS: Final = Options()
_UNFINISHED: Final = Unfinished("", "")
_FAILURE: Final = Failure()

Record = TypeVar("Record", Registration, Options, Unfinished, Failure)


def _plain(value: object) -> str:
    if isinstance(value, Unknown):
        return UNKNOWN_TEXT
    raise TypeError(f"{type(value).__name__} is no property value")


def _record(given: Mapping[str, Any]) -> Registration:
    dependencies = given["property_dependencies"].items()
    plain = {
        **given,
        "inputs": _known(given["inputs"]),
        "outputs": _known(given["outputs"]),
        "options": _read(_OPTIONS, given["options"]),
        "property_dependencies": {key: tuple(map(_text, urns)) for key, urns in dependencies},
    }
    return _read(_REGISTRATION, plain)


def _known(value: Any) -> Any:  # noqa: ANN401 - any property value
    """Return a value with ``UNKNOWN`` where its text stands."""
    match value:
        case dict():
            return {key: _known(one) for key, one in value.items()}
        case list():
            return [_known(one) for one in value]
        case str() if value == UNKNOWN_TEXT:
            return UNKNOWN
        case _:
            return value


def _read(sample: Record, given: Mapping[str, Any]) -> Record:
    """Return a record of the kind of ``sample``, each field of the type that it has there."""
    names = {field.name for field in fields(sample)}
    if given.keys() != names:
        raise ValueError(f"{sorted(given)} are not the fields of {type(sample).__name__}")
    values = {name: _like(getattr(sample, name), given[name]) for name in names}
    return type(sample)(**values)


def _like(sample: object, value: Any) -> Any:  # noqa: ANN401 - any field
    found = tuple(map(_text, value)) if isinstance(sample, tuple) else value
    if type(found) is not type(sample):
        raise TypeError(f"{found!r} is no {type(sample).__name__}")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
