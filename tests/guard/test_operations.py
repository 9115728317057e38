"""Every API call raises the questions that AWS raises for it, and none is passed over."""

import pytest
from botocore_samples import operations, parameters, role_parameters
from emulated_town import Asked, Known, Params, Questions
from hypothesis import given
from hypothesis import strategies as st

from breakglass import actions
from breakglass.errors import RehearsalError
from breakglass.rehearsal.guard import Operations
from breakglass.rehearsal.guard.operations import ROLE_PARAMETER
from breakglass.rehearsal.guard.resolvers import Call

SERVICES = Operations().services

WHOLLY_MAPPED = (
    "sts",
    "s3",
    "s3control",
    "cloudtrail",
    "events",
    "sns",
    "sqs",
    "pipes",
    "kms",
    "cloudwatch",
    "logs",
    "lambda",
    "scheduler",
    "organizations",
    "account",
    "securityhub",
    "macie2",
    "ecr",
    "autoscaling",
    "dynamodb",
    "secretsmanager",
)

OURS = "arn:aws:{}:eu-west-1:222222222222:{}".format


# --- the whole of botocore ---------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_asks_for_actions_that_aws_has(table: Operations, service: str) -> None:
    for operation in operations(service):
        if table.is_unmapped(service, operation):
            with pytest.raises(RehearsalError, match=f"{service}.{operation}"):
                table.actions_of(service, operation)
        else:
            for action in table.actions_of(service, operation):
                assert actions.exists(action), (service, operation, action)


@pytest.mark.parametrize("service", SERVICES)
def test_the_list_of_unmapped_operations_has_no_entry_that_could_be_mapped(
    table: Operations, service: str
) -> None:
    known = {operation.lower() for operation in operations(service)}
    prefix = table.prefix(service)
    for operation in table._service(service, "").get("unmapped", ()):
        assert operation.lower() in known
        if service != "s3control":  # its bucket calls are Outposts', named like S3's own
            assert not actions.exists(f"{prefix}:{operation}")


@pytest.mark.parametrize("service", WHOLLY_MAPPED)
def test_every_operation_of_the_kits_services_gives_its_resources(
    table: Operations, known: Known, service: str
) -> None:
    for operation in operations(service):
        if table.is_unmapped(service, operation):
            continue
        call = Call(service, operation, parameters(service, operation), "222222222222", "eu-west-1")
        if operation in {"TransactGetItems", "TransactWriteItems", "PutEvents", "DeleteObjects"}:
            continue  # decided entry by entry; see below
        needs = table.needs(call, known)
        assert needs or table.is_free(service, operation)
        assert all(need.resource == "*" or need.resource.startswith("arn:") for need in needs)


@pytest.mark.parametrize("service", [s for s in SERVICES if s not in {"ec2", "sts", "iam"}])
def test_every_parameter_that_holds_a_role_counts_as_handing_it_over(
    table: Operations, service: str
) -> None:
    keeps = table._service(service, "").get("keeps", ())
    for operation in operations(service):
        for path in role_parameters(service, operation):
            name = path.rpartition(".")[2]
            kept = any(operation.startswith(glob.rstrip("*")) for glob in keeps)
            assert kept or ROLE_PARAMETER.match(name), (service, operation, path)


# --- identity, and what is none ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "params", "questions"),
    [
        ("s3", "PutBucketPolicy", {"Bucket": "b"}, [("s3:PutBucketPolicy", "arn:aws:s3:::b")]),
        (
            "s3",
            "PutObjectLockConfiguration",
            {"Bucket": "b"},
            [("s3:PutBucketObjectLockConfiguration", "arn:aws:s3:::b")],
        ),
        (
            "s3",
            "PutBucketEncryption",
            {"Bucket": "b"},
            [("s3:PutEncryptionConfiguration", "arn:aws:s3:::b")],
        ),
        (
            "s3",
            "DeleteBucketReplication",
            {"Bucket": "b"},
            [("s3:PutReplicationConfiguration", "arn:aws:s3:::b")],
        ),
        (
            "s3",
            "PutBucketLifecycleConfiguration",
            {"Bucket": "b"},
            [("s3:PutLifecycleConfiguration", "arn:aws:s3:::b")],
        ),
        (
            "s3",
            "PutPublicAccessBlock",
            {"Bucket": "b"},
            [("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::b")],
        ),
        (
            "s3",
            "PutBucketNotificationConfiguration",
            {"Bucket": "b"},
            [("s3:PutBucketNotification", "arn:aws:s3:::b")],
        ),
        ("s3", "HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        (
            "s3",
            "GetObject",
            {"Bucket": "b", "Key": "k", "VersionId": "v"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
        ),
        ("s3", "ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("s3control", "PutPublicAccessBlock", {}, [("s3:PutAccountPublicAccessBlock", "*")]),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/555555555555/pages"},
            [("sqs:SendMessage", "arn:aws:sqs:eu-west-1:555555555555:pages")],
        ),
        ("sns", "CreateTopic", {"Name": "pages"}, [("sns:CreateTopic", OURS("sns", "pages"))]),
        (
            "sns",
            "Unsubscribe",
            {"SubscriptionArn": OURS("sns", "pages:0-0")},
            [("sns:Unsubscribe", OURS("sns", "pages"))],
        ),
        (
            "events",
            "DisableRule",
            {"Name": "r"},
            [("events:DisableRule", OURS("events", "rule/r"))],
        ),
        (
            "events",
            "RemoveTargets",
            {"Rule": "r", "EventBusName": "hub"},
            [("events:RemoveTargets", OURS("events", "rule/hub/r"))],
        ),
        (
            "events",
            "DeleteRule",
            {"Name": "r", "EventBusName": "arn:aws:events:us-east-1:333333333333:event-bus/hub"},
            [("events:DeleteRule", "arn:aws:events:us-east-1:333333333333:rule/hub/r")],
        ),
        ("events", "PutPermission", {"EventBusName": "hub"}, [("events:PutPermission", "*")]),
        (
            "cloudtrail",
            "StopLogging",
            {"Name": "audit"},
            [("cloudtrail:StopLogging", OURS("cloudtrail", "trail/audit"))],
        ),
        (
            "cloudtrail",
            "UpdateTrail",
            {"Name": "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit"},
            [("cloudtrail:UpdateTrail", "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit")],
        ),
        (
            "kms",
            "DisableKey",
            {"KeyId": "alias/ledger"},
            [("kms:DisableKey", OURS("kms", "key/k-1"))],
        ),
        (
            "kms",
            "ScheduleKeyDeletion",
            {"KeyId": "arn:aws:kms:us-east-1:333333333333:key/k-1"},
            [("kms:ScheduleKeyDeletion", "arn:aws:kms:us-east-1:333333333333:key/k-1")],
        ),
        (
            "kms",
            "UpdateAlias",
            {"AliasName": "alias/ledger", "TargetKeyId": "k-2"},
            [
                ("kms:UpdateAlias", OURS("kms", "alias/ledger")),
                ("kms:UpdateAlias", OURS("kms", "key/k-1")),
                ("kms:UpdateAlias", OURS("kms", "key/k-2")),
            ],
        ),
        (
            "iam",
            "UpdateAssumeRolePolicy",
            {"RoleName": "kit"},
            [("iam:UpdateAssumeRolePolicy", "arn:aws:iam::222222222222:role/breakglass/kit")],
        ),
        (
            "iam",
            "GetRole",
            {"RoleName": "none"},
            [("iam:GetRole", "arn:aws:iam::222222222222:role/none")],
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "kit", "Path": "/elsewhere/"},
            [("iam:CreateRole", "arn:aws:iam::222222222222:role/elsewhere/kit")],
        ),
        (
            "iam",
            "CreateAccessKey",
            {},
            [("iam:CreateAccessKey", "arn:aws:iam::222222222222:user/people/ada")],
        ),
        (
            "iam",
            "CreateAccessKey",
            {"UserName": "grace"},
            [("iam:CreateAccessKey", "arn:aws:iam::222222222222:user/grace")],
        ),
        (
            "cloudwatch",
            "DeleteAlarms",
            {"AlarmNames": ["a", "b"]},
            [
                ("cloudwatch:DeleteAlarms", OURS("cloudwatch", "alarm:a")),
                ("cloudwatch:DeleteAlarms", OURS("cloudwatch", "alarm:b")),
            ],
        ),
        (
            "logs",
            "DeleteLogGroup",
            {"logGroupName": "g"},
            [("logs:DeleteLogGroup", OURS("logs", "log-group:g:log-stream:"))],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "333333333333:function:page"},
            [("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:333333333333:function:page")],
        ),
        (
            "organizations",
            "DetachPolicy",
            {"PolicyId": "p-1", "TargetId": "333333333333"},
            [
                (
                    "organizations:DetachPolicy",
                    "arn:aws:organizations::111111111111:policy/o-example/p-1",
                ),
                (
                    "organizations:DetachPolicy",
                    "arn:aws:organizations::111111111111:account/o-example/333333333333",
                ),
            ],
        ),
        ("organizations", "LeaveOrganization", {}, [("organizations:LeaveOrganization", "*")]),
        (
            "account",
            "EnableRegion",
            {"RegionName": "me-south-1"},
            [("account:EnableRegion", "arn:aws:account::222222222222:account")],
        ),
        (
            "glue",
            "GetTable",
            {"DatabaseName": "d", "Name": "t"},
            [
                ("glue:GetTable", OURS("glue", "catalog")),
                ("glue:GetTable", OURS("glue", "database/d")),
                ("glue:GetTable", OURS("glue", "table/d/t")),
            ],
        ),
        (
            "glue",
            "DeleteDatabase",
            {"Name": "d"},
            [
                ("glue:DeleteDatabase", OURS("glue", "catalog")),
                ("glue:DeleteDatabase", OURS("glue", "database/d")),
                ("glue:DeleteDatabase", OURS("glue", "table/d/*")),
                ("glue:DeleteDatabase", OURS("glue", "userDefinedFunction/d/*")),
            ],
        ),
        (
            "athena",
            "GetQueryResults",
            {"QueryExecutionId": "q-1"},
            [("athena:GetQueryResults", OURS("athena", "workgroup/break-glass-records"))],
        ),
        (
            "ecs",
            "UpdateService",
            {"cluster": "shop", "service": "web"},
            [("ecs:UpdateService", OURS("ecs", "service/shop/web"))],
        ),
        (
            "rds",
            "FailoverDBCluster",
            {"DBClusterIdentifier": "orders"},
            [("rds:FailoverDBCluster", OURS("rds", "cluster:orders"))],
        ),
        (
            "rds",
            "RebootDBInstance",
            {"DBInstanceIdentifier": "orders-1"},
            [("rds:RebootDBInstance", OURS("rds", "db:orders-1"))],
        ),
        ("ec2", "DescribeRegions", {}, [("ec2:DescribeRegions", "*")]),
        (
            "sso-admin",
            "CreateAccountAssignment",
            {
                "InstanceArn": "arn:aws:sso:::instance/i",
                "PermissionSetArn": "arn:aws:sso:::permissionSet/i/p",
                "TargetId": "222222222222",
            },
            [
                ("sso:CreateAccountAssignment", "arn:aws:sso:::instance/i"),
                ("sso:CreateAccountAssignment", "arn:aws:sso:::permissionSet/i/p"),
                ("sso:CreateAccountAssignment", "arn:aws:sso:::account/222222222222"),
            ],
        ),
        (
            "stepfunctions",
            "CreateActivity",
            {"name": "a"},
            [("states:CreateActivity", OURS("states", "activity:a"))],
        ),
    ],
)
def test_a_call_asks_for(
    asked: Asked, service: str, operation: str, params: Params, questions: Questions
) -> None:
    assert asked(service, operation, **params) == questions


@pytest.mark.parametrize(
    ("operation", "params", "besides"),
    [
        ("PutObject", {"ObjectLockMode": "COMPLIANCE"}, "s3:PutObjectRetention"),
        ("PutObject", {"ObjectLockLegalHoldStatus": "OFF"}, "s3:PutObjectLegalHold"),
        ("PutObject", {"ACL": "public-read"}, "s3:PutObjectAcl"),
        ("PutObject", {"Tagging": "a=b"}, "s3:PutObjectTagging"),
        (
            "DeleteObject",
            {"VersionId": "v", "BypassGovernanceRetention": True},
            "s3:BypassGovernanceRetention",
        ),
        (
            "PutObjectRetention",
            {"BypassGovernanceRetention": True},
            "s3:BypassGovernanceRetention",
        ),
    ],
)
def test_a_header_asks_for_a_second_permission(
    asked: Asked, operation: str, params: Params, besides: str
) -> None:
    assert (besides, "arn:aws:s3:::b/k") in asked("s3", operation, Bucket="b", Key="k", **params)
    assert besides not in [a for a, _ in asked("s3", operation, Bucket="b", Key="k")]


def test_leaving_the_object_to_the_buckets_owner_asks_for_nothing_more(asked: Asked) -> None:
    questions = asked("s3", "PutObject", Bucket="b", Key="k", ACL="bucket-owner-full-control")
    assert questions == [("s3:PutObject", "arn:aws:s3:::b/k")]


def test_not_bypassing_governance_asks_for_nothing_more(asked: Asked) -> None:
    questions = asked("s3", "DeleteObject", Bucket="b", Key="k", BypassGovernanceRetention=False)
    assert questions == [("s3:DeleteObject", "arn:aws:s3:::b/k")]


def test_a_bulk_deletion_is_asked_key_by_key_and_by_version(asked: Asked) -> None:
    objects = [{"Key": "new"}, {"Key": "old", "VersionId": "v"}]
    assert asked("s3", "DeleteObjects", Bucket="b", Delete={"Objects": objects}) == [
        ("s3:DeleteObject", "arn:aws:s3:::b/new"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::b/old"),
    ]


@pytest.mark.parametrize("source", ["from/deep/key", {"Bucket": "from", "Key": "deep/key"}])
def test_a_copy_reads_and_writes(asked: Asked, source: object) -> None:
    assert asked("s3", "CopyObject", Bucket="to", Key="k", CopySource=source) == [
        ("s3:PutObject", "arn:aws:s3:::to/k"),
        ("s3:GetObject", "arn:aws:s3:::from/deep/key"),
    ]


def test_a_bucket_made_with_lock_asks_for_lock_and_versioning(asked: Asked) -> None:
    assert asked("s3", "CreateBucket", Bucket="b", ObjectLockEnabledForBucket=True) == [
        ("s3:CreateBucket", "arn:aws:s3:::b"),
        ("s3:PutBucketObjectLockConfiguration", "arn:aws:s3:::b"),
        ("s3:PutBucketVersioning", "arn:aws:s3:::b"),
    ]


def test_events_are_asked_on_each_bus(asked: Asked) -> None:
    hub = "arn:aws:events:eu-west-1:333333333333:event-bus/hub"
    assert asked("events", "PutEvents", Entries=[{"EventBusName": hub}, {"Source": "app"}]) == [
        ("events:PutEvents", hub),
        ("events:PutEvents", OURS("events", "event-bus/default")),
    ]


@pytest.mark.parametrize(
    ("service", "operation", "params", "tagging"),
    [
        (
            "iam",
            "CreateRole",
            {"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}]},
            "iam:TagRole",
        ),
        ("sqs", "CreateQueue", {"QueueName": "q", "tags": {"a": "b"}}, "sqs:TagQueue"),
        ("kms", "CreateKey", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}, "kms:TagResource"),
        (
            "cloudtrail",
            "CreateTrail",
            {"Name": "t", "TagsList": [{"Key": "a"}]},
            "cloudtrail:AddTags",
        ),
    ],
)
def test_making_something_with_tags_asks_for_tagging(
    asked: Asked, service: str, operation: str, params: Params, tagging: str
) -> None:
    asks = [action for action, _ in asked(service, operation, **params)]
    bare = {name: value for name, value in params.items() if not name.lower().startswith("tags")}
    assert tagging in asks
    if service != "kms":
        assert tagging not in [action for action, _ in asked(service, operation, **bare)]


# --- roles handed over -------------------------------------------------------------------------

ROLE = "arn:aws:iam::222222222222:role/strong"


@pytest.mark.parametrize(
    ("service", "operation", "params", "to"),
    [
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE}, "lambda.amazonaws.com"),
        (
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "RoleArn": ROLE}]},
            "events.amazonaws.com",
        ),
        ("pipes", "CreatePipe", {"Name": "p", "RoleArn": ROLE}, "pipes.amazonaws.com"),
        (
            "cloudtrail",
            "UpdateTrail",
            {"Name": "t", "CloudWatchLogsRoleArn": ROLE},
            "cloudtrail.amazonaws.com",
        ),
        (
            "scheduler",
            "CreateSchedule",
            {"Name": "s", "Target": {"Arn": "a", "RoleArn": ROLE}},
            "scheduler.amazonaws.com",
        ),
        (
            "sns",
            "SetTopicAttributes",
            {
                "TopicArn": OURS("sns", "t"),
                "AttributeName": "SQSSuccessFeedbackRoleArn",
                "AttributeValue": ROLE,
            },
            "sns.amazonaws.com",
        ),
        (
            "iam",
            "AddRoleToInstanceProfile",
            {"InstanceProfileName": "p", "RoleName": "strong"},
            "ec2.amazonaws.com",
        ),
    ],
)
def test_handing_a_role_to_a_service_asks_for_pass_role(  # noqa: PLR0913, PLR0917 - a table's columns
    table: Operations, known: Known, service: str, operation: str, params: Params, to: str
) -> None:
    call = Call(service, operation, params, "222222222222", "eu-west-1")
    passed = [need for need in table.needs(call, known) if need.action == "iam:PassRole"]
    assert [need.resource for need in passed] == [ROLE]
    assert [need.context for need in passed] == [{"iam:PassedToService": to}]


def test_a_call_without_a_role_passes_none(asked: Asked) -> None:
    asks = asked("events", "PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": "a"}])
    assert asks == [("events:PutTargets", OURS("events", "rule/r"))]


def test_assuming_a_role_hands_it_to_nobody(asked: Asked) -> None:
    assert asked("sts", "AssumeRole", RoleArn=ROLE) == [("sts:AssumeRole", ROLE)]


# --- refusals to answer ------------------------------------------------------------------------


def test_a_service_without_a_table_is_an_error_that_names_the_call(asked: Asked) -> None:
    with pytest.raises(RehearsalError, match=r"chatbot\.CreateSlackChannelConfiguration"):
        asked("chatbot", "CreateSlackChannelConfiguration")


def test_an_operation_that_aws_does_not_have_is_an_error_that_names_it(asked: Asked) -> None:
    with pytest.raises(RehearsalError, match=r"s3\.ShredBucket.*s3:ShredBucket"):
        asked("s3", "ShredBucket", Bucket="b")


def test_parameters_that_give_no_resource_are_an_error_that_names_the_call(asked: Asked) -> None:
    with pytest.raises(RehearsalError, match=r"ec2\.RunInstances: ImageId"):
        asked("ec2", "RunInstances", ImageId="ami-1")


def test_an_access_point_is_an_error_and_a_bucket_is_not(asked: Asked) -> None:
    point = "arn:aws:s3:eu-west-1:222222222222:accesspoint/side-door"
    with pytest.raises(RehearsalError, match="access points"):
        asked("s3", "GetObject", Bucket=point, Key="k")
    assert asked("s3", "GetObject", Bucket="b", Key="k") == [("s3:GetObject", "arn:aws:s3:::b/k")]


def test_asking_who_one_is_needs_no_permission(asked: Asked) -> None:
    assert asked("sts", "GetCallerIdentity") == []


@given(key=st.text(min_size=1))
def test_no_key_of_an_object_reads_as_another_resource(asked: Asked, key: str) -> None:
    assert asked("s3", "PutObject", Bucket="b", Key=key) == [
        ("s3:PutObject", f"arn:aws:s3:::b/{key}")
    ]


@given(name=st.from_regex(r"[.\-_A-Za-z0-9]{1,64}", fullmatch=True))
def test_a_rule_is_told_by_its_own_name(asked: Asked, name: str) -> None:
    assert asked("events", "DeleteRule", Name=name) == [
        ("events:DeleteRule", OURS("events", f"rule/{name}"))
    ]
