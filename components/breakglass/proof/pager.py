"""The way of an alarm, decided link by link: rule, hub, queue, pipe, topic, people.

A link counts only if it is switched on, narrows nothing, is aimed at the next one, and the policies
on both ends let it through.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from breakglass.patterns import Index, Pattern
from breakglass.proof.declared import Declared, Target, service
from breakglass.proof.graph import Resource
from breakglass.proof.model import ContextValue, Verdict

RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
_ALL: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_NARROWING: Final = ("input", "inputPath", "inputTransformer")
_DEFAULT: Final = "default"
_EVENTS, _PIPES = "events.amazonaws.com", "pipes.amazonaws.com"

Event = Mapping[str, Any]
Onward = Callable[[Resource], str | None]
"""Says what is wrong with the way onward from a rule; None where it stands."""


@dataclass(frozen=True, slots=True)
class Bus:
    """The rules of one bus of which the way onward stands, and why it does not for the others."""

    all_events: Index
    """Rules that take what CloudTrail writes of writing calls: every one that is on."""
    reads: Index
    """Rules that take reading calls too (EventBridge User Guide, "Receiving read-only management
    events from AWS services")."""
    lost: Mapping[str, str]
    """Rule to what is wrong with it, or with its way."""

    def takes(self, event: Event, *, read_only: bool) -> bool:
        """Whether some rule catches the event and passes it on."""
        return bool((self.reads if read_only else self.all_events).matching(event))

    def why(self, nothing: str) -> str:
        """Say what may be the cause that an event is lost: a broken way, or that there is none."""
        return next(iter(self.lost.values()), nothing)


class Pager:
    """All ways of alarms in a graph. Faults are found once, events asked many times."""

    def __init__(self, policies: Declared) -> None:
        self.policies = policies
        self.graph = policies.graph
        self._roles = {one.arn: one for one in self.graph.of("aws:iam/role:Role")}
        self._targets: dict[tuple[str, str, str, str], list[Resource]] = {}
        for target in self.graph.of(TARGET):
            key = (target.account, target.region, _bus_of(target), str(target.get("rule")))
            self._targets.setdefault(key, []).append(target)
        self._buses = {one.arn: one for one in self.graph.of("aws:cloudwatch/eventBus:EventBus")}
        self._queues = {one.arn: one for one in self.graph.of("aws:sqs/queue:Queue")}
        self._topics = {one.arn: one for one in self.graph.of("aws:sns/topic:Topic")}
        self._pipes = list(self.graph.of("aws:pipes/pipe:Pipe"))
        self._queue_faults: dict[str, str | None] = {}
        rules: dict[tuple[str, str, str], list[Resource]] = {}
        for rule in self.graph.of(RULE):
            rules.setdefault((rule.account, rule.region, _bus_of(rule)), []).append(rule)
        self.hubs = {
            arn: _bus(rules.get((bus.account, bus.region, str(bus.get("name"))), ()), self._rings)
            for arn, bus in self._buses.items()
        }
        """The rules of each hub, by its ARN."""
        self._places = {
            (account, region): _bus(found, self._forwarded)
            for (account, region, bus), found in rules.items()
            if bus == _DEFAULT
        }

    def place(self, account: str, region: str) -> Bus:
        """The rules on the default bus of an account in a region."""
        return self._places.get((account, region)) or _bus((), self._forwarded)

    def unheard(self, account: str, region: str, event: Event, *, read_only: bool) -> str | None:
        """Say why an event that appears in a region of an account rings nobody; None if it does."""
        here = self.place(account, region)
        if not here.takes(event, read_only=read_only):
            return here.why("no rule takes it to a hub")
        if not any(hub.takes(event, read_only=read_only) for hub in self.hubs.values()):
            return next(iter(self.hubs.values())).why("no rule of the hub rings for it")
        return None

    # --- from an account to the hub

    def _forwarded(self, rule: Resource) -> str | None:
        """Say why nothing that the rule catches reaches a hub; None when it does."""
        faults = [
            self._forward_fault(rule, target)
            for target in self._aimed(rule)
            if target.get("arn") in self._buses
        ]
        return _best(faults, f"{rule} is not aimed at the hub")

    def _forward_fault(self, rule: Resource, target: Resource) -> str | None:
        if narrowed := _narrowed(target):
            return narrowed
        bus, role = str(target.get("arn")), str(target.get("roleArn"))
        if role not in self._roles:
            return f"{target} puts events on the hub with {role}, which is not declared"
        hub = self._buses[bus]
        refused = _refusal(
            self._acts_with(_EVENTS, rule, role),
            self._may(role, "events:PutEvents", self.policies.target(hub)),
        )
        return refused and f"{rule} cannot put events on the hub. {refused}"

    # --- from the hub to people

    def _rings(self, rule: Resource) -> str | None:
        """Say why nothing that a rule of the hub catches rings; None when it does."""
        faults = [
            self._send_fault(rule, target)
            for target in self._aimed(rule)
            if target.get("arn") in self._queues
        ]
        return _best(faults, f"{rule} is aimed at no queue")

    def _send_fault(self, rule: Resource, target: Resource) -> str | None:
        if narrowed := _narrowed(target):
            return narrowed
        queue = self._queues[str(target.get("arn"))]
        if queue.arn not in self._queue_faults:
            self._queue_faults[queue.arn] = self._queue_fault(queue)
        if fault := self._queue_faults[queue.arn]:
            return fault
        caller = service(_EVENTS, "EventBridge", source_arn=rule.arn)
        verdict = self.policies.decide(caller, "sqs:SendMessage", self.policies.target(queue))
        refused = _refusal(verdict)
        return refused and f"{rule} cannot send to {queue}. {refused}"

    def _queue_fault(self, queue: Resource) -> str | None:
        if queue.get("kmsMasterKeyId"):
            return f"Pages wait under a key that somebody can disable: {queue}"
        pipes = [pipe for pipe in self._pipes if pipe.get("source") == queue.arn]
        return _best(
            [self._pipe_fault(pipe, queue) for pipe in pipes], f"No pipe takes from {queue}"
        )

    def _pipe_fault(self, pipe: Resource, queue: Resource) -> str | None:
        if pipe.get("desiredState") not in {None, "RUNNING"}:
            return f"The pipe stands still: {pipe}"
        if pipe.get("sourceParameters", "filterCriteria") or pipe.get("enrichment"):
            return f"The pipe narrows what it takes: {pipe}"
        role, topic = str(pipe.get("roleArn")), self._topics.get(str(pipe.get("target")))
        if role not in self._roles or topic is None:
            return (
                f"The pipe acts with a role, or is aimed at a topic, that is not declared: {pipe}"
            )
        takes = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        refused = _refusal(
            self._acts_with(_PIPES, pipe, role),
            *(self._may(role, action, self.policies.target(queue)) for action in takes),
            self._may(role, "sns:Publish", self.policies.target(topic)),
        )
        if refused:
            return f"{pipe} cannot deliver. {refused}"
        return self._topic_fault(topic)

    def _topic_fault(self, topic: Resource) -> str | None:
        """Every endpoint that pages must be subscribed, to everything: else it is no pager."""
        if topic.get("kmsMasterKeyId"):
            return f"Pages are sealed with a key that somebody can disable: {topic}"
        heard = [
            (str(one.get("protocol")), one.get("endpoint"))
            for one in self.graph.of("aws:sns/topicSubscription:TopicSubscription", topic=topic.arn)
            if not one.get("filterPolicy")
        ]
        for endpoint in self.policies.facts.pager:
            reached = any(
                protocol == endpoint.protocol and endpoint.address in {None, address}
                for protocol, address in heard
            )
            if endpoint.tier == "page" and not reached:
                return f"{endpoint.protocol} {endpoint.address or '(secret)'} does not hear {topic}"
        return None

    # --- decisions

    def _acts_with(self, name: str, source: Resource, role: str) -> Verdict:
        """Decide whether a service may act with a role for one of its resources."""
        caller = service(name, name, source_arn=source.arn)
        context: dict[str, ContextValue] = {"aws:RequestedRegion": source.region}
        return self.policies.decide(caller, "sts:AssumeRole", self.policies.trust(role), context)

    def _may(self, role: str, action: str, on: Target) -> Verdict:
        caller = self.policies.session(role, role)
        region = on.arn.split(":")[3]
        context = {"aws:RequestedRegion": region, "aws:SecureTransport": "true"}
        return self.policies.decide(caller, action, on, context)

    def _aimed(self, rule: Resource) -> Sequence[Resource]:
        key = (rule.account, rule.region, _bus_of(rule), str(rule.get("name")))
        return self._targets.get(key, ())


def _bus(rules: Sequence[Resource], onward: Onward) -> Bus:
    """Sort the rules of a bus."""
    faults = {rule.name: _off(rule) or onward(rule) for rule in rules}
    good = [rule for rule in rules if faults[rule.name] is None]
    return Bus(
        _index(tuple(str(rule.get("eventPattern")) for rule in good)),
        _index(tuple(str(rule.get("eventPattern")) for rule in good if rule.get("state") == _ALL)),
        {name: fault for name, fault in faults.items() if fault is not None},
    )


def _bus_of(resource: Resource) -> str:
    """The name of the bus of a rule or a target, which may be given by ARN or left out."""
    return str(resource.get("eventBusName") or _DEFAULT).rpartition("/")[2]


@lru_cache(maxsize=256)  # every account has the same patterns
def _index(patterns: tuple[str, ...]) -> Index:
    return Index({text: Pattern(json.loads(text)) for text in patterns})


def _off(rule: Resource) -> str | None:
    enabled = rule.get("state") in {None, "ENABLED", _ALL} and rule.get("isEnabled") is not False
    return None if enabled else f"The rule is off: {rule}"


def _narrowed(target: Resource) -> str | None:
    """An event that is changed on its way no longer says what happened."""
    changed = [key for key in _NARROWING if target.get(key)]
    return f"The target changes events ({', '.join(changed)}): {target}" if changed else None


def _best(faults: Sequence[str | None], nothing: str) -> str | None:
    """None where one way is without a fault; else the first fault, or that there is no way."""
    if None in faults:
        return None
    return next((fault for fault in faults if fault), nothing)


def _refusal(*verdicts: Verdict) -> str | None:
    """The reason of the first verdict that does not allow."""
    return next((verdict.reason for verdict in verdicts if not verdict.allowed), None)
