"""What every component does the same way."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

import pulumi

from breakglass.documents import Document
from breakglass.errors import InvalidInput
from breakglass.quotas import Quota, Quotas, compact

PACKAGE = "breakglass"
"""Name of the Pulumi package; a component's type token is ``breakglass:index:<Class>``."""

Choice = TypeVar("Choice", bound=StrEnum)


def chosen(choices: type[Choice], argument: str, value: str) -> Choice:
    """The choice that ``value`` spells. Raises InvalidInput, naming ``argument``, for another."""
    try:
        return choices(value)
    except ValueError as error:
        raise InvalidInput(argument, value, f"one of {', '.join(choices)}") from error


def child_of(
    parent: pulumi.Resource,
    *,
    after: Sequence[pulumi.Resource] = (),
    protect: bool = False,
) -> pulumi.ResourceOptions:
    """Options of a child: its parent, what must exist before it, and the seat belt.

    ``protect`` keeps a hand from slipping on ``pulumi destroy``. It is no control: whoever can run
    the program can lift it.
    """
    return pulumi.ResourceOptions(
        parent=parent, depends_on=list(after) or None, protect=protect or None
    )


def rendered(document: Document, quota: Quota, what: str, quotas: Quotas) -> str:
    """A policy document as text. Raises QuotaExceeded, naming ``what``, where it is too large.

    ``quotas`` is the table with the values that AWS has raised for the organisation.
    """
    quotas.check_size(quota, what, document)
    return compact(document)
