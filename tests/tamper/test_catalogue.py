"""The tamper catalogue is whole, true to AWS's names, and refuses what cannot be true."""

import pytest

from breakglass import actions, tamper
from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.tamper import Call, NameMatch, Region, Target, Tier, catalogue

SERVICES = {
    "access-analyzer",
    "account",
    "chatbot",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "config",
    "ec2",
    "events",
    "guardduty",
    "iam",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "organizations",
    "pipes",
    "ram",
    "rolesanywhere",
    "route53",
    "route53resolver",
    "s3",
    "scheduler",
    "securityhub",
    "signin",
    "sns",
    "sqs",
    "ssm",
    "sso",
    "sts",
}


def test_the_catalogue_covers_every_service_that_can_blind_the_log() -> None:
    assert {call.service for call in catalogue()} == SERVICES
    assert len(catalogue()) >= 215


@pytest.mark.parametrize(
    "call_id",
    [
        "cloudtrail.StopLogging",
        "s3.PutBucketObjectLockConfiguration",
        "s3.PutBucketNotification",
        "s3.CreateAccessPoint",
        "s3.CreateAccessGrantsInstance",
        "s3.CreateJob",
        "s3.PutBucketInventoryConfiguration",
        "s3.PutBucketIntelligentTieringConfiguration",
        "s3.UpdateObjectEncryption",
        "kms.ScheduleKeyDeletion",
        "kms.TagResource",
        "sts.AssumeRoot",
        "organizations.LeaveOrganization",
        "cloudformation.ActivateOrganizationsAccess",
        "rolesanywhere.CreateTrustAnchor",
    ],
)
def test_the_calls_that_attackers_used_on_paper_are_there(call_id: str) -> None:
    assert catalogue().call(call_id).reason


def test_only_the_kit_and_the_organisation_page() -> None:
    paging = catalogue().of(tier=Tier.PAGE)
    assert {call.target for call in paging} == {Target.KIT, Target.ORGANISATION}
    assert catalogue().call("iam.PutRolePolicy").otherwise is Tier.RECORD


def test_every_action_is_one_that_aws_knows_as_aws_spells_it() -> None:
    for call in catalogue():
        assert [actions.spelling(action) for action in call.iam_actions] == list(call.iam_actions)
        assert call.iam_actions or call.service == "signin"


def test_every_entry_gives_its_reason_and_its_source() -> None:
    for call in catalogue():
        assert call.reason[0].isupper(), call.id
        assert call.reason.endswith("."), call.id
        assert call.source.startswith(("https://docs.aws.amazon.com/", "https://github.com/")), (
            call.id
        )


def test_names_are_written_as_cloudtrail_writes_them() -> None:
    sources = {call.service: call.event_source for call in catalogue()}
    assert sources["events"] == "events.amazonaws.com"
    assert sources["cloudwatch"] == "monitoring.amazonaws.com"
    assert catalogue().call("cloudwatch.DeleteAlarms").event_bus_source == "aws.monitoring"
    lifecycle = catalogue().call("s3.PutBucketLifecycle")
    assert lifecycle.iam_actions == ("s3:PutLifecycleConfiguration",)
    assert {call.match for call in catalogue().of(services=["lambda"])} == {NameMatch.PREFIX}


def test_global_services_appear_in_us_east_1() -> None:
    for service in ("iam", "organizations", "account", "route53"):
        assert {call.region for call in catalogue().of(services=[service])} == {Region.US_EAST_1}


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"cloudtrail\.Stop"):
        catalogue().call("cloudtrail.Stop")


# --- reading --------------------------------------------------------------------------------------

GOOD = """
[service]
event_source = "sqs.amazonaws.com"
region = "resource"

[service.kit_fields]
"requestParameters.queueUrl" = "https://sqs/break-glass-pages"

[[call]]
id = "sqs.PurgeQueue"
event_names = ["PurgeQueue"]
iam_actions = ["sqs:PurgeQueue"]
target = "kit"
tier = "page"
otherwise = "record"
reason = "Waiting pages are wiped."
source = "https://docs.aws.amazon.com/"
"""


def test_a_true_entry_is_read() -> None:
    (call,) = tamper.read({"sqs": GOOD})
    assert isinstance(call, Call)
    assert call.kit_fields[0].path == ("requestParameters", "queueUrl")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"sqs:PurgeQueue"', '"sqs:PurgeQueues"', "iam_actions"),
        ('"sqs:PurgeQueue"', '"sqs:purgequeue"', "iam_actions"),
        ('"sqs:PurgeQueue"', '"sqs:Purge*"', "iam_actions"),
        ('tier = "page"', 'tier = "siren"', "tier"),
        ('target = "kit"', 'target = "galaxy"', "target"),
        ('region = "resource"', 'region = "moon"', "region"),
        ('otherwise = "record"', "", "otherwise"),
        ('otherwise = "record"', 'otherwise = "never"', "otherwise"),
        ('target = "kit"', 'target = "organisation"', "otherwise"),
        (
            'target = "kit"\ntier = "page"\notherwise = "record"',
            'target = "any"\ntier = "page"',
            "tier",
        ),
        ("[service.kit_fields]", "[service.kit_field]", "kit_field"),
        ('reason = "Waiting pages are wiped."', "", "reason"),
        ("are wiped.", "are wiped", "reason"),
        ('id = "sqs.PurgeQueue"', 'id = "sns.PurgeQueue"', "id"),
        ('"requestParameters.queueUrl" = "https://sqs/break-glass-pages"', "", "kit_fields"),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused_by_field(old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInputs) as refusal:
        tamper.read({"sqs": GOOD.replace(old, new)})
    assert refusal.value.faults[0].name.endswith(named)


def test_an_id_or_event_given_twice_is_refused() -> None:
    twice = GOOD + GOOD[GOOD.index("[[call]]") :]
    with pytest.raises(InvalidInputs, match="each id and each event name once"):
        tamper.read({"sqs": twice})


def test_all_faults_are_told_at_once() -> None:
    bad = GOOD.replace('tier = "page"', 'tier = "siren"')
    with pytest.raises(InvalidInputs, match="2 faults"):
        tamper.read({"sqs": bad, "sns": bad})


# --- what a boundary denies -----------------------------------------------------------------------


def test_the_flat_deny_is_exactly_the_logging_services_catalogued_actions() -> None:
    catalogued = {
        action
        for call in catalogue().of(services=tamper.LOGGING_SERVICES)
        for action in call.iam_actions
    }
    denied = frozenset().union(*map(actions.matching, tamper.denied_actions()))
    assert denied == catalogued


def test_the_flat_deny_leaves_room_for_the_rest_of_a_boundary() -> None:
    assert sum(len(action) + 3 for action in tamper.denied_actions()) < 4_300


@pytest.mark.parametrize(
    "action",
    [
        "sqs:PurgeQueue",
        "lambda:UpdateFunctionCode",
        "s3:PutBucketPolicy",
        "events:PutRule",
        "kms:CreateGrant",
        "cloudtrail:LookupEvents",
        "ec2:RebootInstances",
    ],
)
def test_the_responders_runbook_stays_possible(action: str) -> None:
    denied = frozenset().union(*map(actions.matching, tamper.denied_actions()))
    assert action not in denied
    assert "cloudtrail:StopLogging" in denied


def test_a_deny_bound_to_the_kits_own_roles_can_be_had_for_iam() -> None:
    said = tamper.denied_actions(["iam"])
    assert "iam:UpdateAssumeRolePolicy" in frozenset().union(*map(actions.matching, said))
