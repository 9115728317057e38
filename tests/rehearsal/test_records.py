"""What CloudTrail would record of a call, as far as a rule can tell."""

from datetime import UTC, datetime
from typing import Any

import pytest

from breakglass.proof.model import Decision, PrincipalKind, Request, Verdict
from breakglass.rehearsal.attacks.records import Record, record_of
from breakglass.rehearsal.aws import identities
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.emulator import Call

ACCOUNT, HOME = "222222222222", "eu-west-1"
DENIED = Verdict(Decision.DENIED, "scp", "break-glass-record#Only", "A Deny applies.")
ALLOWED = Verdict(Decision.ALLOWED, "identity", "All#0", "An Allow applies.")


def admin() -> Caller:
    """The emulation's own hand in somebody's name: a record tells the ARN, and nothing else."""
    return identities.root(ACCOUNT)


def recorded(  # noqa: PLR0913 - a call has these parts
    service: str,
    operation: str,
    params: dict[str, Any],
    *,
    resource: str = "*",
    error: str | None = None,
    named: bool = True,
) -> Record:
    verdict = DENIED if error else ALLOWED
    now = datetime(2026, 11, 22, tzinfo=UTC)
    call = Call(admin(), service, operation, HOME, params, now, verdict, error)
    action = f"{service}:{operation}"
    asked = Request(admin().principal, action, resource, ACCOUNT, {})
    return record_of(call, asked, named=named)


def test_a_call_that_goes_through_shows_its_parameters_in_cloudtrails_spelling() -> None:
    detail = recorded("events", "DisableRule", {"Name": "break-glass-kit-1"}).event["detail"]
    assert detail["requestParameters"] == {"name": "break-glass-kit-1"}
    assert detail["eventSource"] == "events.amazonaws.com"
    bucket = recorded("s3", "PutPublicAccessBlock", {"Bucket": "b", "X": {"deep": 1}})
    assert bucket.event["detail"]["eventName"] == "PutBucketPublicAccessBlock"
    assert bucket.event["detail"]["requestParameters"] == {"bucketName": "b"}


@pytest.mark.parametrize(
    ("service", "code", "resource"),
    [
        ("events", "AccessDenied", "on resource: arn:x"),
        ("sns", "AuthorizationError", "on resource: arn:x"),
        ("s3", "AccessDenied", 'on resource: "arn:x"'),
    ],
)
def test_a_refusal_shows_no_parameters_and_names_the_resource(
    service: str, code: str, resource: str
) -> None:
    operation = {"events": "DisableRule", "sns": "DeleteTopic", "s3": "DeleteBucket"}[service]
    record = recorded(service, operation, {"Name": "x"}, resource="arn:x", error="AccessDenied")
    detail = record.event["detail"]
    assert (detail["requestParameters"], detail["errorCode"]) == (None, code)
    assert detail["errorMessage"].endswith(resource)


def test_s3_tells_a_stranger_nothing_of_what_it_refuses() -> None:
    record = recorded("s3", "DeleteBucket", {}, resource="arn:x", error="AccessDenied", named=False)
    assert record.event["detail"]["errorMessage"] == "Access Denied"


def test_global_services_are_recorded_in_us_east_1_and_sts_where_it_is_called() -> None:
    assert recorded("iam", "CreateRole", {}).region == "us-east-1"
    assert recorded("organizations", "LeaveOrganization", {}).region == "us-east-1"
    assert recorded("sts", "AssumeRole", {}).region == HOME


def test_a_role_that_is_taken_shows_in_both_accounts_and_a_refusal_in_the_callers_alone() -> None:
    role = {"RoleArn": "arn:aws:iam::555555555555:role/r"}
    assert recorded("sts", "AssumeRole", role).accounts == (ACCOUNT, "555555555555")
    refused = recorded("sts", "AssumeRole", role, error="AccessDenied")
    assert refused.accounts == (ACCOUNT,)
    assert refused.read_only


def test_calls_on_objects_messages_and_events_are_data_events() -> None:
    data = [("s3", "DeleteObject"), ("s3", "GetObject"), ("sns", "Publish"), ("sqs", "SendMessage")]
    assert all(recorded(service, operation, {}).data for service, operation in data)
    assert not recorded("s3", "DeleteBucket", {}).data


def test_only_a_catalogued_call_on_the_kit_or_on_the_whole_organisation_has_to_page() -> None:
    kit = "arn:aws:events:eu-west-1:222222222222:rule/break-glass-kit-1"
    assert recorded("events", "DisableRule", {}, resource=kit).pages
    assert not recorded("events", "DisableRule", {}, resource=kit.replace("break", "own")).pages
    assert recorded("organizations", "LeaveOrganization", {}).pages
    assert not recorded("events", "DescribeRule", {}, resource=kit).pages


def test_a_lambda_call_carries_the_date_of_its_api() -> None:
    detail = recorded("lambda", "UpdateFunctionCode", {"FunctionName": "f"}).event["detail"]
    assert detail["eventName"] == "UpdateFunctionCode20150331v2"


def test_the_console_is_recorded_as_a_sign_in() -> None:
    assert recorded("signin", "GetSigninToken", {}).event["detail-type"].startswith("AWS Console")


def test_who_calls_is_told_by_kind() -> None:
    assert recorded("iam", "CreateRole", {}).event["detail"]["userIdentity"]["type"] == "Root"
    assert admin().principal.kind is PrincipalKind.ROOT
