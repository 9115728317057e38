# ruff: noqa: A002, ARG002 - Pulumi's word is id; defaults look at nothing
"""What a handler is, and the few helpers that all of them share.

A handler does for one resource type what a Pulumi provider does: create, read, update, delete, with
the provider's own property names. It calls the API through ``cloud`` and keeps no state.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from botocore.exceptions import ClientError

Inputs = dict[str, Any]
"""Property values by camelCase name, as the program gave them."""
Answer = Any
"""An API's answer; boto3 carries no types."""
T = TypeVar("T")


class Cloud(Protocol):
    """One account and region, in the hands of whoever deploys there."""

    account: str
    region: str

    def client(self, service: str, region: str | None = None) -> Answer:
        """Return a boto3 client; in the resource's own region unless another is named."""

    def tags(self, inputs: Inputs) -> dict[str, str]:
        """Return the resource's tags with the provider's default tags."""


class Handler(Protocol):
    """How resources of one type come about.

    A property that the provider knows must be returned by ``read``, be in ``no_value`` or be in
    ``provider_only``: a property that nobody speaks of is an error, not a silent ``None``.
    """

    token: ClassVar[str]
    """Type token: ``aws:s3/bucket:Bucket``."""
    name_property: ClassVar[str | None] = None
    """Filled with ``<resource name>-<7 hex>`` when the program gives none."""
    replace_on: ClassVar[frozenset[str]] = frozenset()
    """Inputs that cannot change in place."""
    no_value: ClassVar[frozenset[str]] = frozenset()
    """Properties that stay without value: inputs that this handler does not take."""
    provider_only: ClassVar[Mapping[str, Any]] = {}
    """Inputs that the provider keeps and no API knows, with their defaults."""
    shared: ClassVar[frozenset[str]] = frozenset()
    """Properties that another resource may set: not this one's unless its program gives them."""
    unordered: ClassVar[frozenset[str]] = frozenset()
    """Lists whose order means nothing."""

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Make the resource; return the provider's id."""

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the properties as the API tells them, or None when the resource is gone."""

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change the resource from ``before`` to ``inputs``."""

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the resource."""

    def normal(self, name: str, value: object) -> object:
        """Return ``value`` of input ``name`` in the one form in which it is compared."""
        return value


def unless_missing(call: Callable[[], T], *codes: str) -> T | None:
    """Return what ``call`` returns, or None when the API says one of ``codes``: not there."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise


def given(**arguments: Answer) -> Inputs:
    """Return the arguments that have a value: boto3 takes no None."""
    return {name: value for name, value in arguments.items() if value is not None}


def tag_list(tags: Mapping[str, str], *, key: str = "Key", value: str = "Value") -> list[Inputs]:
    """Return tags as most APIs take them."""
    return [{key: name, value: tags[name]} for name in sorted(tags)]


def tag_map(tags: Iterable[Mapping[str, str]], *, key: str = "Key", value: str = "Value") -> Inputs:
    """Return tags as Pulumi has them."""
    return {tag[key]: tag[value] for tag in tags}


def removed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """Return the keys of ``before`` that ``after`` has no more."""
    return sorted(set(before or {}) - set(after or {}))


def pascal(value: Answer, *, verbatim: frozenset[str] = frozenset()) -> Answer:
    """Return a nested value with keys as the APIs spell them: ``maxAge`` becomes ``MaxAge``.

    The maps under a key in ``verbatim`` hold the user's own keys and stay.
    """
    if isinstance(value, list):
        return [pascal(item, verbatim=verbatim) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name[:1].upper() + name[1:]: item if name in verbatim else pascal(item, verbatim=verbatim)
        for name, item in value.items()
        if item is not None
    }


def camel(value: Answer, *, verbatim: frozenset[str] = frozenset()) -> Answer:
    """Return a nested value with keys as Pulumi spells them; the inverse of ``pascal``."""
    if isinstance(value, list):
        return [camel(item, verbatim=verbatim) for item in value]
    if not isinstance(value, dict):
        return value
    spelled = {name[:1].lower() + name[1:]: item for name, item in value.items()}
    return {
        name: item if name in verbatim else camel(item, verbatim=verbatim)
        for name, item in spelled.items()
    }
