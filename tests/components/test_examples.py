"""Each component works alone in a stack: planned, then made by the deployer of its account."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider

import breakglass
from breakglass import names
from breakglass.rehearsal.engine import program
from breakglass.rehearsal.engine.registration import Registration, Run
from breakglass.rehearsal.engine.unknown import UNKNOWN
from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.clouds import AwsClouds
from breakglass.rehearsal.resources.registry import Registry
from breakglass.rehearsal.stage import Backdrop, _always, backdrop
from breakglass.settings import load

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "examples"
HOME = "eu-west-1"
LONGEST = 40

MANAGEMENT, LOGGING, WITNESS = "111111111111", "222222222222", "333333333333"
BROKER, SHOP = "444444444444", "555555555555"

WHERE = {
    "entry_role": BROKER,
    "break_glass_role": SHOP,
    "log_vault": LOGGING,
    "audit_trail": SHOP,
    "witness": WITNESS,
    "forwarding": SHOP,
    "watch": LOGGING,
    "github_gate": BROKER,
    "guardrails": MANAGEMENT,
}
"""The account of each example, in the order in which they build on each other."""

COMPONENTS = {
    "entry_role": "EntryRole",
    "break_glass_role": "BreakGlassRole",
    "log_vault": "LogVault",
    "audit_trail": "AuditTrail",
    "witness": "Witness",
    "forwarding": "Forwarding",
    "watch": "Watch",
    "github_gate": "GitHubGate",
    "guardrails": "Guardrails",
}

PROTECTED = {
    "log_vault": {
        "vault-bucket",
        "vault-bucket-versioning",
        "vault-bucket-lock",
        "vault-bucket-policy",
    },
    "witness": {
        "witness-bucket",
        "witness-bucket-versioning",
        "witness-bucket-lock",
        "witness-bucket-policy",
    },
    "audit_trail": {"trail-trail"},
}
"""What holds the record: a slip of the hand must not destroy it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One example, planned and made."""

    name: str
    planned: Run
    calls_of_the_plan: tuple[str, ...]
    made: Run
    component: Registration


@pytest.fixture(scope="module")
def applied(registry: Registry) -> Iterator[dict[str, Applied]]:
    """Every example in one emulated organisation, each in its account, guarded."""
    with backdrop(load(PROJECT / "stacks" / "example.yaml")) as behind:
        yield {name: _applied(behind, registry, name) for name in WHERE}


def _applied(behind: Backdrop, registry: Registry, name: str) -> Applied:
    config = {"aws:region": HOME, "github:owner": "example-org"}
    with _github(behind) as github:
        deployer = names.deployer_arn(WHERE[name])
        caller = behind.emulator.session(deployer, session_name="example")
        clouds = AwsClouds(behind.emulator, caller, HOME)
        applier = Applier(registry, {"aws": clouds, "github": _always(github)})
        before = len(behind.emulator.calls)
        planned = program.run(EXAMPLES / name, "dev", config, applier, preview=True)
        calls = tuple(call.operation for call in behind.emulator.calls[before:])
        made = program.run(EXAMPLES / name, "dev", config, applier)
    token = f"breakglass:index:{COMPONENTS[name]}"
    component = next(record for record in made.records.values() if record.type == token)
    return Applied(name, planned, calls, made, component)


def _github(behind: Backdrop) -> GitHubCloud:
    token = behind.existing_github.deployer_token
    return GitHubCloud("example-org", token, behind.github_server.base_url)


every_example = pytest.mark.parametrize("name", WHERE)


def test_there_is_one_example_a_component() -> None:
    served = {name for name in breakglass.__all__ if f"{name}Args" in breakglass.__all__}
    assert set(COMPONENTS.values()) == served
    assert {folder.parent.name for folder in EXAMPLES.glob("*/__main__.py")} == set(WHERE)


@every_example
def test_an_example_is_read_in_a_minute(name: str) -> None:
    text = (EXAMPLES / name / "__main__.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert f"({name}/__main__.py)" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    project = yaml.safe_load((EXAMPLES / name / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert project["runtime"] == "python"


@every_example
def test_it_is_planned_without_a_change_in_the_cloud(
    applied: Mapping[str, Applied], name: str
) -> None:
    one = applied[name]
    assert set(one.calls_of_the_plan) <= {"GetCallerIdentity"}
    assert list(one.planned.records) == list(one.made.records)


@every_example
def test_it_is_made_and_every_export_is_known(applied: Mapping[str, Applied], name: str) -> None:
    exports = applied[name].made.exports
    assert exports
    assert all(value not in (None, UNKNOWN, "") for value in exports.values())


@every_example
def test_its_outputs_are_those_of_the_schema(applied: Mapping[str, Applied], name: str) -> None:
    component = applied[name].component
    declared = SCHEMA["resources"][component.type]["properties"]
    assert component.outputs.keys() == declared.keys()


@every_example
def test_everything_that_it_makes_is_its_child(applied: Mapping[str, Applied], name: str) -> None:
    one = applied[name]
    made = [record for record in one.made.records.values() if record.custom]
    children = [record for record in made if not record.type.startswith("pulumi:")]
    assert children
    assert {record.parent for record in children} == {one.component.urn}


@every_example
def test_just_what_holds_the_record_is_protected(applied: Mapping[str, Applied], name: str) -> None:
    records = applied[name].made.records.values()
    protected = {record.name for record in records if record.options.protect}
    assert protected == PROTECTED.get(name, set())


@every_example
def test_every_name_in_the_cloud_is_the_kits(applied: Mapping[str, Applied], name: str) -> None:
    """So that policies can match the kit's own by a prefix."""
    named = {
        record.name: value
        for record in applied[name].made.records.values()
        for key, value in record.inputs.items()
        if key == "name" and record.type.startswith("aws:")
    }
    exceptions = {"break_glass_records", "trail"}
    assert [v for v in named.values() if not v.startswith("break-glass-")] in (
        [],
        sorted(exceptions),
    )


def _schema() -> dict[str, Any]:
    kinds = [getattr(breakglass, kind) for kind in COMPONENTS.values()]
    document: dict[str, Any] = json.loads(ComponentProvider(kinds, "breakglass").schema or "")
    return document


SCHEMA = _schema()
