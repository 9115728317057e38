"""Each resource type lives a whole life in the emulation: made, read back, changed, deleted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from emulated import (
    HOME,
    MANAGEMENT,
    WORKLOAD,
    AllowsEverything,
    applier,
    changed,
    declared,
    made,
    provider,
)

from breakglass.errors import RehearsalError
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.resources import registry
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.registry import properties_of

TAGS = {"owner": "security", "break-glass": "keeper"}


def text(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


TRUST = text(
    {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
)
OTHER_TRUST = text(
    {"Effect": "Deny", "Principal": {"Service": "pipes.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
READ = text({"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
LIST = text({"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"})


def resource_policy(arn: str, action: str, sid: str = "Here") -> str:
    return text(
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{WORKLOAD}:root"},
            "Action": action,
            "Resource": arn,
        }
    )


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{HOME}:{WORKLOAD}:{resource}"


ROLE = f"arn:aws:iam::{WORKLOAD}:role/breakglass/base"
QUEUE_URL = f"https://sqs.{HOME}.amazonaws.com/{WORKLOAD}/base"

# type token -> inputs, inputs after a change in place (None: nothing changes in place)
LIVES: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "aws:iam/role:Role": (
        {
            "name": "break-glass-deploy",
            "path": "/breakglass/",
            "assumeRolePolicy": TRUST,
            "description": "one hour",
            "maxSessionDuration": 3600,
            "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "tags": TAGS,
        },
        {
            "name": "break-glass-deploy",
            "path": "/breakglass/",
            "assumeRolePolicy": OTHER_TRUST,
            "maxSessionDuration": 7200,
            "tags": {"owner": "platform"},
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        {"name": "scope", "role": "base", "policy": READ},
        {"name": "scope", "role": "base", "policy": LIST},
    ),
    "aws:iam/policy:Policy": (
        {"name": "boundary", "path": "/breakglass/", "policy": READ, "tags": TAGS},
        {"name": "boundary", "path": "/breakglass/", "policy": LIST},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        {"role": "base", "policyArn": "arn:aws:iam::aws:policy/SecurityAudit"},
        None,
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        {
            "url": "https://token.actions.githubusercontent.com",
            "clientIdLists": ["sts.amazonaws.com", "breakglass"],
            "thumbprintLists": ["a" * 40],
            "tags": TAGS,
        },
        {
            "url": "https://token.actions.githubusercontent.com",
            "clientIdLists": ["breakglass", "sts.amazonaws.com"],
            "thumbprintLists": ["b" * 40],
        },
    ),
    "aws:s3/bucket:Bucket": (
        {"bucket": "break-glass-vault", "objectLockEnabled": True, "tags": TAGS},
        {"bucket": "break-glass-vault", "objectLockEnabled": True, "forceDestroy": True},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        {"bucket": "plain", "versioningConfiguration": {"status": "Enabled"}},
        {"bucket": "plain", "versioningConfiguration": {"status": "Suspended"}},
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": (
        {"bucket": "locked", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
        {"bucket": "locked", "rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (
        {"bucket": "plain", "policy": resource_policy("arn:aws:s3:::plain/*", "s3:GetObject")},
        {"bucket": "plain", "policy": resource_policy("arn:aws:s3:::plain/*", "s3:PutObject")},
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        {
            "bucket": "plain",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        {"bucket": "plain", "blockPublicAcls": False, "blockPublicPolicy": True},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        {"bucket": "plain", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"bucket": "plain", "rule": {"objectOwnership": "BucketOwnerPreferred"}},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        {
            "bucket": "plain",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        {
            "bucket": "plain",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": arn("kms", "key/1"),
                    }
                }
            ],
        },
    ),
    "aws:s3/bucketNotification:BucketNotification": (
        {
            "bucket": "plain",
            "eventbridge": True,
            "queues": [
                {
                    "id": "new",
                    "queueArn": arn("sqs", "base"),
                    "events": ["s3:ObjectCreated:*"],
                    "filterPrefix": "AWSLogs/",
                }
            ],
        },
        {"bucket": "plain", "eventbridge": False},
    ),
    "aws:cloudtrail/trail:Trail": (
        {
            "name": "break-glass-second",
            "s3BucketName": "plain",
            "s3KeyPrefix": "second",
            "isMultiRegionTrail": True,
            "enableLogFileValidation": True,
            "advancedEventSelectors": [
                {
                    "name": "vault",
                    "fieldSelectors": [
                        {"field": "eventCategory", "equals": ["Data"]},
                        {"field": "resources.ARN", "startsWiths": ["arn:aws:s3:::locked/"]},
                    ],
                }
            ],
            "tags": TAGS,
        },
        {
            "name": "break-glass-second",
            "s3BucketName": "plain",
            "enableLogging": False,
            "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": True}],
            "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
        },
    ),
    "aws:cloudwatch/eventBus:EventBus": (
        {
            "name": "break-glass-hub",
            "description": "where all meet",
            "deadLetterConfig": {"arn": arn("sqs", "base")},
            "tags": TAGS,
        },
        {
            "name": "break-glass-hub",
            "description": "where all meet",
            "deadLetterConfig": {"arn": arn("sqs", "base")},
            "tags": {"owner": "platform"},
        },
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": (
        {
            "eventBusName": "base",
            "policy": resource_policy(arn("events", "event-bus/base"), "events:PutEvents"),
        },
        {
            "eventBusName": "base",
            "policy": resource_policy(arn("events", "event-bus/base"), "events:PutEvents", "Two"),
        },
    ),
    "aws:cloudwatch/eventRule:EventRule": (
        {
            "name": "break-glass-sts",
            "eventBusName": "base",
            "eventPattern": json.dumps({"source": ["aws.sts"]}),
            "description": "who breaks the glass",
            "state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            "tags": TAGS,
        },
        {
            "name": "break-glass-sts",
            "eventBusName": "base",
            "eventPattern": json.dumps({"source": [{"prefix": "aws."}]}),
            "state": "DISABLED",
        },
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        {
            "rule": "base",
            "targetId": "queue",
            "arn": arn("sqs", "base"),
            "deadLetterConfig": {"arn": arn("sqs", "base")},
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 10},
            "inputTransformer": {
                "inputPaths": {"name": "$.detail.eventName"},
                "inputTemplate": '"<name> was called"',
            },
        },
        {
            "rule": "base",
            "targetId": "queue",
            "arn": arn("events", "event-bus/base"),
            "roleArn": ROLE,
        },
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        {
            "name": "break-glass-dead-letters",
            "alarmDescription": "pages that never arrived",
            "namespace": "AWS/SQS",
            "metricName": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": "base"},
            "statistic": "Maximum",
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 0,
            "period": 60,
            "evaluationPeriods": 1,
            "datapointsToAlarm": 1,
            "treatMissingData": "notBreaching",
            "alarmActions": [arn("sns", "base")],
            "okActions": [arn("sns", "base")],
            "tags": TAGS,
        },
        {
            "name": "break-glass-dead-letters",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "threshold": 1,
            "evaluationPeriods": 2,
            "treatMissingData": "breaching",
            "metricQueries": [
                {"id": "sum", "expression": "a + 1", "returnData": True, "label": "sum"},
                {
                    "id": "a",
                    "returnData": False,
                    "metric": {
                        "namespace": "AWS/SQS",
                        "metricName": "NumberOfMessagesSent",
                        "dimensions": {"QueueName": "base"},
                        "period": 60,
                        "stat": "Sum",
                    },
                },
            ],
        },
    ),
    "aws:sns/topic:Topic": (
        {
            "name": "break-glass-pages",
            "displayName": "pages",
            "kmsMasterKeyId": "alias/keeper",
            "signatureVersion": 2,
            "tracingConfig": "Active",
            "tags": TAGS,
        },
        {"name": "break-glass-pages", "displayName": "other"},
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        {"arn": arn("sns", "base"), "policy": resource_policy(arn("sns", "base"), "sns:Publish")},
        {"arn": arn("sns", "base"), "policy": resource_policy(arn("sns", "base"), "sns:Subscribe")},
    ),
    "aws:sns/topicSubscription:TopicSubscription": (
        {
            "topic": arn("sns", "base"),
            "protocol": "https",
            "endpoint": "https://events.pagerduty.com/integration/1/enqueue",
            "filterPolicy": json.dumps({"tier": ["page"]}),
            "filterPolicyScope": "MessageBody",
            "rawMessageDelivery": True,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": arn("sqs", "base")}),
        },
        {
            "topic": arn("sns", "base"),
            "protocol": "https",
            "endpoint": "https://events.pagerduty.com/integration/1/enqueue",
            "filterPolicy": json.dumps({"tier": ["page", "ticket"]}),
            "rawMessageDelivery": False,
        },
    ),
    "aws:sqs/queue:Queue": (
        {
            "name": "break-glass-pages",
            "delaySeconds": 5,
            "maxMessageSize": 2048,
            "messageRetentionSeconds": 1_209_600,
            "receiveWaitTimeSeconds": 10,
            "visibilityTimeoutSeconds": 60,
            "sqsManagedSseEnabled": True,
            "redrivePolicy": json.dumps(
                {"deadLetterTargetArn": arn("sqs", "base"), "maxReceiveCount": 3}
            ),
            "tags": TAGS,
        },
        {"name": "break-glass-pages", "visibilityTimeoutSeconds": 90, "tags": {"a": "b"}},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": (
        {
            "queueUrl": QUEUE_URL,
            "policy": resource_policy(arn("sqs", "base"), "sqs:SendMessage"),
        },
        {
            "queueUrl": QUEUE_URL,
            "policy": resource_policy(arn("sqs", "base"), "sqs:ReceiveMessage"),
        },
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (
        {
            "queueUrl": QUEUE_URL,
            "redriveAllowPolicy": json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", "break-glass-a")]}
            ),
        },
        {
            "queueUrl": QUEUE_URL,
            "redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
        },
    ),
    "aws:pipes/pipe:Pipe": (
        {
            "name": "break-glass-pages",
            "description": "from the queue to the pagers",
            "desiredState": "RUNNING",
            "roleArn": ROLE,
            "source": arn("sqs", "base"),
            "sourceParameters": {"sqsQueueParameters": {"batchSize": 1}},
            "target": arn("sns", "base"),
            "targetParameters": {"inputTemplate": '{"summary": <$.body>}'},
            "tags": TAGS,
        },
        {
            "name": "break-glass-pages",
            "desiredState": "STOPPED",
            "roleArn": ROLE,
            "source": arn("sqs", "base"),
            "target": arn("sns", "other"),
            "targetParameters": {"inputTemplate": "<$.body>"},
        },
    ),
    "aws:kms/key:Key": (
        {
            "description": "seals the ledger",
            "policy": resource_policy("*", "kms:*"),
            "enableKeyRotation": True,
            "rotationPeriodInDays": 180,
            "deletionWindowInDays": 7,
            "tags": TAGS,
        },
        {
            "description": "sealed the ledger",
            "policy": resource_policy("*", "kms:*", "Two"),
            "isEnabled": False,
        },
    ),
    "aws:kms/alias:Alias": (
        {"name": "alias/break-glass-ledger", "targetKeyId": "$KEY"},
        {"name": "alias/break-glass-ledger", "targetKeyId": "$OTHER_KEY"},
    ),
    "aws:organizations/policy:Policy": (
        {
            "name": "break-glass-path",
            "description": "nobody writes there",
            "type": "RESOURCE_CONTROL_POLICY",
            "content": READ,
            "tags": TAGS,
        },
        {"name": "break-glass-path", "type": "RESOURCE_CONTROL_POLICY", "content": LIST},
    ),
    "aws:organizations/policyAttachment:PolicyAttachment": (
        {"policyId": "$SCP", "targetId": WORKLOAD},
        None,
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": (
        {
            "name": "break_glass",
            "description": "what CloudTrail wrote",
            "parameters": {"owner": "keeper"},
            "tags": TAGS,
        },
        {"name": "break_glass", "description": "what CloudTrail writes"},
    ),
    "aws:glue/catalogTable:CatalogTable": (
        {
            "name": "trail",
            "databaseName": "base",
            "tableType": "EXTERNAL_TABLE",
            "parameters": {"projection.enabled": "true", "EXTERNAL": "TRUE"},
            "partitionKeys": [{"name": "day", "type": "string"}],
            "storageDescriptor": {
                "location": "s3://locked/AWSLogs/",
                "inputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
                "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "columns": [{"name": "eventname", "type": "string", "comment": "as it is"}],
                "serDeInfo": {
                    "name": "cloudtrail",
                    "serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe",
                    "parameters": {"serialization.format": "1"},
                },
            },
        },
        {
            "name": "trail",
            "databaseName": "base",
            "parameters": {"projection.enabled": "false"},
            "storageDescriptor": {"columns": [{"name": "eventid", "type": "string"}]},
        },
    ),
    "aws:athena/workgroup:Workgroup": (
        {
            "name": "break-glass",
            "description": "asks the vault",
            "configuration": {
                "enforceWorkgroupConfiguration": True,
                "publishCloudwatchMetricsEnabled": True,
                "bytesScannedCutoffPerQuery": 10_000_000_000,
                "resultConfiguration": {
                    "outputLocation": "s3://plain/results/",
                    "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
                },
            },
            "forceDestroy": True,
            "tags": TAGS,
        },
        None,
    ),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(AllowsEverything()) as accounts:
        yield accounts


@pytest.fixture(scope="module")
def ground(emulator: Emulator) -> dict[str, str]:
    """What the resources under test hang on; the values of their placeholders."""
    hand = emulator.root(WORKLOAD)
    iam = emulator.client(hand, "iam", "us-east-1")
    iam.create_role(RoleName="base", Path="/breakglass/", AssumeRolePolicyDocument=TRUST)
    s3 = emulator.client(hand, "s3", HOME)
    for bucket, lock in (("plain", False), ("locked", True)):
        s3.create_bucket(
            Bucket=bucket,
            ObjectLockEnabledForBucket=lock,
            CreateBucketConfiguration={"LocationConstraint": HOME},
        )
    emulator.client(hand, "sqs", HOME).create_queue(QueueName="base")
    emulator.client(hand, "sns", HOME).create_topic(Name="base")
    events = emulator.client(hand, "events", HOME)
    events.create_event_bus(Name="base")
    events.put_rule(Name="base", EventPattern=json.dumps({"source": ["aws.s3"]}))
    emulator.client(hand, "glue", HOME).create_database(DatabaseInput={"Name": "base"})
    kms = emulator.client(hand, "kms", HOME)
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    emulator.create_organization(MANAGEMENT, {"workload": WORKLOAD})
    organizations = emulator.client(emulator.root(MANAGEMENT), "organizations", "us-east-1")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    made_policy = organizations.create_policy(
        Name="base", Description="", Type="SERVICE_CONTROL_POLICY", Content=READ
    )
    return {
        "$KEY": keys[0],
        "$OTHER_KEY": keys[1],
        "$SCP": made_policy["Policy"]["PolicySummary"]["Id"],
    }


def filled(inputs: Mapping[str, Any], ground: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: ground.get(value, value) if isinstance(value, str) else value
        for name, value in inputs.items()
    }


def applier_for(emulator: Emulator, token: str) -> Applier:
    organization = token.startswith("aws:organizations/")
    return applier(emulator, MANAGEMENT if organization else WORKLOAD)


def test_every_type_of_the_registry_has_a_life_here() -> None:
    assert set(LIVES) == set(registry.aws().handlers)


@pytest.mark.parametrize("token", LIVES)
def test_what_was_asked_for_reads_back_and_is_gone_after_its_deletion(
    token: str, emulator: Emulator, ground: Mapping[str, str]
) -> None:
    apply = applier_for(emulator, token)
    first, second = LIVES[token]
    resource = made(apply, declared(token, "it", filled(first, ground)))
    assert set(resource.outputs) >= properties_of(token)
    assert apply.read(resource, provider()) == resource.outputs
    assert apply.diff(token, resource.inputs, resource.inputs) == ([], [])
    if second is not None:
        resource = changed(apply, resource, filled(second, ground))
        assert apply.read(resource, provider()) == resource.outputs
    apply.delete(resource, provider())
    gone = apply.read(resource, provider())
    assert gone is None or token in STAY_IN_A_BARE_FORM


STAY_IN_A_BARE_FORM = {
    "aws:s3/bucketNotification:BucketNotification",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
}


@pytest.mark.parametrize("token", LIVES)
def test_a_preview_foresees_every_property_and_makes_nothing(
    token: str, emulator: Emulator
) -> None:
    apply = applier_for(emulator, token)
    calls = len(emulator.calls)
    resource = declared(token, "foreseen", LIVES[token][0])
    resource = replace(resource, inputs=apply.check(resource))
    id_, outputs = apply.create(resource, provider(), preview=True)
    assert id_ == ""
    assert set(outputs) >= properties_of(token)
    assert len(emulator.calls) == calls


def test_a_type_without_handler_is_refused_by_name(emulator: Emulator) -> None:
    with pytest.raises(RehearsalError, match="no handler for aws:ec2/vpc:Vpc"):
        applier(emulator).check(declared("aws:ec2/vpc:Vpc", "net", {}))


def test_a_change_that_the_emulator_cannot_make_is_told_as_such(
    emulator: Emulator, ground: Mapping[str, str]
) -> None:
    token = "aws:athena/workgroup:Workgroup"
    first, _ = LIVES[token]
    resource = made(applier(emulator), declared(token, "it", filled(first, ground)))
    with pytest.raises(RehearsalError, match=r"does not implement athena\.update_work_group"):
        changed(applier(emulator), resource, {**filled(first, ground), "description": "another"})
