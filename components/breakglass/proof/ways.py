"""The way of an alarm without a hub: a rule is aimed at who should hear it, or at what tells him.

Each rule is judged by itself, on whatever bus it is. Its way stands where one of its targets
reaches people: EventBridge may publish to a topic that somebody hears whole. A queue, a function or
another account's bus leads out of sight, where EventBridge may use it: what becomes of an event
there, the program does not declare.

What is no bus must be in the rule's own Region. EventBridge uses topics, queues and functions by
their own policies, which it has to be let in by, or with the role of the target (EventBridge User
Guide, "Permissions for targets in EventBridge").
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from breakglass.proof.declared import service
from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Resource
from breakglass.proof.model import Decision, Verdict
from breakglass.proof.pager import PAGE, Batch, Pager, as_bus, lets_in_no_service, off, within_reach

BUS: Final = "aws:cloudwatch/eventBus:EventBus"
FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
PIPE: Final = "aws:pipes/pipe:Pipe"
QUEUE: Final = "aws:sqs/queue:Queue"
TOPIC: Final = "aws:sns/topic:Topic"

_EVENTS: Final = "events.amazonaws.com"
_USED_BY: Final[Mapping[str, str]] = {
    BUS: "events:PutEvents",
    FUNCTION: "lambda:InvokeFunction",
    QUEUE: "sqs:SendMessage",
    TOPIC: "sns:Publish",
}
"""What EventBridge calls to hand an event on, by the type of what a rule is aimed at."""


class Way(NamedTuple):
    """What becomes of what a rule takes: HOLDS where somebody hears it."""

    verdict: Outcome
    why: str = ""


_HEARD: Final = Way(Outcome.HOLDS)
_BEST_FIRST: Final = (Outcome.HOLDS, Outcome.BROKEN, Outcome.UNKNOWN, Outcome.NOT_PROVIDED)
"""A way that is broken is told though another one leads out of sight."""

Batches = Mapping[tuple[str, str], Batch]
"""The events that should be heard, by the account and region where they appear."""


class Ways:
    """The ways of single rules."""

    def __init__(self, pager: Pager, batches: Batches) -> None:
        self._pager, self._batches = pager, batches
        self._policies = pager.policies
        graph = pager.graph
        self._ends = {one.arn: one for type_ in _USED_BY for one in graph.of(type_)}
        self._piped = {one.get("source") for one in graph.of(PIPE)}
        self._permissions = list(graph.of(PERMISSION))

    def of(self, rule: Resource) -> Way:
        """The best way of a rule: one that reaches people; else one that is broken."""
        if fault := off(rule):
            return Way(Outcome.BROKEN, fault)
        ways = [self._by(rule, target) for target in self._pager.aimed(rule)]
        if not ways:
            return Way(Outcome.BROKEN, f"{rule} is aimed at nothing")
        return min(ways, key=lambda way: _BEST_FIRST.index(way.verdict))

    def _by(self, rule: Resource, target: Resource) -> Way:
        arn = str(target.get("arn"))
        if (near := within_reach(rule, arn)) is not True:
            return _another_region(rule, arn, unsure=near is None)
        end = self._ends.get(arn)
        if end is None:
            return _out_of_sight(f"What becomes of it at {arn} is not declared here: {target}")
        role = target.get("roleArn")
        if role and self._policies.role(str(role)) is None:
            return _out_of_sight(f"{target} acts with {role}, which is not declared here")
        refused = self._used(rule, end, str(role) if role else None)
        return refused or self._onward(rule, end)

    # --- what EventBridge may use

    def _used(self, rule: Resource, end: Resource, role: str | None) -> Way | None:
        """Say why EventBridge may not hand what a rule takes to where it is aimed."""
        action, on = _USED_BY[end.type], self._policies.target(end)
        if role is not None:
            verdicts = (
                self._pager.acts_with(_EVENTS, rule, role),
                self._pager.may(role, action, on),
            )
            return next((_refused(one, rule, end) for one in verdicts if not one.allowed), None)
        if end.type == FUNCTION:
            permitted = any(_permits(one, rule, end) for one in self._permissions)
            why = f"{rule} may not invoke {end}: no permission of it lets EventBridge"
            return None if permitted else Way(Outcome.BROKEN, why)
        if key := lets_in_no_service(end):
            return Way(Outcome.BROKEN, f"{end} is under {key}, which EventBridge cannot use")
        caller = service(_EVENTS, "EventBridge", source_arn=rule.arn)
        verdict = self._policies.decide(caller, action, on)
        if end.type == BUS and on.policy is None and end.account == rule.account:
            return None
        return None if verdict.allowed else _refused(verdict, rule, end)

    # --- where it goes on

    def _onward(self, rule: Resource, end: Resource) -> Way:
        if end.type == TOPIC:
            return _way(self._pager.topic_fault(end, PAGE))
        if end.type == QUEUE and end.arn in self._piped:
            return _way(self._pager.queue_fault(end, PAGE))
        if end.type == BUS:
            return self._over(rule, end)
        return _out_of_sight(f"Who is told by {end} is not declared here")

    def _over(self, rule: Resource, bus: Resource) -> Way:
        """What a rule hands to a bus must be taken there; these rules are judged by themselves."""
        there = self._pager.on_bus(bus)
        if not there:
            return Way(Outcome.BROKEN, f"{rule} is aimed at {bus}, where no rule takes anything")
        batch = self._batches.get((rule.account, rule.region))
        if batch is not None:
            lost = as_bus([rule], _stands).caught(batch) & as_bus(there, _stands).missed(batch)
            for event in batch.of(lost):
                name = event["detail"].get("eventName") or event["detail-type"]
                return Way(Outcome.BROKEN, f"No rule of {bus} takes {name}, which {rule} hands on")
        return _HEARD


def _stands(rule: Resource) -> None:
    """Nothing is said of the way onward."""
    del rule


def _way(fault: str | None) -> Way:
    return _HEARD if fault is None else Way(Outcome.BROKEN, fault)


def _out_of_sight(why: str) -> Way:
    return Way(Outcome.NOT_PROVIDED, why)


def _another_region(rule: Resource, arn: str, *, unsure: bool) -> Way:
    if unsure:
        why = f"Whether {arn} is in the Region of {rule} is not told"
        return Way(Outcome.UNKNOWN, why)
    why = f"{arn} is in another Region than {rule}, and only a bus may be"
    return Way(Outcome.BROKEN, why)


def _refused(verdict: Verdict, rule: Resource, end: Resource) -> Way:
    unsure = verdict.decision is Decision.UNKNOWN
    why = f"{rule} cannot hand what it takes to {end}. {verdict.reason}"
    return Way(Outcome.UNKNOWN if unsure else Outcome.BROKEN, why)


def _permits(permission: Resource, rule: Resource, function: Resource) -> bool:
    """Whether a permission lets EventBridge invoke a function for a rule."""
    named = str(permission.get("function"))
    for_it = named in {function.arn, function.get("name")} and not permission.get("qualifier")
    called: Sequence[str] = ("lambda:InvokeFunction", "lambda:*", "*")
    source = permission.get("sourceArn")
    return (
        for_it
        and permission.get("principal") in {_EVENTS, "*"}
        and permission.get("action") in called
        and (not source or fnmatchcase(rule.arn, str(source)))
        and permission.get("sourceAccount") in {None, rule.account}
    )
