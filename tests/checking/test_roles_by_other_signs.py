"""Break-glass roles that do not say so in the kit's own word, and roles that let in anybody."""

import json
from collections.abc import Mapping

import pytest
from foreign import WORKING, Checked

from breakglass.checking import CheckReport

ENTERING = "entry_trust_demands_what_it_must"
OPENING = "break_glass_trust_demands_what_it_must"
LASTING = "no_session_over_an_hour"

ROLE = f"""
import json
from pathlib import Path
import pulumi
import pulumi_aws as aws

documents = json.loads(Path("documents.json").read_text())
there = pulumi.ResourceOptions(provider=aws.Provider(
    "work", region="us-east-1", allowed_account_ids=["{WORKING}"]))
aws.iam.Role("role", name="NAME", max_session_duration=12 * 3600,
             assume_role_policy=documents["trust"], opts=there)
"""


def trust(principal: object, **condition: object) -> Mapping[str, object]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


OWN = {"AWS": f"arn:aws:iam::{WORKING}:root"}
MFA = {"aws:MultiFactorAuthPresent": "true"}
EVERYBODY = {
    "everybody": trust("*"),
    "every account": trust({"AWS": "*"}),
    "one of several": trust({"AWS": [OWN["AWS"], "*"]}),
    "whoever has any name": trust("*", StringLike={"aws:PrincipalArn": "*"}),
    "whoever is in any account": trust("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:*"}),
    "all accounts but one": trust("*", StringNotEquals={"aws:PrincipalAccount": "111111111111"}),
    "whoever has MFA, his own": trust("*", Bool={"aws:MultiFactorAuthPresent": "true"}),
    "whoever calls over TLS": trust("*", Bool={"aws:SecureTransport": "true"}),
    "all organisations but one": trust("*", StringNotEquals={"aws:PrincipalOrgID": "o-abcde12345"}),
    "whoever does not know a word": trust("*", StringNotEquals={"sts:ExternalId": "x"}),
}


def verdicts(report: CheckReport) -> Mapping[str, str]:
    return {one.name: one.verdict.value for one in report.findings}


def said(report: CheckReport, name: str) -> str:
    return "\n".join(one.text for one in report.shortfalls if one.invariant == name)


@pytest.mark.parametrize(
    "name", ["breakglass", "BreakGlass", "acme-break-the-glass", "emergency-admin", "FireCall"]
)
def test_a_role_is_seen_however_it_says_that_it_breaks_the_glass(
    checked: Checked, name: str
) -> None:
    report = checked(ROLE.replace("NAME", name), trust=trust(OWN))
    found = verdicts(report)
    assert (found[ENTERING], found[OPENING], found[LASTING]) == ("BROKEN", "BROKEN", "BROKEN")
    assert "may last 43200 seconds" in said(report, LASTING)


@pytest.mark.parametrize("document", EVERYBODY.values(), ids=EVERYBODY)
def test_a_role_that_anybody_may_assume_is_broken_whatever_it_is_called(
    checked: Checked, document: object
) -> None:
    report = checked(ROLE.replace("NAME", "reports"), trust=document)
    assert verdicts(report)[OPENING] == "BROKEN"
    assert "An administrator of an account outside opens" in said(report, OPENING)


BUT_ONE = {"Effect": "Allow", "NotPrincipal": OWN, "Action": "sts:AssumeRole"}
MAYBE_EVERYBODY = {
    "all but one": {"Version": "2012-10-17", "Statement": [BUT_ONE]},
    "whoever calls from anywhere": trust("*", IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
    "an operator that AWS has not": trust("*", StringResembles={"aws:PrincipalArn": "x"}),
}


@pytest.mark.parametrize("document", MAYBE_EVERYBODY.values(), ids=MAYBE_EVERYBODY)
def test_a_role_that_may_let_in_anybody_is_unknown(checked: Checked, document: object) -> None:
    report = checked(ROLE.replace("NAME", "reports"), trust=document)
    assert verdicts(report)[OPENING] == "UNKNOWN"


NO_WAY_IN = {
    "its own account": trust(OWN),
    "anybody who knows a word": trust("*", StringEquals={"sts:ExternalId": json.dumps("x")}),
    "its organisation": trust("*", StringEquals={"aws:PrincipalOrgID": "o-abcde12345"}),
    "its account, by a condition": trust("*", StringEquals={"aws:PrincipalAccount": WORKING}),
    "its roles": trust("*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{WORKING}:role/*"}),
    "its own network": trust("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    "a service": trust({"Service": "lambda.amazonaws.com"}),
}


@pytest.mark.parametrize("document", NO_WAY_IN.values(), ids=NO_WAY_IN)
def test_a_role_of_another_name_that_does_not_let_in_anybody_is_none_of_its_business(
    checked: Checked, document: object
) -> None:
    assert not checked(ROLE.replace("NAME", "reports"), trust=document).falls_short


def test_a_service_that_is_called_emergency_is_no_way_in(checked: Checked) -> None:
    document = trust({"Service": "lambda.amazonaws.com"})
    assert not checked(ROLE.replace("NAME", "emergency-calls"), trust=document).falls_short


@pytest.mark.parametrize("document", [trust(OWN), trust("*")], ids=["its account", "anybody"])
def test_a_way_in_without_mfa_says_so_first(checked: Checked, document: object) -> None:
    report = checked(ROLE.replace("NAME", "break-glass"), trust=document)
    (found,) = (one for one in report.findings if one.name == ENTERING)
    assert "no MFA" in found.reason


def test_a_way_in_with_mfa_does_not(checked: Checked) -> None:
    report = checked(ROLE.replace("NAME", "break-glass"), trust=trust(OWN, Bool=MFA))
    assert verdicts(report)[ENTERING] == "BROKEN"
    assert "no MFA" not in said(report, ENTERING)
