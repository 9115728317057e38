"""The rules of sessions and services that policies do not say, each with what it lets through."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from emulated import HOME, LOGGING, MANAGEMENT, WORKLOAD, AllowsEverything, DeniesEverything

from breakglass.errors import InvalidInput, RehearsalError
from breakglass.proof.model import Verdict
from breakglass.rehearsal.aws import identities
from breakglass.rehearsal.aws.attempts import Guard
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client, shared_client
from breakglass.rehearsal.aws.emulator import Emulator, GuardDenied, PlatformRefusal
from breakglass.rehearsal.sockets import loopback_only

NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]})
ENTRY = f"arn:aws:iam::{WORKLOAD}:role/breakglass/entry"
GLASS = f"arn:aws:iam::{WORKLOAD}:role/breakglass/glass"
LONG = f"arn:aws:iam::{WORKLOAD}:role/long"
ALICE = f"arn:aws:iam::{WORKLOAD}:user/alice"
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Remembers:
    """A guard that keeps whom it was asked about, and denies when it is told to."""

    def __init__(self) -> None:
        self.seen: list[Caller] = []
        self.answer: Guard = AllowsEverything()

    def decide(
        self, caller: Caller, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> Verdict:
        self.seen.append(caller)
        return self.answer.decide(caller, service, operation, params, region)

    @contextmanager
    def denying(self) -> Iterator[None]:
        self.answer = DeniesEverything()
        try:
            yield
        finally:
            self.answer = AllowsEverything()


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def guard() -> Remembers:
    return Remembers()


@pytest.fixture(scope="module")
def emulator(clock: Clock, guard: Remembers) -> Iterator[Emulator]:
    with Emulator(guard, clock=clock) as accounts:
        iam = accounts.client(accounts.root(WORKLOAD), "iam", "us-east-1")
        for name, longest in (("entry", 3600), ("glass", 3600)):
            iam.create_role(
                RoleName=name,
                Path="/breakglass/",
                AssumeRolePolicyDocument=NOBODY,
                MaxSessionDuration=longest,
                Tags=[{"Key": "side", "Value": "edge"}],
            )
        iam.create_role(RoleName="long", AssumeRolePolicyDocument=NOBODY, MaxSessionDuration=43200)
        iam.create_user(UserName="alice", Tags=[{"Key": "person", "Value": "alice"}])
        iam.create_user(UserName="bob")
        yield accounts


@pytest.fixture(scope="module")
def device(emulator: Emulator) -> str:
    """Alice's second factor."""
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")
    serial: str = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"][
        "SerialNumber"
    ]
    iam.enable_mfa_device(
        UserName="alice",
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    return serial


@pytest.fixture
def alice(emulator: Emulator) -> Caller:
    return emulator.user(ALICE)


Assume = Callable[..., Caller]


@pytest.fixture
def assume(emulator: Emulator) -> Assume:
    def call(caller: Caller, role: str = ENTRY, **more: object) -> Caller:
        given: dict[str, Any] = {"session_name": "alice", "region": HOME, **more}
        return emulator.assume_role(caller, role, **given)

    return call


def rule_of(refused: pytest.ExceptionInfo[PlatformRefusal]) -> str:
    return refused.value.platform_rule


# --- who calls ---------------------------------------------------------------------------------


def test_a_session_is_who_it_says_it_is(emulator: Emulator, alice: Caller, assume: Assume) -> None:
    session = assume(alice)
    identity = emulator.client(session, "sts", HOME).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{WORKLOAD}:assumed-role/entry/alice"
    assert identity["Account"] == WORKLOAD


def test_accounts_do_not_see_each_other(emulator: Emulator) -> None:
    emulator.client(emulator.root(WORKLOAD), "sqs", HOME).create_queue(QueueName="mine")
    assert "QueueUrls" not in emulator.client(emulator.root(LOGGING), "sqs", HOME).list_queues()


def test_all_callers_share_one_client_a_service_and_region(emulator: Emulator) -> None:
    first = emulator.client(emulator.root(WORKLOAD), "sqs", HOME)
    second = emulator.client(emulator.root(LOGGING), "sqs", HOME)
    assert first.meta is second.meta


def test_of_many_writers_of_one_key_exactly_one_wins(emulator: Emulator) -> None:
    s3 = emulator.client(emulator.root(LOGGING), "s3", "us-east-1")
    s3.create_bucket(Bucket="ledger")

    def write(writer: int) -> bool:
        try:
            s3.put_object(Bucket="ledger", Key="1", Body=str(writer), IfNoneMatch="*")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as writers:
        assert sum(writers.map(write, range(24))) == 1


def test_a_shared_client_without_caller_is_refused() -> None:
    with pytest.raises(RehearsalError, match="without a caller"):
        shared_client("sqs", HOME).list_queues()


def test_the_context_tells_role_tags_session_tags_and_the_hour(
    alice: Caller, assume: Assume
) -> None:
    session = assume(alice, tags={"IncidentId": "INC-1"}, source_identity="alice")
    context = identities.at(session, START).context
    assert context["aws:PrincipalArn"] == ENTRY
    assert context["aws:PrincipalTag/side"] == "edge"
    assert context["aws:PrincipalTag/IncidentId"] == "INC-1"
    assert context["aws:SourceIdentity"] == "alice"
    assert context["aws:CurrentTime"] == "2026-11-22T12:00:00Z"
    assert context["aws:MultiFactorAuthPresent"] == "false"


def test_long_term_keys_say_nothing_of_a_second_factor(alice: Caller) -> None:
    assert "aws:MultiFactorAuthPresent" not in identities.at(alice, START).context


def test_a_user_who_does_not_exist_is_named(emulator: Emulator) -> None:
    with pytest.raises(InvalidInput, match="user/mallory"):
        emulator.user(f"arn:aws:iam::{WORKLOAD}:user/mallory")


# --- sessions ----------------------------------------------------------------------------------


def test_a_session_lasts_no_longer_than_its_role_allows(alice: Caller, assume: Assume) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        assume(alice, duration=3601)
    assert rule_of(refused) == "DurationSeconds: at most the role's MaxSessionDuration"
    assert assume(alice, LONG, duration=43_200).expires == START + timedelta(hours=12)


def test_more_than_twelve_hours_are_refused(alice: Caller, assume: Assume) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        assume(alice, LONG, duration=43_201)
    assert rule_of(refused) == "DurationSeconds: 900 to 43200"


def test_a_chained_session_lasts_an_hour_at_most(alice: Caller, assume: Assume) -> None:
    entry = assume(alice)
    with pytest.raises(PlatformRefusal) as refused:
        assume(entry, LONG, duration=3601)
    assert rule_of(refused) == "role chaining: one hour"
    assume(entry, LONG, duration=3600)


def test_the_console_stretches_no_chained_session(
    emulator: Emulator, alice: Caller, assume: Assume
) -> None:
    first = assume(alice)
    emulator.signin_token(first, duration=43_200, region=HOME)
    chained = assume(first, LONG)
    with pytest.raises(PlatformRefusal) as refused:
        emulator.signin_token(chained, duration=43_200, region=HOME)
    assert rule_of(refused) == "console: a chained session is not stretched"
    emulator.signin_token(chained, region=HOME)
    operations = [(call.operation, call.error) for call in emulator.calls[-2:]]
    assert operations == [
        ("GetSigninToken", "InvalidParameterCombination"),
        ("GetSigninToken", None),
    ]


def test_a_session_that_is_over_is_refused(
    emulator: Emulator, clock: Clock, alice: Caller, assume: Assume
) -> None:
    sts = emulator.client(assume(alice, duration=900), "sts", HOME)
    sts.get_caller_identity()
    clock.now = START + timedelta(seconds=900)
    try:
        with pytest.raises(PlatformRefusal) as refused:
            sts.get_caller_identity()
    finally:
        clock.now = START
    assert refused.value.response["Error"]["Code"] == "ExpiredToken"


def test_a_role_that_does_not_exist_is_not_assumed(alice: Caller, assume: Assume) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        assume(alice, f"arn:aws:iam::{WORKLOAD}:role/entry")  # the path is missing
    assert rule_of(refused) == "the role exists"


@pytest.mark.parametrize("name", ["with space", "x" * 65, "ünï"])
def test_a_session_name_outside_its_alphabet_is_refused(
    alice: Caller, assume: Assume, name: str
) -> None:
    with pytest.raises(PlatformRefusal, match="RoleSessionName"):
        assume(alice, session_name=name)


# --- source identity ---------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["with space", "x" * 65, "aws:alice"])
def test_a_source_identity_outside_its_alphabet_is_refused(
    alice: Caller, assume: Assume, identity: str
) -> None:
    with pytest.raises(PlatformRefusal, match="SourceIdentity"):
        assume(alice, source_identity=identity)


def test_a_source_identity_stays_the_same_along_the_chain(alice: Caller, assume: Assume) -> None:
    entry = assume(alice, source_identity="alice")
    with pytest.raises(PlatformRefusal) as refused:
        assume(entry, GLASS, source_identity="bob")
    assert rule_of(refused) == "SourceIdentity: fixed for the whole chain"
    assert assume(entry, GLASS).source_identity == "alice"
    assert assume(entry, GLASS, source_identity="alice").source_identity == "alice"


# --- session tags ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "rule"),
    [
        ({f"k{n}": "v" for n in range(51)}, "session tags: at most 50"),
        ({"k" * 129: "v"}, "session tags: key 1 to 128, value at most 256 characters"),
        ({"k": "v" * 257}, "session tags: key 1 to 128, value at most 256 characters"),
        ({"k": "a#b"}, "session tags: letters, digits, spaces and _.:/=+-@"),
        ({"aws:k": "v"}, "session tags: aws: is reserved"),
        ({"Reason": "a", "reason": "b"}, "session tags: each key once"),
    ],
)
def test_tags_that_sts_would_not_take_are_refused(
    alice: Caller, assume: Assume, tags: dict[str, str], rule: str
) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        assume(alice, tags=tags)
    assert rule_of(refused) == rule


def test_fifty_tags_at_full_length_are_taken(alice: Caller, assume: Assume) -> None:
    tags = {f"{n:0128d}": "ä" * 256 for n in range(50)}
    assert assume(alice, tags=tags).session_tags == tags


def test_only_transitive_tags_are_inherited(alice: Caller, assume: Assume) -> None:
    tags = {"IncidentId": "INC-1", "Gate": "review"}
    entry = assume(alice, tags=tags, transitive_tags=["IncidentId"])
    assert assume(entry, GLASS).session_tags == {"IncidentId": "INC-1"}


def test_an_inherited_tag_is_not_overridden(alice: Caller, assume: Assume) -> None:
    entry = assume(alice, tags={"IncidentId": "INC-1"}, transitive_tags=["IncidentId"])
    with pytest.raises(PlatformRefusal) as refused:
        assume(entry, GLASS, tags={"incidentid": "INC-2"})
    assert rule_of(refused) == "transitive tags: inherited, not to be overridden"
    assume(entry, GLASS, tags={"Reason": "more"})


def test_a_transitive_key_without_its_tag_is_refused(alice: Caller, assume: Assume) -> None:
    with pytest.raises(PlatformRefusal, match="not among the tags"):
        assume(alice, tags={"Reason": "why"}, transitive_tags=["IncidentId"])


# --- second factor -----------------------------------------------------------------------------


def test_only_a_user_proves_a_second_factor(
    emulator: Emulator, alice: Caller, assume: Assume, device: str
) -> None:
    entry = assume(alice, mfa=device)
    for other in (entry, emulator.user(f"arn:aws:iam::{WORKLOAD}:user/bob")):
        with pytest.raises(PlatformRefusal) as refused:
            assume(other, GLASS, mfa=device)
        assert rule_of(refused) == "MFA: only a user's own device, with a code"


def test_a_factor_ages_with_the_clock(
    emulator: Emulator, clock: Clock, alice: Caller, device: str
) -> None:
    proven = emulator.session_token(alice, mfa=device, region=HOME)
    later = identities.at(proven, clock.now + timedelta(minutes=20)).context
    assert later["aws:MultiFactorAuthPresent"] == "true"
    assert later["aws:MultiFactorAuthAge"] == "1200"


def test_the_guard_sees_the_factor_of_the_request(
    alice: Caller, assume: Assume, device: str, guard: Remembers
) -> None:
    assume(alice, mfa=device)
    assert guard.seen[-1].context["aws:MultiFactorAuthPresent"] == "true"
    assert guard.seen[-1].context["aws:MultiFactorAuthAge"] == "0"


def test_a_role_session_gets_no_session_token(
    emulator: Emulator, alice: Caller, assume: Assume
) -> None:
    with pytest.raises(PlatformRefusal, match="Cannot call GetSessionToken"):
        emulator.session_token(assume(alice), region=HOME)
    emulator.session_token(alice, region=HOME)


# --- web identity ------------------------------------------------------------------------------


def test_a_token_is_taken_from_a_known_issuer_for_a_known_audience(emulator: Emulator) -> None:
    issuer = "token.actions.githubusercontent.com"
    claims = {"aud": "sts.amazonaws.com", "sub": "repo:acme/shop:ref:refs/heads/main"}

    def assume(**claims: str) -> Caller:
        return emulator.assume_role_with_web_identity(
            ENTRY, issuer=issuer, claims=claims, session_name="run-1", region=HOME
        )

    with pytest.raises(PlatformRefusal, match="No OpenIDConnect provider"):
        assume(**claims)
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")
    iam.create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    with pytest.raises(PlatformRefusal, match="Incorrect token audience"):
        assume(**claims | {"aud": "someone-else"})
    assert assume(**claims).context[f"{issuer}:sub"] == claims["sub"]


# --- guard and record --------------------------------------------------------------------------


def test_what_the_guard_denies_does_not_happen_and_is_on_record(
    emulator: Emulator, guard: Remembers
) -> None:
    session = emulator.session(LONG, session_name="mallory")
    sqs = emulator.client(session, "sqs", HOME)
    with guard.denying(), pytest.raises(GuardDenied) as denied:
        sqs.create_queue(QueueName="denied")
    verdict = denied.value.verdict
    assert verdict.reason == "the test denies everything"
    assert denied.value.response["Error"]["Code"] == "AccessDenied"
    call = emulator.calls[-1]
    assert (call.caller, call.operation, call.error) == (session.arn, "CreateQueue", "AccessDenied")
    assert call.verdict is verdict
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="denied")


def test_paginated_calls_are_guarded_too(emulator: Emulator, guard: Remembers) -> None:
    session = emulator.session(LONG, session_name="mallory")
    pages = emulator.client(session, "iam", "us-east-1").get_paginator("list_roles")
    with guard.denying(), pytest.raises(GuardDenied):
        list(pages.paginate())
    assert list(pages.paginate())


def test_the_emulations_own_hand_is_not_guarded(emulator: Emulator, guard: Remembers) -> None:
    with guard.denying():
        emulator.client(emulator.root(LOGGING), "sqs", HOME).create_queue(QueueName="prelude")


def test_there_is_one_emulator_at_a_time(emulator: Emulator) -> None:
    assert emulator.root(WORKLOAD).account == WORKLOAD
    with pytest.raises(RehearsalError, match="one at a time"), Emulator(AllowsEverything()):
        pass


def test_an_operation_that_the_emulator_lacks_is_an_error_that_names_it(
    emulator: Emulator,
) -> None:
    iam = emulator.client(emulator.root(MANAGEMENT), "iam", "us-east-1")
    with pytest.raises(RehearsalError, match="enable_organizations_root_creden"):
        iam.enable_organizations_root_credentials_management()


def test_one_account_for_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", WORKLOAD)
    with pytest.raises(InvalidInput, match="MOTO_ACCOUNT_ID"), Emulator(AllowsEverything()):
        pass


# --- what STS and the console give out ----------------------------------------------------------


def test_a_root_session_may_do_its_task_and_nothing_more(emulator: Emulator) -> None:
    admin = emulator.root(MANAGEMENT)
    session = emulator.root_session(admin, WORKLOAD, "S3UnlockBucketPolicy", region=HOME)
    assert (session.guarded, session.principal.kind) == (True, "root")
    assert [policy.name for policy in session.session_policies] == ["S3UnlockBucketPolicy"]
    with pytest.raises(InvalidInput, match="SQSUnlockQueuePolicy"):
        emulator.root_session(admin, WORKLOAD, "IAMAuditRootUserCredentials", region=HOME)


# --- organisation ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def organization(emulator: Emulator) -> Emulator:
    emulator.create_organization(MANAGEMENT, {"logging": LOGGING, "workload": WORKLOAD})
    return emulator


def organizations_of(emulator: Emulator, account: str) -> Client:
    return emulator.client(emulator.root(account), "organizations", "us-east-1")


def test_members_have_the_account_ids_that_were_chosen(organization: Emulator) -> None:
    accounts = organizations_of(organization, MANAGEMENT).list_accounts()["Accounts"]
    assert {account["Id"] for account in accounts} == {MANAGEMENT, LOGGING, WORKLOAD}


def test_only_the_management_account_governs(organization: Emulator) -> None:
    policy = {"Name": "mine", "Description": "", "Type": "SERVICE_CONTROL_POLICY"}
    with pytest.raises(PlatformRefusal) as refused:
        organizations_of(organization, WORKLOAD).create_policy(**policy, Content=ANYTHING)
    assert rule_of(refused) == "Organizations: the management account only"
    organizations_of(organization, MANAGEMENT).create_policy(**policy, Content=ANYTHING)


def test_a_policy_is_attached_only_when_its_type_is_enabled_and_deleted_only_when_free(
    organization: Emulator,
) -> None:
    client = organizations_of(organization, MANAGEMENT)
    made = client.create_policy(
        Name="guard", Description="", Type="RESOURCE_CONTROL_POLICY", Content=ANYTHING
    )
    attachment = {"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": WORKLOAD}
    with pytest.raises(PlatformRefusal, match="enabled policy types"):
        client.attach_policy(**attachment)
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    client.attach_policy(**attachment)
    with pytest.raises(PlatformRefusal, match="Detach it first"):
        client.delete_policy(PolicyId=attachment["PolicyId"])
    client.detach_policy(**attachment)
    client.delete_policy(PolicyId=attachment["PolicyId"])


def test_a_policy_beyond_its_quota_is_refused(organization: Emulator) -> None:
    statement = {"Sid": "x" * 11_000, "Effect": "Deny", "Action": "*", "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with pytest.raises(PlatformRefusal, match="service control policy"):
        organizations_of(organization, MANAGEMENT).create_policy(
            Name="large", Description="", Type="SERVICE_CONTROL_POLICY", Content=content
        )


def test_members_see_the_organisation_trail_and_cannot_stop_it(organization: Emulator) -> None:
    keeper = organization.root(MANAGEMENT)
    organization.client(keeper, "s3", "us-east-1").create_bucket(Bucket="vault")
    trail = organization.client(keeper, "cloudtrail", "us-east-1").create_trail(
        Name="break-glass", S3BucketName="vault", IsMultiRegionTrail=True, IsOrganizationTrail=True
    )["TrailARN"]
    member = organization.client(organization.root(WORKLOAD), "cloudtrail", HOME)
    assert [seen["TrailARN"] for seen in member.describe_trails()["trailList"]] == [trail]
    with pytest.raises(PlatformRefusal) as refused:
        member.stop_logging(Name=trail)
    assert rule_of(refused) == "CloudTrail: the trail's own account only"
    with pytest.raises(PlatformRefusal) as elsewhere:
        organization.client(keeper, "cloudtrail", HOME).stop_logging(Name=trail)
    assert elsewhere.value.response["Error"]["Code"] == "InvalidHomeRegionException"
    organization.client(keeper, "cloudtrail", "us-east-1").stop_logging(Name=trail)


# --- other services ----------------------------------------------------------------------------


def test_a_rule_state_that_aws_does_not_know_is_refused(emulator: Emulator) -> None:
    events = emulator.client(emulator.root(LOGGING), "events", HOME)
    pattern = json.dumps({"source": ["aws.sts"]})
    with pytest.raises(PlatformRefusal, match="FOO"):
        events.put_rule(Name="sts", EventPattern=pattern, State="FOO")
    events.put_rule(Name="sts", EventPattern=pattern, State="ENABLED")


@pytest.mark.parametrize(
    "pattern", [{"source": [{"sounds-like": "sts"}]}, {"source": []}, {"source": ["x" * 2100]}]
)
def test_a_pattern_that_aws_would_refuse_is_refused(
    emulator: Emulator, pattern: dict[str, Any]
) -> None:
    events = emulator.client(emulator.root(LOGGING), "events", HOME)
    with pytest.raises(PlatformRefusal):
        events.put_rule(Name="odd", EventPattern=json.dumps(pattern))


def test_nobody_puts_an_event_that_says_it_is_awss(emulator: Emulator) -> None:
    events = emulator.client(emulator.root(LOGGING), "events", HOME)
    event = {"DetailType": "forged", "Detail": "{}"}
    with pytest.raises(PlatformRefusal, match=r"aws\.cloudtrail"):
        events.put_events(Entries=[event | {"Source": "aws.cloudtrail"}])
    events.put_events(Entries=[event | {"Source": "own"}])


def test_a_sixth_target_is_refused(emulator: Emulator) -> None:
    events = emulator.client(emulator.root(LOGGING), "events", HOME)
    events.put_rule(Name="busy", EventPattern=json.dumps({"source": ["aws.sts"]}))
    queue = f"arn:aws:sqs:{HOME}:{LOGGING}:queue"
    events.put_targets(Rule="busy", Targets=[{"Id": f"t{n}", "Arn": queue} for n in range(5)])
    events.put_targets(Rule="busy", Targets=[{"Id": "t0", "Arn": f"{queue}-other"}])
    with pytest.raises(PlatformRefusal, match="targets of a rule: 6, at most 5"):
        events.put_targets(Rule="busy", Targets=[{"Id": "t5", "Arn": queue}])


def test_a_bus_with_rules_is_not_deleted(emulator: Emulator) -> None:
    events = emulator.client(emulator.root(LOGGING), "events", HOME)
    events.create_event_bus(Name="hub")
    rule = {"Name": "sts", "EventBusName": "hub"}
    events.put_rule(**rule, EventPattern=json.dumps({"source": ["aws.sts"]}))
    with pytest.raises(PlatformRefusal, match="has 1 rules"):
        events.delete_event_bus(Name="hub")
    events.delete_rule(**rule)
    events.delete_event_bus(Name="hub")


def test_a_trust_policy_names_only_who_exists(emulator: Emulator) -> None:
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")

    def trusting(principal: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    with pytest.raises(PlatformRefusal, match="Invalid principal in policy"):
        iam.create_role(RoleName="heir", AssumeRolePolicyDocument=trusting(f"{ENTRY}-2"))
    iam.create_role(RoleName="heir", AssumeRolePolicyDocument=trusting(ENTRY))


def test_a_managed_policy_beyond_its_quota_is_refused(emulator: Emulator) -> None:
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")
    statement = {"Effect": "Deny", "Action": ["s3:" + "x" * 6_200], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with pytest.raises(PlatformRefusal, match="managed policy characters"):
        iam.create_policy(PolicyName="large", PolicyDocument=document)


def test_only_the_managed_policies_that_are_used_exist(emulator: Emulator) -> None:
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")
    iam.attach_role_policy(RoleName="long", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    names = [policy["PolicyName"] for policy in iam.list_policies(Scope="AWS")["Policies"]]
    assert names == ["SecurityAudit"]


# --- pages and connections ---------------------------------------------------------------------


def test_pages_stay_here_and_the_endpoint_reads_back(emulator: Emulator) -> None:
    sns = emulator.client(emulator.root(LOGGING), "sns", HOME)
    topic = sns.create_topic(Name="pages")["TopicArn"]
    endpoint = "https://events.pagerduty.com/integration/1/enqueue"
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="https",
        Endpoint=endpoint,
        Attributes={"FilterPolicy": json.dumps({"tier": ["page"]})},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    with loopback_only():
        for tier in ("page", "record"):
            attribute = {"tier": {"DataType": "String", "StringValue": tier}}
            sns.publish(TopicArn=topic, Message=tier, MessageAttributes=attribute)
    assert [(page.endpoint, page.message) for page in emulator.pages] == [(endpoint, "page")]
    shown = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert (shown["Protocol"], shown["Endpoint"]) == ("https", endpoint)
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [entry["Endpoint"] for entry in listed] == [endpoint]


def test_nothing_but_loopback_is_open_under_the_socket_guard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, loopback_only():
        with pytest.raises(RehearsalError, match=r"192\.0\.2\.1"):
            socket.create_connection(("192.0.2.1", 443), timeout=1)
        with pytest.raises(RehearsalError, match=r"events\.pagerduty\.com"):
            socket.create_connection(("events.pagerduty.com", 443), timeout=1)
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_an_event_source_mapping_is_never_enabled(emulator: Emulator) -> None:
    hand = emulator.root(LOGGING)
    emulator.client(hand, "sqs", HOME).create_queue(QueueName="records")
    iam = emulator.client(hand, "iam", "us-east-1")
    trust = NOBODY.replace(
        "[]",
        '[{"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "lambda.amazonaws.com"}}]',
    )
    role = iam.create_role(RoleName="recorder", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    functions = emulator.client(hand, "lambda", HOME)
    functions.create_function(
        FunctionName="recorder",
        Role=role,
        Runtime="python3.11",
        Handler="recorder.handle",
        Code={"ZipFile": b"not a program"},
    )
    mapping = functions.create_event_source_mapping(
        FunctionName="recorder",
        EventSourceArn=f"arn:aws:sqs:{HOME}:{LOGGING}:records",
        Enabled=True,
    )
    assert mapping["State"] == "Disabled"
