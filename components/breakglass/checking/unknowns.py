"""What a program asks for that nobody here can answer: a mark that is found again in the inputs.

What a function of a provider would look up, and what the stack's configuration keeps secret, is
given to the program as a marked text. It can be joined and put into documents like any other; an
input that has the mark in it is then not known.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from breakglass.proof.model import UNKNOWN_VALUE
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN, Unknown

HOST: Final = "breakglass.invalid"
"""A host that there never is (RFC 2606)."""

_MARK: Final = re.compile(re.escape(HOST), re.IGNORECASE)


def stand_in(what: str) -> str:
    """Return a text for something that is not known; an address, which most checks accept."""
    return f"https://{HOST}/{what}"


def without_secrets(record: Registration) -> Registration:
    """Return a record in which nobody knows a property that has a secret in it: a report is read.

    The paths of a record's secrets begin with the property: ``policy``, ``tags.token``.
    """
    secret = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in record.secrets}
    if not secret:
        return record
    inputs, outputs = (
        {key: UNKNOWN if key in secret else value for key, value in values.items()}
        for values in (record.inputs, record.outputs)
    )
    return replace(record, inputs=inputs, outputs=outputs)


def plain(value: Any) -> Any:  # noqa: ANN401 - any property value
    """Return a value with `UNKNOWN_VALUE` for all in it that is not known."""
    match value:
        case Unknown():
            return UNKNOWN_VALUE
        case str():
            return UNKNOWN_VALUE if _MARK.search(value) else value
        case Mapping():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value
