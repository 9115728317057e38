"""Queues, topics and the hub take what they are for from whom it should come, and nothing else.

Decided for each by its own policy alone, over every action of its service: EventBridge sends to a
queue for the rules that are aimed at it or give up into it; the pipe that is aimed at a topic
publishes there, and CloudWatch for the alarms that call it; the roles of the rules that are aimed
at the hub put events on it. Refused is everything else: to them every other action, and everything
to whoever else the policy names, to services on behalf of other accounts or of nobody (IAM User
Guide, "The confused deputy problem"), to other accounts and to anybody.

What arrives in the clear is refused by queue and topic whoever sends it, whatever else they allow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from breakglass import actions, names
from breakglass.proof import declared, kit
from breakglass.proof.declared import (
    Caller,
    Declared,
    Target,
    denials_of,
    policies_of,
    service,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph, Resource
from breakglass.proof.named import FOR_WHOM, apart, named_in, spoken_of, who
from breakglass.proof.pager import RULE, TARGET

NAME = "resources_take_only_what_they_should"

_PIPE = kit.PIPE.type
_ALARM = kit.ALARM.type


class Use(NamedTuple):
    """Somebody who should be let in, and what for."""

    caller: Caller
    action: str


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look, uses = policies_of(graph), Examination(NAME), _Uses(graph)
    for kind, in_the_clear in ((kit.QUEUE, None), (kit.TOPIC, ("sns:Publish",)), (kit.BUS, ())):
        for one in graph.of(kind.type):
            target = policies.target(one)
            if look.must(target.policy, "It has no policy", one):
                _of(look, policies, one, uses.of(one), in_the_clear)
            look.must(not one.get("policy"), "It has a second policy", one)
    return look.finding("Queues, topics and hub let in whom they should, for what they should.")


def _of(
    look: Examination,
    policies: Declared,
    one: Resource,
    uses: Sequence[Use],
    in_the_clear: tuple[str, ...] | None,
) -> None:
    """What is asked of a resource: of its policy, and of those who should be let in."""
    target = policies.target(one)

    def ask() -> None:
        _only(look, policies, one, target, uses)
        _clear(look, policies, target, in_the_clear)

    known = tuple((*who(use.caller), use.action) for use in uses)
    look.once(policies.facts, (target, one.account, one.region, known), ask)


class _Uses:
    """Who should be let in where, by the ARN of queue, topic or hub."""

    def __init__(self, graph: Graph) -> None:
        self._uses: dict[str, dict[tuple[str, str], Use]] = {}
        rules = {
            (one.account, one.region, one.get("eventBusName"), one.get("name")): one.arn
            for one in graph.of(RULE)
        }
        for one in graph.of(TARGET):
            place = (one.account, one.region, one.get("eventBusName"), one.get("rule"))
            if place in rules:
                self._of_target(one, rules[place])
        for pipe in graph.of(_PIPE):
            self._add(pipe.get("target"), _role(str(pipe.get("roleArn"))), "sns:Publish")
        for alarm in graph.of(_ALARM):
            for topic in alarm.get("alarmActions") or ():
                self._add(topic, _acting("cloudwatch", alarm.arn), "sns:Publish")

    def of(self, resource: Resource) -> Sequence[Use]:
        """Who should be let in to a resource."""
        return list(self._uses.get(resource.arn, {}).values())

    def _of_target(self, target: Resource, rule_arn: str) -> None:
        events = _acting("events", rule_arn)
        role = target.get("roleArn")
        if role:
            self._add(target.get("arn"), _role(str(role)), "events:PutEvents")
        else:
            self._add(target.get("arn"), events, "sqs:SendMessage")
        self._add(target.get("deadLetterConfig", "arn"), events, "sqs:SendMessage")

    def _add(self, arn: object, caller: Caller, action: str) -> None:
        self._uses.setdefault(str(arn), {}).setdefault(who(caller), Use(caller, action))


@cache
def _acting(name: str, arn: str) -> Caller:
    return service(f"{name}.amazonaws.com", f"{name} for {arn}", source_arn=arn)


@cache
def _role(arn: str) -> Caller:
    return declared.role(arn, arn)


def _only(
    look: Examination, policies: Declared, one: Resource, target: Target, uses: Sequence[Use]
) -> None:
    if target.policy is None:
        return
    every, there = _actions(target.arn.split(":")[2]), apart(target)
    look.must(uses, "Nothing that is declared uses it", one)
    meant = {text for caller, _ in uses for text in _names_of(caller)}
    for text in spoken_of(target.policy):
        look.must(text in meant, f"Its policy speaks of {text}", one)
    for caller, action in uses:
        ask = policies.opened(caller, there, _SECURE, guardrails=False)
        look.must_allow(ask(action), f"{caller.title} calls {action} on {target.arn}")
        others = tuple(other for other in every if other != action)
        look.must_refuse(caller.title, ask, others, target.arn)
    known = {who(use.caller) for use in uses}
    for caller in named_in(target.policy, one.account, one.region):
        if who(caller) not in known and not _is_an_own_alarm(caller, one):
            absent = {key: None for key in FOR_WHOM if key not in caller.context}
            ask = policies.opened(caller, there, absent, guardrails=False)
            look.must_refuse(caller.title, ask, every, target.arn)


def _names_of(caller: Caller) -> Iterator[str]:
    """How a policy may name somebody: himself, or his account."""
    yield caller.principal.arn
    if caller.account:
        yield f"arn:aws:iam::{caller.account}:root"


def _is_an_own_alarm(caller: Caller, one: Resource) -> bool:
    """Whether CloudWatch acts for an alarm of the kit's names beside the resource."""
    place = f"arn:aws:cloudwatch:{one.region}:{one.account}:alarm:{names.PREFIX}-"
    return str(caller.context.get("aws:SourceArn", "")).startswith(place)


_SECURE = {"aws:SecureTransport": "true"}


@cache
def _actions(of_service: str) -> tuple[str, ...]:
    return tuple(sorted(actions.of_service(of_service)))


def _clear(
    look: Examination, policies: Declared, target: Target, asked: tuple[str, ...] | None
) -> None:
    """With everything else allowed, what comes in the clear is refused, and the rest is not."""
    if asked == () or target.policy is None:
        return
    every = _actions(target.arn.split(":")[2]) if asked is None else asked
    alone = replace(target, policy=denials_of(target.policy))
    admins = declared.administrators(target.owner, "An administrator")
    for caller in (*admins, declared.nobody()):
        ask = policies.opened(caller, alone, {"aws:SecureTransport": "false"}, guardrails=False)
        look.must_refuse(f"{caller.title}, in the clear,", ask, every, target.arn)
    ask = policies.opened(caller, alone, _SECURE, guardrails=False)
    look.must_allow(ask(every[0]), f"{every[0]} on {target.arn} over TLS")
