"""An account's own, ordinary things: what twins act upon, and what must be gone afterwards.

Each is made and taken away by the emulation's own hand; a twin may have taken it away already.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks.scene import GLOBAL, Scene
from breakglass.rehearsal.aws import store

APPLICATION: Final = "checkout"
"""First word of the name of whatever is not the kit's."""

SPARE: Final = names.named("spare")
"""Name of a thing that is empty and, by its name, the kit's: what ends it asks for nothing more."""


def kept_bucket(scene: Scene, account: str, *, locked: bool = False) -> str:
    """As `bucket`, made once and kept until the scene closes, for who changes settings only."""
    return scene.lasting(_kept_bucket(account, locked=locked))


@cache
def _kept_bucket(account: str, *, locked: bool) -> Callable[[Scene], AbstractContextManager[str]]:
    name = f"{APPLICATION}-{account}-{'locked' if locked else 'open'}"
    return lambda scene: bucket(scene, account, locked=locked, name=name)


@contextmanager
def empty_bucket(scene: Scene, account: str) -> Iterator[str]:
    """A bucket that holds nothing: S3 keeps any other."""
    with bucket(scene, account) as name:
        _empty(scene, account, name)
        yield name


@contextmanager
def open_bucket(scene: Scene, account: str) -> Iterator[str]:
    """The kept bucket under a policy that lets everybody in, CloudTrail too."""
    s3, name = scene.hand(account, "s3"), kept_bucket(scene, account)
    everybody = allow(
        "All", "s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], principal="*"
    )
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document(everybody)))
    try:
        yield name
    finally:
        s3.delete_bucket_policy(Bucket=name)


@contextmanager
def bucket(
    scene: Scene, account: str, *, locked: bool = False, name: str | None = None
) -> Iterator[str]:
    """A versioned bucket with one object, ``file``, locked in GOVERNANCE for a day if asked for."""
    s3, name = scene.hand(account, "s3"), name or f"{APPLICATION}-{account}"
    place = {} if scene.home == GLOBAL else {"LocationConstraint": scene.home}
    more = {"CreateBucketConfiguration": place} if place else {}
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked, **more)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if locked:
        retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    s3.put_object(Bucket=name, Key="file", Body=b"ordinary")
    try:
        yield name
    finally:
        if store.bucket(name) is not None:
            _empty(scene, account, name)
            s3.delete_bucket(Bucket=name)


def _empty(scene: Scene, account: str, name: str) -> None:
    s3 = scene.hand(account, "s3")
    listed = s3.list_object_versions(Bucket=name)
    held = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
    if held:
        objects = [{part: version[part] for part in ("Key", "VersionId")} for version in held]
        s3.delete_objects(Bucket=name, Delete={"Objects": objects}, BypassGovernanceRetention=True)


def version(scene: Scene, account: str, *, locked: bool = False) -> dict[str, str]:
    """A new version of an object in the kept bucket; gives bucket, key and version."""
    place = {"Bucket": kept_bucket(scene, account, locked=locked), "Key": "own"}
    made = scene.hand(account, "s3").put_object(**place, Body=b"ordinary")
    return {**place, "VersionId": made.get("VersionId", "null")}


@contextmanager
def queue(scene: Scene, account: str) -> Iterator[str]:
    """A queue; gives its URL."""
    sqs = scene.hand(account, "sqs")
    url = sqs.create_queue(QueueName=APPLICATION)["QueueUrl"]
    try:
        yield url
    finally:
        if sqs.list_queues(QueueNamePrefix=APPLICATION).get("QueueUrls"):
            sqs.delete_queue(QueueUrl=url)


@contextmanager
def topic(scene: Scene, account: str) -> Iterator[tuple[str, str]]:
    """A topic with one subscription; gives the ARNs of both."""
    sns = scene.hand(account, "sns")
    arn = sns.create_topic(Name=APPLICATION)["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=arn, Protocol="email", Endpoint="team@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    try:
        yield arn, subscription
    finally:
        left = [each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]]
        if subscription in left:
            sns.unsubscribe(SubscriptionArn=subscription)
        sns.delete_topic(TopicArn=arn)


@contextmanager
def rule(scene: Scene, account: str) -> Iterator[str]:
    """A rule on the default bus with one target, ``own``; gives its name."""
    events = scene.hand(account, "events")
    target = f"arn:aws:sqs:{scene.home}:{account}:{APPLICATION}"
    events.put_rule(Name=APPLICATION, ScheduleExpression="rate(1 hour)")
    events.put_targets(Rule=APPLICATION, Targets=[{"Id": "own", "Arn": target}])
    try:
        yield APPLICATION
    finally:
        found = events.list_rules(NamePrefix=APPLICATION)["Rules"]
        if found:
            left = events.list_targets_by_rule(Rule=APPLICATION)["Targets"]
            if left:
                events.remove_targets(Rule=APPLICATION, Ids=[target["Id"] for target in left])
            events.delete_rule(Name=APPLICATION)


@contextmanager
def bare_rule(
    scene: Scene, account: str, *, name: str = APPLICATION, bus: str = "default"
) -> Iterator[dict[str, str]]:
    """A rule that has no target; gives its name and its bus'."""
    events, place = scene.hand(account, "events"), {"Name": name, "EventBusName": bus}
    events.put_rule(**place, EventPattern=json.dumps({"source": [APPLICATION]}))
    try:
        yield place
    finally:
        events.delete_rule(**place)


@contextmanager
def bus(scene: Scene, account: str, *, name: str = APPLICATION) -> Iterator[str]:
    """A bus without rules; gives its name."""
    events = scene.hand(account, "events")
    events.create_event_bus(Name=name)
    try:
        yield name
    finally:
        if store.event_bus(account, scene.home, name) is not None:
            events.delete_event_bus(Name=name)


@contextmanager
def alarm(scene: Scene, account: str) -> Iterator[str]:
    """An alarm; gives its name."""
    cloudwatch = scene.hand(account, "cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=APPLICATION,
        Namespace="Checkout",
        MetricName="Errors",
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        Period=60,
        EvaluationPeriods=1,
    )
    try:
        yield APPLICATION
    finally:
        cloudwatch.delete_alarms(AlarmNames=[APPLICATION])


@contextmanager
def trail(scene: Scene, account: str) -> Iterator[str]:
    """A running trail into a bucket of the account's own; gives its name."""
    cloudtrail, into = scene.hand(account, "cloudtrail"), kept_bucket(scene, account)
    cloudtrail.create_trail(Name=APPLICATION, S3BucketName=into)
    cloudtrail.start_logging(Name=APPLICATION)
    try:
        yield APPLICATION
    finally:
        if any(each.trail_name == APPLICATION for each in store.trails(account)):
            cloudtrail.delete_trail(Name=APPLICATION)


@contextmanager
def pipe(scene: Scene, account: str) -> Iterator[str]:
    """A pipe between two queues that need not exist; gives its name."""
    pipes, place = scene.hand(account, "pipes"), f"arn:aws:sqs:{scene.home}:{account}"
    pipes.create_pipe(
        Name=APPLICATION,
        Source=f"{place}:{APPLICATION}-in",
        Target=f"{place}:{APPLICATION}-out",
        RoleArn=f"arn:aws:iam::{account}:role/{APPLICATION}",
        DesiredState="RUNNING",
    )
    try:
        yield APPLICATION
    finally:
        if pipes.list_pipes(NamePrefix=APPLICATION)["Pipes"]:
            pipes.delete_pipe(Name=APPLICATION)


@contextmanager
def role(scene: Scene, account: str, *, service: str = "events.amazonaws.com") -> Iterator[str]:
    """A role of a service with a boundary; gives its name."""
    iam = scene.hand(account, "iam", GLOBAL)
    trusted = allow("Service", "sts:AssumeRole", principal={"Service": service})
    boundary = iam.create_policy(
        PolicyName=APPLICATION, PolicyDocument=json.dumps(document(allow("All", "sqs:*", "*")))
    )["Policy"]["Arn"]
    iam.create_role(
        RoleName=APPLICATION,
        AssumeRolePolicyDocument=json.dumps(document(trusted)),
        PermissionsBoundary=boundary,
    )
    try:
        yield APPLICATION
    finally:
        for held in iam.list_attached_role_policies(RoleName=APPLICATION)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=APPLICATION, PolicyArn=held["PolicyArn"])
        for name in iam.list_role_policies(RoleName=APPLICATION)["PolicyNames"]:
            iam.delete_role_policy(RoleName=APPLICATION, PolicyName=name)
        iam.delete_role(RoleName=APPLICATION)
        iam.delete_policy(PolicyArn=boundary)


@contextmanager
def bare_role(
    scene: Scene, account: str, *, name: str = APPLICATION, path: str = "/"
) -> Iterator[str]:
    """A role that has no policy; gives its name."""
    iam = scene.hand(account, "iam", GLOBAL)
    trusted = allow("Service", "sts:AssumeRole", principal={"Service": "events.amazonaws.com"})
    trust = json.dumps(document(trusted))
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
    try:
        yield name
    finally:
        if store.role_named(account, name) is not None:
            iam.delete_role(RoleName=name)


@contextmanager
def policy(scene: Scene, account: str) -> Iterator[str]:
    """A policy; gives its ARN."""
    iam = scene.hand(account, "iam", GLOBAL)
    text = json.dumps(document(allow("All", "sqs:*", "*")))
    arn = iam.create_policy(PolicyName=APPLICATION, PolicyDocument=text)["Policy"]["Arn"]
    try:
        yield arn
    finally:
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)


@contextmanager
def user(scene: Scene, account: str) -> Iterator[str]:
    """A user; gives his name."""
    iam = scene.hand(account, "iam", GLOBAL)
    iam.create_user(UserName=APPLICATION)
    try:
        yield APPLICATION
    finally:
        for key in iam.list_access_keys(UserName=APPLICATION)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=APPLICATION, AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName=APPLICATION)


@contextmanager
def trusting_role(
    scene: Scene, account: str, name: str, trusted: str, *, path: str = "/"
) -> Iterator[str]:
    """An administrator's role that another account may take; gives its ARN."""
    iam = scene.hand(account, "iam", GLOBAL)
    who = {"AWS": f"arn:aws:iam::{trusted}:root"}
    trust = document(allow("Trusted", "sts:AssumeRole", principal=who))
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    try:
        yield f"arn:aws:iam::{account}:role{path}{name}"
    finally:
        iam.delete_role(RoleName=name)
