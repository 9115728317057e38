"""The alarms: nobody below the keeper cuts the way from a call to the pager, or rings it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from breakglass import names
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Act, Attack, Change, Own, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene
from breakglass.rehearsal.aws.clients import Client
from breakglass.tamper import Tier

_ONLY_THE_DEPLOYER: Final = "break-glass-record#OnlyTheDeployerWritesKitResources"
_PAGE: Final = Tier.PAGE.value


def _cut(  # noqa: PLR0913, PLR0917 - an attack has these parts
    name: str,
    title: str,
    service: str,
    change: Change,
    of_the_kit: Callable[[Scene], Any],
    own: Own,
    *,
    attacker: Attacker = Attacker.LOGGING_ADMIN,
    by: str = _ONLY_THE_DEPLOYER,
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
    return Attack(name, title, attacker, attempt, by, legitimate, (ORGANIZATIONS,))


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


def _ended(  # noqa: PLR0913, PLR0917 - an attack has these parts
    name: str,
    title: str,
    change: Change,
    spare: Own,
    own: Own,
    attacker: Attacker = Attacker.LOGGING_ADMIN,
) -> Attack:
    """An account's administrator ends a thing that only its name makes the kit's.

    AWS keeps a rule that has targets and a bus that has rules: of an empty one nothing but the name
    is in the way.
    """

    def act(make: Own) -> Act:
        def do(scene: Scene) -> None:
            account = scene.logging if attacker is Attacker.LOGGING_ADMIN else scene.workload
            with make(scene, account) as thing:
                change(scene.client(scene.admin(account), "events"), thing)

        return do

    legitimate = Twin("The same administrator does it to a thing of the account's own", act(own))
    return Attack(
        name, title, attacker, act(spare), _ONLY_THE_DEPLOYER, legitimate, (ORGANIZATIONS,)
    )


def _delete_rule(events: Client, rule: dict[str, str]) -> None:
    events.delete_rule(**rule)


def _narrow_a_hub_rule(events: Client, rule: dict[str, str]) -> None:
    events.put_rule(**rule, EventPattern=json.dumps({"source": ["nothing.at.all"]}))


def _hub_rule(_: Scene) -> dict[str, str]:
    """The rule on the hub that pages when the glass breaks."""
    return {"Name": names.named("activation"), "EventBusName": names.bus()}


@contextmanager
def _own_rule(scene: Scene, account: str) -> Iterator[dict[str, str]]:
    with belongings.rule(scene, account) as own:
        yield {"Name": own, "EventBusName": "default"}


def _tell_half(events: Client, rule: dict[str, str]) -> None:
    """Have the pager told of every call that it is ordinary."""
    queue = f"arn:aws:sqs:eu-west-1:000000000000:{names.queue(_PAGE)}"
    told = {"InputPathsMap": {"at": "$.time"}, "InputTemplate": '"all is well at <at>"'}
    target = {"Id": "page", "Arn": queue, "InputTransformer": told}
    events.put_targets(Rule=rule["Name"], EventBusName=rule["EventBusName"], Targets=[target])


def _send_something_else(events: Client, rule: dict[str, str]) -> None:
    """Replace what the pager would be told by a constant."""
    queue = f"arn:aws:sqs:eu-west-1:000000000000:{names.queue(_PAGE)}"
    target = {"Id": "page", "Arn": queue, "Input": '"all is well"'}
    events.put_targets(Rule=rule["Name"], EventBusName=rule["EventBusName"], Targets=[target])


# --- hub ---------------------------------------------------------------------------------------


def _forged(scene: Scene) -> list[dict[str, str]]:
    detail = json.dumps({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"})
    event = {"Source": "forged", "DetailType": "AWS API Call via CloudTrail", "Detail": detail}
    return [event | {"EventBusName": scene.topology.hub_arn}]


def _forge_as_workload_admin(scene: Scene) -> None:
    scene.client(scene.workload_admin, "events").put_events(Entries=_forged(scene))


def _forge_for_aws(scene: Scene) -> None:
    forged = [event | {"Source": "aws.cloudtrail"} for event in _forged(scene)]
    scene.client(scene.logging_admin, "events").put_events(Entries=forged)


def _tell_himself(scene: Scene) -> None:
    told = [event | {"EventBusName": "default"} for event in _forged(scene)]
    scene.client(scene.logging_admin, "events").put_events(Entries=told)


def _forward(scene: Scene) -> None:
    arn = names.forwarder_arn(scene.workload)
    forwarder = scene.emulator.session(arn, session_name="eventbridge")
    scene.client(forwarder, "events").put_events(Entries=_forged(scene))


FORWARDED: Final = Twin("The forwarder of the same account puts an event there", _forward)


def _open_the_hub(scene: Scene) -> None:
    everybody = {"Action": "events:PutEvents", "Principal": "*", "StatementId": "everybody"}
    events = scene.client(scene.logging_admin, "events")
    events.put_permission(EventBusName=names.bus(), **everybody)


def _declare_the_hub(scene: Scene) -> None:
    held = scene.hand(scene.logging, "events").describe_event_bus(Name=names.bus())["Policy"]
    events = scene.client(scene.deployer(scene.logging), "events")
    events.put_permission(EventBusName=names.bus(), Policy=held)


# --- queue, pipe, topic ------------------------------------------------------------------------


def _page_queue(scene: Scene) -> str:
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.logging}/{names.queue(_PAGE)}"


def _purge_as_deployer(scene: Scene) -> None:
    sqs = scene.client(scene.deployer(scene.logging), "sqs")
    sqs.purge_queue(QueueUrl=f"{_page_queue(scene)}-dead-letters")


def _purge_own(scene: Scene) -> None:
    with belongings.queue(scene, scene.logging) as url:
        scene.client(scene.logging_admin, "sqs").purge_queue(QueueUrl=url)


def _let_nothing_through(pipes: Client, pipe: str) -> None:
    """Give a pipe a filter that no message passes, and keep what else it has."""
    held = pipes.describe_pipe(Name=pipe)
    nothing = {"Filters": [{"Pattern": json.dumps({"body": ["nothing at all"]})}]}
    pipes.update_pipe(
        Name=pipe, RoleArn=held["RoleArn"], SourceParameters={"FilterCriteria": nothing}
    )


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
    _ended(
        "workload-admin-deletes-no-rule",
        "A workload's administrator deletes a rule of the kit's name that has no target",
        _delete_rule,
        partial(belongings.bare_rule, name=belongings.SPARE),
        belongings.bare_rule,
        Attacker.WORKLOAD_ADMIN,
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
        "workload-admin-forges-no-event",
        "A workload's administrator puts an event of his own on the hub",
        Attacker.WORKLOAD_ADMIN,
        _forge_as_workload_admin,
        unallowed("events:PutEvents", Layer.RESOURCE, "policy of break-glass-hub"),
        FORWARDED,
    ),
    Attack(
        "logging-admin-opens-no-hub",
        "The logging account's administrator lets everybody put events on the hub",
        Attacker.LOGGING_ADMIN,
        _open_the_hub,
        "break-glass-record#OnlyTheDeployerOpensTheHub",
        Twin("The account's deployer puts the hub's policy once more", _declare_the_hub),
        (ORGANIZATIONS,),
    ),
    _cut(
        "logging-admin-disables-no-rule-of-the-hub",
        "The logging account's administrator disables a rule on the hub",
        "events",
        lambda events, rule: events.disable_rule(**rule),
        _hub_rule,
        _own_rule,
    ),
    _cut(
        "logging-admin-aims-no-rule-of-the-hub-elsewhere",
        "The logging account's administrator has a rule on the hub send something else",
        "events",
        _send_something_else,
        _hub_rule,
        _own_rule,
    ),
    _cut(
        "logging-admin-removes-no-target-of-the-hub",
        "The logging account's administrator takes the page queue away from a rule on the hub",
        "events",
        lambda events, rule: events.remove_targets(
            Rule=rule["Name"], EventBusName=rule["EventBusName"], Ids=["page"]
        ),
        _hub_rule,
        _own_rule,
    ),
    _cut(
        "logging-admin-narrows-no-rule-of-the-hub",
        "The logging account's administrator narrows a rule on the hub to nothing",
        "events",
        _narrow_a_hub_rule,
        _hub_rule,
        _own_rule,
    ),
    _cut(
        "logging-admin-has-no-rule-of-the-hub-tell-half",
        "The logging account's administrator has a rule on the hub leave out what was done",
        "events",
        _tell_half,
        _hub_rule,
        _own_rule,
    ),
    _ended(
        "logging-admin-deletes-no-rule-of-the-hub",
        "The logging account's administrator deletes a rule on the hub that has no target",
        _delete_rule,
        partial(belongings.bare_rule, name=belongings.SPARE, bus=names.bus()),
        belongings.bare_rule,
    ),
    _ended(
        "logging-admin-deletes-no-hub",
        "The logging account's administrator deletes a hub that has no rules",
        lambda events, bus: events.delete_event_bus(Name=bus),
        partial(belongings.bus, name=belongings.SPARE),
        belongings.bus,
    ),
    Attack(
        "logging-admin-forges-no-event",
        "The logging account's administrator puts an event on the hub that says it is AWS's",
        Attacker.LOGGING_ADMIN,
        _forge_for_aws,
        "EventBridge: nobody speaks for AWS",
        Twin("The same administrator puts an event of his own on his bus", _tell_himself),
    ),
    _cut(
        "logging-admin-deletes-no-pipe",
        "The logging account's administrator deletes the pipe between queue and pager",
        "pipes",
        lambda pipes, name: pipes.delete_pipe(Name=name),
        lambda _: names.pipe(_PAGE),
        belongings.pipe,
    ),
    _cut(
        "logging-admin-filters-no-pipe",
        "The logging account's administrator gives the pipe a filter that no page passes",
        "pipes",
        _let_nothing_through,
        lambda _: names.pipe(_PAGE),
        belongings.pipe,
    ),
    _cut(
        "logging-admin-takes-no-page",
        "The logging account's administrator takes a page before the pager does",
        "sqs",
        lambda sqs, url: sqs.receive_message(QueueUrl=url),
        _page_queue,
        belongings.queue,
        by="break-glass-record#OnlyThePagerTakesMessages",
    ),
    _cut(
        "logging-admin-purges-no-dead-letter",
        "The logging account's administrator purges the pages that were given up",
        "sqs",
        lambda sqs, url: sqs.purge_queue(QueueUrl=url),
        lambda scene: f"{_page_queue(scene)}-dead-letters",
        belongings.queue,
    ),
    Attack(
        "keeper-deployer-purges-no-dead-letter",
        "The keeper's deployer purges the pages that were given up",
        Attacker.KEEPER_DEPLOYER,
        _purge_as_deployer,
        unallowed("sqs:PurgeQueue", Layer.IDENTITY, "break-glass-deployer"),
        Twin("The account's administrator purges a queue of the account's own", _purge_own),
    ),
    _cut(
        "logging-admin-puts-no-page-in",
        "The logging account's administrator keeps an alarm ringing with a message of his own",
        "sqs",
        lambda sqs, url: sqs.send_message(QueueUrl=url, MessageBody="noise"),
        lambda scene: f"{_page_queue(scene)}-dead-letters",
        belongings.queue,
    ),
    _cut(
        "logging-admin-changes-no-queue",
        "The logging account's administrator has pages forgotten after a minute",
        "sqs",
        lambda sqs, url: sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"}
        ),
        _page_queue,
        belongings.queue,
    ),
    _cut(
        "logging-admin-listens-to-no-page",
        "The logging account's administrator subscribes an address of his own to the pager's topic",
        "sns",
        lambda sns, topic: sns.subscribe(
            TopicArn=topic[0], Protocol="email", Endpoint="own@example.com"
        ),
        _page_topic,
        belongings.topic,
    ),
    _cut(
        "logging-admin-lets-nobody-publish",
        "The logging account's administrator lets another account publish to the pager's topic",
        "sns",
        lambda sns, topic: sns.add_permission(
            TopicArn=topic[0], Label="own", AWSAccountId=[OUTSIDER], ActionName=["Publish"]
        ),
        _page_topic,
        belongings.topic,
    ),
    _cut(
        "logging-admin-mutes-no-alarm",
        "The logging account's administrator has an alarm change its state and ring nobody",
        "cloudwatch",
        lambda cloudwatch, name: cloudwatch.disable_alarm_actions(AlarmNames=[name]),
        lambda _: names.alarm(_PAGE, "dead-letters"),
        belongings.alarm,
    ),
    _cut(
        "logging-admin-sets-no-alarm-back",
        "The logging account's administrator says that an alarm is well",
        "cloudwatch",
        lambda cloudwatch, name: cloudwatch.set_alarm_state(
            AlarmName=name, StateValue="OK", StateReason="well"
        ),
        lambda _: names.alarm(_PAGE, "waiting"),
        belongings.alarm,
    ),
    _cut(
        "workload-admin-deletes-no-alarm",
        "A workload's administrator deletes the alarm of events that did not reach the hub",
        "cloudwatch",
        lambda cloudwatch, name: cloudwatch.delete_alarms(AlarmNames=[name]),
        lambda _: names.alarm("undelivered"),
        belongings.alarm,
        attacker=Attacker.WORKLOAD_ADMIN,
    ),
    _cut(
        "workload-admin-takes-no-lost-event",
        "A workload's administrator takes an event that did not reach the hub",
        "sqs",
        lambda sqs, url: sqs.receive_message(QueueUrl=url),
        _own_dead_letters,
        belongings.queue,
        attacker=Attacker.WORKLOAD_ADMIN,
        by="break-glass-record#OnlyThePagerTakesMessages",
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
