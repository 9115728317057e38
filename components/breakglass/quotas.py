"""The AWS quotas that the kit checks before anything is applied, in one dated table.

The emulator enforces none of them, and AWS says so only in the middle of a `pulumi up`. Many can be
raised on request: `QUOTAS.override(...)` gives a table with an account's own values.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from breakglass.errors import InvalidInput, QuotaExceeded

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
_PATTERNS = (
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
)
_ORGANIZATIONS = (
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"
)
_STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html"
_SEEN: Final = date(2026, 11, 22)


class Quota(StrEnum):
    """Everything that is counted or measured, by a name that reads in an error message."""

    EVENT_PATTERN = "event pattern characters"
    OR_COMBINATIONS = "$or combinations of an event pattern"
    RULES_PER_BUS = "rules on an event bus"
    WILDCARD_RULES_PER_BUS = "rules with wildcards on an event bus"
    TARGETS_PER_RULE = "targets of a rule"
    RULE_NAME = "rule name characters"
    BUS_POLICY = "event bus policy characters"
    SCP = "service control policy bytes"
    SCPS_PER_TARGET = "service control policies on a root, unit or account"
    RCP = "resource control policy bytes"
    RCPS_PER_TARGET = "resource control policies on a root, unit or account"
    MANAGED_POLICY = "managed policy characters"
    MANAGED_POLICIES_PER_ROLE = "managed policies attached to a role"
    ROLE_INLINE_POLICIES = "inline policy characters of a role, all together"
    TRUST_POLICY = "trust policy characters"
    ROLE_NAME = "role name characters"
    POLICY_NAME = "policy name characters"
    PATH = "IAM path characters"
    SESSION_TAGS = "session tags"
    ORGANIZATION_POLICY_NAME = "SCP or RCP name characters"
    BUCKET_NAME = "bucket name characters"
    TRAIL_NAME = "trail name characters"
    BUCKET_POLICY = "bucket policy bytes"
    KEY_POLICY = "key policy bytes"
    TOPIC_POLICY = "topic policy bytes"
    QUEUE_POLICY = "queue policy bytes"
    TOPIC_NAME = "topic name characters"
    QUEUE_NAME = "queue name characters"
    PIPE_NAME = "pipe name characters"
    ALARM_NAME = "alarm name characters"


@dataclass(frozen=True, slots=True)
class Limit:
    """One quota: its value, how AWS counts, where that stands and when it was read there.

    ``without_white_space`` tells that AWS leaves white space out of the count. ``maximum`` is what
    AWS grants on request, None where it grants nothing more or does not say.
    """

    value: int
    source: str
    seen: date = _SEEN
    maximum: int | None = None
    without_white_space: bool = False


@dataclass(frozen=True, slots=True)
class Quotas:
    """A table of limits, and the checks against it."""

    limits: Mapping[Quota, Limit] = field(repr=False, hash=False)

    def override(self, values: Mapping[str, int]) -> "Quotas":
        """Give this table with some values replaced, named as in `Quota`.

        Raises `InvalidInput` for an unknown name, a value below one, or one beyond what AWS grants.
        """
        limits = dict(self.limits)
        for name, value in values.items():
            quota = _quota(name)
            limit = limits[quota]
            ceiling = value if limit.maximum is None else limit.maximum
            if not 1 <= value <= ceiling:
                accepted = "at least 1" if limit.maximum is None else f"1 to {limit.maximum}"
                raise InvalidInput(f"quotas.{name}", value, accepted)
            limits[quota] = Limit(
                value, limit.source, limit.seen, limit.maximum, limit.without_white_space
            )
        return Quotas(MappingProxyType(limits))

    def limit(self, quota: Quota) -> int:
        """Give the value of one quota."""
        return self.limits[quota].value

    def size(self, quota: Quota, document: Mapping[str, Any] | str) -> int:
        """Give a document's size as AWS counts it for this quota.

        A mapping is measured as the compact JSON that the components send. Of a text, white space
        between the parts of the JSON is left out where AWS leaves it out. White space inside
        strings is always counted: AWS does not say that it is not, and too large a figure fails
        early.
        """
        text = document if isinstance(document, str) else compact(document)
        if self.limits[quota].without_white_space:
            text = compact(json.loads(text))
        return len(text.encode()) if "bytes" in quota else len(text)

    def check_size(self, quota: Quota, what: str, document: Mapping[str, Any] | str) -> int:
        """Give the size of ``document``, or raise `QuotaExceeded` naming ``what``."""
        size = self.size(quota, document)
        self.check_count(quota, what, size)
        return size

    def check_count(self, quota: Quota, what: str, count: int) -> None:
        """Raise `QuotaExceeded` naming ``what`` when ``count`` is over the quota."""
        if count > self.limit(quota):
            raise QuotaExceeded(what, count, self.limit(quota), quota.name.lower())


def compact(document: Mapping[str, Any]) -> str:
    """Write JSON without white space between its parts, keys in their order."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _quota(name: str) -> Quota:
    try:
        return Quota[name.upper()]
    except KeyError as fault:
        known = ", ".join(quota.name.lower() for quota in Quota)
        raise InvalidInput(f"quotas.{name}", name, f"one of {known}") from fault


_MAY_2026 = (
    "AWS Organizations, announcement of 15 May 2026 (raised from 5,120 and 5; older copies of "
    f"{_ORGANIZATIONS} still give those)"
)

QUOTAS: Final = Quotas(
    MappingProxyType(
        {
            Quota.EVENT_PATTERN: Limit(2_048, _EVENTS, maximum=4_096),
            Quota.OR_COMBINATIONS: Limit(1_000, _PATTERNS),
            Quota.RULES_PER_BUS: Limit(300, _EVENTS),
            Quota.WILDCARD_RULES_PER_BUS: Limit(30, _EVENTS, maximum=30),
            Quota.TARGETS_PER_RULE: Limit(5, _EVENTS, maximum=5),
            Quota.RULE_NAME: Limit(64, "EventBridge API reference, PutRule", maximum=64),
            Quota.BUS_POLICY: Limit(10_240, _EVENTS, maximum=10_240),
            Quota.SCP: Limit(10_240, _MAY_2026),
            Quota.SCPS_PER_TARGET: Limit(10, _MAY_2026),
            Quota.RCP: Limit(5_120, _ORGANIZATIONS),
            # RCPFullAWSAccess is attached everywhere, cannot be detached, and counts
            Quota.RCPS_PER_TARGET: Limit(5, _ORGANIZATIONS),
            Quota.MANAGED_POLICY: Limit(6_144, _IAM, maximum=6_144, without_white_space=True),
            Quota.MANAGED_POLICIES_PER_ROLE: Limit(10, _IAM),
            Quota.ROLE_INLINE_POLICIES: Limit(
                10_240, _IAM, maximum=10_240, without_white_space=True
            ),
            Quota.TRUST_POLICY: Limit(2_048, _IAM, maximum=4_096, without_white_space=True),
            Quota.ROLE_NAME: Limit(64, _IAM, maximum=64),
            Quota.POLICY_NAME: Limit(128, _IAM, maximum=128),
            Quota.PATH: Limit(512, _IAM, maximum=512),
            Quota.SESSION_TAGS: Limit(50, _STS, maximum=50),
            Quota.ORGANIZATION_POLICY_NAME: Limit(128, _ORGANIZATIONS, maximum=128),
            Quota.BUCKET_NAME: Limit(63, _S3, maximum=63),
            Quota.TRAIL_NAME: Limit(128, "CloudTrail User Guide, naming requirements", maximum=128),
            Quota.BUCKET_POLICY: Limit(20_480, "S3 User Guide, bucket policies: 20 KB"),
            Quota.KEY_POLICY: Limit(32_768, "KMS Developer Guide, resource quotas: 32 KB"),
            Quota.TOPIC_POLICY: Limit(30_720, "SNS endpoints and quotas: 30 KB"),
            Quota.QUEUE_POLICY: Limit(8_192, _SQS, maximum=8_192),
            Quota.TOPIC_NAME: Limit(256, "SNS API reference, CreateTopic", maximum=256),
            Quota.QUEUE_NAME: Limit(80, "SQS API reference, CreateQueue", maximum=80),
            Quota.PIPE_NAME: Limit(64, "EventBridge Pipes API reference, CreatePipe", maximum=64),
            Quota.ALARM_NAME: Limit(255, "CloudWatch API reference, PutMetricAlarm", maximum=255),
        }
    )
)
