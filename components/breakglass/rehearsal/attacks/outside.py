"""Strangers: from outside the organisation nothing is read, written, forged or rung."""

import json
from typing import Final

from breakglass import names
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.refused import unallowed, untrusted
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.tamper import Tier

_PAGE: Final = Tier.PAGE.value


# --- the record --------------------------------------------------------------------------------


def _read(scene: Scene) -> None:
    key, _ = scene.record
    scene.client(scene.outsider, "s3").get_object(Bucket=scene.topology.vault_name, Key=key)


def _read_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, OUTSIDER)
    scene.client(scene.outsider, "s3").get_object(Bucket=own, Key="file")


def _write(scene: Scene) -> None:
    key = scene.key_of(scene.vault_trail, "forged")
    s3 = scene.client(scene.outsider, "s3")
    s3.put_object(Bucket=scene.topology.vault_name, Key=key, Body=b"forged")


def _write_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, OUTSIDER)
    scene.client(scene.outsider, "s3").put_object(Bucket=own, Key="file", Body=b"his")


def _list_openly(scene: Scene, bucket: str) -> None:
    scene.client(scene.emulator.anonymous(), "s3").list_objects_v2(Bucket=bucket)


def _list_what_is_open(scene: Scene) -> None:
    with belongings.open_bucket(scene, OUTSIDER) as bucket:
        _list_openly(scene, bucket)


# --- the alarms --------------------------------------------------------------------------------


def _put_event(scene: Scene) -> None:
    event = {"Source": "forged", "DetailType": "forged", "Detail": json.dumps({})}
    scene.client(scene.outsider, "events").put_events(
        Entries=[event | {"EventBusName": scene.topology.hub_arn}]
    )


def _put_own_event(scene: Scene) -> None:
    event = {"Source": "forged", "DetailType": "forged", "Detail": json.dumps({})}
    scene.client(scene.outsider, "events").put_events(Entries=[event])


def _queue(scene: Scene) -> str:
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.logging}/{names.queue(_PAGE)}"


def _send(scene: Scene) -> None:
    sqs = scene.client(scene.outsider, "sqs")
    sqs.send_message(QueueUrl=_queue(scene), MessageBody="all is well")


def _send_to_his_own(scene: Scene) -> None:
    with belongings.queue(scene, OUTSIDER) as url:
        scene.client(scene.outsider, "sqs").send_message(QueueUrl=url, MessageBody="well")


def _as_rule(scene: Scene, account: str, rule: str) -> Caller:
    """EventBridge, sending for a rule."""
    arn = f"arn:aws:events:{scene.home}:{account}:rule/{rule}"
    return scene.emulator.service("events.amazonaws.com", source_arn=arn)


def _send_by_a_strangers_rule(scene: Scene) -> None:
    queue = names.queue_arn(scene.home, scene.logging, _PAGE)
    scene.demand(_as_rule(scene, OUTSIDER, "forged"), "sqs:SendMessage", queue)


def _send_by_the_hubs_rule(scene: Scene) -> None:
    queue = names.queue_arn(scene.home, scene.logging, _PAGE)
    rule = f"{names.bus()}/{names.named('activation')}"
    scene.demand(_as_rule(scene, scene.logging, rule), "sqs:SendMessage", queue)


def _ring_by_alarm(scene: Scene, account: str) -> None:
    alarm = f"arn:aws:cloudwatch:{scene.home}:{account}:alarm:{names.alarm(_PAGE, 'waiting')}"
    service = scene.emulator.service("cloudwatch.amazonaws.com", source_arn=alarm)
    topic = names.topic_arn(scene.home, scene.logging, _PAGE)
    scene.demand(service, "sns:Publish", topic)


def _forward(scene: Scene) -> None:
    scene.emulator.assume_role(
        scene.outsider,
        names.forwarder_arn(scene.workload),
        session_name="stranger",
        region=scene.home,
    )


def _take_his_own(scene: Scene) -> None:
    arn = scene.outsider.principal.arn
    scene.emulator.assume_role(scene.outsider, arn, session_name="stranger", region=scene.home)


def _forward_for_another(scene: Scene) -> None:
    """Have EventBridge act with the forwarder for a rule of a stranger's (confused deputy)."""
    role = names.forwarder_arn(scene.workload)
    scene.demand(_as_rule(scene, OUTSIDER, "forged"), "sts:AssumeRole", role)


def _forward_for_the_account(scene: Scene) -> None:
    role = names.forwarder_arn(scene.workload)
    rule = _as_rule(scene, scene.workload, names.named("activation"))
    scene.demand(rule, "sts:AssumeRole", role)


ATTACKS: Final = (
    Attack(
        "a-stranger-reads-no-record",
        "Somebody outside the organisation reads who did what",
        Attacker.OUTSIDER,
        _read,
        "policy of {vault}#OnlyReadersRead",
        Twin("The same stranger reads an object of his own", _read_own),
    ),
    Attack(
        "a-stranger-writes-no-record",
        "Somebody outside the organisation writes a log file into the vault",
        Attacker.OUTSIDER,
        _write,
        "policy of {vault}#OnlyCloudTrailWrites",
        Twin("The same stranger writes an object of his own", _write_own),
    ),
    Attack(
        "nobody-lists-records-without-a-name",
        "Somebody without credentials lists the records",
        Attacker.OUTSIDER,
        lambda scene: _list_openly(scene, scene.topology.vault_name),
        unallowed("s3:ListBucket", Layer.RESOURCE, "policy of {vault}"),
        Twin("Somebody without credentials lists a bucket that is open", _list_what_is_open),
    ),
    Attack(
        "a-stranger-puts-no-event-on-the-hub",
        "Somebody outside the organisation puts an event on the hub",
        Attacker.OUTSIDER,
        _put_event,
        unallowed("events:PutEvents", Layer.RESOURCE, "policy of break-glass-hub"),
        Twin("The same stranger puts an event on a bus of his own", _put_own_event),
    ),
    Attack(
        "a-stranger-sends-no-page",
        "Somebody outside the organisation sends to the page queue",
        Attacker.OUTSIDER,
        _send,
        unallowed("sqs:SendMessage", Layer.RESOURCE, "policy of break-glass-page"),
        Twin("The same stranger sends to a queue of his own", _send_to_his_own),
    ),
    Attack(
        "a-strangers-rule-sends-no-page",
        "EventBridge sends to the page queue for a stranger's rule (confused deputy)",
        Attacker.OUTSIDER,
        _send_by_a_strangers_rule,
        unallowed("sqs:SendMessage", Layer.RESOURCE, "policy of break-glass-page"),
        Twin("EventBridge sends to it for a rule on the hub", _send_by_the_hubs_rule),
    ),
    Attack(
        "a-strangers-alarm-rings-no-pager",
        "CloudWatch publishes to the pager's topic for a stranger's alarm (confused deputy)",
        Attacker.OUTSIDER,
        lambda scene: _ring_by_alarm(scene, OUTSIDER),
        unallowed("sns:Publish", Layer.RESOURCE, "policy of break-glass-page"),
        Twin(
            "CloudWatch publishes to it for an alarm of the kit's",
            lambda scene: _ring_by_alarm(scene, scene.logging),
        ),
    ),
    Attack(
        "a-stranger-is-no-forwarder",
        "Somebody outside the organisation takes the role that puts events on the hub",
        Attacker.OUTSIDER,
        _forward,
        untrusted("break-glass-forwarder"),
        Twin("The same stranger takes a role of his own account", _take_his_own),
    ),
    Attack(
        "a-strangers-rule-acts-as-no-forwarder",
        "EventBridge acts with the forwarder for a stranger's rule (confused deputy)",
        Attacker.OUTSIDER,
        _forward_for_another,
        untrusted("break-glass-forwarder"),
        Twin("EventBridge does, for a rule of the account's", _forward_for_the_account),
    ),
)
