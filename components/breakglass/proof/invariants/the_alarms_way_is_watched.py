"""What can go wrong between a call and the pager is an alarm itself.

Each forwarding target has dead letters, and one alarm an account and region counts the rules' given
up events and the dead letters. At the hub each queue is watched for what waits and for what died,
each topic for what the pager did not take, and these alarms page. No threshold is so high that
nothing reaches it, and no queue forgets within days.
"""

import json
from collections.abc import Iterable
from typing import Any

from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import KEEPER, Graph, Resource

NAME = "the_alarms_way_is_watched"

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
PIPE = "aws:pipes/pipe:Pipe"
QUEUE = "aws:sqs/queue:Queue"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"

STALEST_PAGE = 900
"""Seconds after which a waiting page is an alarm at the latest."""

SHORTEST_MEMORY = 4 * 24 * 3600
"""Seconds that a queue keeps a message at least: a long weekend."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    look = Examination(NAME)
    for target in graph.of(TARGET):
        look.must(target.get("deadLetterConfig", "arn"), "What is given up is lost", target)
    for queue in graph.of(QUEUE):
        kept = int(queue.get("messageRetentionSeconds") or 0)
        look.must(kept >= SHORTEST_MEMORY, f"It forgets after {kept} seconds", queue)
        look.must(queue.get("sqsManagedSseEnabled") is True, "It is not encrypted", queue)
    _forwarding(look, graph)
    pipes = list(graph.of(PIPE))
    look.must(pipes, "There is no way to the pager that could be watched")
    for pipe in pipes:
        _channel(look, graph, pipe)
    return look.finding("Whatever gets stuck on the way to the pager is noticed.")


def _forwarding(look: Examination, graph: Graph) -> None:
    """In each account and region with rules: one alarm over all of them and their dead letters."""
    rules: dict[tuple[str, str], set[str]] = {}
    for rule in graph.of(RULE):
        if rule.get("eventBusName") in {None, "default"}:
            rules.setdefault((rule.account, rule.region), set()).add(str(rule.get("name")))
    for (account, region), names in rules.items():
        here = [a for a in graph.of(ALARM) if (a.account, a.region) == (account, region)]
        counted = {value for alarm in here if _rings_at(alarm, 0) for value in _dimensions(alarm)}
        unseen = sorted(names - counted)
        look.must(not unseen, f"{account} {region}: no alarm counts what {unseen} gave up")
        dead = [q for q in graph.of(QUEUE) if (q.account, q.region) == (account, region)]
        watched = any(str(q.get("name")) in counted for q in dead)
        look.must(watched, f"{account} {region}: no alarm counts the dead letters")


def _channel(look: Examination, graph: Graph, pipe: Resource) -> None:
    """Queue and topic of one pipe: each with an alarm that rings the pager's topic."""
    queue, topic = str(pipe.get("source")), str(pipe.get("target"))
    ends = queue.rsplit(":", 1)[-1], topic.rsplit(":", 1)[-1]
    pagers = {str(one.get("target")) for one in graph.of(PIPE)}
    for metric, name, most in (
        ("ApproximateAgeOfOldestMessage", ends[0], STALEST_PAGE),
        ("NumberOfNotificationsFailed", ends[1], 0),
    ):
        found = [
            alarm
            for alarm in graph.of(ALARM, metricName=metric)
            if name in _dimensions(alarm) and alarm.account == pipe.account
        ]
        rings = any(_rings_at(a, most) and pagers & set(a.get("alarmActions") or ()) for a in found)
        look.must(rings, f"No alarm on {metric} of {name} rings the pager", pipe)
    dead = _dead_letters(graph, queue)
    found = list(graph.of(ALARM, metricName="ApproximateNumberOfMessagesVisible"))
    rings = any(dead in _dimensions(a) and _rings_at(a, 0) and a.get("alarmActions") for a in found)
    look.must(dead and rings, f"No alarm on the dead letters of {ends[0]} rings the pager", pipe)


def _dead_letters(graph: Graph, queue_arn: str) -> str | None:
    """The name of the queue that a queue's undelivered messages go to."""
    for queue in graph.of(QUEUE):
        if queue.arn == queue_arn:
            policy = json.loads(queue.get("redrivePolicy") or "{}")
            return str(policy.get("deadLetterTargetArn", "")).rsplit(":", 1)[-1] or None
    return None


def _rings_at(alarm: Resource, most: float) -> bool:
    on = alarm.get("actionsEnabled") is not False
    above = alarm.get("comparisonOperator") == "GreaterThanThreshold"
    return on and above and float(alarm.get("threshold") or 0) <= most


def _dimensions(alarm: Resource) -> set[str]:
    """Every name that an alarm's metrics are about, in an expression's parts too."""
    queries: Iterable[Any] = alarm.get("metricQueries") or ()
    parts = [alarm.get("dimensions") or {}]
    parts += [(query.get("metric") or {}).get("dimensions") or {} for query in queries]
    return {str(value) for part in parts for value in part.values()}
