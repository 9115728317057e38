"""The graph of a recorded program: its resources as an invariant reads them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from breakglass.checking.accounts import Whose, account_of, region_of
from breakglass.checking.unknowns import plain
from breakglass.proof.graph import Resource, Unread, has_unknown
from breakglass.rehearsal.engine.registration import PROVIDER, Registration

_DYNAMIC: Final = ("pulumi-python:dynamic", "pulumi-nodejs:dynamic")
"""How the type of a resource begins whose provider is part of the program."""


def resources_of(records: Mapping[str, Registration]) -> Iterator[Resource]:
    """Yield what a program manages, each in its account. What it only looks up is left out."""
    for record in records.values():
        if _is_managed(record):
            yield resource_of(record, provider_of(record, records))


def _is_managed(record: Registration) -> bool:
    return record.custom and not record.type.startswith("pulumi:") and not record.options.read


def resource_of(record: Registration, provider: Registration) -> Resource:
    """Return one record as a resource."""
    inputs, outputs = _values(record.inputs), _values(record.outputs)
    return Resource(
        type=record.type,
        name=record.name,
        account=account_of(provider).id,
        region=region_of(record.inputs, provider),
        inputs=inputs,
        outputs=outputs,
        id=record.id,
        source=record.source,
        unknown=frozenset(key for key, value in inputs.items() if has_unknown(value)),
    )


def _values(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: plain(value) for key, value in values.items()}


def provider_of(record: Registration, records: Mapping[str, Registration]) -> Registration:
    """Return the provider of a record; the default one where it names none."""
    if record.provider:
        return records[record.provider.rpartition("::")[0]]
    package, version = record.type.partition(":")[0], record.options.version
    name = "_".join(["default", *version.split(".")]) if version else "default"
    stack, project, *_ = record.urn.split("::")
    type_ = f"{PROVIDER}{package}"
    urn = f"{stack}::{project}::{type_}::{name}"
    return records.get(urn) or Registration(urn, type_, name)


def accounts_of(records: Mapping[str, Registration]) -> dict[str, Whose]:
    """Return the AWS accounts in which a program manages something, by id."""
    found: dict[str, Whose] = {}
    for record in records.values():
        if _is_managed(record) and record.type.startswith("aws:"):
            whose = account_of(provider_of(record, records))
            known = found.get(whose.id)
            found[whose.id] = whose if known is None or whose.deployer else known
    return found


def unread_in(records: Iterable[Registration]) -> Iterator[Unread]:
    """Yield what a program does that no resource shows."""
    for one in records:
        if one.type.startswith(_DYNAMIC):
            why = "A dynamic provider may do anything when it is applied"
            yield Unread(one.name, one.source, why)
        elif one.options.hooks:
            why = f"A hook ({', '.join(one.options.hooks)}) may do anything when it is applied"
            yield Unread(one.name, one.source, why)
        elif one.options.remote:
            why = f"What a remote component ({one.type}) makes is not seen before it is applied"
            yield Unread(one.name, one.source, why)
