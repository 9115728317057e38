"""Resources as Pulumi's engine knows them, completed to what a recording would have told.

In a preview the engine does not know what the cloud will call a new resource, and so neither what
another resource refers to by that. The names follow from what the program asks for, as they do in
`breakglass.checking.recorder`; a reference is filled in where it can only be the name of the one
resource that its value comes from. A document with such a name in it stays unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from breakglass.checking.accounts import account_of, region_of
from breakglass.checking.forms import called
from breakglass.checking.graphs import provider_of
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import Unknown, unknown_paths

REFERENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alarmActions": "arn",
        "arn": "arn",
        "bucket": "id",
        "eventBusName": "name",
        "permissionsBoundary": "arn",
        "policyArn": "arn",
        "policyId": "id",
        "queueUrl": "url",
        "repositoryId": "nodeId",
        "role": "name",
        "roleArn": "arn",
        "rule": "name",
        "s3BucketName": "id",
        "source": "arn",
        "target": "arn",
        "topic": "arn",
    }
)
"""Inputs that name one other resource, and by which of its outputs (the pages of each resource in
the Pulumi registry, pulumi-aws 7 and pulumi-github 6)."""


def completed(given: Iterable[Registration]) -> dict[str, Registration]:
    """Return the resources by URN, in its order, each with the outputs that follow from its name.

    What the engine does know is never changed. ``given`` holds the providers too; inputs are those
    that the program asked for.
    """
    records = {one.urn: one for one in sorted(given, key=lambda one: one.urn)}
    completing = _Completing(records)
    return {urn: completing.of(urn) for urn in records}


class _Completing:
    """One pass over the resources; those that others refer to come first."""

    def __init__(self, given: Mapping[str, Registration]) -> None:
        self._given = given
        self._done: dict[str, Registration] = {}

    def of(self, urn: str) -> Registration:
        if urn not in self._done:
            self._done[urn] = self._complete(self._given[urn])
        return self._done[urn]

    def _complete(self, record: Registration) -> Registration:
        if not record.custom or record.type.startswith("pulumi:"):
            return record
        inputs = {key: self._filled(record, key, one) for key, one in record.inputs.items()}
        provider = provider_of(record, self._given)
        region = region_of(inputs, provider)
        id_, outputs = called(record, inputs, account_of(provider).id, region)
        known = {key: one for key, one in record.outputs.items() if _is_known(one)}
        here = {"region": region} if region else {}
        return replace(
            record,
            inputs=inputs,
            id=str(known.get("id") or id_),
            outputs={**inputs, **here, **outputs, **known},
        )

    def _filled(self, record: Registration, key: str, value: Any) -> Any:  # noqa: ANN401 - any property value
        """Fill in what an input refers to, where its value comes from one resource alone."""
        if _is_known(value):
            return value
        sources = [urn for urn in record.property_dependencies.get(key, ()) if urn in self._given]
        return self._referred(value, key, self.of(sources[0])) if len(sources) == 1 else value

    def _referred(self, value: Any, key: str, source: Registration) -> Any:  # noqa: ANN401 - likewise
        match value:
            case Unknown() if key in REFERENCES:
                name = REFERENCES[key]
                return (source.id if name == "id" else source.outputs.get(name)) or value
            case Mapping():
                return {name: self._referred(one, name, source) for name, one in value.items()}
            case list() | tuple():
                return [self._referred(one, key, source) for one in value]
            case _:
                return value


def _is_known(value: object) -> bool:
    return value is not None and next(unknown_paths(value), None) is None
