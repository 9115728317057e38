"""Rows of the table: which policies decide a call, and what they read."""

import json
from typing import Any

import pytest

from breakglass.errors import RehearsalError
from breakglass.rehearsal.aws import identities
from tests.fidelity.land import (
    ANYTHING,
    HOME,
    LOGGING,
    MANAGEMENT,
    SHOP,
    Land,
    denied,
    policy,
    statement,
)
from tests.fidelity.row import row

AREA = "Policies"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/"
_KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_SNS = "https://docs.aws.amazon.com/sns/latest/dg/"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
LOGIC = f"{_IAM}reference_policies_evaluation-logic.html"
BOUNDARY = f"{_IAM}access_policies_boundaries.html"
RESOURCE = f"{_IAM}reference_policies_elements_resource.html"
OPERATORS = f"{_IAM}reference_policies_elements_condition_operators.html"
NOT_RESOURCE = f"{_IAM}reference_policies_elements_notresource.html"
VARIABLES = f"{_IAM}reference_policies_variables.html"
ACTION = f"{_IAM}reference_policies_elements_action.html"
ACROSS = f"{_IAM}reference_policies_evaluation-logic-cross-account.html"
BUCKETS = f"{_S3}example-bucket-policies.html"
S3_ACTIONS = f"{_S3}using-with-s3-policy-actions.html"
KEYS = f"{_KMS}key-policies.html"
SCPS = f"{_ORG}orgs_manage_policies_scps.html"
RCPS = f"{_ORG}orgs_manage_policies_rcps.html"
PASS_ROLE = f"{_IAM}id_roles_use_passrole.html"
DEPUTY = f"{_IAM}confused-deputy.html"
GLOBAL_KEYS = f"{_IAM}reference_policies_condition-keys.html"

Body = dict[str, Any]
PUT = {"Key": "k", "Body": b"x"}


def actor(land: Land, *statements: Body, account: str = LOGGING) -> Any:  # noqa: ANN401 - boto3's
    return land.session(land.role(account, land.new("actor"), *statements))


# --- identity policies -------------------------------------------------------------------------


@row(AREA, "a Deny on one resource of a service other than S3", "denies that resource", RESOURCE)
def test_a_deny_on_one_trail_denies_it(land: Land) -> None:
    bucket = land.bucket_of()
    trails = [land.new("trail") for _ in range(2)]
    for name in trails:
        land.hand(LOGGING, "cloudtrail").create_trail(Name=name, S3BucketName=bucket)
    arn = f"arn:aws:cloudtrail:{HOME}:{LOGGING}:trail/{trails[0]}"
    cloudtrail = land.client(
        actor(land, ANYTHING, statement("Deny", "cloudtrail:StopLogging", arn)), "cloudtrail"
    )
    with denied():
        cloudtrail.stop_logging(Name=trails[0])
    cloudtrail.stop_logging(Name=trails[1])


@row(AREA, "a condition in an identity policy", "decides whether the statement applies", OPERATORS)
def test_conditions_are_read(land: Land) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": HOME}}
    who = actor(land, statement("Allow", "sqs:ListQueues", Condition=here))
    land.client(who, "sqs").list_queues()
    with denied():
        land.client(who, "sqs", "us-east-1").list_queues()


@row(AREA, "NotResource", "everything but what it names", NOT_RESOURCE)
def test_not_resource_spares_what_it_names(land: Land) -> None:
    kept, other = land.bucket_of(), land.bucket_of()
    body = {
        "Effect": "Deny",
        "Action": "s3:PutObject",
        "NotResource": f"arn:aws:s3:::{kept}/*",
    }
    s3 = land.client(actor(land, ANYTHING, body), "s3")
    s3.put_object(Bucket=kept, **PUT)
    with denied():
        s3.put_object(Bucket=other, **PUT)


@row(AREA, "a policy variable", "stands for the request's value", VARIABLES)
def test_variables_stand_for_the_callers_name(land: Land) -> None:
    bucket = land.bucket_of()
    own = statement("Allow", "s3:PutObject", f"arn:aws:s3:::{bucket}/${{aws:username}}/*")
    user = land.user(LOGGING, own)
    s3, name = land.client(user, "s3"), user.arn.rsplit("/", 1)[-1]
    s3.put_object(Bucket=bucket, Key=f"{name}/1", Body=b"x")
    with denied():
        s3.put_object(Bucket=bucket, Key="else/1", Body=b"x")


@row(AREA, "? and capitals in an action", "? is one character, case does not count", ACTION)
def test_actions_are_matched_without_case(land: Land) -> None:
    bucket = land.bucket_of()
    for spelt, closed in (("S3:PUT?BJECT", True), ("s3:Put?Object", False)):
        s3 = land.client(actor(land, ANYTHING, statement("Deny", spelt)), "s3")
        if closed:
            with denied():
                s3.put_object(Bucket=bucket, **PUT)
        else:
            s3.put_object(Bucket=bucket, **PUT)


@row(AREA, "a permissions boundary", "limits what policies grant", BOUNDARY)
def test_a_boundary_limits(land: Land) -> None:
    iam = land.hand(LOGGING, "iam", "us-east-1")
    fence = iam.create_policy(
        PolicyName=land.new("fence"), PolicyDocument=policy(statement("Allow", "s3:*"))
    )["Policy"]["Arn"]
    bounded = land.session(
        land.role(LOGGING, land.new("bounded"), ANYTHING, PermissionsBoundary=fence)
    )
    land.client(bounded, "s3").list_buckets()
    with denied() as seen:
        land.client(bounded, "sqs").list_queues()
    assert seen[0].verdict.layer == "boundary"


@row(AREA, "handing a role to a service", "needs iam:PassRole on it", PASS_ROLE)
def test_a_role_is_handed_over_by_permission(land: Land) -> None:
    _, queue = land.queue()
    events = statement("Allow", "events:*")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )
    role = land.role(LOGGING, land.new("forwarder"), trust=trust)
    rule = land.new("rule")
    land.hand(LOGGING, "events").put_rule(Name=rule, EventPattern='{"source": ["x"]}')
    target = [{"Id": "q", "Arn": queue, "RoleArn": role}]
    with denied() as seen:
        land.client(actor(land, events), "events").put_targets(Rule=rule, Targets=target)
    assert "PassRole" in str(seen[0]) or seen[0].verdict.layer == "identity"
    passing = actor(land, events, statement("Allow", "iam:PassRole", role))
    land.client(passing, "events").put_targets(Rule=rule, Targets=target)


# --- policies of resources ---------------------------------------------------------------------


@row(AREA, "a bucket of another account", "both accounts must allow", ACROSS)
def test_another_accounts_bucket_needs_both(land: Land) -> None:
    writer = actor(land, statement("Allow", "s3:PutObject"), account=SHOP)
    s3 = land.client(writer, "s3")
    with denied():
        s3.put_object(Bucket=land.bucket_of(), **PUT)
    grant = statement("Allow", "s3:PutObject", "arn:aws:s3:::{bucket}/*", Principal={"AWS": SHOP})
    s3.put_object(Bucket=land.bucket_of(LOGGING, grant), **PUT)


@row(AREA, "the Principal of a bucket policy's Deny", "denies those it names", BUCKETS)
def test_a_bucket_policy_denies_whom_it_names(land: Land) -> None:
    one, other = actor(land, ANYTHING), actor(land, ANYTHING)
    body = statement(
        "Deny",
        "s3:PutObject",
        "arn:aws:s3:::{bucket}/*",
        Principal={"AWS": one.principal.arn},
    )
    bucket = land.bucket_of(LOGGING, body)
    with denied():
        land.client(one, "s3").put_object(Bucket=bucket, **PUT)
    land.client(other, "s3").put_object(Bucket=bucket, **PUT)


@row(AREA, "the condition of a bucket policy's Deny", "decides whether it applies", BUCKETS)
def test_a_bucket_policy_reads_its_conditions(land: Land) -> None:
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}
    body = statement(
        "Deny", "s3:PutObject", "arn:aws:s3:::{bucket}/*", Principal="*", Condition=outside
    )
    admin = land.admin()
    land.client(admin, "s3").put_object(Bucket=land.bucket_of(LOGGING, body), **PUT)
    plain = {"Bool": {"aws:SecureTransport": "true"}}
    closed = statement(
        "Deny", "s3:PutObject", "arn:aws:s3:::{bucket}/*", Principal="*", Condition=plain
    )
    with denied():
        land.client(admin, "s3").put_object(Bucket=land.bucket_of(LOGGING, closed), **PUT)


@row(AREA, "calls on the bucket itself", "are decided by its policy too", S3_ACTIONS)
def test_calls_on_the_bucket_itself_are_decided(land: Land) -> None:
    actions = ["s3:ListBucket", "s3:PutBucketPolicy", "s3:DeleteBucket"]
    body = statement("Deny", actions, "arn:aws:s3:::{bucket}", Principal="*")
    bucket, free = land.bucket_of(LOGGING, body), land.bucket_of()
    s3 = land.client(land.admin(), "s3")
    for call in (
        lambda name: s3.list_objects_v2(Bucket=name),
        lambda name: s3.head_bucket(Bucket=name),
        lambda name: s3.put_bucket_policy(Bucket=name, Policy=policy(statement("Deny", "s3:x"))),
        lambda name: s3.delete_bucket(Bucket=name),
    ):
        with denied():
            call(bucket)
    s3.list_objects_v2(Bucket=free)
    s3.delete_bucket(Bucket=free)


@row(AREA, "a bulk deletion", "s3:DeleteObject on each key", S3_ACTIONS)
def test_a_bulk_deletion_is_decided_key_by_key(land: Land) -> None:
    body = statement("Deny", "s3:DeleteObject", "arn:aws:s3:::{bucket}/kept", Principal="*")
    bucket = land.bucket_of(LOGGING, body)
    s3 = land.client(land.admin(), "s3")
    with denied():
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "kept"}]})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("s3:PutBucketObjectLockConfiguration", "put_object_lock_configuration"),
        ("s3:PutBucketPublicAccessBlock", "put_public_access_block"),
        ("s3:PutLifecycleConfiguration", "put_bucket_lifecycle_configuration"),
    ],
)
@row(AREA, "actions that are called otherwise than the call", "as listed for S3", S3_ACTIONS)
def test_a_call_asks_for_the_action_that_aws_lists(land: Land, action: str, call: str) -> None:
    bucket = land.locked()
    given: dict[str, Any] = {
        "put_object_lock_configuration": {
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            }
        },
        "put_public_access_block": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        "put_bucket_lifecycle_configuration": {
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "ID": "r",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "Expiration": {"Days": 1},
                    }
                ]
            }
        },
    }[call]
    closed = land.client(actor(land, ANYTHING, statement("Deny", action)), "s3")
    with denied():
        getattr(closed, call)(Bucket=bucket, **given)
    getattr(land.client(actor(land, statement("Allow", action)), "s3"), call)(
        Bucket=bucket, **given
    )


@row(AREA, "a KMS key's policy", "must allow, or hand on to the account", KEYS)
def test_a_key_obeys_its_own_policy(land: Land) -> None:
    kms, admin = land.hand(LOGGING, "kms"), land.admin()
    for actions, usable in ("kms:Describe*", False), ("kms:*", True):
        principal = {"AWS": f"arn:aws:iam::{LOGGING}:root"}
        document = policy(statement("Allow", actions, Principal=principal))
        key = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
        client = land.client(admin, "kms")
        if usable:
            client.encrypt(KeyId=key, Plaintext=b"x")
        else:
            with denied():
                client.encrypt(KeyId=key, Plaintext=b"x")


@row(
    AREA,
    "another account and a key",
    "some operations alone have an effect",
    f"{_KMS}key-policy-modifying-external-accounts.html",
)
def test_a_key_is_not_administered_from_another_account(land: Land) -> None:
    document = policy(
        statement("Allow", "kms:*", Principal={"AWS": [LOGGING, SHOP]}),
    )
    made = land.hand(LOGGING, "kms").create_key(Policy=document)["KeyMetadata"]["Arn"]
    shop = actor(land, ANYTHING, account=SHOP)
    assert land.decide(shop, "kms", "Encrypt", KeyId=made, Plaintext=b"x").allowed
    assert not land.decide(shop, "kms", "ScheduleKeyDeletion", KeyId=made).allowed


@row(AREA, "a grant on a key", "allows its grantee what it lists", f"{_KMS}grants.html")
def test_a_grant_allows_its_grantee(land: Land) -> None:
    kms = land.hand(LOGGING, "kms")
    document = policy(statement("Allow", "kms:Describe*", Principal={"AWS": LOGGING}))
    key = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
    grantee, other = actor(land), actor(land)
    kms.create_grant(KeyId=key, GranteePrincipal=grantee.principal.arn, Operations=["Encrypt"])
    land.client(grantee, "kms").encrypt(KeyId=key, Plaintext=b"x")
    with denied():
        land.client(other, "kms").encrypt(KeyId=key, Plaintext=b"x")


@row(AREA, "a topic's policy", "decides who publishes", f"{_SNS}sns-access-policy-use-cases.html")
def test_a_topic_takes_from_whom_its_policy_names(land: Land) -> None:
    one, other = actor(land, account=SHOP), actor(land, account=SHOP)
    for who in (one, other):
        land.hand(SHOP, "iam", "us-east-1").put_role_policy(
            RoleName=who.principal.arn.rsplit("/", 1)[-1],
            PolicyName="publish",
            PolicyDocument=policy(statement("Allow", "sns:Publish")),
        )
    sns = land.hand(LOGGING, "sns")
    topic = sns.create_topic(Name=land.new("topic"))["TopicArn"]
    body = statement("Allow", "sns:Publish", topic, Principal={"AWS": one.principal.arn})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(body))
    land.client(one, "sns").publish(TopicArn=topic, Message="x")
    with denied():
        land.client(other, "sns").publish(TopicArn=topic, Message="x")


@row(
    AREA, "a queue's policy", "decides who sends", f"{_SQS}sqs-basic-examples-of-sqs-policies.html"
)
def test_a_queue_takes_from_whom_its_policy_names(land: Land) -> None:
    url, arn = land.queue()
    sender = actor(land, statement("Allow", "sqs:SendMessage"), account=SHOP)
    with denied():
        land.client(sender, "sqs").send_message(QueueUrl=url, MessageBody="x")
    body = statement("Allow", "sqs:SendMessage", arn, Principal={"AWS": SHOP})
    land.hand(LOGGING, "sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy(body)}
    )
    assert land.decide(sender, "sqs", "SendMessage", QueueUrl=url, MessageBody="x").allowed


@row(
    AREA,
    "an event bus of another account",
    "takes from whom its policy names",
    f"{_EVENTS}eb-event-bus-perms.html",
)
def test_a_bus_takes_from_whom_its_policy_names(land: Land) -> None:
    events, name = land.hand(LOGGING, "events"), land.new("hub")
    arn = events.create_event_bus(Name=name)["EventBusArn"]
    sender = land.client(
        actor(land, statement("Allow", "events:PutEvents"), account=SHOP), "events"
    )
    entry = [{"Source": "x", "DetailType": "d", "Detail": "{}", "EventBusName": arn}]
    with denied():
        sender.put_events(Entries=entry)
    body = statement("Allow", "events:PutEvents", arn, Principal={"AWS": SHOP}, Sid="Shop")
    events.put_permission(EventBusName=name, Policy=policy(body))
    sender.put_events(Entries=entry)


@row(
    AREA, "a service that acts for a resource", "brings aws:SourceArn and aws:SourceAccount", DEPUTY
)
def test_a_service_brings_its_source(land: Land) -> None:
    trail = f"arn:aws:cloudtrail:{HOME}:{LOGGING}:trail/t"
    body = statement(
        "Allow",
        "s3:PutObject",
        "arn:aws:s3:::{bucket}/*",
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceArn": trail}},
    )
    bucket = land.bucket_of(LOGGING, body)
    name = "cloudtrail.amazonaws.com"
    ours = land.emulator.service(name, source_arn=trail)
    other = land.emulator.service(name, source_arn=trail.replace(LOGGING, SHOP))
    land.client(ours, "s3").put_object(Bucket=bucket, **PUT)
    with denied():
        land.client(other, "s3").put_object(Bucket=bucket, **PUT)


@row(AREA, "somebody without credentials", "gets what everybody gets", BUCKETS)
def test_nobody_known_gets_what_everybody_gets(land: Land) -> None:
    public = statement("Allow", "s3:GetObject", "arn:aws:s3:::{bucket}/*", Principal="*")
    opened, closed = land.bucket_of(LOGGING, public), land.bucket_of()
    for bucket in (opened, closed):
        land.hand(LOGGING, "s3").put_object(Bucket=bucket, **PUT)
    anybody = land.client(land.emulator.anonymous(), "s3")
    anybody.get_object(Bucket=opened, Key="k")
    with denied():
        anybody.get_object(Bucket=closed, Key="k")


# --- the organisation --------------------------------------------------------------------------


@row(AREA, "an SCP", "binds a member's principals, not the management account's", SCPS)
def test_an_scp_binds_members_alone(land: Land) -> None:
    fence = policy(statement("Deny", "sqs:*"))
    identifier = land.attach(land.root_id, "SERVICE", land.new("scp"), fence)
    try:
        with denied() as seen:
            land.client(land.admin(SHOP), "sqs").list_queues()
        assert seen[0].verdict.layer == "scp"
        land.client(land.admin(MANAGEMENT), "sqs").list_queues()
    finally:
        land.hand(MANAGEMENT, "organizations", "us-east-1").detach_policy(
            PolicyId=identifier, TargetId=land.root_id
        )
    land.client(land.admin(SHOP), "sqs").list_queues()


@row(AREA, "an RCP", "binds whoever calls a member's resources", RCPS)
def test_an_rcp_binds_whoever_calls(land: Land) -> None:
    fence = policy(statement("Deny", "s3:*", Principal="*"))
    land.attach(SHOP, "RESOURCE", land.new("rcp"), fence)
    mine = land.bucket_of(SHOP)
    with denied() as seen:
        land.client(land.admin(SHOP), "s3").put_object(Bucket=mine, **PUT)
    assert seen[0].verdict.layer == "rcp"
    land.client(land.admin(), "s3").put_object(Bucket=land.bucket_of(), **PUT)


# --- where it differs --------------------------------------------------------------------------


@row(
    AREA,
    "a policy that was just changed",
    "takes effect within seconds, after a delay that is not documented",
    f"{_IAM}troubleshoot_general.html",
    "takes effect with the next call",
    follows="In the seconds after a change AWS may still decide by the old policy.",
    gap="A change of a policy is in force at once.",
)
def test_a_change_counts_with_the_next_call(land: Land) -> None:
    who = actor(land, ANYTHING)
    land.client(who, "sqs").list_queues()
    land.hand(LOGGING, "iam", "us-east-1").delete_role_policy(
        RoleName=who.principal.arn.rsplit("/", 1)[-1], PolicyName="inline"
    )
    with denied():
        land.client(who, "sqs").list_queues()


@row(
    AREA,
    "VPC endpoints and calls on somebody's behalf",
    "aws:SourceVpc, aws:SourceVpce and aws:CalledVia tell of them",
    GLOBAL_KEYS,
    "every call is direct: the keys are absent",
    follows="A policy of your own that reads them is decided for direct calls alone.",
    gap="Every call is direct: no VPC endpoint, no service calls on somebody's behalf.",
)
def test_every_call_is_direct(land: Land) -> None:
    through = {"Null": {"aws:SourceVpce": "false"}}
    who = actor(land, statement("Allow", "*", Condition=through))
    with denied():
        land.client(who, "sqs").list_queues()
    direct = {"Null": {"aws:SourceVpce": "true", "aws:CalledVia": "true"}}
    land.client(actor(land, statement("Allow", "*", Condition=direct)), "sqs").list_queues()


@row(
    AREA,
    "the address of a caller",
    "aws:SourceIp is the caller's",
    GLOBAL_KEYS,
    "one address of the block for documentation",
    follows="A policy of your own that reads addresses is decided for that one.",
    gap="Every caller has the same address, one of the block for documentation.",
)
def test_every_caller_has_one_address(land: Land) -> None:
    block = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    elsewhere = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    land.client(actor(land, statement("Allow", "*", Condition=block)), "sqs").list_queues()
    with denied():
        land.client(actor(land, statement("Allow", "*", Condition=elsewhere)), "sqs").list_queues()


@row(
    AREA,
    "S3 access points",
    "a name in place of a bucket's, with a policy of its own",
    f"{_S3}access-points-policies.html",
    "an error that names the call",
    follows="A program that uses access points cannot be rehearsed.",
    gap="S3 access points are refused instead of resolved.",
)
def test_an_access_point_is_an_error(land: Land) -> None:
    point = f"arn:aws:s3:{HOME}:{LOGGING}:accesspoint/p"
    with pytest.raises(RehearsalError, match="accesspoint"):
        land.decide(land.admin(), "s3", "PutObject", Bucket=point, Key="k")
    assert land.decide(land.admin(), "s3", "PutObject", Bucket=land.bucket_of(), Key="k").allowed


@row(
    AREA,
    "who one is",
    "GetCallerIdentity tells, whatever policies say",
    "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
)
def test_one_may_always_ask_who_one_is(land: Land) -> None:
    nobody = actor(land, statement("Deny", "*"))
    assert land.client(nobody, "sts").get_caller_identity()["Arn"] == nobody.arn
    assert identities.at(nobody, land.clock.now).context["aws:PrincipalAccount"] == LOGGING
