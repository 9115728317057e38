"""A permissive guard, and one resource's life against the emulation, for tests."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from breakglass.proof.model import Decision, Verdict
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.resources import registry
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.clouds import AwsClouds

MANAGEMENT, LOGGING, WORKLOAD = "111111111111", "222222222222", "555555555555"
HOME = "eu-west-1"


class AllowsEverything:
    """A stand-in for the guard: only the platform's own rules refuse."""

    def decide(self, *_: object) -> Verdict:
        return Verdict(Decision.ALLOWED, "identity", "test#0", "the test allows everything")


class DeniesEverything:
    """A stand-in for the guard that refuses all."""

    def decide(self, *_: object) -> Verdict:
        return Verdict(Decision.DENIED, "identity", None, "the test denies everything")


def provider(**settings: object) -> Registration:
    return Registration(
        urn="urn:pulumi:dev::demo::pulumi:providers:aws::here",
        type="pulumi:providers:aws",
        name="here",
        inputs={"region": HOME, **settings},
    )


def applier(emulator: Emulator, account: str = WORKLOAD) -> Applier:
    clouds = AwsClouds(emulator, emulator.root(account), HOME)
    return Applier(registry.aws(), {"aws": clouds})


def declared(token: str, name: str, inputs: Mapping[str, Any]) -> Registration:
    return Registration(
        urn=f"urn:pulumi:dev::demo::{token}::{name}",
        type=token,
        name=name,
        inputs=inputs,
        source="infra/__main__.py:7",
    )


def made(apply: Applier, resource: Registration, **settings: object) -> Registration:
    """Check and create; return the resource with its id and outputs."""
    checked = replace(resource, inputs=apply.check(resource))
    id_, outputs = apply.create(checked, provider(**settings), preview=False)
    return replace(checked, id=id_, outputs=outputs)


def changed(apply: Applier, resource: Registration, inputs: Mapping[str, Any]) -> Registration:
    """Update in place; return the resource as it is then."""
    after = replace(resource, inputs=inputs)
    after = replace(after, inputs=apply.check(after))
    outputs = apply.update(after, provider(), before=resource.inputs, preview=False)
    return replace(after, outputs=outputs)
