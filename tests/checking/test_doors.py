"""Roles in the keeper's account that let the actors in: what they may do, the actors may do."""

import json
from collections.abc import Mapping

import pytest
from foreign import KEEPING, SOUND, VAULT, WORKING, Checked

from breakglass.checking import CheckReport

TOUCHING = "actor_cannot_touch_the_vault"
READABLE = "everything_can_be_read"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


def trusting(*who: str) -> Mapping[str, object]:
    statement = {"Effect": "Allow", "Principal": {"AWS": [*who]}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def with_role(policy: str = "", trust: str = 'documents["door"]') -> str:
    return (
        SOUND
        + f"""
door = aws.iam.Role("door", name="log-admin", assume_role_policy={trust}, opts=keeping)
{policy}
"""
    )


ALL = (
    f'aws.iam.RolePolicyAttachment("all", role=door.name, opts=keeping, policy_arn="{EVERYTHING}")'
)
READS = 'aws.iam.RolePolicy("reads", role=door.name, opts=keeping, policy=documents["reads"])'
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{VAULT}"}
MAY_LIST = {"Version": "2012-10-17", "Statement": [LIST]}


def verdict(report: CheckReport, name: str) -> str:
    return next(one.verdict.value for one in report.findings if one.name == name)


def said(report: CheckReport, name: str) -> str:
    return "\n".join(f"{s.source}: {s.text}" for s in report.shortfalls if s.invariant == name)


@pytest.mark.parametrize(
    "who", [f"arn:aws:iam::{WORKING}:root", WORKING, f"arn:aws:iam::{WORKING}:role/ci"]
)
def test_a_keepers_role_that_an_actor_may_assume_is_a_door_to_the_vault(
    checked: Checked, who: str
) -> None:
    report = checked(with_role(ALL), stack="prod", door=trusting(who))
    assert verdict(report, TOUCHING) == "BROKEN"
    assert f"role door in {KEEPING} (__main__.py:" in said(report, TOUCHING)
    assert f"which {WORKING} may assume" in said(report, TOUCHING)


@pytest.mark.parametrize(
    ("policy", "who"),
    [(ALL, f"arn:aws:iam::{KEEPING}:root"), (READS, f"arn:aws:iam::{WORKING}:root")],
    ids=["the keeper alone", "who comes may only list"],
)
def test_a_keepers_role_by_which_no_actor_writes_is_none(
    checked: Checked, policy: str, who: str
) -> None:
    report = checked(with_role(policy), stack="prod", door=trusting(who), reads=MAY_LIST)
    assert not report.falls_short, said(report, TOUCHING)


def test_a_keepers_role_of_which_nobody_knows_whom_it_trusts_is_unknown(checked: Checked) -> None:
    trust = 'pulumi.StackReference("other").get_output("trust")'
    report = checked(with_role(ALL, trust), stack="prod", door=json.loads("{}"))
    assert verdict(report, READABLE) == "UNKNOWN"
    assert "Who may assume it decides whether the vault holds" in said(report, READABLE)


OTHER = "arn:aws:iam::666666666666:root"


def test_a_door_of_an_account_that_the_program_does_not_look_after_is_unknown(
    checked: Checked,
) -> None:
    report = checked(with_role(ALL), stack="prod", door=trusting(OTHER))
    (found,) = report.shortfalls
    assert (found.invariant, found.verdict.value) == (READABLE, "UNKNOWN")
    assert "Who may assume it in 666666666666 decides whether the vault holds" in found.text


def test_a_door_of_such_an_account_by_which_nobody_writes_is_none(checked: Checked) -> None:
    report = checked(with_role(READS), stack="prod", door=trusting(OTHER), reads=MAY_LIST)
    assert not report.falls_short
