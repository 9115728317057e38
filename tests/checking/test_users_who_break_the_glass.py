"""Ways to break the glass that are no role: users, groups and permission sets called so."""

import pytest
from foreign import WORKING, Checked

from breakglass.checking import CheckReport

PROGRAM = f"""
import pulumi
import pulumi_aws as aws

there = pulumi.ResourceOptions(provider=aws.Provider(
    "work", region="us-east-1", allowed_account_ids=["{WORKING}"]))
"""
ALL = "arn:aws:iam::aws:policy/AdministratorAccess"
USER = f"""
user = aws.iam.User("user", name="NAME", opts=there)
aws.iam.UserPolicyAttachment("all", user=user.name, policy_arn="{ALL}", opts=there)
aws.iam.AccessKey("key", user=user.name, opts=there)
"""
GROUP = 'aws.iam.Group("group", name="NAME", opts=there)\n'
PERMISSION_SET = """
aws.ssoadmin.PermissionSet(
    "set", name="NAME", session_duration="PT12H", opts=there,
    instance_arn="arn:aws:sso:::instance/ssoins-1234567890abcdef",
)
"""
KINDS = {"user": USER, "group": GROUP, "set": PERMISSION_SET}


def said(report: CheckReport) -> str:
    return "\n".join(f"{one.invariant}: {one.text}" for one in report.shortfalls)


@pytest.mark.parametrize("name", ["break-glass", "BreakGlassAdmin", "emergency-access"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_called_break_glass_and_is_no_role_is_unknown(
    checked: Checked, kind: str, name: str
) -> None:
    report = checked(PROGRAM + KINDS[kind].replace("NAME", name))
    (found,) = report.shortfalls
    assert (found.invariant, found.verdict.value) == ("everything_can_be_read", "UNKNOWN")
    assert "is not read, and entry_trust_demands_what_it_must rests on it" in found.text
    assert f": {kind} (__main__.py:" in found.text


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_called_otherwise_is_none_of_its_business(checked: Checked, kind: str) -> None:
    report = checked(PROGRAM + KINDS[kind].replace("NAME", "reports"))
    assert not report.falls_short, said(report)


def test_a_user_without_a_name_is_called_as_the_program_calls_him(checked: Checked) -> None:
    user = 'aws.iam.User("break-glass", opts=there)\n'
    assert "a user who breaks the glass" in said(checked(PROGRAM + user))
