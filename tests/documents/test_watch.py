"""An alarm's way: forwarders reach the hub, rules the queue, one role the topic, nobody else."""

import pytest
from deciding import (
    ADMIN,
    HOME,
    LOGGING,
    NONE,
    OUTSIDE,
    SHOP,
    Context,
    decide,
    kit_role,
    on,
    role,
    service,
    sid,
)

from breakglass import names
from breakglass.documents import watch
from breakglass.proof.model import Layers, Policy, Principal

BUS = names.bus_arn(HOME, LOGGING)
QUEUE = names.queue_arn(HOME, LOGGING, "page")
TOPIC = names.topic_arn(HOME, LOGGING, "page")
RULE = names.hub_rule_arn(HOME, LOGGING, "break-glass-page-1")
PIPE = kit_role("pager-page", LOGGING)
ALARMS = f"arn:aws:cloudwatch:{HOME}:{LOGGING}:alarm:break-glass-*"
CLEAR = {"aws:SecureTransport": "false"}
NOBODY = Layers()


def test_a_listed_forwarder_puts_events_on_the_hub() -> None:
    hub = on(watch.hub(BUS, [names.forwarder_arn(SHOP), names.forwarder_arn(LOGGING)]))
    forwarder = kit_role("forwarder", SHOP)
    assert decide(hub, forwarder, "events:PutEvents", BUS, LOGGING).allowed
    assert not decide(hub, forwarder, "events:PutRule", BUS, LOGGING).allowed


@pytest.mark.parametrize(
    "who",
    [role("admin", SHOP), kit_role("forwarder", OUTSIDE), role("break-glass-forwarder", SHOP)],
)
def test_nobody_else_forges_an_event_on_the_hub(who: Principal) -> None:
    hub = on(watch.hub(BUS, [names.forwarder_arn(SHOP)]))
    assert not decide(hub, who, "events:PutEvents", BUS, LOGGING).allowed


def test_a_forwarder_puts_on_the_hub_and_does_nothing_else() -> None:
    own = Layers(identity=[Policy("forward", watch.forward(BUS))])
    forwarder = kit_role("forwarder", LOGGING)
    assert decide(own, forwarder, "events:PutEvents", BUS, LOGGING).allowed
    other = BUS.replace("break-glass-hub", "default")
    assert not decide(own, forwarder, "events:PutEvents", other, LOGGING).allowed
    assert not decide(own, forwarder, "sns:Publish", TOPIC, LOGGING).allowed


@pytest.mark.parametrize(
    ("name", "keys", "may"),
    [
        ("events", {"aws:SourceArn": RULE}, True),
        ("events", {"aws:SourceArn": RULE.replace(LOGGING, OUTSIDE)}, False),
        ("events", {"aws:SourceArn": RULE + "x"}, False),
        ("events", NONE, False),
        ("sns", {"aws:SourceArn": RULE}, False),
    ],
)
def test_only_the_listed_rules_send_to_a_queue(name: str, keys: Context, *, may: bool) -> None:
    queue = on(watch.queue(QUEUE, [RULE]), NOBODY)
    verdict = decide(queue, service(name), "sqs:SendMessage", QUEUE, LOGGING, keys)
    assert verdict.allowed == may


def test_nothing_reaches_a_queue_in_the_clear() -> None:
    document = watch.queue(QUEUE, [RULE])
    admin = role("admin", LOGGING)
    verdict = decide(on(document), admin, "sqs:SendMessage", QUEUE, LOGGING, CLEAR)
    assert sid(verdict) == "NothingInTheClear"
    assert decide(on(document), admin, "sqs:GetQueueAttributes", QUEUE, LOGGING).allowed


def test_the_pipe_takes_from_its_queue_and_rings_its_topic_only() -> None:
    own = Layers(identity=[Policy("deliver", watch.deliver(QUEUE, TOPIC))])
    ticket = names.queue_arn(HOME, LOGGING, "ticket")
    assert decide(own, PIPE, "sqs:ReceiveMessage", QUEUE, LOGGING).allowed
    assert decide(own, PIPE, "sqs:DeleteMessage", QUEUE, LOGGING).allowed
    assert decide(own, PIPE, "sns:Publish", TOPIC, LOGGING).allowed
    assert not decide(own, PIPE, "sqs:ReceiveMessage", ticket, LOGGING).allowed
    assert not decide(own, PIPE, "sqs:PurgeQueue", QUEUE, LOGGING).allowed
    assert not decide(own, PIPE, "sns:SetTopicAttributes", TOPIC, LOGGING).allowed


TOPIC_POLICY = watch.topic(TOPIC, PIPE.arn, ALARMS)


def test_one_role_and_the_accounts_own_alarms_ring_the_pager() -> None:
    own = Layers(identity=[Policy("deliver", watch.deliver(QUEUE, TOPIC))])
    assert decide(on(TOPIC_POLICY, own), PIPE, "sns:Publish", TOPIC, LOGGING).allowed
    alarm = {"aws:SourceArn": f"arn:aws:cloudwatch:{HOME}:{LOGGING}:alarm:break-glass-page-waiting"}
    bare = on(TOPIC_POLICY, NOBODY)
    assert decide(bare, service("cloudwatch"), "sns:Publish", TOPIC, LOGGING, alarm).allowed


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cloudwatch", f"arn:aws:cloudwatch:{HOME}:{OUTSIDE}:alarm:break-glass-page-waiting"),
        ("cloudwatch", f"arn:aws:cloudwatch:{HOME}:{LOGGING}:alarm:noise"),
        ("events", RULE),
        ("s3", "arn:aws:s3:::bucket"),
    ],
)
def test_no_other_service_or_alarm_rings_it(name: str, source: str) -> None:
    keys = {"aws:SourceArn": source}
    bare = on(TOPIC_POLICY, NOBODY)
    assert not decide(bare, service(name), "sns:Publish", TOPIC, LOGGING, keys).allowed


def test_a_stranger_does_not_ring_it_and_nobody_does_in_the_clear() -> None:
    stranger = role("admin", OUTSIDE)
    assert not decide(on(TOPIC_POLICY), stranger, "sns:Publish", TOPIC, LOGGING).allowed
    clear = decide(on(TOPIC_POLICY, ADMIN), PIPE, "sns:Publish", TOPIC, LOGGING, CLEAR)
    assert sid(clear) == "NothingInTheClear"
