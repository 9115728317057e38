"""What the kit has declared to keep watch, and the actions that change each kind of it.

The actions are those of the dated catalogue, less those whose resource is another one (Service
Authorization Reference, "Resource types"). So an action that AWS adds is asked too, until somebody
has looked at it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from breakglass import actions
from breakglass.actions import AccessLevel
from breakglass.errors import InvalidInput
from breakglass.proof.declared import Context, Declared, Target

_READS = (AccessLevel.READ, AccessLevel.LIST)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource, and what may be done to it."""

    type: str
    """Pulumi's token; empty where the program declares none."""
    service: str
    elsewhere: str
    """Matches the names of the service's actions that act on something else."""
    deploying: str
    """What its deployer must be able to do to it."""
    besides: tuple[str, ...] = ()
    """Actions that change it though AWS counts them as reads."""
    ends: tuple[str, ...] = ()
    """What cannot be made good again."""


_BUS_V2 = "RawEvents|ResourcePolicy|RevokeResource|Subscriber|EventSource"
_NO_BUS = f"{_BUS_V2}|ApiDestination|Connection|Endpoint|PartnerEvents|(Delete|Update)Archive"

TRAIL: Final = Kind(
    "aws:cloudtrail/trail:Trail",
    "cloudtrail",
    "Channel|Dashboard|DelegatedAdmin|EventDataStore|Federation|Import$|Query$|ResourcePolicy",
    "cloudtrail:UpdateTrail",
    ends=("cloudtrail:DeleteTrail", "cloudtrail:StopLogging"),
)
RULE: Final = Kind(
    "aws:cloudwatch/eventRule:EventRule",
    "events",
    f"{_NO_BUS}|Archive|EventBus|Permission|PutEvents|Replay|VendedLog",
    "events:PutTargets",
)
BUS: Final = Kind(
    "aws:cloudwatch/eventBus:EventBus",
    "events",
    f"{_NO_BUS}|CancelReplay|Rule$|Targets$",
    "events:UpdateEventBus",
)
QUEUE: Final = Kind(
    "aws:sqs/queue:Queue",
    "sqs",
    "$^",
    "sqs:SetQueueAttributes",
    besides=("sqs:ReceiveMessage",),  # hides a message for up to twelve hours
)
TOPIC: Final = Kind(
    "aws:sns/topic:Topic", "sns", "Endpoint|PhoneNumber|Platform|SMS", "sns:SetTopicAttributes"
)
PIPE: Final = Kind("aws:pipes/pipe:Pipe", "pipes", "$^", "pipes:UpdatePipe")
ALARM: Final = Kind(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "cloudwatch",
    "^(?!.*(Alarm|agResource))|DeleteAlarmMuteRule|SubmitAlarmFeedback",
    "cloudwatch:PutMetricAlarm",
)
KEY: Final = Kind(
    "aws:kms/key:Key",
    "kms",
    "^(?!CreateGrant|DeleteImported|DisableKey$|ImportKey|PutKeyPolicy|ScheduleKey|TagResource"
    "|UntagRes)",
    "kms:PutKeyPolicy",
    ends=("kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:ScheduleKeyDeletion"),
)
"""Only what hands a key over, or ends it: who uses it is its policy's to say."""

ROLE: Final = Kind(
    "aws:iam/role:Role",
    "iam",
    "^(?!.*Role)|InstanceProfile|ServiceLinkedRole",
    "iam:UpdateAssumeRolePolicy",
)
POLICY: Final = Kind(
    "aws:iam/policy:Policy",
    "iam",
    "^(?!.*Policy)|AccountPassword|Group|Role|User",
    "iam:CreatePolicyVersion",
)
USER: Final = Kind(
    "",
    "iam",
    "^(?!.*(AccessKey|ChangePassword|LoginProfile|MFADevice|SSHPublic|ServiceSpecific|SigningCert"
    "|User))|(Add|Remove)User|VirtualMFA|agMFA",
    "",
)

ALARMS: Final = (TRAIL, RULE, BUS, QUEUE, TOPIC, PIPE, ALARM, KEY)
"""All that records, forwards and rings."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the kit that somebody might act on, with what AWS tells of it."""

    kind: Kind
    target: Target
    context: Context


@cache
def writes(service: str) -> tuple[str, ...]:
    """Every action of a service with access level Write, Permissions management or Tagging."""
    found = actions.of_service(service)
    return tuple(sorted(action for action in found if actions.access_level(action) not in _READS))


@cache
def changes(kind: Kind) -> tuple[str, ...]:
    """Every action that changes a kind."""
    elsewhere = re.compile(kind.elsewhere)
    here = (a for a in writes(kind.service) if not elsewhere.search(a.partition(":")[2]))
    return tuple(sorted((*here, *kind.besides)))


@cache
def without_a_resource(kind: Kind) -> tuple[str, ...]:
    """Those of `changes` for which IAM knows no resource."""
    names = ("events:PutPermission", "events:RemovePermission")
    return tuple(action for action in changes(kind) if action in names)


def declared(policies: Declared, kind: Kind) -> Iterator[Thing]:
    """Yield what the program declares of a kind. Raises `InvalidInput` for one without an ARN."""
    for one in policies.graph.of(kind.type):
        if not one.arn:
            raise InvalidInput(f"{one.name}: arn", one.outputs.get("arn"), "the ARN that AWS gave")
        tags = {
            f"aws:ResourceTag/{key}": str(value) for key, value in (one.get("tags") or {}).items()
        }
        yield Thing(kind, policies.target(one), tags if kind is KEY else {})
