"""The way of an alarm, decided link by link: rule, hub, queue, pipe, topic, people.

A link counts only if it is switched on, narrows nothing, is aimed at the next one, and the policies
on both ends let it through.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from breakglass.patterns import Pattern
from breakglass.proof.declared import Declared, Target, policies_of, service
from breakglass.proof.graph import NO_REGION, Graph, Resource
from breakglass.proof.looks import blind_spot
from breakglass.proof.model import ContextValue, Verdict

RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
_ALL: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_NARROWING: Final = ("input", "inputPath", "inputTransformer")
_DEFAULT: Final = "default"
_WATCHING: Final = (RULE, TARGET, "aws:cloudwatch/metricAlarm:MetricAlarm")
"""What the way of another place does not rest on."""
_EVENTS, _PIPES = "events.amazonaws.com", "pipes.amazonaws.com"

Event = Mapping[str, Any]
Onward = Callable[[Resource], str | None]
"""Says what is wrong with the way onward from a rule; None where it stands."""

PAGE: Final = "page"
TICKET: Final = "ticket"


Told = tuple[Event, bool]
"""An event, and whether it is a reading call."""


class Batch:
    """Events that appear in one place, equal only if it is one object.

    So what a pattern catches of it is found once.

    ``like`` is a batch of another place that differs in account and region alone. It is asked in
    place of this one by the patterns that look at neither.
    """

    __slots__ = ("_events", "_make", "like")

    def __init__(self, make: Callable[[], Sequence[Told]], like: "Batch | None" = None) -> None:
        self._make = make
        self._events: Sequence[Told] | None = None
        self.like = like or self

    @property
    def events(self) -> Sequence[Told]:
        """The events, made when they are first looked at."""
        if self._events is None:
            self._events = self._make()
        return self._events

    def __len__(self) -> int:
        return len(self.like.events)

    @property
    def all(self) -> int:
        """The events as a set of bits."""
        return (1 << len(self)) - 1

    def of(self, bits: int) -> Iterator[Event]:
        """Yield the events of a set of bits."""
        if bits:
            yield from (event for place, (event, _) in enumerate(self.events) if bits >> place & 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as far as it decides what goes on: its pattern, its state, its way."""

    pattern: str
    takes_reads: bool
    """Whether it takes reading calls too (EventBridge User Guide, "Receiving read-only management
    events from AWS services")."""
    fault: str | None
    """What is wrong with it, or with the way onward; None where it stands."""


@dataclass(frozen=True, slots=True)
class Bus:
    """The rules of one bus."""

    rules: Sequence[Rule]

    def missed(self, batch: Batch) -> int:
        """The events that no rule catches whose way stands, as bits."""
        left = batch.all
        for rule in self.rules:
            if rule.fault is None:
                left &= ~_taken(rule, batch)
        return left

    def caught(self, batch: Batch) -> int:
        """The events that some rule catches, wherever its way leads, as bits."""
        taken = 0
        for rule in self.rules:
            taken |= _taken(rule, batch)
        return taken

    def why(self, nothing: str) -> str:
        """Say what may be the cause that an event is lost: a broken way, or that there is none."""
        return next((rule.fault for rule in self.rules if rule.fault), nothing)


def _taken(rule: Rule, batch: Batch) -> int:
    if not rule.pattern:  # a rule by the clock
        return 0
    taken = _caught(rule.pattern, batch.like if _anywhere(rule.pattern) else batch)
    return taken if rule.takes_reads else taken & ~_reading(batch.like)


@lru_cache(maxsize=65536)  # every account has the same patterns, and a mutant all but one
def _caught(pattern: str, batch: Batch) -> int:
    compiled, bits = _pattern(pattern), 0
    for place, (event, _) in enumerate(batch.events):
        sources = compiled.sources
        if (sources is None or event.get("source") in sources) and compiled.matches(event):
            bits |= 1 << place
    return bits


@lru_cache(maxsize=4096)
def _reading(batch: Batch) -> int:
    return sum(1 << place for place, (_, reads) in enumerate(batch.events) if reads)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> Pattern:
    return Pattern.load(text)


_PLACES: Final = ("account", "accountId", "awsRegion", "recipientAccountId", "region", "time")
_ARNS: Final = ("ARN", "arn", "errorMessage", "resources")


@lru_cache(maxsize=4096)
def _anywhere(text: str) -> bool:
    """Whether a pattern takes an event or not whatever account and region it is from.

    It must not look at them; and what it looks for in an ARN or a message must hold no digit, nor
    a region's name, so that another account's number cannot make a difference.
    """
    return all(
        key not in _PLACES and not (key in _ARNS and _DIGIT.search(json.dumps(wanted)))
        for key, wanted in _leaves(json.loads(text))
    )


_DIGIT: Final = re.compile(r"\d")  # each region's name ends in one


def _leaves(node: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for key, below in node.items():
        if key == "$or":
            for one in below:
                yield from _leaves(one)
        elif isinstance(below, Mapping):
            yield from _leaves(below)
        else:
            yield key, below


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
        self._queue_faults: dict[tuple[str, str], str | None] = {}
        self._rules: dict[tuple[str, str, str], list[Resource]] = {}
        for rule in self.graph.of(RULE):
            self._rules.setdefault((rule.account, rule.region, _bus_of(rule)), []).append(rule)
        others = [one for one in self.graph.resources if one.type not in _WATCHING]
        self._ways = _ways_among(others)
        self._acting: dict[tuple[object, ...], Verdict] = {}
        self._places: dict[tuple[str, str], Bus] = {}
        self._hubs: dict[str, Bus] = {}

    def place(self, account: str, region: str) -> Bus:
        """The rules on the default bus of an account in a region."""
        key = (account, region)
        if key not in self._places:
            rules = self._rules.get((account, region, _DEFAULT), ())
            self._places[key] = as_bus(rules, _seeing(self._forwarded))
        return self._places[key]

    def hub(self, tier: str) -> Bus:
        """The rules of the hubs, as ways to those who are to hear a tier."""
        if tier not in self._hubs:
            rules = [rule for bus in self._buses.values() for rule in self.on_bus(bus)]
            self._hubs[tier] = as_bus(rules, _seeing(lambda rule: self._rings(rule, tier)))
        return self._hubs[tier]

    def on_bus(self, bus: Resource) -> Sequence[Resource]:
        """The rules of a declared bus."""
        return self._rules.get((bus.account, bus.region, str(bus.get("name"))), ())

    def unheard(
        self, account: str, region: str, batch: Batch, tier: str = PAGE
    ) -> Iterator[tuple[Event, str]]:
        """Yield the events that appear in a region of an account and reach nobody, and why."""
        here, hub = self.place(account, region), self.hub(tier)
        stuck = here.missed(batch)
        for event in batch.of(stuck):
            yield event, here.why("no rule takes it to a hub")
        for event in batch.of(hub.missed(batch) & ~stuck):
            yield event, hub.why("no rule of the hub rings for it")

    # --- from an account to the hub

    def _forwarded(self, rule: Resource) -> str | None:
        """Say why nothing that the rule catches reaches a hub; None when it does."""
        faults = [
            self._way(rule, target)
            for target in self.aimed(rule)
            if target.get("arn") in self._buses
        ]
        return _best(faults, f"{rule} is not aimed at the hub")

    def _way(self, rule: Resource, target: Resource) -> str | None:
        """What is wrong with the way of a rule by one target. The rule counts by its ARN alone."""
        key = (rule.arn, id(target))
        if key not in self._ways:
            self._ways[key] = (target, self._forward_fault(rule, target))
        return self._ways[key][1]

    def _forward_fault(self, rule: Resource, target: Resource) -> str | None:
        if narrowed := _narrowed(target):
            return narrowed
        bus, role = str(target.get("arn")), str(target.get("roleArn"))
        if role not in self._roles:
            return f"{target} puts events on the hub with {role}, which is not declared"
        hub = self._buses[bus]
        refused = _refusal(
            self.acts_with(_EVENTS, rule, role),
            self.may(role, "events:PutEvents", self.policies.target(hub)),
        )
        return refused and f"{rule} cannot put events on the hub. {refused}"

    # --- from the hub to people

    def _rings(self, rule: Resource, tier: str) -> str | None:
        """Say why nothing that a rule of the hub catches reaches a tier; None when it does."""
        faults = [
            self._send_fault(rule, target, tier)
            for target in self.aimed(rule)
            if target.get("arn") in self._queues
        ]
        return _best(faults, f"{rule} is aimed at no queue")

    def _send_fault(self, rule: Resource, target: Resource, tier: str) -> str | None:
        if narrowed := _narrowed(target):
            return narrowed
        queue = self._queues[str(target.get("arn"))]
        if within_reach(rule, queue.arn) is not True:
            return f"{queue} is not known to be in the Region of {rule}"
        if (queue.arn, tier) not in self._queue_faults:
            self._queue_faults[queue.arn, tier] = self.queue_fault(queue, tier)
        if fault := self._queue_faults[queue.arn, tier]:
            return fault
        caller = service(_EVENTS, "EventBridge", source_arn=rule.arn)
        verdict = self.policies.decide(caller, "sqs:SendMessage", self.policies.target(queue))
        refused = _refusal(verdict)
        return refused and f"{rule} cannot send to {queue}. {refused}"

    def queue_fault(self, queue: Resource, tier: str) -> str | None:
        """Say why what waits in a queue reaches nobody of a tier; None when it does."""
        if sealed := _sealed(queue):
            return f"Pages wait under {sealed}"
        pipes = [pipe for pipe in self._pipes if pipe.get("source") == queue.arn]
        return _best(
            [self._pipe_fault(pipe, queue, tier) for pipe in pipes], f"No pipe takes from {queue}"
        )

    def _pipe_fault(self, pipe: Resource, queue: Resource, tier: str) -> str | None:
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
            self.acts_with(_PIPES, pipe, role),
            *(self.may(role, action, self.policies.target(queue)) for action in takes),
            self.may(role, "sns:Publish", self.policies.target(topic)),
        )
        if refused:
            return f"{pipe} cannot deliver. {refused}"
        return self.topic_fault(topic, tier)

    def topic_fault(self, topic: Resource, tier: str) -> str | None:
        """Say why a topic does not reach a tier: each endpoint must hear everything.

        Where no settings list endpoints, whoever is subscribed is one.
        """
        if sealed := _sealed(topic):
            return f"Pages are sealed with {sealed}"
        subscribed = list(self.graph.of(SUBSCRIPTION, topic=topic.arn))
        if not self.policies.facts.pager:
            return _unheard(topic, subscribed)
        heard = [
            (str(one.get("protocol")), one.get("endpoint"))
            for one in subscribed
            if not one.get("filterPolicy")
        ]
        for endpoint in self.policies.facts.pager:
            reached = any(
                protocol == endpoint.protocol and endpoint.address in {None, address}
                for protocol, address in heard
            )
            if endpoint.tier == tier and not reached:
                return f"{endpoint.protocol} {endpoint.address or '(secret)'} does not hear {topic}"
        return None

    # --- decisions

    def acts_with(self, name: str, source: Resource, role: str) -> Verdict:
        """Decide whether a service may act with a role for one of its resources."""
        trust = self.policies.trust(role)
        one_alone = trust.policy is not None and "aws:sourcearn" in trust.policy.text.lower()
        place = source.arn if one_alone else (source.account, source.region)
        key = (name, role, place)
        if key not in self._acting:
            caller = service(name, name, source_arn=source.arn)
            context: dict[str, ContextValue] = {"aws:RequestedRegion": source.region}
            self._acting[key] = self.policies.decide(caller, "sts:AssumeRole", trust, context)
        return self._acting[key]

    def may(self, role: str, action: str, on: Target) -> Verdict:
        """Decide what a session of a declared role may do."""
        key = (role, action, on.arn)
        if key not in self._acting:
            caller = self.policies.session(role, role)
            region = on.arn.split(":")[3]
            context = {"aws:RequestedRegion": region, "aws:SecureTransport": "true"}
            self._acting[key] = self.policies.decide(caller, action, on, context)
        return self._acting[key]

    def aimed(self, rule: Resource) -> Sequence[Resource]:
        """The targets of a rule."""
        key = (rule.account, rule.region, _bus_of(rule), str(rule.get("name")))
        return self._targets.get(key, ())


@lru_cache(maxsize=2)  # as with `policies_of`
def pager_of(graph: Graph) -> Pager:
    """The ways of alarms in a graph, looked at once for all invariants."""
    return Pager(policies_of(graph))


_Ways = dict[tuple[str, int], tuple[Resource, str | None]]
"""By a rule's ARN and a target as object: the target, so that it is not gone and another in its
place, and what is wrong with that way."""

_WAYS: Final[OrderedDict[tuple[int, ...], tuple[Sequence[Resource], _Ways]]] = OrderedDict()
_WAYS_KEPT: Final = 8


def _ways_among(others: Sequence[Resource]) -> _Ways:
    """The ways found so far, for all graphs that have the very same resources otherwise."""
    key = tuple(map(id, others))
    if key not in _WAYS:
        _WAYS[key] = (others, {})
    _WAYS.move_to_end(key)
    if len(_WAYS) > _WAYS_KEPT:
        _WAYS.popitem(last=False)
    return _WAYS[key][1]


def as_bus(rules: Sequence[Resource], onward: Onward) -> Bus:
    """Some rules, each with what is wrong with it or with the way onward from it."""
    return Bus(
        [
            Rule(
                str(rule.get("eventPattern") or ""),
                takes_reads(rule),
                off(rule) or onward(rule),
            )
            for rule in rules
        ]
    )


def _seeing(onward: Onward) -> Onward:
    """The way onward of rules that may be blind to somebody: that is no way."""

    def fault(rule: Resource) -> str | None:
        spot = blind_spot(str(rule.get("eventPattern")))
        return onward(rule) if spot is None else f"The rule {spot}: {rule}"

    return fault


def _bus_of(resource: Resource) -> str:
    """The name of the bus of a rule or a target, which may be given by ARN or left out."""
    return str(resource.get("eventBusName") or _DEFAULT).rpartition("/")[2]


def off(rule: Resource) -> str | None:
    """Say why a rule takes nothing; None where it is on."""
    if not rule.get("eventPattern"):
        return f"The rule takes no events: {rule}"
    enabled = rule.get("state") in {None, "ENABLED", _ALL} and rule.get("isEnabled") is not False
    return None if enabled else f"The rule is off: {rule}"


def within_reach(rule: Resource, arn: str) -> bool | None:
    """Whether EventBridge can hand on to an ARN from where a rule is; None where nobody knows.

    A bus may be anywhere, all else is in the rule's own Region (EventBridge User Guide, "Sending
    and receiving events between AWS Regions"; AWS re:Post, "Why isn't my Amazon SNS topic receiving
    EventBridge notifications?").
    """
    region = arn.split(":")[3] if arn.count(":") > 4 else ""  # noqa: PLR2004 - an ARN
    if ":event-bus/" in arn or region in {"", rule.region}:
        return True
    return None if NO_REGION in {region, rule.region} else False


def lets_in_no_service(one: Resource) -> str | None:
    """The key of a topic or queue, where it is AWS's own: no service that acts as itself has it.

    Amazon SNS Developer Guide, "Enable compatibility between event sources from AWS services and
    encrypted topics"; likewise the Amazon SQS Developer Guide, "Configure KMS permissions for AWS
    services".
    """
    key = str(one.get("kmsMasterKeyId") or "")
    return key if key.partition("alias/")[2].startswith("aws/") else None


def _sealed(one: Resource) -> str | None:
    """Say what is wrong with the key that messages lie under; None without one."""
    if key := lets_in_no_service(one):
        return f"{key}, which EventBridge cannot use: {one}"
    return f"a key that somebody can disable: {one}" if one.get("kmsMasterKeyId") else None


def takes_reads(rule: Resource) -> bool:
    """Whether a rule takes reading calls too, for its state."""
    return bool(rule.get("state") == _ALL)


def _unheard(topic: Resource, subscribed: Sequence[Resource]) -> str | None:
    """Say who of those that are subscribed does not hear everything, or that there is nobody."""
    if not subscribed:
        return f"Nobody is subscribed to {topic}"
    filtered = (one for one in subscribed if one.get("filterPolicy"))
    return next((f"A filter lets through only some: {one}" for one in filtered), None)


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
