"""A break-glass role does its runbook and nothing that keeps the log, whatever it is granted."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from deciding import HOME, SHOP, Context, decide, kit_role, sid
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass import actions, tamper
from breakglass.documents import Document, document, scope
from breakglass.documents.statement import allow
from breakglass.proof.evaluate import Evaluator
from breakglass.proof.model import Layers, Policy, Request, Verdict

APP_ROLE = f"arn:aws:iam::{SHOP}:role/app/task"
OTHER_ROLE = f"arn:aws:iam::{SHOP}:role/app/other"
QUEUES = "arn:aws:sqs:*:{account}:*"
TAMPER = {
    service: tamper.denied_actions([service]) for service in (*tamper.LOGGING_SERVICES, "iam")
}
WHO = kit_role("scope-deploy")


def layers(reach: scope.Reach) -> Layers:
    boundary = Policy("boundary", scope.boundary(reach, TAMPER))
    return Layers(identity=[Policy("scope", scope.permissions(reach))], boundary=boundary)


def granting(
    *actions_: str, resources: Iterable[str] = ("*",), **roles: Iterable[str]
) -> scope.Reach:
    grants = [scope.GrantOn(actions_, tuple(resources))]
    return scope.Reach(SHOP, grants, **{name: tuple(arns) for name, arns in roles.items()})


RUNBOOK = granting("sqs:PurgeQueue", "sqs:GetQueueUrl", resources=[QUEUES])
EVERYTHING = granting("*")


def queue(name: str, account: str = SHOP) -> str:
    return f"arn:aws:sqs:{HOME}:{account}:{name}"


def ask(reach: scope.Reach, action: str, resource: str) -> Verdict:
    return decide(layers(reach), WHO, action, resource, SHOP)


def asked_on(reach: scope.Reach, resource_policy: Document) -> Layers:
    return replace(layers(reach), resource=Policy("resource", resource_policy))


# --- the runbook ----------------------------------------------------------------------------------


def test_the_runbook_stays_possible_on_ordinary_resources() -> None:
    assert ask(RUNBOOK, "sqs:PurgeQueue", queue("orders")).allowed


def test_the_kits_own_resource_of_the_same_service_is_out_of_reach() -> None:
    assert sid(ask(RUNBOOK, "sqs:PurgeQueue", queue("break-glass-page"))) == "NothingOnTheKit"


def test_what_the_runbook_does_not_name_is_not_possible() -> None:
    assert not ask(RUNBOOK, "sqs:DeleteQueue", queue("orders")).allowed
    assert ask(granting("sqs:DeleteQueue"), "sqs:DeleteQueue", queue("orders")).allowed


def test_an_account_in_a_grant_is_the_scopes_own() -> None:
    other = queue("orders", "666666666666")
    request = Request(WHO, "sqs:PurgeQueue", other, "666666666666", {})
    assert not Evaluator(layers(RUNBOOK)).decide(request).allowed


def test_a_policy_that_somebody_adds_to_the_role_gives_no_more_than_the_scope() -> None:
    widened = layers(RUNBOOK)
    more = Policy("added", scope.permissions(EVERYTHING))
    added = Layers(identity=[*widened.identity, more], boundary=widened.boundary)
    assert not decide(added, WHO, "dynamodb:PutItem", "*", SHOP).allowed
    assert decide(added, WHO, "sqs:PurgeQueue", queue("orders"), SHOP).allowed


# --- roles ----------------------------------------------------------------------------------------


def test_only_listed_roles_are_passed() -> None:
    passing = granting("ecs:RunTask", pass_roles=[APP_ROLE])
    assert ask(passing, "iam:PassRole", APP_ROLE).allowed
    assert sid(ask(passing, "iam:PassRole", OTHER_ROLE)) == "PassOnlyListedRoles"
    assert not ask(RUNBOOK, "iam:PassRole", APP_ROLE).allowed


def test_only_listed_roles_are_assumed() -> None:
    assuming = granting("ecs:RunTask", assume_roles=[APP_ROLE])
    trust = document(allow("Trust", "sts:AssumeRole", principal={"AWS": WHO.arn}))
    for reach, arn, may in (
        (assuming, APP_ROLE, True),
        (assuming, OTHER_ROLE, False),
        (RUNBOOK, APP_ROLE, False),
        (EVERYTHING, APP_ROLE, False),
    ):
        verdict = decide(asked_on(reach, trust), WHO, "sts:AssumeRole", arn, SHOP)
        assert verdict.allowed == may


# --- whatever it is granted -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::break-glass-vault-acme-222222222222/AWSLogs/x"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::break-glass-vault-acme-222222222222"),
        ("sns:DeleteTopic", f"arn:aws:sns:{HOME}:{SHOP}:break-glass-page"),
        ("sqs:SetQueueAttributes", queue("break-glass-undelivered")),
        ("events:DisableRule", f"arn:aws:events:{HOME}:{SHOP}:rule/break-glass-page-1"),
        ("events:PutRule", f"arn:aws:events:{HOME}:{SHOP}:rule/break-glass-hub/break-glass-x"),
        ("lambda:DeleteFunction", f"arn:aws:lambda:{HOME}:{SHOP}:function:break-glass-pager"),
        ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HOME}:{SHOP}:alarm:break-glass-x"),
        ("pipes:StopPipe", f"arn:aws:pipes:{HOME}:{SHOP}:pipe/break-glass-page"),
        ("athena:DeleteWorkGroup", f"arn:aws:athena:{HOME}:{SHOP}:workgroup/break-glass-records"),
    ],
)
def test_an_administrator_touches_nothing_of_the_kit_and_everything_else(
    action: str, resource: str
) -> None:
    assert sid(ask(EVERYTHING, action, resource)) == "NothingOnTheKit"
    assert ask(EVERYTHING, action, resource.replace("break-glass", "shop")).allowed


@pytest.mark.parametrize(
    "action",
    [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "guardduty:DeleteDetector",
        "securityhub:DisableSecurityHub",
        "organizations:LeaveOrganization",
        "iam:CreateUser",
        "iam:DeleteRolePermissionsBoundary",
    ],
)
def test_an_administrator_stops_nothing_that_logs(action: str) -> None:
    assert sid(ask(EVERYTHING, action, "*")) == "NothingThatLogs"


@pytest.mark.parametrize(
    "action", ["cloudtrail:DescribeTrails", "cloudtrail:LookupEvents", "ec2:RebootInstances"]
)
def test_an_administrator_still_looks_and_repairs(action: str) -> None:
    assert ask(EVERYTHING, action, "*").allowed


KEY = f"arn:aws:kms:{HOME}:{SHOP}:key/11111111-2222-3333-4444-555555555555"


def test_a_key_of_the_kit_is_out_of_reach_by_its_tag() -> None:
    opened = asked_on(EVERYTHING, document(allow("Open", "kms:*", "*", principal="*")))

    def use(action: str, keys: Context) -> Verdict:
        return decide(opened, WHO, action, KEY, SHOP, keys)

    assert sid(use("kms:Sign", {"aws:ResourceTag/break-glass": "edge"})) == "NoKitKey"
    assert use("kms:Sign", {"aws:ResourceTag/owner": "shop"}).allowed
    assert use("kms:Encrypt", {}).allowed


def test_a_key_is_not_made_the_kits_nor_taken_from_it() -> None:
    opened = asked_on(EVERYTHING, document(allow("Open", "kms:*", "*", principal="*")))
    for tag, may in (("break-glass", False), ("owner", True)):
        keys: Context = {"aws:TagKeys": [tag]}
        assert decide(opened, WHO, "kms:TagResource", KEY, SHOP, keys).allowed == may


@pytest.mark.parametrize("action", sorted(actions.matching("sqs:*") | actions.matching("s3:*")))
def test_no_call_of_a_service_reaches_the_kit(action: str) -> None:
    name = "break-glass-page" if action.startswith("sqs") else "break-glass-vault/x"
    resource = queue(name) if action.startswith("sqs") else f"arn:aws:s3:::{name}"
    assert not ask(EVERYTHING, action, resource).allowed


ALL_ACTIONS = sorted(actions.matching("*"))
NARROW = Evaluator(layers(RUNBOOK))


@settings(max_examples=300)
@given(action=st.sampled_from(ALL_ACTIONS))
def test_no_action_beyond_the_runbook_is_allowed(action: str) -> None:
    named = {"sqs:PurgeQueue", "sqs:GetQueueUrl"}
    verdict = NARROW.decide(Request(WHO, action, queue("orders"), SHOP, {}))
    assert verdict.allowed == (action in named)
