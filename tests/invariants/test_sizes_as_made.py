"""What is measured before anything is made is what the program then makes."""

import json
from collections import defaultdict

import pytest
from recording import graph, organisation

from breakglass.quotas import QUOTAS, Quota
from breakglass.sizes import measured

MADE = {
    ("aws:iam/role:Role", "assumeRolePolicy"): Quota.TRUST_POLICY,
    ("aws:iam/policy:Policy", "policy"): Quota.MANAGED_POLICY,
    ("aws:iam/rolePolicy:RolePolicy", "policy"): Quota.ROLE_INLINE_POLICIES,
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): Quota.BUCKET_POLICY,
    ("aws:sns/topicPolicy:TopicPolicy", "policy"): Quota.TOPIC_POLICY,
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"): Quota.QUEUE_POLICY,
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"): Quota.BUS_POLICY,
    ("aws:cloudwatch/eventRule:EventRule", "eventPattern"): Quota.EVENT_PATTERN,
    ("aws:cloudwatch/eventRule:EventRule", "name"): Quota.RULE_NAME,
    ("aws:iam/role:Role", "name"): Quota.ROLE_NAME,
    ("aws:iam/policy:Policy", "name"): Quota.POLICY_NAME,
    ("aws:s3/bucket:Bucket", "bucket"): Quota.BUCKET_NAME,
    ("aws:cloudtrail/trail:Trail", "name"): Quota.TRAIL_NAME,
    ("aws:sqs/queue:Queue", "name"): Quota.QUEUE_NAME,
    ("aws:sns/topic:Topic", "name"): Quota.TOPIC_NAME,
    ("aws:pipes/pipe:Pipe", "name"): Quota.PIPE_NAME,
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "name"): Quota.ALARM_NAME,
    ("aws:organizations/policy:Policy", "name"): Quota.ORGANIZATION_POLICY_NAME,
}
GUARDRAILS = {"SERVICE_CONTROL_POLICY": Quota.SCP, "RESOURCE_CONTROL_POLICY": Quota.RCP}


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_the_largest_of_each_kind_is_measured_as_it_is_made(name: str) -> None:
    told: dict[str, int] = defaultdict(int)
    for one in measured(organisation(name)):
        told[one.quota] = max(told[one.quota], one.size)
    assert {quota: told[quota.name.lower()] for quota in made(name)} == made(name)


def made(name: str) -> dict[Quota, int]:
    """The largest of each kind that the program registers."""
    largest: dict[Quota, int] = defaultdict(int)
    for resource in graph(name).resources:
        for key, value in resource.inputs.items():
            quota = MADE.get((resource.type, key))
            if resource.type == "aws:organizations/policy:Policy" and key == "content":
                quota = GUARDRAILS[resource.inputs["type"]]
            if quota is not None:
                size = len(value) if "name" in quota else QUOTAS.size(quota, plain(value))
                largest[quota] = max(largest[quota], size)
    return dict(largest)


def plain(text: str) -> str:
    """JSON without white space, whoever wrote it."""
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
