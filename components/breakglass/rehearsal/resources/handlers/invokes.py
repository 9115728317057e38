"""Functions that a program may call: what the provider answers without making anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from breakglass.rehearsal.resources.handlers.base import Cloud

Invoke = Callable[[Cloud, Mapping[str, Any]], dict[str, Any]]


def caller_identity(cloud: Cloud, _: Mapping[str, Any]) -> dict[str, Any]:
    """Tell who the provider is."""
    identity = cloud.client("sts").get_caller_identity()
    account = identity["Account"]
    return {
        "accountId": account,
        "arn": identity["Arn"],
        "userId": identity["UserId"],
        "id": account,
    }


def region(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the provider's region, or the one that is asked for."""
    name = args.get("region") or cloud.region
    return {
        "region": name,
        "name": name,
        "id": name,
        "description": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


def partition(_: Cloud, __: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the partition: only ``aws`` is emulated."""
    return {
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
        "id": "aws",
    }


INVOKES: Final[Mapping[str, Invoke]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
}
