"""In every member account the guardrails hold against its administrators and its root user.

Nobody but the account's one deployer, by its full ARN, writes under the kit's path, on the kit's
resources or on its trails and keys: refused is every action of the dated catalogue that changes one
of them, and what the tamper catalogue pages for. Nobody acts in a region without rules, whether it
is named or not; nobody leaves. Where the lock is COMPLIANCE, the deployer ends nothing either. In a
member account that the settings do not list nobody is exempt, whatever he is called; and whoever
else a guardrail names is no exception to it. In the accounts that keep, the RCP alone guards the
records from management's administrator, whom no SCP binds, even where the bucket's own policy was
opened, as a root session could do.

Left out: `LEFT`, each with the reason, and single objects, which bucket policy and RCP guard.

NOT PROVIDED without AWS Organizations. The twin: the deployer deploys, the pager takes its
messages, and ordinary work goes on.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from breakglass import names, tamper
from breakglass.proof import declared, kit
from breakglass.proof.activation import unwatched
from breakglass.proof.declared import (
    UNLISTED,
    Caller,
    Declared,
    Target,
    Written,
    filled,
    policies_of,
)
from breakglass.proof.finding import Examination, Finding, not_provided, without_a_side
from breakglass.proof.graph import KEEPER, LOGGING, MANAGEMENT, Account, Graph
from breakglass.proof.model import ContextValue
from breakglass.proof.s3_actions import changes_of_buckets, changes_of_objects

NAME = "guardrails_bind_every_member"

_ITS_NAME = "the name is taken, so AWS refuses it or hands back what is there"
_NO_TAG = "no policy of the kit reads a tag of it"
_ON = "it only switches on"
_MORE = "it adds an event or a message, and takes none away"

LEFT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cloudtrail:CreateTrail": _ITS_NAME,
        "cloudtrail:StartLogging": _ON,
        "cloudwatch:EnableAlarmActions": _ON,
        "cloudwatch:TagResource": _NO_TAG,
        "cloudwatch:UntagResource": _NO_TAG,
        "events:AllowVendedLogDeliveryForResource": _MORE,
        "events:CreateArchive": "a copy of events that its account has anyway",
        "events:CreateEventBus": _ITS_NAME,
        "events:EnableRule": _ON,
        "events:PutEvents": "the hub's policy names who may; no source under aws. can be forged",
        "events:StartReplay": _MORE,
        "pipes:StartPipe": _ON,
        "pipes:TagResource": _NO_TAG,
        "pipes:UntagResource": _NO_TAG,
        "s3:CreateBucketMetadataTableConfiguration": "the records' own policies refuse it",
        "sns:ConfirmSubscription": "it takes a token that only the subscriber has",
        "sns:CreateTopic": _ITS_NAME,
        "sns:Publish": _MORE,
        "sns:TagResource": _NO_TAG,
        "sns:UntagResource": _NO_TAG,
        "sqs:CreateQueue": _ITS_NAME,
        "sqs:TagQueue": _NO_TAG,
        "sqs:UntagQueue": _NO_TAG,
    }
)
"""What no guardrail refuses to an administrator of the account, and why that harms nothing."""

_ELSEWHERE = re.compile(
    "iam:.*(AccessKey|Group|InstanceProfile|LoginProfile|MFADevice|User)"
    "|events:.*Connection|s3:.*(BucketMetadata|Object(?!Lock))"
)
"""Calls of the tamper catalogue on something else than what they are asked of here."""

_LEAVING = (
    "account:CloseAccount",
    "account:DisableRegion",
    "account:EnableRegion",
    "iam:DisableOrganizationsRootCredentialsManagement",
    "iam:DisableOrganizationsRootSessions",
    "iam:EnableOrganizationsRootCredentialsManagement",
    "iam:EnableOrganizationsRootSessions",
    "organizations:LeaveOrganization",
)
_ON_BUSES = ("events:PutPermission", "events:RemovePermission")
_REGIONAL = ("ec2:RunInstances", "lambda:CreateFunction", "s3:CreateBucket")

_IRREVERSIBLE = (
    ("cloudtrail:DeleteTrail", "cloudtrail"),
    ("cloudtrail:StopLogging", "cloudtrail"),
    ("s3:BypassGovernanceRetention", "s3"),
    ("s3:DeleteBucketPolicy", "s3"),
)
_DEPLOYING = (
    ("cloudtrail:UpdateTrail", "cloudtrail"),
    ("events:PutRule", "events"),
    ("events:PutTargets", "events"),
    ("iam:PutRolePolicy", "iam"),
    ("iam:UpdateAssumeRolePolicy", "iam"),
    ("kms:PutKeyPolicy", "kms"),
    ("s3:PutBucketPolicy", "s3"),
    ("sns:SetTopicAttributes", "sns"),
    ("sqs:SetQueueAttributes", "sqs"),
)

_OPEN = Written(
    "a bucket policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
)
_TAGGED: Final = {f"aws:ResourceTag/{names.KEY_TAG}": "keeper"}

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
    _named(look, policies)
    for bucket, owner in graph.facts.record_buckets.items():
        _records(look, policies, bucket, owner)
    return look.finding("Every member account is bound, its root user too.")


# --- who is bound ---------------------------------------------------------------------------------


def _bound(look: Examination, policies: Declared, account: Account) -> None:
    lookalike = f"arn:aws:iam::{account.id}:role/{account.deployer.rpartition('/')[2]}"
    questions = list(_questions(policies, account.id, hub=account.role == LOGGING))
    for caller in (
        *declared.administrators(account.id, f"An administrator of {account.name}"),
        declared.root(account.id, f"The root user of {account.name}"),
        declared.role(lookalike, f"A role of {account.name} named like the deployer"),
    ):
        _all_refused(look, policies, caller, questions)


def _named(look: Examination, policies: Declared) -> None:
    """Whoever a guardrail exempts is exempt for what he is meant for, and in his own account."""
    deployers = {account.deployer for account in policies.facts.accounts}
    unlisted = list(_questions(policies, UNLISTED, hub=False))
    meant = {*deployers, *_invited(policies)}
    for arn in policies.exempt():
        look.must(arn in meant, f"A guardrail lets {arn} through")
        home = arn.split(":")[4] if arn.count(":") > 4 else ""  # noqa: PLR2004 - the colons of an ARN
        namesake = arn.replace(f":{home}:", f":{UNLISTED}:") if home else ""
        if namesake:
            caller = declared.principal(namesake, f"{namesake}, of an account that is not listed,")
            _all_refused(look, policies, caller, unlisted)
        account = policies.facts.account(home)
        if account is None or account.role == MANAGEMENT or arn in deployers:
            continue
        takes = _TAKING if _is_a_pager(policies, arn) else ()
        for on, asked, chosen in _questions(policies, home, hub=account.role == LOGGING):
            left = [action for action in asked if action not in takes]
            ask = policies.opened(declared.principal(arn, arn), on, chosen)
            look.must_refuse(arn, ask, left, on.arn)


def _invited(policies: Declared) -> Iterator[str]:
    """Who is let through beside the deployers: pipelines, those before an entry, the pager."""
    facts = policies.facts
    yield from facts.pipelines.values()
    yield from (filled(arn) for entry in facts.entries for arn in entry.principals)
    yield from (str(pipe.get("roleArn")) for pipe in policies.graph.of(kit.PIPE.type))


_TAKING: Final = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage")


def _is_a_pager(policies: Declared, arn: str) -> bool:
    """Whether a pipe acts with the role, to take what waits."""
    return any(True for _ in policies.graph.of(kit.PIPE.type, roleArn=arn))


def _all_refused(
    look: Examination, policies: Declared, caller: Caller, questions: Sequence[Question]
) -> None:
    for on, asked, chosen in questions:
        ask = policies.opened(caller, on, chosen)
        look.must_refuse(caller.title, ask, asked, on.arn)


# --- what is asked --------------------------------------------------------------------------------


def _questions(policies: Declared, account: str, *, hub: bool) -> Iterator[Question]:
    """Yield what nobody but the deployer may do in an account, some of it nobody at all."""
    things = _kit(policies, account)
    for service, kinds in _KINDS.items():
        for kind, thing in zip(kinds, things[service], strict=True):
            yield thing, _asked_of(service, kind), {}
    for thing in things["s3"]:
        yield thing, _asked_of("s3", None), {}
    anything = Target("*", account)
    yield anything, _LEAVING, {}
    if hub:
        yield anything, _ON_BUSES, {}
    for region in _strange_regions(policies):
        yield anything, _REGIONAL, {"aws:RequestedRegion": region}
    yield _key(policies, account), kit.changes(kit.KEY), _TAGGED


_KINDS: Final[Mapping[str, Sequence[kit.Kind]]] = MappingProxyType(
    {
        "cloudtrail": (kit.TRAIL,),
        "cloudwatch": (kit.ALARM,),
        "events": (kit.BUS, kit.RULE, kit.RULE),
        "iam": (kit.POLICY, kit.ROLE),
        "pipes": (kit.PIPE,),
        "sns": (kit.TOPIC,),
        "sqs": (kit.QUEUE,),
    }
)
"""The kinds of what `_kit` gives by service."""


@cache
def _asked_of(service: str, kind: kit.Kind | None) -> tuple[str, ...]:
    """Every action that changes a kind, and what pages for the service; less what is `LEFT`.

    A bus is opened where the hub is alone, since the call names no bus: that is asked by itself.
    """
    changes = changes_of_buckets() if kind is None else kit.changes(kind)
    found = dict.fromkeys((*changes, *paged().get(service, ())))
    return tuple(one for one in found if one not in LEFT and one not in _ON_BUSES)


def _strange_regions(policies: Declared) -> Iterator[str]:
    """A region without rules, and whatever else a guardrail takes for one."""
    facts = policies.facts
    yield from unwatched(facts)[:1]
    yield from (region for region in policies.regions_named() if region not in facts.regions)


def _key(policies: Declared, account: str) -> Target:
    """A KMS key whose policy hands on to its account, as AWS's default does."""
    policy = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    arn = f"arn:aws:kms:{policies.facts.home_region}:{account}:key/x"
    return Target(arn, account, Written("the default key policy", text))


def _kit(policies: Declared, account: str) -> Mapping[str, Sequence[Target]]:
    """Resources of the kit's names, as each service writes their ARNs."""
    place = f"{policies.facts.home_region}:{account}"
    arns = {
        "cloudtrail": [f"arn:aws:cloudtrail:{place}:trail/break-glass-x"],
        "cloudwatch": [f"arn:aws:cloudwatch:{place}:alarm:break-glass-x"],
        "events": [
            f"arn:aws:events:{place}:event-bus/break-glass-x",
            f"arn:aws:events:{place}:rule/break-glass-x",
            f"arn:aws:events:{place}:rule/break-glass-x/break-glass-x",
        ],
        "iam": [
            f"arn:aws:iam::{account}:policy/breakglass/x",
            f"arn:aws:iam::{account}:role/breakglass/x",
        ],
        "pipes": [f"arn:aws:pipes:{place}:pipe/break-glass-x"],
        "s3": ["arn:aws:s3:::break-glass-x"],
        "sns": [f"arn:aws:sns:{place}:break-glass-x"],
        "sqs": [f"arn:aws:sqs:{place}:break-glass-x"],
    }
    return {service: [Target(arn, account) for arn in found] for service, found in arns.items()}


@cache
def paged() -> Mapping[str, Sequence[str]]:
    """The IAM actions that page when they aim at the kit, by service."""
    found: dict[str, dict[str, None]] = {}
    for call in tamper.catalogue().of(tier=tamper.Tier.PAGE):
        for action in call.iam_actions if call.target is tamper.Target.KIT else ():
            if not _ELSEWHERE.match(action):
                found.setdefault(action.partition(":")[0], {})[action] = None
    return {service: tuple(actions) for service, actions in found.items()}


# --- what goes through ----------------------------------------------------------------------------


def _deployer(look: Examination, policies: Declared, account: Account) -> None:
    caller = declared.role(account.deployer, f"The deployer of {account.name}")
    things = {**_kit(policies, account.id), "kms": [_key(policies, account.id)]}
    if policies.facts.lock_mode == "COMPLIANCE":
        for action, service in _IRREVERSIBLE:
            for thing in (*things[service], *_objects(things[service])):
                ask = policies.opened(caller, thing)
                look.must_refuse(caller.title, ask, [action], thing.arn)
        ask = policies.opened(caller, things["kms"][0], _TAGGED)
        look.must_refuse(caller.title, ask, kit.KEY.ends, things["kms"][0].arn)
    context = {**_at_home(policies), **_TAGGED}
    for action, service in _DEPLOYING:
        for thing in things[service]:
            verdict = policies.decide(caller, action, thing, context)
            look.must_allow(verdict, f"{caller.title} calls {action} on {thing.arn}")
    for action in _ON_BUSES:
        verdict = policies.decide(caller, action, Target("*", account.id), context)
        look.must_allow(verdict, f"{caller.title} calls {action}")


def _objects(things: Sequence[Target]) -> Iterator[Target]:
    for thing in things:
        if thing.arn.startswith("arn:aws:s3:::"):
            yield Target(f"{thing.arn}/AWSLogs/record", thing.owner)


def _ordinary_work(look: Examination, policies: Declared, account: Account) -> None:
    caller = declared.administrator(account.id, f"An administrator of {account.name}")
    place = f"{policies.facts.home_region}:{account.id}"
    done = [
        ("cloudtrail:PutEventSelectors", Target(f"arn:aws:cloudtrail:{place}:trail/x", account.id)),
        ("ec2:RunInstances", Target(f"arn:aws:ec2:{place}:instance/*", account.id)),
        ("events:PutRule", Target(f"arn:aws:events:{place}:rule/shop", account.id)),
        ("iam:CreatePolicy", Target(f"arn:aws:iam::{account.id}:policy/shop", account.id)),
        ("iam:CreateRole", Target(f"arn:aws:iam::{account.id}:role/shop", account.id)),
        ("kms:PutKeyPolicy", _key(policies, account.id)),
        ("kms:ScheduleKeyDeletion", _key(policies, account.id)),
        ("s3:DeleteBucketPolicy", Target("arn:aws:s3:::shop", account.id)),
        ("s3:PutBucketPolicy", Target("arn:aws:s3:::shop", account.id)),
        ("sqs:PurgeQueue", Target(f"arn:aws:sqs:{place}:shop", account.id)),
        ("sqs:ReceiveMessage", Target(f"arn:aws:sqs:{place}:shop", account.id)),
    ]
    if account.role != LOGGING:
        done += [(action, Target("*", account.id)) for action in _ON_BUSES]
    for action, thing in done:
        verdict = policies.decide(caller, action, thing, _at_home(policies))
        look.must_allow(verdict, f"{caller.title} calls {action} on {thing.arn}")


def _at_home(policies: Declared) -> dict[str, ContextValue]:
    return {"aws:RequestedRegion": policies.facts.home_region, "aws:SecureTransport": "true"}


# --- records --------------------------------------------------------------------------------------


def _records(look: Examination, policies: Declared, bucket: str, owner: Account) -> None:
    """Even where the bucket's own policy lets everybody in, and no SCP binds the caller."""
    whole = Target(f"arn:aws:s3:::{bucket}", owner.id, _OPEN)
    record = Target(f"{whole.arn}/AWSLogs/record", owner.id, _OPEN)
    strangers = [
        *(
            caller
            for account in policies.facts.of(MANAGEMENT)
            for caller in declared.administrators(account.id, f"An administrator of {account.name}")
        ),
        *(
            declared.principal(arn, arn)
            for arn in policies.exempt()
            if arn.count(":") > 4 and policies.facts.account(arn.split(":")[4]) is None  # noqa: PLR2004 - likewise
        ),
    ]
    for caller in strangers:
        for on, asked in ((whole, changes_of_buckets()), (record, changes_of_objects())):
            look.must_refuse(caller.title, policies.opened(caller, on), asked, on.arn)
    deployer = declared.role(owner.deployer, f"The deployer of {owner.name}")
    verdict = policies.decide(deployer, "s3:PutBucketPolicy", whole, _at_home(policies))
    look.must_allow(verdict, f"{deployer.title} calls s3:PutBucketPolicy on {whole.arn}")
    cloudtrail = declared.service(
        "cloudtrail.amazonaws.com", "CloudTrail", source_arn=f"arn:aws:x:x:{owner.id}:x"
    )
    verdict = policies.decide(cloudtrail, "s3:PutObject", record, _at_home(policies))
    look.must_allow(verdict, f"CloudTrail delivers to {bucket}")
