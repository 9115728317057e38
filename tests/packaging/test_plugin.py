"""The plugin serves the components to every language, with the inputs that they must have."""

import json
import os
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

PROJECT = Path(__file__).parents[2]
PLUGIN = PROJECT / "components"
SECONDS = 60

REQUIRED = {
    "AuditTrail": ["bucketName", "homeRegion", "trail"],
    "BreakGlassRole": ["accountId", "entryRoleArns", "grants", "regions", "scope"],
    "EntryRole": ["accountId", "breakGlassRoleArns", "entry", "kind", "regions"],
    "Forwarding": ["accountId", "busArn", "homeRegion", "regions"],
    "GitHubGate": ["defaultBranch", "gates", "repository"],
    "Guardrails": [
        "closedAccounts",
        "deployerArns",
        "hubAccount",
        "recordAccounts",
        "recordBucketArns",
        "regions",
        "rootId",
    ],
    "LogVault": [
        "accountId",
        "deployerArn",
        "organisation",
        "recordedAccounts",
        "recordedRegions",
        "region",
        "trails",
    ],
    "Watch": ["accountId", "endpoints", "forwarderArns", "region"],
    "Witness": ["accountId", "deployerArn", "organisation", "region", "trails", "vaultArn"],
}
OUTPUTS = {
    "AuditTrail": ["trailArn"],
    "BreakGlassRole": ["boundaryArn", "roleArn"],
    "EntryRole": ["roleArn"],
    "Forwarding": ["forwarderArn"],
    "GitHubGate": ["floorRulesetId", "gateRulesetId"],
    "Guardrails": ["policyIds"],
    "LogVault": ["bucketArn", "bucketName", "table"],
    "Watch": ["busArn", "pagerTopicArn", "ticketTopicArn"],
    "Witness": ["bucketName", "pullRoleArn"],
}


@pytest.fixture(scope="module")
def served(unpacked: Path) -> Iterator[dict[str, Any]]:
    """The schema, asked of the running plugin as the engine asks it."""
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, str(PLUGIN / "__main__.py"), "127.0.0.1:1"],
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                provider = provider_pb2_grpc.ResourceProviderStub(channel)
                answer = provider.GetSchema(pb.GetSchemaRequest(), timeout=SECONDS)
            yield json.loads(answer.schema)
        finally:
            process.terminate()


def test_the_components_are_served_with_what_they_need_and_give(served: dict[str, Any]) -> None:
    resources = {token.rpartition(":")[2]: one for token, one in served["resources"].items()}
    assert {name: one["requiredInputs"] for name, one in resources.items()} == REQUIRED
    assert {name: sorted(one["properties"]) for name, one in resources.items()} == OUTPUTS


def test_every_component_and_argument_is_explained(served: dict[str, Any]) -> None:
    silent = [
        f"{token}.{name}"
        for token, one in served["resources"].items()
        for name, given in one["inputProperties"].items()
        if not given.get("description")
    ]
    silent += [token for token, one in served["resources"].items() if not one.get("description")]
    assert silent == []


def test_the_plugin_has_the_version_of_the_project(served: dict[str, Any]) -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    assert (served["name"], served["version"]) == (project["name"], project["version"])


def test_the_list_of_components_is_explicit_and_whole() -> None:
    listed = runpy.run_path(str(PLUGIN / "__main__.py"))["COMPONENTS"]
    assert [component.__name__ for component in listed] == sorted(REQUIRED)


def test_the_folder_is_a_plugin_whose_libraries_are_those_of_the_kit_by_hash() -> None:
    plugin = yaml.safe_load((PLUGIN / "PulumiPlugin.yaml").read_text(encoding="utf-8"))
    assert plugin["runtime"]["name"] == "python"
    lines = (PLUGIN / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (included,) = (line for line in lines if not line.startswith("#"))
    libraries = (PLUGIN / included.removeprefix("-r ")).resolve()
    assert libraries == PROJECT / "requirements" / "use.txt"
    assert "--hash=sha256:" in libraries.read_text(encoding="utf-8")
