"""Policies along the way of an alarm: rule, hub, queue, pipe, topic."""

from collections.abc import Sequence

from breakglass.documents.statement import Document, Statement, allow, document, tls_only

EVENTS = "events.amazonaws.com"
PIPES = "pipes.amazonaws.com"
CLOUDWATCH = "cloudwatch.amazonaws.com"


def hub(bus_arn: str, forwarder_arns: Sequence[str]) -> Document:
    """Let the listed forwarder roles put events on the hub, and nobody else.

    Not the organisation: then anybody in any account could forge an event of a custom source. The
    roles come in through their accounts, by full ARN in a condition: the hub is made before the
    edge side's roles, and AWS services refuse a principal that does not exist.
    """
    accounts = dict.fromkeys(arn.split(":")[4] for arn in forwarder_arns)
    return document(
        allow(
            "ForwardersOnly",
            "events:PutEvents",
            bus_arn,
            principal={"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
            when={"ArnEquals": {"aws:PrincipalArn": forwarder_arns}},
        )
    )


def forward(bus_arn: str) -> Document:
    """What a forwarder role may do: put events on the hub."""
    return document(allow("PutOnTheHub", "events:PutEvents", bus_arn))


def queue(queue_arn: str, source_arns: Sequence[str]) -> Document:
    """Let EventBridge send to a queue on behalf of the listed rules, over TLS.

    EventBridge user guide, "Using dead-letter queues": a queue made outside the console needs this.
    """
    return document(
        allow(
            "TheseRulesSend",
            "sqs:SendMessage",
            queue_arn,
            principal={"Service": EVENTS},
            when={"ArnEquals": {"aws:SourceArn": source_arns}},
        ),
        tls_only("sqs:*", queue_arn),
    )


def deliver(queue_arn: str, topic_arn: str) -> Document:
    """What a pipe's role may do: take from its queue, and publish to its topic.

    EventBridge user guide, "Permissions for Amazon EventBridge Pipes".
    """
    return document(
        allow(
            "TakeFromTheQueue",
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            queue_arn,
        ),
        allow("RingThePager", "sns:Publish", topic_arn),
    )


def topic(topic_arn: str, pipe_role_arn: str, alarm_arns: str | None = None) -> Document:
    """Let one role publish to a topic, and this account's own alarms where they call it.

    EventBridge cannot publish here itself: a topic policy for ``events.amazonaws.com`` takes no
    condition (EventBridge user guide, "Using resource-based policies"), so anybody's rule could
    ring.
    """
    return document(
        allow("ThePipePublishes", "sns:Publish", topic_arn, principal={"AWS": pipe_role_arn}),
        *_alarms_publish(topic_arn, alarm_arns),
        tls_only("sns:Publish", topic_arn),
    )


def _alarms_publish(topic_arn: str, alarm_arns: str | None) -> list[Statement]:
    if alarm_arns is None:
        return []
    return [
        allow(
            "TheKitsAlarmsPublish",
            "sns:Publish",
            topic_arn,
            principal={"Service": CLOUDWATCH},
            when={"ArnLike": {"aws:SourceArn": alarm_arns}},
        )
    ]
