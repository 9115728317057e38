"""Which resources belong to the path: what records, forwards and rings, and who enters.

A program declares much besides. What belongs is what carries the name, what a trail delivers to,
what takes CloudTrail's events, and all that these lead to.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from breakglass.checking.listening import takes_calls
from breakglass.checking.trusts import Trust
from breakglass.errors import BreakGlassError
from breakglass.proof.graph import Resource, texts_in
from breakglass.proof.model import Unknown

TRAIL: Final = "aws:cloudtrail/trail:Trail"
ROLE: Final = "aws:iam/role:Role"
RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
BUS: Final = "aws:cloudwatch/eventBus:EventBus"
BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
PIPE: Final = "aws:pipes/pipe:Pipe"
FUNCTION: Final = "aws:lambda/function:Function"
TOPIC: Final = "aws:sns/topic:Topic"

_NAME: Final = re.compile("break[-_ ]?(the[-_ ]?)?glass", re.IGNORECASE)
_LIKE_IT: Final = re.compile(
    "emergency|fire[-_ ]?(call|fight(er|ing)?)|last[-_ ]?resort|panic|rescue", re.IGNORECASE
)
"""How else such a role is called; other things too, so that it counts where people are let in."""
_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"
_LINKS: Final = (
    "arn",
    "bucket",
    "deadLetterConfig",
    "eventBusName",
    "keyId",
    "kmsKeyId",
    "kmsMasterKeyId",
    "permissionsBoundary",
    "policyArn",
    "redrivePolicy",
    "roleArn",
    "rule",
    "source",
    "target",
    "targetKeyId",
    "topic",
)
"""Inputs by which what belongs leads to something else."""

_SETS_UP: Final = (
    "bucket",
    "eventBusName",
    "function",
    "keyId",
    "queueUrl",
    "role",
    "topic",
    "alarmActions",
    "dimensions",
    "metricQueries",
)
"""Inputs by which something sets up, or watches, what belongs."""

_OWN_ARN: Final = frozenset({"aws:sns/topicPolicy:TopicPolicy"})
"""Types whose ``arn`` is not their own but of what they set up."""

_ALWAYS: Final = ("aws:cloudtrail/", "aws:organizations/", "github:")


def is_break_glass(role: Resource) -> bool:
    """Whether a role is one of the path: its path or name says so, or anybody may assume it."""
    texts = _called(role)
    if any(map(_NAME.search, texts)):
        return True
    trust = _trust(role)
    called = any(map(_LIKE_IT.search, texts))
    return trust is not None and (trust.is_open() or (called and not trust.serves()))


def is_called_like_it(one: Resource) -> bool:
    """Whether the path or name of a user, a group or a permission set says that it is for that."""
    return any(_NAME.search(text) or _LIKE_IT.search(text) for text in _called(one))


def _called(one: Resource) -> list[str]:
    """Its path and name; what the program calls it where these are not known."""
    said = (one.inputs.get("path"), one.inputs.get("name"))
    texts = [text for text in said if isinstance(text, str)]
    return [*texts, one.name] if any(isinstance(text, Unknown) for text in said) else texts


def _trust(role: Resource) -> Trust | None:
    """The trust policy of a role, where it can be read."""
    policy = role.inputs.get("assumeRolePolicy")
    try:
        return Trust(role) if isinstance(policy, str) else None
    except BreakGlassError:
        return None


def takes_records(one: Resource) -> bool:
    """Whether it is a bucket policy that lets CloudTrail in."""
    policy = one.inputs.get("policy")
    return one.type == BUCKET_POLICY and isinstance(policy, str) and _CLOUDTRAIL in policy


def belonging(resources: Sequence[Resource], besides: Iterable[Resource] = ()) -> list[Resource]:
    """Return what belongs, in the order that it was given in; ``besides`` belongs by itself too."""
    handles = {id(one): frozenset(_handles(one)) for one in resources}
    links = {id(one): frozenset(_named(one, _LINKS)) for one in resources}
    above = {id(one): frozenset(_named(one, _above(one))) for one in resources}
    found = {id(one) for one in resources if _starts(one)} | {id(one) for one in besides}
    while True:
        known = frozenset().union(*(handles[one] for one in found))
        wanted = frozenset().union(*(links[one] for one in found))
        more = {
            id(one)
            for one in resources
            if id(one) not in found
            and (not wanted.isdisjoint(handles[id(one)]) or not known.isdisjoint(above[id(one)]))
        }
        if not more:
            return [one for one in resources if id(one) in found]
        found |= more


def _starts(one: Resource) -> bool:
    """Whether it belongs by itself."""
    if one.type.startswith(_ALWAYS):
        return True
    if one.type == ROLE:
        return is_break_glass(one)
    if one.type == RULE:
        return takes_calls(one)
    if takes_records(one):
        return True
    name = one.inputs.get("name")
    return one.type.startswith("aws:") and isinstance(name, str) and bool(_NAME.match(name))


def _above(one: Resource) -> tuple[str, ...]:
    """The inputs by which a resource belongs to another that is there."""
    if one.type in _OWN_ARN:
        return ("arn",)
    if one.type == TARGET:
        return ("rule",)
    return _SETS_UP


def _handles(one: Resource) -> Iterator[str]:
    """How others call it, told apart by service: names are not unique."""
    arn = one.outputs.get("arn")
    if isinstance(arn, str) and one.type not in _OWN_ARN:
        yield arn
    if one.type == BUCKET:
        yield from _text(one.inputs.get("bucket"))
    if one.type == BUS:
        yield from _text(one.inputs.get("name"))
    if one.type in {ROLE, RULE, FUNCTION, "aws:sqs/queue:Queue", "aws:sns/topic:Topic"}:
        yield from (f"{one.type}={text}" for text in _text(one.inputs.get("name")))
    yield from _text(one.outputs.get("url"))
    yield from _text(one.outputs.get("keyId"))


_KIND_OF: Final = {"role": ROLE, "rule": RULE, "function": FUNCTION}
_NAMES: Final = {"dimensions", "metricQueries"}


def _named(one: Resource, keys: Iterable[str]) -> Iterator[str]:
    """Yield what the inputs call: ARNs, URLs, names."""
    for key in keys:
        for text in texts_in(one.inputs.get(key)):
            yield text
            if key in _KIND_OF:
                yield f"{_KIND_OF[key]}={text}"
            if key in _NAMES:
                yield from (f"{type_}={text}" for type_ in (RULE, *_QUEUE_AND_TOPIC))
            if key == "redrivePolicy":
                yield from re.findall(r"arn:[^\"\s]+", text)
    if one.type == TRAIL and "bucket" in keys:
        yield from _text(one.inputs.get("s3BucketName"))


_QUEUE_AND_TOPIC: Final = ("aws:sqs/queue:Queue", "aws:sns/topic:Topic")


def _text(value: Any) -> Iterator[str]:  # noqa: ANN401 - any property value
    if isinstance(value, str):
        yield value
