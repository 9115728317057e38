"""In every member account the guardrails hold against its administrators and its root user.

Nobody but the account's one deployer, by its full ARN, writes under the kit's path, on the kit's
resources (what the tamper catalogue pages for) or on its trails and keys; nobody acts in a region
without rules; nobody leaves. Where the lock is COMPLIANCE, the deployer ends nothing either. And in
the accounts that keep, the RCP alone guards the records from management's administrator, whom no
SCP binds, even where the bucket's own policy was opened, as a root session could do.

Left out by name: IAM actions on users and instance profiles, connections and tags that no policy of
the kit reads, and single objects, which bucket policy and RCP guard.

NOT PROVIDED without AWS Organizations. The twin: the deployer deploys, and ordinary work goes on.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from breakglass import tamper
from breakglass.proof import declared
from breakglass.proof.activation import unwatched
from breakglass.proof.declared import Declared, Target, Written, policies_of
from breakglass.proof.finding import Examination, Finding, not_provided, without_a_side
from breakglass.proof.graph import KEEPER, LOGGING, MANAGEMENT, Account, Graph
from breakglass.proof.model import ContextValue
from breakglass.proof.s3_actions import changes_of_buckets, changes_of_objects

NAME = "guardrails_bind_every_member"

_LEFT_OUT = re.compile(
    "iam:.*(AccessKey|Group|InstanceProfile|LoginProfile|MFADevice|User)"
    "|events:.*Connection|(sns|sqs):(Tag|Untag)|s3:.*(BucketMetadata|Object(?!Lock))"
)

_LEAVING = (
    "account:CloseAccount",
    "account:DisableRegion",
    "account:EnableRegion",
    "organizations:LeaveOrganization",
)
_IRREVERSIBLE = (
    ("cloudtrail:DeleteTrail", "cloudtrail"),
    ("cloudtrail:StopLogging", "cloudtrail"),
    ("s3:BypassGovernanceRetention", "s3"),
    ("s3:DeleteBucketPolicy", "s3"),
)
_ON_KEYS = (
    "kms:CreateGrant",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
)
_REGIONAL = ("ec2:RunInstances", "lambda:CreateFunction", "s3:CreateBucket")

_DEPLOYING = (
    ("cloudtrail:UpdateTrail", "cloudtrail"),
    ("events:PutRule", "events"),
    ("events:PutTargets", "events"),
    ("iam:PutRolePolicy", "iam"),
    ("iam:UpdateAssumeRolePolicy", "iam"),
    ("s3:PutBucketPolicy", "s3"),
    ("sns:SetTopicAttributes", "sns"),
    ("sqs:SetQueueAttributes", "sqs"),
)


_OPEN = Written(
    "a bucket policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
)

Question = tuple[Target, Sequence[str], Mapping[str, ContextValue]]
"""A resource, the actions to be refused on it, and the condition keys with a given value."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if graph.facts.organization is None:
        return not_provided(NAME, "Without AWS Organizations nothing binds an account's own admin.")
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for account in graph.facts.accounts:
        if account.role != MANAGEMENT:
            _bound(look, policies, account)
            _deployer(look, policies, account)
            _ordinary_work(look, policies, account)
    for bucket, owner in graph.facts.record_buckets.items():
        _records(look, policies, bucket, owner)
    return look.finding("Every member account is bound, its root user too.")


def _bound(look: Examination, policies: Declared, account: Account) -> None:
    lookalike = f"arn:aws:iam::{account.id}:role/{account.deployer.rpartition('/')[2]}"
    for caller in (
        declared.administrator(account.id, f"An administrator of {account.name}"),
        declared.root(account.id, f"The root user of {account.name}"),
        declared.role(lookalike, f"A role of {account.name} named like the deployer"),
    ):
        for on, actions, chosen in _questions(policies, account):
            ask = policies.opened(caller, on, chosen)
            look.must_refuse(caller.title, ask, actions, on.arn)


def _questions(policies: Declared, account: Account) -> Iterator[Question]:
    """Yield what nobody but the deployer may do, some of it nobody at all."""
    for service, things in _kit(policies, account).items():
        for thing in things:
            yield thing, _paged_in(account, service), {}
    anything = Target("*", account.id)
    yield anything, _LEAVING, {}
    for region in unwatched(policies.facts)[:1]:
        yield anything, _REGIONAL, {"aws:RequestedRegion": region}
    yield _key(policies, account), _ON_KEYS, {"aws:ResourceTag/break-glass": "keeper"}


def _key(policies: Declared, account: Account) -> Target:
    """A KMS key whose policy hands on to its account, as AWS's default does."""
    policy = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    arn = f"arn:aws:kms:{policies.facts.home_region}:{account.id}:key/x"
    return Target(arn, account.id, Written("the default key policy", text))


def _kit(policies: Declared, account: Account) -> Mapping[str, Sequence[Target]]:
    """Resources of the kit's names, as each service writes their ARNs."""
    place = f"{policies.facts.home_region}:{account.id}"
    arns = {
        "cloudtrail": [f"arn:aws:cloudtrail:{place}:trail/break-glass-x"],
        "cloudwatch": [f"arn:aws:cloudwatch:{place}:alarm:break-glass-x"],
        "events": [
            f"arn:aws:events:{place}:event-bus/break-glass-x",
            f"arn:aws:events:{place}:rule/break-glass-x",
            f"arn:aws:events:{place}:rule/break-glass-x/break-glass-x",
        ],
        "iam": [
            f"arn:aws:iam::{account.id}:policy/breakglass/x",
            f"arn:aws:iam::{account.id}:role/breakglass/x",
        ],
        "pipes": [f"arn:aws:pipes:{place}:pipe/break-glass-x"],
        "s3": ["arn:aws:s3:::break-glass-x"],
        "sns": [f"arn:aws:sns:{place}:break-glass-x"],
        "sqs": [f"arn:aws:sqs:{place}:break-glass-x"],
    }
    return {service: [Target(arn, account.id) for arn in found] for service, found in arns.items()}


@cache
def paged() -> Mapping[str, Sequence[str]]:
    """The IAM actions that page when they aim at the kit, by service."""
    found: dict[str, dict[str, None]] = {}
    for call in tamper.catalogue().of(tier=tamper.Tier.PAGE):
        for action in call.iam_actions if call.target is tamper.Target.KIT else ():
            if not _LEFT_OUT.match(action):
                found.setdefault(action.partition(":")[0], {})[action] = None
    return {service: tuple(actions) for service, actions in found.items()}


def _paged_in(account: Account, service: str) -> Sequence[str]:
    """Those of a service; a bus is opened where the hub is alone, since the call names no bus."""
    opening = () if account.role == LOGGING else ("events:PutPermission", "events:RemovePermission")
    return [action for action in paged()[service] if action not in opening]


def _deployer(look: Examination, policies: Declared, account: Account) -> None:
    caller = declared.role(account.deployer, f"The deployer of {account.name}")
    things = _kit(policies, account)
    if policies.facts.lock_mode == "COMPLIANCE":
        for action, service in _IRREVERSIBLE:
            for thing in things[service]:
                ask = policies.opened(caller, thing)
                look.must_refuse(caller.title, ask, [action], thing.arn)
    for action, service in _DEPLOYING:
        for thing in things[service]:
            verdict = policies.decide(caller, action, thing, _at_home(policies))
            look.must_allow(verdict, f"{caller.title} calls {action} on {thing.arn}")


def _ordinary_work(look: Examination, policies: Declared, account: Account) -> None:
    caller = declared.administrator(account.id, f"An administrator of {account.name}")
    place = f"{policies.facts.home_region}:{account.id}"
    for action, thing in (
        ("ec2:RunInstances", Target(f"arn:aws:ec2:{place}:instance/*", account.id)),
        ("events:PutRule", Target(f"arn:aws:events:{place}:rule/shop", account.id)),
        ("iam:CreateRole", Target(f"arn:aws:iam::{account.id}:role/shop", account.id)),
        ("kms:ScheduleKeyDeletion", _key(policies, account)),
        ("s3:PutBucketPolicy", Target("arn:aws:s3:::shop", account.id)),
        ("sqs:PurgeQueue", Target(f"arn:aws:sqs:{place}:shop", account.id)),
    ):
        verdict = policies.decide(caller, action, thing, _at_home(policies))
        look.must_allow(verdict, f"{caller.title} calls {action} on {thing.arn}")


def _at_home(policies: Declared) -> dict[str, str]:
    return {"aws:RequestedRegion": policies.facts.home_region, "aws:SecureTransport": "true"}


def _records(look: Examination, policies: Declared, bucket: str, owner: Account) -> None:
    """Even where the bucket's own policy lets everybody in, and no SCP binds the caller."""
    whole = Target(f"arn:aws:s3:::{bucket}", owner.id, _OPEN)
    record = Target(f"{whole.arn}/AWSLogs/record", owner.id, _OPEN)
    for account in policies.facts.of(MANAGEMENT):
        caller = declared.administrator(account.id, f"An administrator of {account.name}")
        for on, actions in ((whole, changes_of_buckets()), (record, changes_of_objects())):
            look.must_refuse(caller.title, policies.opened(caller, on), actions, on.arn)
