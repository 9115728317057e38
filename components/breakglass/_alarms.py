"""What both ends of an alarm's way share: the rules of a region, and queues that only they fill."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import sqs

from breakglass import names
from breakglass._component import child_of, rendered
from breakglass.documents import watch
from breakglass.quotas import QUOTAS, Quota
from breakglass.tamper import rules

RETENTION_SECONDS = 14 * 24 * 3600
"""How long a queue keeps what nobody took: SQS's longest."""


class RuleArgs(TypedDict):
    """The arguments of Watch and Forwarding that decide what the rules say."""

    entry_users: NotRequired[Sequence[str]]
    permission_sets: NotRequired[Sequence[str]]
    kms_key_arns: NotRequired[Sequence[str]]
    quotas: NotRequired[Mapping[str, int]]


def packed(
    where: rules.RegionClass, args: RuleArgs, kms_key_arns: Sequence[str]
) -> tuple[rules.PackedRule, ...]:
    """The catalogue's rules for a class of regions. Raises QuotaExceeded where they do not fit."""
    return rules.pack(
        where,
        kms_key_arns=kms_key_arns,
        entry_users=args.get("entry_users", []),
        permission_sets=args.get("permission_sets", []),
        quotas=QUOTAS.override(args.get("quotas", {})),
    )


def short(rule: rules.PackedRule) -> str:
    """A rule's name without the prefix, for the resource's."""
    return rule.name.removeprefix(f"{names.PREFIX}-")


def queue(  # noqa: PLR0913 - where it is, what it is called, who fills it, where it gives up
    parent: pulumi.Resource,
    name: str,
    noun: str,
    *,
    account: str,
    region: str,
    rule_arns: Sequence[str],
    dead_letters: sqs.Queue | None = None,
    receives: int = 0,
) -> sqs.Queue:
    """A queue that only the listed rules send to.

    Encrypted with SQS's own key: a KMS key would be a switch for both paths. After ``receives``
    tries a message goes to ``dead_letters``, where they are given.
    """
    redrive = None
    if dead_letters is not None:
        # by its name, which a preview knows already
        target = pulumi.Output.concat(f"arn:aws:sqs:{region}:{account}:", dead_letters.name)
        redrive = pulumi.Output.json_dumps(
            {"deadLetterTargetArn": target, "maxReceiveCount": receives}
        )
    made = sqs.Queue(
        name,
        name=names.queue(noun),
        message_retention_seconds=RETENTION_SECONDS,
        sqs_managed_sse_enabled=True,
        redrive_policy=redrive,
        region=region,
        opts=child_of(parent),
    )
    sqs.QueuePolicy(
        f"{name}-policy",
        queue_url=made.url,
        policy=rendered(
            watch.queue(names.queue_arn(region, account, noun), rule_arns),
            Quota.QUEUE_POLICY,
            f"policy of the {noun} queue",
            QUOTAS,  # AWS raises none of a queue policy's
        ),
        region=region,
        opts=child_of(parent),
    )
    return made
