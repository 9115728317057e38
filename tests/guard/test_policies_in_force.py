"""What is attached now decides the next call: each layer that AWS has, live."""

import json
from collections.abc import Sequence

import pytest
from botocore_samples import operations, parameters
from emulated_town import (
    HOME,
    LOGGING,
    MANAGEMENT,
    SHOP,
    Params,
    Town,
    Untyped,
    policy,
    statement,
    trusting,
)

from breakglass.errors import RehearsalError
from breakglass.proof.model import UNKNOWN_VALUE
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.emulator import GuardDenied
from breakglass.rehearsal.guard import Operations

QUEUE = "https://sqs.eu-west-1.amazonaws.com/222222222222/pages"


# --- identity ----------------------------------------------------------------------------------


def test_a_role_may_do_what_its_inline_policy_says_until_it_is_taken_away(town: Town) -> None:
    role = town.role(LOGGING, "reader", statement("Allow", "s3:ListAllMyBuckets"))
    session = town.session(role)
    assert town.decide(session, "s3", "ListBuckets").statement == "inline#0"

    town.hand(LOGGING, "iam").delete_role_policy(RoleName="reader", PolicyName="inline")
    assert not town.decide(session, "s3", "ListBuckets").allowed


def test_a_managed_policy_counts_in_its_default_version(town: Town) -> None:
    iam = town.hand(LOGGING, "iam")
    role = town.role(LOGGING, "reader")
    arn = iam.create_policy(
        PolicyName="read", PolicyDocument=policy(statement("Allow", "s3:ListAllMyBuckets"))
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    assert town.decide(town.session(role), "s3", "ListBuckets").allowed

    iam.create_policy_version(
        PolicyArn=arn,
        PolicyDocument=policy(statement("Deny", "s3:*")),
        SetAsDefault=True,
    )
    assert town.decide(town.session(role), "s3", "ListBuckets").statement == "read#0"


def test_a_user_has_his_groups_policies_as_long_as_he_is_in_them(town: Town) -> None:
    iam = town.hand(LOGGING, "iam")
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(
        GroupName="readers",
        PolicyName="read",
        PolicyDocument=policy(statement("Allow", "s3:ListAllMyBuckets")),
    )
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    ada = town.emulator.user(f"arn:aws:iam::{LOGGING}:user/ada")
    assert town.decide(ada, "s3", "ListBuckets").allowed

    iam.remove_user_from_group(GroupName="readers", UserName="ada")
    assert not town.decide(ada, "s3", "ListBuckets").allowed


# --- boundary and session ----------------------------------------------------------------------


def test_a_boundary_limits_its_role_and_a_lost_one_allows_nothing(town: Town) -> None:
    iam = town.hand(LOGGING, "iam")
    role = town.role(LOGGING, "bounded", statement("Allow", "*"))
    session = town.session(role)
    assert town.decide(session, "sqs", "ListQueues").allowed

    arn = iam.create_policy(PolicyName="fence", PolicyDocument=policy(statement("Allow", "s3:*")))[
        "Policy"
    ]["Arn"]
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=arn)
    assert town.decide(session, "s3", "ListBuckets").allowed
    assert town.decide(session, "sqs", "ListQueues").layer == "boundary"

    iam.delete_policy(PolicyArn=arn)
    assert town.decide(session, "s3", "ListBuckets").layer == "boundary"


def test_a_session_policy_limits_its_session_alone(town: Town) -> None:
    role = town.role(LOGGING, "wide", statement("Allow", "*"))
    narrow = town.emulator.assume_role(
        town.session(role),
        role,
        session_name="narrow",
        policy=json.loads(policy(statement("Allow", "s3:*"))),
        region=HOME,
    )
    assert town.decide(narrow, "s3", "ListBuckets").allowed
    assert town.decide(narrow, "sqs", "ListQueues").layer == "session"
    assert town.decide(town.session(role), "sqs", "ListQueues").allowed


# --- resource policies -------------------------------------------------------------------------


def test_another_accounts_bucket_opens_only_from_both_sides(town: Town) -> None:
    role = town.role(SHOP, "writer", statement("Allow", "s3:PutObject"))
    town.bucket(LOGGING, "records")
    put = {"Bucket": "records", "Key": "k"}
    assert town.decide(town.session(role), "s3", "PutObject", **put).layer == "resource"

    town.hand(LOGGING, "s3").put_bucket_policy(
        Bucket="records",
        Policy=policy(
            statement("Allow", "s3:*", "arn:aws:s3:::records/*", Principal={"AWS": role})
        ),
    )
    assert town.decide(town.session(role), "s3", "PutObject", **put).allowed


def test_a_bucket_policy_denies_even_its_own_accounts_admin(town: Town) -> None:
    admin = town.session(town.role(LOGGING, "admin", statement("Allow", "*")))
    sealed = statement(
        "Deny", "s3:PutBucketPolicy", "arn:aws:s3:::records", Principal="*", Sid="Sealed"
    )
    town.bucket(LOGGING, "records", sealed)
    town.bucket(LOGGING, "scratch")
    denied = town.decide(admin, "s3", "PutBucketPolicy", Bucket="records")
    assert denied.statement == "policy of records#Sealed"
    assert town.decide(admin, "s3", "PutBucketPolicy", Bucket="scratch").allowed


TRAIL = f"arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/audit"


@pytest.mark.parametrize(
    ("trail", "delivers"), [(TRAIL, True), (TRAIL.replace("audit", "other"), False)]
)
def test_cloudtrail_delivers_for_the_trail_that_the_vault_names(
    town: Town, trail: str, *, delivers: bool
) -> None:
    town.bucket(
        LOGGING,
        "records",
        statement(
            "Allow",
            "s3:PutObject",
            "arn:aws:s3:::records/AWSLogs/*",
            Principal={"Service": "cloudtrail.amazonaws.com"},
            Condition={
                "StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control",
                    "aws:SourceArn": TRAIL,
                }
            },
        ),
    )
    cloudtrail = town.emulator.service("cloudtrail.amazonaws.com", source_arn=trail)
    put = {"Bucket": "records", "Key": "AWSLogs/a.gz"}
    verdict = town.decide(cloudtrail, "s3", "PutObject", **put, ACL="bucket-owner-full-control")
    assert verdict.allowed is delivers
    assert not town.decide(cloudtrail, "s3", "PutObject", **put).allowed


def test_a_queue_takes_events_from_the_rule_that_its_policy_names(town: Town) -> None:
    rule = f"arn:aws:events:eu-west-1:{LOGGING}:rule/page"
    from_rule = statement(
        "Allow",
        "sqs:SendMessage",
        f"arn:aws:sqs:eu-west-1:{LOGGING}:pages",
        Principal={"Service": "events.amazonaws.com"},
        Condition={"ArnEquals": {"aws:SourceArn": rule}},
    )
    town.hand(LOGGING, "sqs").create_queue(
        QueueName="pages", Attributes={"Policy": policy(from_rule)}
    )
    send = {"QueueUrl": QUEUE, "MessageBody": "page"}
    right = town.emulator.service("events.amazonaws.com", source_arn=rule)
    wrong = town.emulator.service("events.amazonaws.com", source_arn=f"{rule}-of-somebody")
    assert town.decide(right, "sqs", "SendMessage", **send).allowed
    assert not town.decide(wrong, "sqs", "SendMessage", **send).allowed


def test_a_bus_takes_events_from_the_role_that_its_policy_names(town: Town) -> None:
    events = town.hand(LOGGING, "events")
    bus = events.create_event_bus(Name="hub")["EventBusArn"]
    forwarder = town.role(SHOP, "forwarder", statement("Allow", "events:PutEvents", bus))
    other = town.role(SHOP, "other", statement("Allow", "events:PutEvents", bus))
    events.put_permission(
        EventBusName="hub",
        Policy=policy(
            statement(
                "Allow", "events:PutEvents", bus, Sid="Forwarders", Principal={"AWS": forwarder}
            )
        ),
    )
    entry = {"Entries": [{"EventBusName": bus, "Source": "aws.iam", "DetailType": "x"}]}
    assert town.decide(town.session(forwarder), "events", "PutEvents", **entry).allowed
    assert not town.decide(town.session(other), "events", "PutEvents", **entry).allowed


def test_a_topic_and_a_function_take_calls_that_their_policies_allow(town: Town) -> None:
    pager = town.emulator.service("events.amazonaws.com", source_account=LOGGING)
    sns = town.hand(LOGGING, "sns")
    topic = sns.create_topic(Name="pages")["TopicArn"]
    publish = {"TopicArn": topic, "Message": "page"}
    assert not town.decide(pager, "sns", "Publish", **publish).allowed
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=policy(
            statement("Allow", "sns:Publish", topic, Principal={"Service": "events.amazonaws.com"})
        ),
    )
    assert town.decide(pager, "sns", "Publish", **publish).allowed

    role = town.role(LOGGING, "runs", trust=trusting(Service="lambda.amazonaws.com"))
    functions = town.hand(LOGGING, "lambda")
    functions.create_function(
        FunctionName="page", Role=role, Code={"ZipFile": b"x"}, Runtime="python3.11", Handler="a.b"
    )
    assert not town.decide(pager, "lambda", "Invoke", FunctionName="page").allowed
    functions.add_permission(
        FunctionName="page",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    assert town.decide(pager, "lambda", "Invoke", FunctionName="page").allowed


# --- KMS ---------------------------------------------------------------------------------------


def _key(town: Town, *statements: Params, tag: str = "keeper") -> str:
    kms = town.hand(LOGGING, "kms")
    return kms.create_key(
        Policy=policy(*statements), Tags=[{"TagKey": "break-glass", "TagValue": tag}]
    )["KeyMetadata"]["Arn"]


def _delegated(*actions: str) -> Params:
    root = {"AWS": f"arn:aws:iam::{LOGGING}:root"}
    return statement("Allow", list(actions), Principal=root)


def test_a_key_obeys_its_own_policy_first(town: Town) -> None:
    admin = town.session(town.role(LOGGING, "admin", statement("Allow", "kms:*")))
    silent, delegating = _key(town, _delegated("kms:Describe*")), _key(town, _delegated("kms:*"))
    assert town.decide(admin, "kms", "DisableKey", KeyId=silent).layer == "resource"
    assert town.decide(admin, "kms", "DisableKey", KeyId=delegating).allowed


def test_a_key_of_the_kit_is_told_by_its_tag_also_through_its_alias(town: Town) -> None:
    kit = {"StringEquals": {"aws:ResourceTag/break-glass": "keeper"}}
    role = town.role(
        LOGGING,
        "actor",
        statement("Allow", "kms:*"),
        statement("Deny", "kms:*", Condition=kit, Sid="NotTheKits"),
    )
    session = town.session(role)
    ours, theirs = _key(town, _delegated("kms:*")), _key(town, _delegated("kms:*"), tag="app")
    town.hand(LOGGING, "kms").create_alias(AliasName="alias/ledger", TargetKeyId=ours)
    by_alias = town.decide(session, "kms", "DisableKey", KeyId="alias/ledger")
    assert by_alias.statement == "inline#NotTheKits"
    assert town.decide(session, "kms", "DisableKey", KeyId=theirs).allowed


def test_a_grant_lets_its_grantee_do_what_it_lists_until_it_is_revoked(town: Town) -> None:
    key = _key(town, _delegated("kms:Describe*"))
    grantee = town.role(LOGGING, "signer", statement("Allow", "sns:Publish"))
    kms = town.hand(LOGGING, "kms")
    grant = kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    session, data = town.session(grantee), {"KeyId": key, "Plaintext": b"x"}
    assert town.decide(session, "kms", "Encrypt", **data).layer == "grant"
    assert not town.decide(session, "kms", "DisableKey", KeyId=key).allowed

    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    assert not town.decide(session, "kms", "Encrypt", **data).allowed


# --- SCPs and RCPs -----------------------------------------------------------------------------

NO_QUEUES = policy(statement("Deny", "sqs:*", Sid="NoQueues"))
NO_ENTRY = policy(statement("Deny", "sts:AssumeRole", Principal="*", Sid="NoEntry"))


def _admin(town: Town, account: str, **more: Untyped) -> Caller:
    return town.session(town.role(account, "admin", statement("Allow", "*"), **more))


def test_an_scp_at_the_root_binds_members_and_not_the_management_account(organised: Town) -> None:
    organised.attach(organised.root_id, "SERVICE", "fence", NO_QUEUES)
    denied = organised.decide(_admin(organised, SHOP), "sqs", "ListQueues")
    assert (denied.layer, denied.statement) == ("scp", "fence#NoQueues")
    assert organised.decide(_admin(organised, MANAGEMENT), "sqs", "ListQueues").allowed


@pytest.mark.parametrize("names", [("fence", "wall"), ("wall", "fence")])
def test_of_two_denials_the_same_is_told_whichever_was_attached_first(
    organised: Town, names: Sequence[str]
) -> None:
    for name in names:
        organised.attach(SHOP, "SERVICE", name, NO_QUEUES)
    denied = organised.decide(_admin(organised, SHOP), "sqs", "ListQueues")
    assert denied.statement == "fence#NoQueues"


@pytest.mark.parametrize("names", [("letters", "orders"), ("orders", "letters")])
def test_of_two_policies_of_a_role_the_same_is_told_whichever_it_got_first(
    organised: Town, names: Sequence[str]
) -> None:
    reader = organised.role(SHOP, "reader", statement("Allow", "s3:*"))
    iam = organised.hand(SHOP, "iam")
    for name in names:
        iam.put_role_policy(RoleName="reader", PolicyName=name, PolicyDocument=NO_QUEUES)
    denied = organised.decide(organised.session(reader), "sqs", "ListQueues")
    assert denied.statement == "letters#NoQueues"


def test_an_scp_binds_until_it_is_detached(organised: Town) -> None:
    admin = _admin(organised, SHOP)
    identifier = organised.attach(SHOP, "SERVICE", "fence", NO_QUEUES)
    assert not organised.decide(admin, "sqs", "ListQueues").allowed
    organised.hand(MANAGEMENT, "organizations").detach_policy(PolicyId=identifier, TargetId=SHOP)
    assert organised.decide(admin, "sqs", "ListQueues").allowed


def test_an_scp_does_not_bind_while_its_type_is_disabled(organised: Town) -> None:
    organised.attach(SHOP, "SERVICE", "fence", NO_QUEUES)
    organised.hand(MANAGEMENT, "organizations").disable_policy_type(
        RootId=organised.root_id, PolicyType="SERVICE_CONTROL_POLICY"
    )
    assert organised.decide(_admin(organised, SHOP), "sqs", "ListQueues").allowed


def test_every_level_down_to_the_account_has_to_allow(organised: Town) -> None:
    organizations = organised.hand(MANAGEMENT, "organizations")
    unit = organizations.create_organizational_unit(ParentId=organised.root_id, Name="shops")
    unit_id = unit["OrganizationalUnit"]["Id"]
    admin = _admin(organised, SHOP)
    organizations.move_account(
        AccountId=SHOP, SourceParentId=organised.root_id, DestinationParentId=unit_id
    )
    assert organised.decide(admin, "sqs", "ListQueues").allowed

    organised.attach(unit_id, "SERVICE", "only-s3", policy(statement("Allow", "s3:*")))
    organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit_id)
    assert organised.decide(admin, "sqs", "ListQueues").layer == "scp"
    assert organised.decide(admin, "s3", "ListBuckets").allowed


def test_no_scp_binds_a_service_linked_role(organised: Town) -> None:
    organised.attach(SHOP, "SERVICE", "fence", NO_QUEUES)
    linked = organised.session(
        organised.role(
            SHOP, "Linked", statement("Allow", "*"), path="/aws-service-role/x.amazonaws.com/"
        )
    )
    assert organised.decide(linked, "sqs", "ListQueues").allowed
    assert not organised.decide(_admin(organised, SHOP), "sqs", "ListQueues").allowed


def test_an_rcp_binds_the_management_account_on_a_members_roles(organised: Town) -> None:
    management = _admin(organised, MANAGEMENT)
    door = {
        "RoleArn": f"arn:aws:iam::{LOGGING}:role/OrganizationAccountAccessRole",
        "RoleSessionName": "boss",
    }
    assert organised.decide(management, "sts", "AssumeRole", **door).allowed
    organised.attach(LOGGING, "RESOURCE", "keepers", NO_ENTRY)
    denied = organised.decide(management, "sts", "AssumeRole", **door)
    assert (denied.layer, denied.statement) == ("rcp", "keepers#NoEntry")


def test_an_rcp_does_not_bind_the_management_accounts_own_resources(organised: Town) -> None:
    organised.attach(organised.root_id, "RESOURCE", "keepers", NO_ENTRY)
    own = organised.role(MANAGEMENT, "own")
    admin = _admin(organised, MANAGEMENT)
    door = {"RoleArn": own, "RoleSessionName": "boss"}
    assert organised.decide(admin, "sts", "AssumeRole", **door).allowed


# --- what verdicts see -------------------------------------------------------------------------


def test_the_resource_is_looked_at_where_it_is_and_not_where_the_caller_is(organised: Town) -> None:
    organised.bucket(LOGGING, "records")
    [request] = organised.guard.requests(
        _admin(organised, SHOP), "s3", "GetObject", {"Bucket": "records", "Key": "k"}, HOME
    )
    assert request.resource_account == LOGGING
    assert request.context["aws:ResourceAccount"] == LOGGING
    assert str(request.context["aws:ResourceOrgID"]).startswith("o-")


def test_a_global_service_is_in_us_east_1_wherever_it_is_called(town: Town) -> None:
    town_admin = town.session(town.role(LOGGING, "admin", statement("Allow", "*")))
    [iam] = town.guard.requests(town_admin, "iam", "ListRoles", {}, "eu-central-1")
    [sts, *_] = town.guard.requests(
        town_admin, "sts", "AssumeRole", {"RoleArn": "arn:aws:iam::1:role/r"}, "eu-central-1"
    )
    assert iam.context["aws:RequestedRegion"] == "us-east-1"
    assert sts.context["aws:RequestedRegion"] == "eu-central-1"


def test_a_direct_call_names_no_calling_service(town: Town) -> None:
    admin = town.session(town.role(LOGGING, "admin", statement("Allow", "*")))
    [request] = town.guard.requests(admin, "s3", "ListBuckets", {}, HOME)
    assert "aws:CalledVia" not in request.context
    assert request.context["aws:SecureTransport"] == "true"
    assert UNKNOWN_VALUE not in request.context.values()


def test_a_boundary_on_the_role_at_hand_is_a_key_of_the_request(town: Town) -> None:
    iam = town.hand(LOGGING, "iam")
    fence = iam.create_policy(PolicyName="fence", PolicyDocument=policy(statement("Allow", "*")))[
        "Policy"
    ]["Arn"]
    town.role(LOGGING, "bounded", PermissionsBoundary=fence)
    town.role(LOGGING, "free")
    fenced = {"StringEquals": {"iam:PermissionsBoundary": fence}}
    deputy = town.session(
        town.role(LOGGING, "deputy", statement("Allow", "iam:PutRolePolicy", Condition=fenced))
    )
    change = {"PolicyName": "p", "PolicyDocument": "{}"}
    assert town.decide(deputy, "iam", "PutRolePolicy", RoleName="bounded", **change).allowed
    assert not town.decide(deputy, "iam", "PutRolePolicy", RoleName="free", **change).allowed


def test_a_client_of_the_emulation_hears_the_guards_reason(town: Town) -> None:
    session = town.session(town.role(LOGGING, "reader", statement("Allow", "s3:List*")))
    client = town.emulator.client(session, "s3", HOME)
    assert client.list_buckets()["Buckets"] == []
    with pytest.raises(GuardDenied) as refused:
        client.create_bucket(Bucket="mine")
    assert refused.value.verdict.layer == "identity"


# --- laws --------------------------------------------------------------------------------------


def test_whoever_is_denied_everything_can_call_nothing_but_what_is_free(town: Town) -> None:
    table = Operations()
    nobody = town.session(town.role(LOGGING, "nobody", statement("Deny", "*")))
    for service in ("iam", "s3", "cloudtrail", "events", "kms", "sns", "sqs", "organizations"):
        for operation in operations(service)[::5]:
            if table.is_unmapped(service, operation):
                continue
            try:
                verdict = town.decide(nobody, service, operation, **parameters(service, operation))
            except RehearsalError:
                continue  # parameters that give no resource: an error, and no pass
            assert not verdict.allowed or table.is_free(service, operation)
    assert town.decide(nobody, "sts", "GetCallerIdentity").allowed
