"""How fast events are matched with all deployed patterns, on one core, moto's matcher beside it.

A million events come as JSON text, as the sweep reads them, in a fixed mix from a fixed seed:
mostly reading and traffic of services that no rule watches, ordinary writes of watched ones, and
one catalogued call in a hundred. Seconds are those of the processor and include parsing.

    PYTHONPATH=components python tests/bench/matcher.py
"""

import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from moto.events.models import EventPattern

from breakglass.patterns import Index
from breakglass.tamper import catalogue, rules
from breakglass.tamper.samples import SAMPLE_KEY_ARN

SEED = 20261122
EVENTS = 1_000_000
DISTINCT = 20_000
"""Held as text and gone through again and again: a million texts would be 1.5 GB of benchmark."""
PEER_EVENTS = 2_000
FLOOR_SECONDS = 60

ACCOUNTS = ("111111111111", "222222222222", "444444444444", "555555555555", "666666666666")
UNWATCHED = (
    ("dynamodb", "DescribeTable", "tableName"),
    ("ecr", "BatchGetImage", "repositoryName"),
    ("autoscaling", "DescribeAutoScalingGroups", "autoScalingGroupName"),
    ("elasticloadbalancing", "DescribeTargetHealth", "targetGroupArn"),
    ("secretsmanager", "GetSecretValue", "secretId"),
    ("ecs", "RunTask", "taskDefinition"),
)
WATCHED = (
    ("ec2", "DescribeInstances", "instancesSet"),
    ("s3", "GetBucketLocation", "bucketName"),
    ("sts", "AssumeRole", "roleArn"),
    ("kms", "Decrypt", "keyId"),
    ("logs", "CreateLogStream", "logGroupName"),
    ("iam", "PutRolePolicy", "roleName"),
    ("monitoring", "PutMetricAlarm", "alarmName"),
    ("events", "PutTargets", "rule"),
    ("lambda", "UpdateFunctionCode20150331v2", "functionName"),
    ("config", "PutEvaluations", "resultToken"),
    ("organizations", "DescribeOrganization", "id"),
)
Event = Mapping[str, Any]


def patterns() -> dict[str, Mapping[str, Any]]:
    """Every rule of every account, in us-east-1, the home region and another."""
    return {
        f"{account}/{where}/{rule.name}": rule.pattern
        for account in ACCOUNTS
        for where in rules.RegionClass
        for rule in rules.pack(where, kms_key_arns=[SAMPLE_KEY_ARN])
    }


def ordinary(choose: random.Random, kinds: Sequence[tuple[str, str, str]]) -> Event:
    service, name, field = choose.choice(kinds)
    account = choose.choice(ACCOUNTS)
    role = f"arn:aws:sts::{account}:assumed-role/web-shop/{choose.getrandbits(48):x}"
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": role, "accountId": account},
        "eventTime": "2026-11-22T03:00:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.0.{choose.randrange(256)}.{choose.randrange(256)}",
        "userAgent": "aws-sdk-go-v2/1.30",
        "requestParameters": {field: f"web-shop-{choose.randrange(5_000)}"},
        "responseElements": None,
        "requestID": f"{choose.getrandbits(128):032x}",
        "eventID": f"{choose.getrandbits(128):032x}",
        "readOnly": name.startswith(("Describe", "Get", "Batch")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    return {
        "version": "0",
        "id": f"{choose.getrandbits(128):032x}",
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": account,
        "time": "2026-11-22T03:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def events(count: int) -> list[Event]:
    """Give ``count`` events: 60 in a hundred of unwatched services, 39 of watched, 1 catalogued."""
    choose = random.Random(SEED)  # noqa: S311 - a benchmark's mix, nothing secret
    catalogued = [
        sample.event
        for call in catalogue()
        for on_kit in (True, False)
        for sample in rules.sample_events(call, on_kit=on_kit)
    ]
    mix: list[Event] = []
    for _ in range(count):
        draw = choose.random()
        if draw < 0.01:
            mix.append(choose.choice(catalogued))
        else:
            mix.append(ordinary(choose, UNWATCHED if draw < 0.61 else WATCHED))
    return mix


def peer_ratio(documents: Mapping[str, Mapping[str, Any]], sample: Sequence[Event]) -> float:
    """How many times longer moto's matcher takes over the distinct patterns, parsing left out."""
    distinct = {json.dumps(document): document for document in documents.values()}
    theirs = [EventPattern.load(text) for text in distinct]
    ours = Index(distinct)
    start = time.process_time()
    for event in sample:
        for pattern in theirs:
            pattern.matches_event(event)
    middle = time.process_time()
    for event in sample:
        ours.matching(event)
    return (middle - start) / (time.process_time() - middle)


def run() -> dict[str, Any]:
    """Return the figures: seconds for a million, for each quarter, peak memory, ratio to moto."""
    deployed = patterns()
    index = Index(deployed)
    mix = events(DISTINCT)
    texts = [json.dumps(event) for event in mix]
    fired: Counter[bool] = Counter()
    marks = [time.process_time()]
    for number in range(EVENTS):
        fired[bool(index.matching(json.loads(texts[number % DISTINCT])))] += 1
        if (number + 1) % (EVENTS // 4) == 0:
            marks.append(time.process_time())
    start = time.process_time()
    for event in mix:
        index.matching(event)
    matching = time.process_time() - start
    quarters = [round(after - before, 2) for before, after in pairwise(marks)]
    return {
        "rules": len(deployed),
        "distinct patterns": len({json.dumps(document) for document in deployed.values()}),
        "events": EVENTS,
        "fired": fired[True],
        "seconds": round(marks[-1] - marks[0], 2),
        "floor seconds": FLOOR_SECONDS,
        "quarters": quarters,
        "growth": round(quarters[-1] / quarters[0], 2),
        "matching microseconds an event, parsed": round(matching / DISTINCT * 1e6, 2),
        "times moto": round(peer_ratio(deployed, mix[:PEER_EVENTS]), 1),
        "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    figures = run()
    print(json.dumps(figures, indent=2))  # noqa: T201 - the figures are what the command is for
    sys.exit(figures["seconds"] > FLOOR_SECONDS)
