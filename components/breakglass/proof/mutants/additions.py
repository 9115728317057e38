"""What somebody might add: a property that a resource could have and has not, a resource more."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from breakglass.proof.declared import ADMINISTRATOR, OUTSIDE
from breakglass.proof.graph import Resource
from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.trees import Path, spelt

_STRANGER: Final = f"arn:aws:iam::{OUTSIDE}:root"
_KEY: Final = f"arn:aws:kms:eu-west-1:{OUTSIDE}:key/x"
_OPEN: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "More", "Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)
_USER: Final = {"actorType": "User", "actorId": 7, "bypassMode": "always"}
_WRITES_ONLY: Final = {
    "readWriteType": "WriteOnly",
    "includeManagementEvents": True,
}

_KEPT: Final = {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}}
_SLOW: Final = json.dumps({"http": {"defaultThrottlePolicy": {"maxReceivesPerSecond": 1}}})
_LOG: Final = {
    "level": "TRACE",
    "includeExecutionDatas": ["ALL"],
    "s3LogDestination": {"bucketName": "mallory", "bucketOwner": OUTSIDE},
}

PROPERTIES: Final[Mapping[str, tuple[tuple[Path, object], ...]]] = MappingProxyType(
    {
        "aws:athena/workgroup:Workgroup": (
            (("state",), "DISABLED"),
            (("configuration", "bytesScannedCutoffPerQuery"), 10485760),
        ),
        "aws:cloudtrail/trail:Trail": (
            (("kmsKeyId",), _KEY),
            (("s3KeyPrefix",), "elsewhere"),
            (("eventSelectors",), [_WRITES_ONLY]),
            (
                ("advancedEventSelectors", 0, "fieldSelectors", 1),
                {"field": "readOnly", "equals": ["false"]},
            ),
            (
                ("advancedEventSelectors", 0, "fieldSelectors", 1),
                {"field": "eventSource", "notEquals": ["kms.amazonaws.com"]},
            ),
        ),
        "aws:cloudwatch/eventBus:EventBus": ((("kmsKeyIdentifier",), _KEY),),
        "aws:cloudwatch/eventRule:EventRule": (
            (("isEnabled",), False),
            (("scheduleExpression",), "rate(1 day)"),
        ),
        "aws:cloudwatch/eventTarget:EventTarget": (
            (("input",), "{}"),
            (("inputPath",), "$.time"),
            (("inputTransformer",), {"inputTemplate": "all is well"}),
            (("retryPolicy",), {"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60}),
        ),
        "aws:cloudwatch/metricAlarm:MetricAlarm": (
            (("actionsEnabled",), False),
            (("datapointsToAlarm",), 100),
            (("unit",), "Bytes"),
        ),
        "aws:glue/catalogDatabase:CatalogDatabase": (
            (("catalogId",), OUTSIDE),
            (("targetDatabase",), {"catalogId": OUTSIDE, "databaseName": "x"}),
        ),
        "aws:glue/catalogTable:CatalogTable": (
            (("catalogId",), OUTSIDE),
            (("parameters", "projection.day.interval"), "2"),
            (("targetTable",), {"catalogId": OUTSIDE, "databaseName": "x", "name": "x"}),
        ),
        "aws:iam/role:Role": (
            (("managedPolicyArns",), [ADMINISTRATOR]),
            (("inlinePolicies",), [{"name": "more", "policy": _OPEN}]),
            (("maxSessionDuration",), 43200),
        ),
        "aws:pipes/pipe:Pipe": (
            (("desiredState",), "STOPPED"),
            (("enrichment",), f"arn:aws:lambda:eu-west-1:{OUTSIDE}:function:x"),
            (
                ("sourceParameters", "filterCriteria"),
                {"filters": [{"pattern": '{"body":{"account":["none"]}}'}]},
            ),
            (("kmsKeyIdentifier",), _KEY),
            (("logConfiguration",), _LOG),
        ),
        "aws:s3/bucket:Bucket": (
            (("forceDestroy",), True),
            (("lifecycleRules",), [{"enabled": True, "expiration": {"days": 1}}]),
            (("replicationConfiguration",), {"role": _STRANGER, "rules": []}),
            (("acl",), "public-read"),
            (("grants",), [{"type": "Group", "permissions": ["READ"], "uri": "AllUsers"}]),
            (("policy",), _OPEN),
            (("website",), {"indexDocument": "index.html"}),
            (("serverSideEncryptionConfiguration",), _KEPT),
        ),
        "aws:sns/topic:Topic": (
            (("kmsMasterKeyId",), _KEY),
            (("policy",), _OPEN),
            (("deliveryPolicy",), _SLOW),
        ),
        "aws:sns/topicSubscription:TopicSubscription": (
            (("filterPolicy",), '{"severity":["none"]}'),
            (("deliveryPolicy",), _SLOW),
        ),
        "aws:sqs/queue:Queue": (
            (("kmsMasterKeyId",), _KEY),
            (("delaySeconds",), 900),
            (("visibilityTimeoutSeconds",), 43200),
            (("maxMessageSize",), 1024),
            (("policy",), _OPEN),
        ),
        "github:index/branchProtection:BranchProtection": (
            (("forcePushBypassers",), ["/mallory"]),
            (("lockBranch",), True),
            (("requiredPullRequestReviews", 0, "pullRequestBypassers"), ["/mallory"]),
            (("requiredPullRequestReviews", 0, "requireCodeOwnerReviews"), True),
            (("restrictPushes",), [{"pushAllowances": ["/mallory"]}]),
            (("requiredStatusChecks",), [{"contexts": ["unit"]}]),
        ),
        "github:index/repositoryEnvironment:RepositoryEnvironment": ((("waitTimer",), 43200),),
        "github:index/repositoryRuleset:RepositoryRuleset": (
            (("conditions", "refName", "excludes"), ["~DEFAULT_BRANCH"]),
            (("bypassActors", 0), _USER),
            (("bypassActors", 0), {**_USER, "actorType": "OrganizationAdmin"}),
            (("bypassActors", 0), {**_USER, "actorType": "RepositoryRole", "actorId": 5}),
            (("bypassActors", 0), {**_USER, "actorType": "Integration", "actorId": 15368}),
            (("rules", "update"), True),
        ),
    }
)
"""What a property could be that is not given, by type."""


def of_resource(resource: Resource) -> Iterator[Change]:
    """Yield the properties that somebody might give a resource."""
    for path, value in PROPERTIES.get(resource.type, ()):
        if not _given(resource, path):
            words = f"{spelt(path)} is {_brief(value)}"
            yield Change(path, value, "property added", words)


def _given(resource: Resource, path: Path) -> bool:
    """Whether the property is there already; a list takes one more."""
    value: Any = resource.inputs
    for step in path:
        if isinstance(step, int):
            return False
        if not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    return bool(value)


def beside(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """Yield what somebody might declare beside a resource, in words and as it would be."""
    maker = _BESIDE.get(resource.type)
    for type_, words, inputs in maker(resource) if maker else ():
        name = f"{resource.name}-more"
        outputs = {"arn": f"{resource.arn}-more"}  # without, it is missed for want of an ARN alone
        more = replace(resource, type=type_, name=name, id=name, inputs=inputs, outputs=outputs)
        yield words, more


_Made = Iterator[tuple[str, str, Mapping[str, Any]]]


def _bucket(resource: Resource) -> _Made:
    bucket = {"bucket": resource.get("bucket")}
    yield (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "its objects expire",
        {**bucket, "rules": [{"status": "Enabled", "expiration": {"days": 1}}]},
    )
    yield (
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "its objects are copied away",
        {**bucket, "role": _STRANGER, "rules": []},
    )
    yield (
        "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
        "its objects are moved",
        {**bucket, "name": "x", "tierings": []},
    )
    yield (
        "aws:s3/bucketAcl:BucketAcl",
        "an ACL opens it",
        {**bucket, "acl": "public-read"},
    )
    queue = {"queueArn": f"arn:aws:sqs:eu-west-1:{OUTSIDE}:x", "events": ["s3:ObjectCreated:*"]}
    yield (
        "aws:s3/bucketNotification:BucketNotification",
        "a stranger hears of each object",
        {**bucket, "queues": [queue]},
    )


def _role(resource: Resource) -> _Made:
    name = {"role": resource.get("name")}
    yield (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "it is an administrator",
        {**name, "policyArn": ADMINISTRATOR},
    )
    yield (
        "aws:iam/rolePolicy:RolePolicy",
        "it may do everything",
        {**name, "name": "more", "policy": _OPEN},
    )


def _topic(resource: Resource) -> _Made:
    yield (
        "aws:sns/topicSubscription:TopicSubscription",
        "a stranger listens",
        {"topic": resource.arn, "protocol": "email", "endpoint": "mallory@example.org"},
    )


def _queue(resource: Resource) -> _Made:
    role = f"arn:aws:iam::{resource.account}:role/x"
    yield (
        "aws:pipes/pipe:Pipe",
        "another pipe takes its messages",
        {
            "name": "more",
            "roleArn": role,
            "source": resource.arn,
            "target": f"arn:aws:sns:eu-west-1:{OUTSIDE}:x",
        },
    )


def _ruleset(resource: Resource) -> _Made:
    inputs = {**resource.inputs, "name": "more", "bypassActors": [_USER]}
    yield (resource.type, "another ruleset that somebody may pass", inputs)


def _environment(resource: Resource) -> _Made:
    kind = "repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"
    inputs = {key: resource.get(key) for key in ("repository", "environment")}
    yield (f"github:index/{kind}", "any tag is deployed", {**inputs, "tagPattern": "*"})


_BESIDE: Final = {
    "aws:iam/role:Role": _role,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:sns/topic:Topic": _topic,
    "aws:sqs/queue:Queue": _queue,
    "github:index/repositoryEnvironment:RepositoryEnvironment": _environment,
    "github:index/repositoryRuleset:RepositoryRuleset": _ruleset,
}


def _brief(value: object) -> str:
    text = str(value)
    most = 60
    return text if len(text) <= most else f"{text[:most]}..."
