"""How fast the evaluator decides, on one core, under the published policies beside this file.

The requests come from a fixed seed; seconds are those of the processor.

Every run starts cold: a new evaluator, no date or address remembered, each request seen once. The
names of context keys are normalised inside the timing.

    PYTHONPATH=components python tests/bench/evaluator.py
"""

import json
import random
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from breakglass.proof import conditions
from breakglass.proof.evaluate import Evaluator
from breakglass.proof.model import Layers, Policy, Principal, PrincipalKind, Request

HERE = Path(__file__).parent
SEED = 20261122
REQUESTS = 50_000
RUNS = 5
FLOOR = 100_000
"""Decisions a second that the evaluator must reach on the ten-statement policy."""

ACCOUNT = "111111111111"
RESOURCES: dict[str, Callable[[random.Random, str], str]] = {
    "s3:GetObject": lambda r, user: f"arn:aws:s3:::workload-data/{user}/{r.randrange(10**9)}",
    "s3:PutObject": lambda r, user: f"arn:aws:s3:::workload-data/u{r.randrange(400)}/{user}",
    "s3:PutBucketPolicy": lambda r, _: f"arn:aws:s3:::break-glass-vault-{r.randrange(10**6)}",
    "sqs:ReceiveMessage": lambda r, _: f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q-{r.randrange(10**6)}",
    "sqs:PurgeQueue": lambda r, _: (
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:break-glass-{r.randrange(999)}"
    ),
    "sns:GetTopicAttributes": lambda r, _: f"arn:aws:sns:eu-west-1:{ACCOUNT}:t{r.randrange(10**6)}",
    "lambda:GetFunction": lambda r, _: f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{r.random()}",
    "events:DisableRule": lambda r, _: (
        f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/break-glass-{r.randrange(999)}"
    ),
    "kms:Decrypt": lambda r, _: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{r.getrandbits(64):x}",
    "kms:DisableKey": lambda r, _: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{r.getrandbits(64):x}",
    "ec2:RunInstances": lambda r, _: f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{r.random()}",
    "iam:GetRole": lambda r, _: f"arn:aws:iam::{ACCOUNT}:role/app-{r.randrange(10**4):04}-x",
    "cloudtrail:StopLogging": lambda r, _: (
        f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t{r.randrange(10**6)}"
    ),
}


def requests(count: int, seed: int = SEED) -> list[Request]:
    """Return distinct requests of users of one account, eight to eleven context keys each."""
    chance = random.Random(seed)  # noqa: S311 - a fixed mix, no secret
    actions = list(RESOURCES)
    return [_request(chance, chance.choice(actions)) for _ in range(count)]


def _request(chance: random.Random, action: str) -> Request:
    user = f"u{chance.randrange(400)}"
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user}"
    context: dict[str, str | Sequence[str]] = {
        "aws:PrincipalArn": arn,
        "aws:username": user,
        "aws:PrincipalTag/team": chance.choice(["payments", "platform", "web-shop"]),
        "aws:RequestedRegion": chance.choice(
            ["eu-west-1", "eu-central-1", "us-east-1", "eu-west-3"]
        ),
        "aws:SecureTransport": chance.choice(["true"] * 19 + ["false"]),
        "aws:ViaAWSService": "false",
        "aws:TokenIssueTime": (
            f"2026-1{chance.choice('01111')}-{chance.randrange(1, 29):02}"
            f"T{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}Z"
        ),
        "aws:SourceIp": "10." + ".".join(str(chance.randrange(256)) for _ in range(3)),
    }
    if chance.random() < 0.5:
        context["aws:MultiFactorAuthAge"] = str(chance.randrange(3600))
    if action.startswith("kms:"):
        context["aws:ResourceTag/team"] = chance.choice(["payments", "platform", "web-shop"])
    if action.startswith("ec2:"):
        context["aws:TagKeys"] = chance.sample(["IncidentId", "Reason", "team-x", "owner"], 2)
    principal = Principal(arn, None, ACCOUNT, PrincipalKind.USER)
    return Request(principal, action, RESOURCES[action](chance, user), ACCOUNT, context)


def layers(name: str) -> Layers:
    """Return the published policy of that file as the only identity policy."""
    document = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return Layers(identity=[Policy(name, document)])


def seven_layers() -> Layers:
    """Return identity, boundary, session, three levels of SCPs and one of RCPs."""
    published = layers("ten_statements").identity[0]
    full: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    denies = [body for body in published.document["Statement"] if body["Effect"] == "Deny"]
    guard = {"Version": "2012-10-17", "Statement": [*full["Statement"], *denies]}
    rcp = {
        "Version": "2012-10-17",
        "Statement": [{**body, "Principal": "*"} for body in denies],
    }
    return Layers(
        identity=[published],
        boundary=Policy("boundary", guard),
        session=[Policy("session", guard)],
        scps=[
            [Policy("full", full), Policy(f"level-{level}", guard)]
            for level in ("root", "unit", "account")
        ],
        rcps=[[Policy("perimeter", rcp)]],
    )


def seconds(under: Layers, asked: Sequence[Request]) -> float:
    """Return the time of one cold run."""
    conditions.read_date.cache_clear()
    conditions.read_address.cache_clear()
    decide = Evaluator(under).decide
    start = time.process_time()
    for request in asked:
        decide(request)
    return time.process_time() - start


def rate(under: Layers, asked: Sequence[Request], runs: int = RUNS) -> int:
    """Return decisions a second, the median of the runs."""
    return round(len(asked) / statistics.median(seconds(under, asked) for _ in range(runs)))


def run() -> dict[str, Any]:
    """Return the figures: decisions a second, decisions by kind, growth, peak memory in MiB.

    Growth compares the best of the runs over a quarter, a half and all of the requests.
    """
    asked = requests(REQUESTS)
    published = layers("ten_statements")
    decide = Evaluator(published).decide
    quarter = [
        min(seconds(published, asked[: REQUESTS * part // 4]) for _ in range(RUNS))
        for part in (1, 2, 4)
    ]
    return {
        "requests": len(asked),
        "distinct": len(
            {(r.resource, r.action, tuple(map(str, r.context.values()))) for r in asked}
        ),
        "floor_per_second": FLOOR,
        "ten_statements_per_second": rate(published, asked),
        "ten_matching_statements_per_second": rate(layers("ten_matching_statements"), asked),
        "seven_layers_per_second": rate(seven_layers(), asked),
        "decisions": dict(Counter(str(decide(request).decision) for request in asked)),
        "growth_1x_2x_4x": [round(part / quarter[0], 2) for part in quarter],
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    sys.stdout.write("\n")
