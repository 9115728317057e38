"""What stands for Pulumi's engine when a policy pack is asked without it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from breakglass import policy_pack
from breakglass.checking.graphs import provider_of
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.registration import Registration
from tests.support.policy_pack import lines

Records = Mapping[str, Registration]


@dataclass(frozen=True)
class Violation:
    """What the engine would show."""

    policy: str
    text: str
    urn: str
    mandatory: bool


@dataclass(frozen=True)
class Asked:
    """What a pack said of one stack."""

    violations: tuple[Violation, ...]
    not_applicable: Mapping[str, str]
    """Policy to reason."""

    def of(self, policy: str) -> list[str]:
        """The lines under a policy, each with its verdict where it has one."""
        return [line for one in self.violations if one.policy == policy for line in lines(one.text)]

    @property
    def fails(self) -> bool:
        return any(one.mandatory for one in self.violations)


class Engine:
    """Asks a pack over its own protocol: each resource first, then all of them."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - what a configuration file holds
        self._pack = _PolicyAnalyzerServicer(
            policy_pack.NAME, "0.1.0", policy_pack.policies(), EnforcementLevel.MANDATORY
        )
        config = pb.PolicyConfig(enforcementLevel=pb.MANDATORY)
        config.properties.update(settings)
        request = pb.ConfigureAnalyzerRequest(policyConfig={policy_pack.ASKED_FOR: config})
        if settings:
            self._pack.Configure(request, None)

    def preview(self, records: Records) -> Asked:
        for one in records.values():
            if not one.options.read:
                self._pack.Analyze(
                    self._resource(pb.AnalyzeRequest, one, one.inputs, records), None
                )
        return self.stack(records)

    def stack(self, records: Records) -> Asked:
        """Ask the policies over the stack alone."""
        resources = [
            self._resource(
                pb.AnalyzerResource,
                one,
                {**one.inputs, **one.outputs},
                records,
                parent=one.parent,
                dependencies=one.dependencies,
                propertyDependencies={
                    key: pb.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in one.property_dependencies.items()
                },
            )
            for one in records.values()
        ]
        answer = self._pack.AnalyzeStack(pb.AnalyzeStackRequest(resources=resources), None)
        violations = (
            Violation(
                one.policyName,
                one.message.removeprefix(f"{one.description}\n"),
                one.urn,
                mandatory=one.enforcementLevel == pb.MANDATORY,
            )
            for one in answer.diagnostics
        )
        absent = {one.policy_name: one.reason for one in answer.not_applicable}
        return Asked(tuple(violations), absent)

    def _resource(
        self,
        kind: Callable[..., Any],
        one: Registration,
        properties: Mapping[str, Any],
        records: Records,
        **more: Any,  # noqa: ANN401 - fields of the message
    ) -> Any:  # noqa: ANN401 - a message
        provider = provider_of(one, records) if one.custom else None
        if one.type.startswith("pulumi:"):
            provider = None
        if provider is not None:
            more["provider"] = pb.AnalyzerProviderResource(
                type=provider.type,
                name=provider.name,
                urn=provider.urn,
                properties=wire.encode(provider.inputs),
            )
        return kind(
            type=one.type,
            urn=one.urn,
            name=one.name,
            properties=wire.encode(properties),
            options=pb.AnalyzerResourceOptions(parent=one.parent),
            **more,
        )


@pytest.fixture
def engine() -> Callable[..., Engine]:
    """Start a pack, with settings."""
    return Engine


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Write a program."""

    def write(program: str) -> Path:
        (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        (tmp_path / "__main__.py").write_text(program)
        return tmp_path

    return write
