"""What really stands in the emulated accounts, asked of them by their own APIs.

Two ways of applying the same program must leave the same inventory.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.settings import Organisation

Inventory = dict[str, dict[str, Any]]
"""Account name to a sorted listing by kind of resource."""


def inventory(emulator: Emulator, organisation: Organisation) -> Inventory:
    """List what stands in every account and enabled region of ``organisation``."""
    return {
        account.name: dict(_account(emulator, account.id, organisation.watched_regions))
        for account in organisation.accounts
    }


def _account(emulator: Emulator, account: str, regions: Sequence[str]) -> Iterator[tuple[str, Any]]:
    root = emulator.root(account)

    def client(service: str, region: str = "us-east-1") -> Client:
        return emulator.client(root, service, region)

    yield "roles", _roles(client("iam"))
    yield "policies", _policies(client("iam"))
    yield "buckets", _buckets(client("s3"))
    for region in regions:
        yield f"trails {region}", _trails(client("cloudtrail", region), region)
        yield f"rules {region}", _rules(client("events", region))
        yield f"queues {region}", sorted(client("sqs", region).list_queues().get("QueueUrls", []))
        topics = client("sns", region).list_topics()["Topics"]
        yield f"topics {region}", sorted(topic["TopicArn"] for topic in topics)
        alarms = client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        yield f"alarms {region}", sorted(alarm["AlarmName"] for alarm in alarms)


def _roles(iam: Client) -> dict[str, Any]:
    roles = {role["Arn"]: role for role in iam.list_roles(MaxItems=1000)["Roles"]}
    return {
        arn: {
            "trust": role["AssumeRolePolicyDocument"],
            "policies": {
                name: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)[
                    "PolicyDocument"
                ]
                for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
            },
        }
        for arn, role in sorted(roles.items())
    }


def _policies(iam: Client) -> list[str]:
    return sorted(policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"])


def _buckets(s3: Client) -> dict[str, Any]:
    names = sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"])
    return {name: s3.get_bucket_policy(Bucket=name)["Policy"] for name in names}


def _trails(cloudtrail: Client, region: str) -> dict[str, Any]:
    trails = cloudtrail.describe_trails()["trailList"]
    # an organisation's trail is shown in every region and account, and stands in one
    return {
        t["TrailARN"]: t["S3BucketName"] for t in trails if t["TrailARN"].split(":")[3] == region
    }


def _rules(events: Client) -> dict[str, Any]:
    listed: dict[str, Any] = {}
    for bus in sorted(bus["Name"] for bus in events.list_event_buses()["EventBuses"]):
        for rule in events.list_rules(EventBusName=bus)["Rules"]:
            targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
            listed[rule["Arn"]] = {
                "pattern": rule["EventPattern"],
                "state": rule["State"],
                "targets": sorted(target["Arn"] for target in targets),
            }
    return dict(sorted(listed.items()))
