"""Six rules a region see every call that pages, allowed and refused, and let ordinary work pass."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest
from moto.events.models import EventPattern

from breakglass.errors import QuotaExceeded
from breakglass.patterns import Index, Pattern
from breakglass.quotas import QUOTAS, Quota, compact
from breakglass.tamper import Region, Target, Tier, catalogue, rules
from breakglass.tamper.rules import Form, Kind, RegionClass, RuleState, Sample, sample_events
from breakglass.tamper.samples import SAMPLE_KEY_ARN

SHOWN = {
    RegionClass.US_EAST_1: set(Region),
    RegionClass.HOME: {Region.RESOURCE, Region.EVERY, Region.HOME},
    RegionClass.OTHER: {Region.RESOURCE, Region.EVERY},
}
PACKED = {where: rules.pack(where, kms_key_arns=[SAMPLE_KEY_ARN]) for where in RegionClass}
INDEX = {
    where: Index({rule.name: rule.pattern for rule in packed}) for where, packed in PACKED.items()
}
TIER = {rule.name: rule.tier for packed in PACKED.values() for rule in packed}
OWN_REFUSAL = (
    "User: arn:aws:sts::555555555555:assumed-role/break-glass-prod-deploy/alice is not authorized "
    "to perform: sqs:purgequeue on resource: arn:aws:sqs:eu-west-1:555555555555:web-shop "
    "because no identity-based policy allows it"
)
Event: TypeAlias = dict[str, Any]
EVERYWHERE = pytest.mark.parametrize("where", RegionClass)


def tiers(where: RegionClass, event: Mapping[str, Any]) -> set[Tier]:
    return {TIER[name] for name in INDEX[where].matching(event)}


def samples(where: RegionClass, tier: Tier | None = None, *, on_kit: bool = True) -> list[Sample]:
    calls = (call for call in catalogue().of(tier=tier) if call.region in SHOWN[where])
    return [sample for call in calls for sample in sample_events(call, on_kit=on_kit)]


# --- what is seen ---------------------------------------------------------------------------------


@EVERYWHERE
def test_every_call_that_pages_matches_a_page_rule_allowed_or_denied(where: RegionClass) -> None:
    for sample in samples(where, Tier.PAGE):
        assert Tier.PAGE in tiers(where, sample.event), (sample.call.id, sample.form)


@EVERYWHERE
def test_every_call_that_makes_a_ticket_matches_a_ticket_rule_and_pages_nobody(
    where: RegionClass,
) -> None:
    for sample in samples(where, Tier.TICKET):
        assert tiers(where, sample.event) == {Tier.TICKET}, (sample.call.id, sample.form)


@EVERYWHERE
def test_what_is_only_recorded_matches_no_rule(where: RegionClass) -> None:
    for sample in samples(where, Tier.RECORD):
        assert not tiers(where, sample.event), (sample.call.id, sample.form)


@EVERYWHERE
def test_the_same_calls_on_an_application_have_the_tier_for_elsewhere(where: RegionClass) -> None:
    ordinary = samples(where, Tier.PAGE, on_kit=False)
    for sample in (sample for sample in ordinary if sample.call.target is Target.KIT):
        expected = {sample.call.otherwise} - {Tier.RECORD}
        assert tiers(where, sample.event) == expected, (sample.call.id, sample.form)


@EVERYWHERE
def test_each_rule_names_the_calls_that_it_catches(where: RegionClass) -> None:
    caught = {call_id for rule in PACKED[where] for call_id in rule.calls}
    loud = {
        call.id
        for call in catalogue()
        if call.region in SHOWN[where] and {call.tier, call.otherwise} & {Tier.PAGE, Tier.TICKET}
    }
    assert caught == loud


def test_a_refused_s3_call_without_a_message_is_known_by_its_bucket() -> None:
    """S3 keeps the parameters of refused calls and may say no more than "Access Denied"."""
    (allowed, _) = sample_events(catalogue().call("s3.PutBucketPolicy"))
    refused = allowed.event | {
        "detail": allowed.event["detail"]
        | {"errorCode": "AccessDenied", "errorMessage": "Access Denied"}
    }
    assert tiers(RegionClass.OTHER, refused) == {Tier.PAGE}


def test_a_refused_call_carries_no_parameters() -> None:
    for sample in samples(RegionClass.US_EAST_1):
        if sample.form is Form.DENIED:
            assert sample.event["detail"]["requestParameters"] is None


def event(source: str, name: str, **detail: object) -> Event:
    service = source.removeprefix("aws.")
    return {
        "source": source,
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "managementEvent": True,
            "userIdentity": {"type": "AssumedRole"},
        }
        | detail,
    }


@pytest.mark.parametrize(
    "ordinary",
    [
        event("aws.iam", "PutRolePolicy", requestParameters={"roleName": "web-shop-autoscaling"}),
        event("aws.events", "PutRule", requestParameters={"name": "nightly"}),
        event(
            "aws.logs",
            "CreateLogStream",
            requestParameters={"logGroupName": "/aws/lambda/break-glass-recorder"},
        ),
        event(
            "aws.s3",
            "PutObject",
            managementEvent=False,
            requestParameters={"bucketName": "break-glass-vault-acme-222222222222"},
        ),
        event(
            "aws.sqs",
            "DeleteMessage",
            managementEvent=False,
            requestParameters={"queueUrl": "https://sqs/2/break-glass-pages"},
        ),
        event(
            "aws.s3",
            "GetBucketPolicy",
            requestParameters={"bucketName": "break-glass-vault-acme-222222222222"},
        ),
        event("aws.iam", "GetRole", requestParameters={"roleName": "break-glass-prod-deploy"}),
        event("aws.kms", "DisableKey", resources=[{"ARN": SAMPLE_KEY_ARN.replace("1111", "9999")}]),
        event(
            "aws.sqs",
            "PurgeQueue",
            errorCode="AccessDenied",
            errorMessage=OWN_REFUSAL,
            requestParameters=None,
        ),
    ],
    ids=lambda ordinary: ordinary["detail"]["eventName"],
)
def test_ordinary_work_rings_nowhere(ordinary: Event) -> None:
    assert not INDEX[RegionClass.US_EAST_1].matching(ordinary)


def test_an_event_put_on_the_bus_by_an_application_matches_no_rule() -> None:
    """PutEvents refuses sources under aws., so a pinned source keeps forgeries out."""
    (allowed, _) = sample_events(catalogue().call("organizations.LeaveOrganization"))
    assert not tiers(RegionClass.US_EAST_1, allowed.event | {"source": "my.application"})
    assert tiers(RegionClass.US_EAST_1, allowed.event) == {Tier.PAGE}


# --- use of the path ------------------------------------------------------------------------------

ROLE = "arn:aws:iam::555555555555:role/breakglass/break-glass-prod-deploy"
REFUSAL = (
    "User: arn:aws:iam::555555555555:user/bob is not authorized to perform: "
    "sts:AssumeRole on resource: {}"
)
SSO = "arn:aws:iam::5:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{}_01234567"
ACTIVATION = Pattern(
    rules.activation(entry_users=["alice"], permission_sets=["BreakGlassEntry"]).pattern
)


def sign_in(
    name: str, detail_type: str = "AWS Console Sign In via CloudTrail", **identity: str
) -> Event:
    detail = {"eventName": name, "userIdentity": identity}
    return {"source": "aws.signin", "detail-type": detail_type, "detail": detail}


@pytest.mark.parametrize(
    ("used", "ordinary"),
    [
        (
            event("aws.sts", "AssumeRole", requestParameters={"roleArn": ROLE}),
            event(
                "aws.sts",
                "AssumeRole",
                requestParameters={"roleArn": ROLE.replace("/breakglass", "")},
            ),
        ),
        (
            event("aws.sts", "AssumeRole", requestParameters={"roleArn": ROLE}),
            event(
                "aws.sts",
                "AssumeRole",
                requestParameters={"roleArn": ROLE},
                userIdentity={"type": "AWSService", "invokedBy": "events.amazonaws.com"},
            ),
        ),
        (
            event("aws.sts", "AssumeRoleWithWebIdentity", requestParameters={"roleArn": ROLE}),
            event("aws.sts", "GetCallerIdentity", requestParameters={"roleArn": ROLE}),
        ),
        (
            event(
                "aws.sts",
                "AssumeRole",
                errorCode="AccessDenied",
                errorMessage=REFUSAL.format(ROLE),
                requestParameters=None,
            ),
            event(
                "aws.sts",
                "AssumeRole",
                errorCode="AccessDenied",
                errorMessage=REFUSAL.format("arn:aws:iam::1:role/web"),
                requestParameters=None,
            ),
        ),
        (
            event(
                "aws.sts",
                "AssumeRoleWithSAML",
                requestParameters={"roleArn": SSO.format("BreakGlassEntry")},
            ),
            event(
                "aws.sts",
                "AssumeRoleWithSAML",
                requestParameters={"roleArn": SSO.format("ReadOnly")},
            ),
        ),
        (event("aws.sts", "AssumeRoot"), event("aws.sts", "GetSessionToken")),
        (
            event(
                "aws.sso",
                "GetRoleCredentials",
                serviceEventDetails={"role_name": "BreakGlassEntry"},
            )
            | {"detail-type": "AWS Service Event via CloudTrail"},
            event("aws.sso", "GetRoleCredentials", serviceEventDetails={"role_name": "ReadOnly"})
            | {"detail-type": "AWS Service Event via CloudTrail"},
        ),
        (sign_in("ConsoleLogin", userName="alice"), sign_in("ConsoleLogin", userName="bob")),
        (
            sign_in("ConsoleLogin", "AWS Console Signin via CloudTrail", userName="alice"),
            sign_in("ConsoleLogin", "AWS API Call", userName="alice"),
        ),
        (
            sign_in("SwitchRole", arn="arn:aws:sts::5:assumed-role/break-glass-prod-deploy/alice"),
            sign_in("SwitchRole", arn="arn:aws:sts::5:assumed-role/web-admin/alice"),
        ),
        (sign_in("ConsoleLogin", type="Root"), sign_in("ConsoleLogin", type="IAMUser")),
        (
            sign_in("PasswordRecoveryRequested", type="Root"),
            sign_in("PasswordUpdated", type="IAMUser"),
        ),
    ],
    ids=lambda used: used["detail"]["eventName"],
)
def test_use_of_the_path_is_seen_and_its_ordinary_twin_is_not(used: Event, ordinary: Event) -> None:
    assert ACTIVATION.matches(used)
    assert not ACTIVATION.matches(ordinary)


@pytest.mark.parametrize("name", ["CreateAccessKey", "DeactivateMFADevice", "AttachUserPolicy"])
def test_a_change_to_a_user_who_may_enter_pages_and_one_to_another_user_does_not(name: str) -> None:
    packed = rules.pack(RegionClass.US_EAST_1, entry_users=["alice"])
    pages = Index({rule.name: rule.pattern for rule in packed if rule.tier is Tier.PAGE})
    change = event("aws.iam", name, requestParameters={"userName": "alice"})
    assert pages.matching(change)
    assert not pages.matching(
        change | event("aws.iam", name, requestParameters={"userName": "bob"})
    )
    assert not pages.matching(
        event("aws.iam", "ListAccessKeys", requestParameters={"userName": "alice"})
    )


@EVERYWHERE
def test_the_sts_rule_takes_read_only_events_because_assuming_a_role_is_one(
    where: RegionClass,
) -> None:
    activation, *others = PACKED[where]
    assert (activation.kind, activation.state) == (Kind.ACTIVATION, RuleState.ALL)
    assert activation.state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert {(rule.kind, rule.state) for rule in others} == {(Kind.TAMPER, RuleState.ENABLED)}
    assert not any(catalogue().call(one).read_only for rule in others for one in rule.calls)


def test_a_refusal_under_the_kits_path_is_seen_whatever_the_name() -> None:
    refused = event(
        "aws.iam",
        "CreateRole",
        managementEvent=True,
        errorCode="AccessDenied",
        errorMessage="User: x is not authorized to perform: iam:CreateRole on resource: {}",
        requestParameters=None,
    )
    message = refused["detail"]["errorMessage"]
    for role, seen in (("breakglass/lookalike", {Tier.PAGE}), ("checkout/lookalike", set())):
        refused["detail"]["errorMessage"] = message.format(f"arn:aws:iam::5:role/{role}")
        assert tiers(RegionClass.US_EAST_1, refused) == seen


# --- how it is packed -----------------------------------------------------------------------------


TWENTY = [f"firstname.name{number:02}" for number in range(20)]
"""As many people as an ordinary organisation lets break the glass."""


@EVERYWHERE
@pytest.mark.parametrize(
    ("keys", "users"), [(2, []), (0, TWENTY), (0, [f"{user}@example.com" for user in TWENTY])]
)
def test_a_region_gets_at_most_six_rules_that_aws_takes(
    where: RegionClass, keys: int, users: list[str]
) -> None:
    packed = rules.pack(
        where,
        kms_key_arns=[rules.PLACEHOLDER_KEY_ARN] * keys,
        entry_users=users,
        permission_sets=["BreakGlass"],
    )
    assert len(packed) <= rules.MAX_RULES
    for rule in packed:
        QUOTAS.check_size(Quota.EVENT_PATTERN, rule.name, rule.pattern)
        assert len(rule.name) <= QUOTAS.limit(Quota.RULE_NAME)
        assert Pattern(rule.pattern).sources, "source is pinned by literal names"
        assert set(rule.pattern) <= {"source", "detail-type", "$or", "detail"}
        assert multiplied(rule.pattern) <= QUOTAS.limit(Quota.OR_COMBINATIONS)


def multiplied(node: object) -> int:
    """Count combinations as AWS's page tells to: the lengths of all $ors, multiplied."""
    product = 1
    for key, value in node.items() if isinstance(node, dict) else ():
        product *= len(value) if key == "$or" else 1
        for inner in value if isinstance(value, list) else [value]:
            product *= multiplied(inner)
    return product


@EVERYWHERE
def test_packing_again_gives_the_same_names_and_patterns(where: RegionClass) -> None:
    rules._pack.cache_clear()
    again = rules.pack(where, kms_key_arns=[SAMPLE_KEY_ARN])
    assert [compact(rule.pattern) for rule in again] == [
        compact(rule.pattern) for rule in PACKED[where]
    ]
    assert len({rule.name for rule in again}) == len(again)
    assert all(rule.name.startswith("break-glass-") for rule in again)


def test_without_keys_no_rule_looks_for_one() -> None:
    packed = rules.pack(RegionClass.OTHER)
    assert "key/" not in json.dumps([rule.pattern for rule in packed])


def test_keys_count_at_full_length_and_too_many_are_refused() -> None:
    rules.pack(RegionClass.US_EAST_1, kms_key_arns=[rules.PLACEHOLDER_KEY_ARN] * 5)
    with pytest.raises(QuotaExceeded):
        rules.pack(RegionClass.US_EAST_1, kms_key_arns=[rules.PLACEHOLDER_KEY_ARN] * 40)


def test_a_raised_pattern_quota_needs_fewer_rules() -> None:
    raised = QUOTAS.override({"event_pattern": 4_096})
    assert len(rules.pack(RegionClass.US_EAST_1, quotas=raised)) == 4


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", RegionClass.US_EAST_1),
        ("eu-west-1", RegionClass.HOME),
        ("eu-central-1", RegionClass.OTHER),
    ],
)
def test_a_regions_class_follows_from_the_home_region(region: str, expected: RegionClass) -> None:
    assert rules.region_class(region, home="eu-west-1") is expected


def test_a_home_in_us_east_1_is_watched_as_us_east_1() -> None:
    assert rules.region_class("us-east-1", home="us-east-1") is RegionClass.US_EAST_1


def test_moto_matches_the_tickets_and_organisation_rules_as_we_do() -> None:
    """moto does not look into arrays of objects, so rules for keys are left to our own matcher."""
    packed = rules.pack(RegionClass.US_EAST_1)
    ours = Index({rule.name: rule.pattern for rule in packed})
    theirs = {rule.name: EventPattern.load(json.dumps(rule.pattern)) for rule in packed}
    for sample in samples(RegionClass.US_EAST_1)[::3]:
        found = [name for name, pattern in theirs.items() if pattern.matches_event(sample.event)]
        assert ours.matching(sample.event) == found, sample.call.id
