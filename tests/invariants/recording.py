"""The program recorded without any cloud: each resource is what it asked for, with an ARN."""

import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from breakglass.proof.graph import Graph
from breakglass.rehearsal.engine.program import run
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.evidence import graph_of
from breakglass.rehearsal.stacks import sides_of
from breakglass.settings import Organisation, Side, load

PROJECT = Path(__file__).parents[2]

ARNS = {
    "aws:cloudtrail/trail:Trail": "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
    "aws:cloudwatch/eventBus:EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "aws:cloudwatch/eventRule:EventRule": "arn:aws:events:{region}:{account}:rule/{bus}{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "aws:iam/policy:Policy": "arn:aws:iam::{account}:policy{path}{name}",
    "aws:iam/role:Role": "arn:aws:iam::{account}:role{path}{name}",
    "aws:pipes/pipe:Pipe": "arn:aws:pipes:{region}:{account}:pipe/{name}",
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{bucket}",
    "aws:sns/topic:Topic": "arn:aws:sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "arn:aws:sqs:{region}:{account}:{name}",
}


class Recorder:
    """An applier that makes nothing."""

    def check(self, resource: Registration) -> dict[str, Any]:
        return dict(resource.inputs)

    def create(
        self,
        resource: Registration,
        provider: Registration,
        *,
        preview: bool,
    ) -> tuple[str, dict[str, Any]]:
        assert not preview
        inputs = dict(resource.inputs)
        words = {
            "account": (provider.inputs.get("allowedAccountIds") or [""])[0],
            "region": inputs.get("region") or provider.inputs.get("region"),
            "path": "/",
            "bus": "".join(f"{bus}/" for bus in [inputs.get("eventBusName")] if bus),
            **inputs,
        }
        arn = {"arn": ARNS[resource.type].format(**words)} if resource.type in ARNS else {}
        id_ = str(inputs.get("bucket") or f"{words['account']}:{resource.name}")
        url = f"https://sqs.{words['region']}.amazonaws.com/{words['account']}/{inputs.get('name')}"
        number = zlib.crc32(resource.urn.encode())
        return id_, {**inputs, **arn, "url": url, "rulesetId": number}

    def invoke(self, token: str, args: Mapping[str, Any], _: Registration) -> dict[str, Any]:
        raise NotImplementedError(f"{token} {args}")


@cache
def organisation(name: str) -> Organisation:
    return load(PROJECT / "stacks" / f"{name}.yaml")


@cache
def graph(name: str) -> Graph:
    """The graph of an organisation file, all its sides."""
    settings = organisation(name)
    sides = sides_of(settings)
    records: dict[str, Registration] = {}
    for side in sides:
        stack = settings.name if side is Side.ALL else f"{settings.name}-{side}"
        config = {"breakglass:organisation": f"{name}.yaml", "breakglass:side": side.value}
        records |= run(PROJECT, stack, config, Recorder()).records  # type: ignore[arg-type]  # what is asked of it is here
    return graph_of(settings, records, sides)
