"""The runbooks can be followed: their calls are the scope's, and the script opens the roles."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from pages import PROJECT, page

from breakglass.documents import trust
from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import Layers, Policy, Principal, PrincipalKind, Request
from breakglass.settings import Organisation, Scope, load

SCOPES = [
    (organisation, scope)
    for name in ("example", "minimal")
    for organisation in [load(PROJECT / "stacks" / f"{name}.yaml")]
    for scope in organisation.scopes
]


@pytest.mark.parametrize(("organisation", "scope"), SCOPES, ids=lambda one: one.name)
def test_a_runbook_calls_what_its_scope_grants_and_a_scope_grants_no_more(
    organisation: Organisation, scope: Scope
) -> None:
    del organisation  # names the case
    called = {
        f"{service}:{operation.replace('-', '')}"
        for block in page(scope.runbook).blocks
        for service, operation in re.findall(r"^aws (\w+) ([a-z-]+)", block.text, re.MULTILINE)
    }
    assert called == {action.lower() for grant in scope.grants for action in grant.actions}


FAKE_AWS = """\
#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument" >> "$CALLS"; done
printf -- '--end--\\n' >> "$CALLS"
printf 'key%s\\tsecret\\ttoken\\n' "$AWS_ACCESS_KEY_ID"
"""


def calls_of(tmp_path: Path, incident: str, reason: str) -> list[list[str]]:
    """What the script asks of `aws`, call by call, when ada breaks the glass."""
    (tmp_path / "aws").write_text(FAKE_AWS)
    (tmp_path / "aws").chmod(0o755)
    script = PROJECT / "docs" / "runbooks" / "break-glass.sh"
    typed = f'source {script}; break_glass "$1" "$2"; echo $AWS_ACCESS_KEY_ID'
    done = subprocess.run(  # noqa: S603 - the script is the project's own
        ["bash", "-c", typed, "-", incident, reason],  # noqa: S607 - the one on the PATH
        input="123456\n",
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "USER": "ada",
            "CALLS": str(tmp_path / "calls"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "keykey", "the second hop acts with what the first one gave"
    calls = (tmp_path / "calls").read_text().split("--end--\n")[:-1]
    return [call.splitlines() for call in calls]


def option(call: Sequence[str], name: str) -> str:
    return call[call.index(name) + 1]


def options(call: Sequence[str], name: str) -> list[str]:
    following = call[call.index(name) + 1 :]
    ends = [index for index, value in enumerate(following) if value.startswith("--")]
    return list(following[: ends[0]])


def second_hop(call: Sequence[str]) -> dict[str, str | list[str]]:
    """The context keys of the second hop."""
    tags = dict(
        re.fullmatch("Key=(.*),Value=(.*)", tag).groups() for tag in options(call, "--tags")
    )  # type: ignore[union-attr,misc] # a tag of another form fails the test
    return {
        "aws:RequestedRegion": option(call, "--region"),
        "aws:SourceIdentity": "ada",
        "aws:TagKeys": list(tags),
        "sts:TransitiveTagKeys": options(call, "--transitive-tag-keys"),
        **{f"aws:RequestTag/{key}": value for key, value in tags.items()},
    }


def entered(organisation: Organisation, call: Sequence[str]) -> bool:
    """Whether the break-glass role's trust policy takes the second hop."""
    scope = next(one for one in organisation.scopes if one.name == "prod-deploy")
    entry = "arn:aws:iam::444444444444:role/breakglass/break-glass-entry-hardware-key"
    document = trust.break_glass(
        [entry],
        trust.ActivationTags(organisation.incident_prefix, [s.value for s in scope.severities]),
        organisation.watched_regions,
    )
    session = "arn:aws:sts::444444444444:assumed-role/break-glass-entry-hardware-key/ada"
    ada = Principal(entry, session, "444444444444", PrincipalKind.ROLE)
    role = option(call, "--role-arn")
    onward = Policy("onward", {"Version": "2012-10-17", "Statement": [EVERYTHING]})
    layers = Layers(identity=[onward], resource=Policy("trust", document))
    context = second_hop(call)
    return all(
        evaluate(Request(ada, action, role, role.split(":")[4], context), layers).allowed
        for action in ("sts:AssumeRole", "sts:TagSession")
    )


REASON = "checkout answers with errors"
EVERYTHING = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}


def test_the_script_breaks_the_glass_with_an_incident_and_a_reason(tmp_path: Path) -> None:
    organisation = load(PROJECT / "stacks" / "example.yaml")
    first, second = calls_of(tmp_path, "INC-12345", REASON)
    assert option(first, "--source-identity") == "ada"
    assert option(first, "--token-code") == "123456"
    assert option(first, "--serial-number") == "arn:aws:iam::444444444444:mfa/ada"
    assert option(first, "--role-arn").endswith("role/breakglass/break-glass-entry-hardware-key")
    assert entered(organisation, second)


@pytest.mark.parametrize(
    ("incident", "reason"),
    [("", REASON), ("INC-1", REASON), ("INC-12345", ""), ("INC-12345", "x")],
)
def test_the_script_does_not_get_around_a_missing_incident_or_reason(
    tmp_path: Path, incident: str, reason: str
) -> None:
    organisation = load(PROJECT / "stacks" / "example.yaml")
    _, second = calls_of(tmp_path, incident, reason)
    assert not entered(organisation, second)
