"""The alarms: nobody below the keeper cuts the way from a call to the pager, or rings it."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from breakglass import names
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, granted
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene
from breakglass.rehearsal.aws.clients import Client
from breakglass.tamper import Tier

_ONLY_THE_DEPLOYER: Final = "break-glass-record#OnlyTheDeployerWritesKitResources"
_PAGE: Final = Tier.PAGE.value

Change = Callable[[Client, Any], object]
"""What somebody does to a thing, by its name or ARN, with the service's client."""

Own = Callable[[Scene, str], AbstractContextManager[Any]]
"""Makes an ordinary thing of the same kind in an account."""


def _cut(  # noqa: PLR0913, PLR0917 - an attack has these parts
    name: str,
    title: str,
    service: str,
    change: Change,
    of_the_kit: Callable[[Scene], Any],
    own: Own,
    *,
    attacker: Attacker = Attacker.LOGGING_ADMIN,
) -> Attack:
    """An account's administrator does it to a thing of the kit's; to his own he may."""

    def account(scene: Scene) -> str:
        return scene.logging if attacker is Attacker.LOGGING_ADMIN else scene.workload

    def attempt(scene: Scene) -> None:
        client = scene.client(scene.admin(account(scene)), service)
        change(client, of_the_kit(scene))

    def twin(scene: Scene) -> None:
        with own(scene, account(scene)) as thing:
            change(scene.client(scene.admin(account(scene)), service), thing)

    legitimate = Twin("The same administrator does it to a thing of the account's own", twin)
    return Attack(name, title, attacker, attempt, _ONLY_THE_DEPLOYER, legitimate, (ORGANIZATIONS,))


# --- forwarding rules --------------------------------------------------------------------------


def _forwarding_rule(scene: Scene) -> str:
    """Name of a rule of the kit's in the workload account."""
    events = scene.hand(scene.workload, "events")
    return str(events.list_rules(NamePrefix=names.PREFIX)["Rules"][0]["Name"])


def _narrow(events: Client, rule: str) -> None:
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["nothing.at.all"]}))


def _aim_elsewhere(events: Client, rule: str) -> None:
    nowhere = "arn:aws:sqs:eu-west-1:000000000000:nowhere"
    events.put_targets(Rule=rule, Targets=[{"Id": "hub", "Arn": nowhere}])


def _untarget(events: Client, rule: str) -> None:
    ids = [target["Id"] for target in events.list_targets_by_rule(Rule=rule)["Targets"]]
    events.remove_targets(Rule=rule, Ids=ids)


def _delete_rule(events: Client, rule: str) -> None:
    """Delete a rule; EventBridge wants its own targets gone first."""
    if rule == belongings.APPLICATION:
        _untarget(events, rule)
    events.delete_rule(Name=rule)


# --- hub ---------------------------------------------------------------------------------------


def _forged(scene: Scene) -> list[dict[str, str]]:
    detail = json.dumps({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"})
    event = {"Source": "forged", "DetailType": "AWS API Call via CloudTrail", "Detail": detail}
    return [event | {"EventBusName": scene.topology.hub_arn}]


def _forge_as_workload_admin(scene: Scene) -> None:
    scene.client(scene.workload_admin, "events").put_events(Entries=_forged(scene))


def _forward(scene: Scene) -> None:
    arn = names.forwarder_arn(scene.workload)
    forwarder = scene.emulator.session(arn, session_name="eventbridge")
    scene.client(forwarder, "events").put_events(Entries=_forged(scene))


def _open_the_hub(scene: Scene) -> None:
    everybody = {"Action": "events:PutEvents", "Principal": "*", "StatementId": "everybody"}
    events = scene.client(scene.logging_admin, "events")
    events.put_permission(EventBusName=names.bus(), **everybody)


def _look_at_the_hub(scene: Scene) -> None:
    scene.client(scene.logging_admin, "events").describe_event_bus(Name=names.bus())


# --- queue, pipe, topic ------------------------------------------------------------------------


def _page_queue(scene: Scene) -> str:
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.logging}/{names.queue(_PAGE)}"


def _own_dead_letters(scene: Scene) -> str:
    """URL of the workload account's queue of events that did not reach the hub."""
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.workload}/{names.queue('undelivered')}"


def _page_topic(scene: Scene) -> tuple[str, str]:
    """ARNs of the pager's topic and of a subscription of it."""
    arn = names.topic_arn(scene.home, scene.logging, _PAGE)
    listed = scene.hand(scene.logging, "sns").list_subscriptions_by_topic(TopicArn=arn)
    return arn, str(listed["Subscriptions"][0]["SubscriptionArn"])


def _mute(sns: Client, topic: tuple[str, str]) -> None:
    nothing = json.dumps({"severity": ["none"]})
    sns.set_subscription_attributes(
        SubscriptionArn=topic[1], AttributeName="FilterPolicy", AttributeValue=nothing
    )


def _silence(sns: Client, topic: tuple[str, str]) -> None:
    nobody = json.dumps({"Version": "2012-10-17", "Statement": []})
    sns.set_topic_attributes(TopicArn=topic[0], AttributeName="Policy", AttributeValue=nobody)


def _publish(scene: Scene, client: Client) -> None:
    client.publish(TopicArn=_page_topic(scene)[0], Message="all is well")


def _publish_as_stranger(scene: Scene) -> None:
    _publish(scene, scene.client(scene.admin(OUTSIDER), "sns"))


def _publish_as_pipe(scene: Scene) -> None:
    arn = names.role_arn(scene.logging, "pager", _PAGE)
    pipe = scene.emulator.session(arn, session_name="pipe")
    _publish(scene, scene.client(pipe, "sns"))


def _purge_as_responder(scene: Scene) -> None:
    scene.client(scene.responder, "sqs").purge_queue(QueueUrl=_own_dead_letters(scene))


def _purge_the_applications(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


ATTACKS: Final = (
    _cut(
        "workload-admin-disables-no-rule",
        "A workload's administrator disables a rule that forwards to the hub",
        "events",
        lambda events, rule: events.disable_rule(Name=rule),
        _forwarding_rule,
        belongings.rule,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    _cut(
        "workload-admin-narrows-no-rule",
        "A workload's administrator gives a forwarding rule a pattern that matches nothing",
        "events",
        _narrow,
        _forwarding_rule,
        belongings.rule,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    _cut(
        "workload-admin-deletes-no-rule",
        "A workload's administrator deletes a forwarding rule",
        "events",
        _delete_rule,
        _forwarding_rule,
        belongings.rule,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    _cut(
        "workload-admin-removes-no-target",
        "A workload's administrator takes the hub away from a forwarding rule",
        "events",
        _untarget,
        _forwarding_rule,
        belongings.rule,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    _cut(
        "workload-admin-aims-no-target-elsewhere",
        "A workload's administrator aims a forwarding rule at another queue",
        "events",
        _aim_elsewhere,
        _forwarding_rule,
        belongings.rule,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    Attack(
        "responder-purges-no-queue-of-the-kit",
        "A responder whose scope purges queues purges the events that did not reach the hub",
        Attacker.RESPONDER,
        _purge_as_responder,
        "{boundary}#NothingOnTheKit",
        Twin("The same responder purges the application's queue", _purge_the_applications),
        (granted("sqs:PurgeQueue"),),
    ),
    Attack(
        "workload-admin-forges-no-event",
        "A workload's administrator puts an event of his own on the hub",
        Attacker.WORKLOAD_ADMIN,
        _forge_as_workload_admin,
        unallowed("events:PutEvents", Layer.RESOURCE, "policy of break-glass-hub"),
        Twin("The forwarder of the same account puts the event there", _forward),
    ),
    Attack(
        "logging-admin-opens-no-hub",
        "The logging account's administrator lets everybody put events on the hub",
        Attacker.LOGGING_ADMIN,
        _open_the_hub,
        "break-glass-record#OnlyTheDeployerOpensTheHub",
        Twin("The same administrator looks at the hub", _look_at_the_hub),
        (ORGANIZATIONS,),
    ),
    _cut(
        "logging-admin-purges-no-page",
        "The logging account's administrator purges the pages that wait",
        "sqs",
        lambda sqs, url: sqs.purge_queue(QueueUrl=url),
        _page_queue,
        belongings.queue,
    ),
    _cut(
        "logging-admin-deletes-no-queue",
        "The logging account's administrator deletes the queue before the pager",
        "sqs",
        lambda sqs, url: sqs.delete_queue(QueueUrl=url),
        _page_queue,
        belongings.queue,
    ),
    _cut(
        "logging-admin-stops-no-pipe",
        "The logging account's administrator stops the pipe between queue and pager",
        "pipes",
        lambda pipes, name: pipes.stop_pipe(Name=name),
        lambda _: names.pipe(_PAGE),
        belongings.pipe,
    ),
    _cut(
        "logging-admin-deletes-no-topic",
        "The logging account's administrator deletes the pager's topic",
        "sns",
        lambda sns, topic: sns.delete_topic(TopicArn=topic[0]),
        _page_topic,
        belongings.topic,
    ),
    _cut(
        "logging-admin-unsubscribes-no-pager",
        "The logging account's administrator takes the pager off its topic",
        "sns",
        lambda sns, topic: sns.unsubscribe(SubscriptionArn=topic[1]),
        _page_topic,
        belongings.topic,
    ),
    _cut(
        "logging-admin-filters-no-page",
        "The logging account's administrator gives the pager a filter that nothing passes",
        "sns",
        _mute,
        _page_topic,
        belongings.topic,
    ),
    _cut(
        "logging-admin-silences-no-topic",
        "The logging account's administrator takes the pipe out of the topic's policy",
        "sns",
        _silence,
        _page_topic,
        belongings.topic,
    ),
    Attack(
        "a-stranger-rings-no-pager",
        "Somebody outside the organisation publishes to the pager's topic",
        Attacker.OUTSIDER,
        _publish_as_stranger,
        unallowed("sns:Publish", Layer.RESOURCE, "policy of break-glass-page"),
        Twin("The pipe's role publishes to it", _publish_as_pipe),
    ),
    _cut(
        "logging-admin-deletes-no-alarm",
        "The logging account's administrator deletes the alarm of pages that were given up",
        "cloudwatch",
        lambda cloudwatch, name: cloudwatch.delete_alarms(AlarmNames=[name]),
        lambda _: names.alarm(_PAGE, "dead-letters"),
        belongings.alarm,
    ),
)
