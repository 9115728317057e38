"""A break-glass role that people enter by a SAML provider."""

import pytest
from foreign import WORKING, Checked

from breakglass.checking import CheckReport

PROGRAM = f"""
import json
import pulumi
import pulumi_aws as aws

there = pulumi.ResourceOptions(provider=aws.Provider(
    "work", region="us-east-1", allowed_account_ids=["{WORKING}"]))
okta = aws.iam.SamlProvider("okta", name="okta", saml_metadata_document="<x/>", opts=there)


def trusting(provider):
    statement = {{
        "Effect": "Allow",
        "Principal": {{"Federated": provider}},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {{"StringEquals": {{"SAML:aud": "https://signin.aws.amazon.com/saml"}}}},
    }}
    return json.dumps({{"Version": "2012-10-17", "Statement": [statement]}})


aws.iam.Role("role", name="NAME", assume_role_policy=TRUST, opts=there)
"""
LITERAL = f'trusting("arn:aws:iam::{WORKING}:saml-provider/okta")'
DECLARED = "okta.arn.apply(trusting)"


def said(report: CheckReport) -> str:
    return "\n".join(f"{one.invariant}: {one.text}" for one in report.shortfalls)


@pytest.mark.parametrize("name", ["break-glass-admin", "break-glass-entry"])
@pytest.mark.parametrize("trust", [LITERAL, DECLARED], ids=["a literal ARN", "a declared one"])
def test_whom_a_saml_provider_lets_in_is_unknown_in_its_own_words(
    checked: Checked, trust: str, name: str
) -> None:
    report = checked(PROGRAM.replace("NAME", name).replace("TRUST", trust))
    assert report.falls_short
    assert "Whom a SAML provider lets in, and with what, no invariant reads: role (" in said(report)
    assert "workflow" not in said(report)
    assert "not known before it is applied" not in said(report)


@pytest.mark.parametrize("trust", [LITERAL, DECLARED], ids=["a literal ARN", "a declared one"])
def test_a_role_of_another_name_behind_saml_is_none_of_its_business(
    checked: Checked, trust: str
) -> None:
    report = checked(PROGRAM.replace("NAME", "reports").replace("TRUST", trust))
    assert not report.falls_short, said(report)
