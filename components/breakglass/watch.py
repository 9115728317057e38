"""Where alarms come together: the hub, and the way from it to the pager.

A hub rule sends to a queue, a pipe takes from the queue and publishes to the topic. So the topic's
policy names one role; EventBridge itself could only be let in without a condition, and then
anybody's rule could ring the pager.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, pipes, sns, sqs

from breakglass import _alarms, names
from breakglass._arguments import Faults, check
from breakglass._component import PACKAGE, child_of, chosen, rendered
from breakglass.documents import trust, watch
from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota, Quotas, compact
from breakglass.tamper import rules

STALE_SECONDS = 300
"""Age of the oldest waiting page that is an alarm itself."""

RECEIVES = 5
"""Tries before a message goes to the dead letters."""

SUMMARY = (
    "Break-glass: <$.body.detail-type> <$.body.detail.eventName>"
    " in <$.body.account> <$.body.region> at <$.body.time>"
    " by <$.body.detail.userIdentity.arn>. Event <$.body.detail.eventID>."
)
"""What a page says. It carries no secret; the record holds the rest.

The event's type leads: an alarm has no name of a call, and a sign-in is told from one by it.
"""


class AlarmTier(StrEnum):
    """How loud an endpoint is."""

    PAGE = "page"
    TICKET = "ticket"


class AlarmEndpoint(TypedDict):
    """One place that pages or tickets go to."""

    name: str
    """Name of the subscription, unique among the endpoints."""
    protocol: str
    """SNS protocol: https, email or sms."""
    endpoint: pulumi.Input[str]
    """URL, address or number; make it a secret where it carries a key."""
    tier: NotRequired[AlarmTier]
    """``page`` when omitted."""


class WatchArgs(TypedDict):
    """Arguments of Watch."""

    account_id: str
    """Account of hub and pager, twelve digits: that of the provider, the logging account."""
    region: str
    """Region of the hub."""
    forwarder_arns: Sequence[str]
    """Roles that may put events on the hub, by full ARN."""
    endpoints: Sequence[AlarmEndpoint]
    """Where pages and tickets go."""
    entry_users: NotRequired[Sequence[str]]
    """IAM users who may break the glass, as given to Forwarding; none when omitted."""
    permission_sets: NotRequired[Sequence[str]]
    """Permission sets through which people enter, as given to Forwarding; none when omitted."""
    kms_key_arns: NotRequired[Sequence[str]]
    """KMS keys of the kit in every account and region, by full ARN; none when omitted."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


@dataclass(frozen=True, slots=True)
class _Channel:
    """The way of one tier from the hub to people."""

    queue: sqs.Queue
    dead_letters: sqs.Queue
    topic: sns.Topic


class Watch(pulumi.ComponentResource):
    """Hub bus, hub rules, and for each tier a queue, a pipe, a topic and its subscriptions.

    Make it with the provider of the logging account.
    """

    bus_arn: pulumi.Output[str]
    """ARN of the hub, to give to Forwarding."""
    pager_topic_arn: pulumi.Output[str]
    """ARN of the topic that pages."""
    ticket_topic_arn: pulumi.Output[str]
    """ARN of the topic that tickets go to."""

    def __init__(
        self, name: str, args: WatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:Watch", name, {}, opts)
        check(WatchArgs, args, lambda: _rings(args))

        bus = self._hub(name, args)
        channels = {tier: self._channel(name, args, tier) for tier in AlarmTier}
        self._hub_rules(name, args, bus, channels)
        self._alarms(name, args, channels)

        self.bus_arn = bus.arn
        self.pager_topic_arn = channels[AlarmTier.PAGE].topic.arn
        self.ticket_topic_arn = channels[AlarmTier.TICKET].topic.arn
        self.register_outputs(
            {
                "busArn": self.bus_arn,
                "pagerTopicArn": self.pager_topic_arn,
                "ticketTopicArn": self.ticket_topic_arn,
            }
        )

    def _hub(self, name: str, args: WatchArgs) -> cloudwatch.EventBus:
        """A bus that the forwarders may put events on, and nobody else."""
        region = args["region"]
        bus = cloudwatch.EventBus(
            f"{name}-hub", name=names.bus(), region=region, opts=child_of(self)
        )
        policy = watch.hub(names.bus_arn(region, args["account_id"]), args["forwarder_arns"])
        cloudwatch.EventBusPolicy(
            f"{name}-hub-policy",
            event_bus_name=bus.name,
            policy=rendered(policy, Quota.BUS_POLICY, "policy of the hub", _quotas(args)),
            region=region,
            opts=child_of(self),
        )
        return bus

    def _channel(self, name: str, args: WatchArgs, tier: AlarmTier) -> _Channel:
        """Queue, dead letters, topic, pipe and subscriptions of a tier."""
        region = args["region"]
        dead = self._queue(name, args, tier, f"{tier}-dead-letters")
        queue = self._queue(name, args, tier, tier.value, dead)
        topic = sns.Topic(
            f"{name}-{tier}-topic", name=names.topic(tier), region=region, opts=child_of(self)
        )
        self._pipe(name, args, tier, queue, topic)
        for endpoint in args["endpoints"]:
            if chosen(AlarmTier, "tier", endpoint.get("tier", AlarmTier.PAGE)) is tier:
                sns.TopicSubscription(
                    f"{name}-{tier}-{endpoint['name']}",
                    topic=topic.arn,
                    protocol=endpoint["protocol"],
                    endpoint=endpoint["endpoint"],
                    region=region,
                    opts=child_of(self),
                )
        return _Channel(queue, dead, topic)

    def _queue(
        self,
        name: str,
        args: WatchArgs,
        tier: AlarmTier,
        noun: str,
        dead_letters: sqs.Queue | None = None,
    ) -> sqs.Queue:
        """A queue that the tier's rules on the hub send to."""
        account, region = args["account_id"], args["region"]
        return _alarms.queue(
            self,
            f"{name}-{noun}-queue",
            noun,
            account=account,
            region=region,
            rule_arns=[
                names.hub_rule_arn(region, account, rule.name) for rule in _rules(args, tier)
            ],
            dead_letters=dead_letters,
            receives=RECEIVES,
        )

    def _pipe(
        self, name: str, args: WatchArgs, tier: AlarmTier, queue: sqs.Queue, topic: sns.Topic
    ) -> None:
        """The one role that publishes to the topic, and the pipe that acts with it."""
        account, region = args["account_id"], args["region"]
        queue_arn, topic_arn = (
            names.queue_arn(region, account, tier.value),
            names.topic_arn(region, account, tier.value),
        )
        # every alarm pages, those on tickets too
        own = f"arn:aws:cloudwatch:{region}:{account}:alarm:{names.PREFIX}-*"
        alarms = own if tier is AlarmTier.PAGE else None
        role = iam.Role(
            f"{name}-{tier}-pipe-role",
            name=names.role("pager", tier),
            path=names.PATH,
            description=f"Takes from the {tier} queue and publishes to the {tier} topic",
            assume_role_policy=rendered(
                trust.service(watch.PIPES, account),
                Quota.TRUST_POLICY,
                f"trust of the {tier} pipe",
                _quotas(args),
            ),
            opts=child_of(self),
        )
        permission = iam.RolePolicy(
            f"{name}-{tier}-pipe-policy",
            name=names.policy("deliver"),
            role=role.name,
            policy=rendered(
                watch.deliver(queue_arn, topic_arn),
                Quota.ROLE_INLINE_POLICIES,
                f"policy of the {tier} pipe",
                _quotas(args),
            ),
            opts=child_of(self),
        )
        policy = sns.TopicPolicy(
            f"{name}-{tier}-topic-policy",
            arn=topic.arn,
            policy=rendered(
                watch.topic(topic_arn, names.role_arn(account, "pager", tier), alarms),
                Quota.TOPIC_POLICY,
                f"policy of the {tier} topic",
                _quotas(args),
            ),
            region=region,
            opts=child_of(self, after=[role]),
        )
        pipes.Pipe(
            f"{name}-{tier}-pipe",
            name=names.pipe(tier),
            role_arn=role.arn,
            source=queue.arn,
            source_parameters=pipes.PipeSourceParametersArgs(
                sqs_queue_parameters=pipes.PipeSourceParametersSqsQueueParametersArgs(batch_size=1)
            ),
            target=topic.arn,
            target_parameters=pipes.PipeTargetParametersArgs(input_template=json.dumps(SUMMARY)),
            region=region,
            opts=child_of(self, after=[permission, policy]),
        )

    def _hub_rules(
        self,
        name: str,
        args: WatchArgs,
        bus: cloudwatch.EventBus,
        channels: dict[AlarmTier, _Channel],
    ) -> None:
        """The catalogue's rules once more on the hub, where they tell a page from a ticket."""
        region = args["region"]
        for tier, channel in channels.items():
            for packed in _rules(args, tier):
                rule = cloudwatch.EventRule(
                    f"{name}-hub-{_alarms.short(packed)}",
                    name=packed.name,
                    event_bus_name=bus.name,
                    event_pattern=compact(packed.pattern),
                    state=packed.state.value,
                    region=region,
                    opts=child_of(self),
                )
                cloudwatch.EventTarget(
                    f"{name}-hub-{_alarms.short(packed)}-target",
                    rule=rule.name,
                    event_bus_name=bus.name,
                    target_id=tier.value,
                    arn=channel.queue.arn,
                    dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(
                        arn=channel.dead_letters.arn
                    ),
                    region=region,
                    opts=child_of(self),
                )

    def _alarms(self, name: str, args: WatchArgs, channels: dict[AlarmTier, _Channel]) -> None:
        """A page that waits, a page that died, a page that the pager did not take."""
        pager = channels[AlarmTier.PAGE].topic.arn
        for tier, channel in channels.items():
            queue, dead = channel.queue.name, channel.dead_letters.name
            watched = (
                _Watched(
                    "waiting", "AWS/SQS", "ApproximateAgeOfOldestMessage", queue, STALE_SECONDS
                ),
                _Watched("dead-letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", dead),
                _Watched(
                    "undelivered", "AWS/SNS", "NumberOfNotificationsFailed", channel.topic.name
                ),
            )
            for one in watched:
                cloudwatch.MetricAlarm(
                    f"{name}-{tier}-{one.noun}",
                    name=names.alarm(tier, one.noun),
                    alarm_description=f"{tier}: {one.metric} over {one.threshold}",
                    namespace=one.namespace,
                    metric_name=one.metric,
                    dimensions={one.dimension: one.source},
                    statistic="Maximum",
                    comparison_operator="GreaterThanThreshold",
                    threshold=one.threshold,
                    period=60,
                    evaluation_periods=1,
                    treat_missing_data="notBreaching",
                    alarm_actions=[pager],
                    region=args["region"],
                    opts=child_of(self),
                )


@dataclass(frozen=True, slots=True)
class _Watched:
    """A metric of a channel, and the value that it must not pass."""

    noun: str
    namespace: str
    metric: str
    source: pulumi.Output[str]
    threshold: int = 0

    @property
    def dimension(self) -> str:
        """The dimension that names the source."""
        return "TopicName" if self.namespace == "AWS/SNS" else "QueueName"


def _rings(args: WatchArgs) -> Faults:
    """Somebody is paged: tickets alone wake nobody."""
    if all(one.get("tier", AlarmTier.PAGE) == AlarmTier.TICKET for one in args["endpoints"]):
        yield InvalidInput("endpoints[tier=page]", 0, "at least one endpoint")


def _rules(args: WatchArgs, tier: AlarmTier) -> list[rules.PackedRule]:
    """The catalogue's rules of a tier as us-east-1 has them: the hub sees every region's."""
    packed = _alarms.packed(rules.RegionClass.US_EAST_1, args, args.get("kms_key_arns", []))
    return [rule for rule in packed if rule.tier.value == tier.value]


def _quotas(args: WatchArgs) -> Quotas:
    """The quotas with the account's own values."""
    return QUOTAS.override(args.get("quotas", {}))
