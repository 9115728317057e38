"""What can go wrong between a call and the pager is an alarm itself.

Each target gives up into a queue of the same account and region that takes it, and not sooner than
EventBridge does by itself within the hour. One alarm an account and region counts the rules' given
up events and the dead letters; it calls nobody, since an alarm calls topics of its own region
alone, but its change of state is an event, and that rings. At the hub each queue is watched for
what waits and for what died, each topic for what the pager did not take, and these alarms page. No
alarm is so slow or so high that nothing reaches it; no queue forgets within days, or holds a
message back. A page says what happened, where and by whom, and nobody but the listed endpoints
hears it, by a log of a pipe neither. Neither topic nor subscription has a delivery policy: SNS's
own tries often, and holds nothing back.

The twin is `every_page_call_reaches_the_pager`: the way that is watched here works.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, Final

from breakglass.proof.declared import Declared, policies_of, service
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import KEEPER, Graph, Resource
from breakglass.proof.pager import PAGE, RULE, TARGET, Batch, Pager, pager_of

NAME = "the_alarms_way_is_watched"

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
PIPE: Final = "aws:pipes/pipe:Pipe"
QUEUE: Final = "aws:sqs/queue:Queue"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
TOPIC: Final = "aws:sns/topic:Topic"

STALEST_PAGE: Final = 900
"""Seconds after which something that is stuck is an alarm at the latest."""

SLOWEST_ALARM: Final = 300
"""Seconds that a value must be over its threshold at most, before it is an alarm."""

SHORTEST_MEMORY: Final = 4 * 24 * 3600
"""Seconds that a queue keeps a message at least: a long weekend."""

SHORTEST_TRY: Final = 3600
"""Seconds that EventBridge tries at least; without a policy it does so for a day."""

LARGEST_EVENT: Final = 262144
"""Bytes of the largest event (Amazon EventBridge endpoints and quotas)."""

_SAYS: Final = ("detail.eventName", "account", "region", "detail.userIdentity.arn")
"""What a page must tell of its event."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    look, way = Examination(NAME), _Way(graph)
    for target in graph.of(TARGET):
        way.gives_up(look, target)
    for queue in graph.of(QUEUE):
        way.keeps(look, queue)
    for account, region, names in way.places():
        way.forwarding(look, account, region, names)
    pipes = list(graph.of(PIPE))
    look.must(pipes, "There is no way to the pager that could be watched")
    for pipe in pipes:
        way.channel(look, pipe)
    for one in graph.of(SUBSCRIPTION):
        way.listens(look, one)
    for one in graph.of(TOPIC):
        slowed = one.get("deliveryPolicy")
        look.must(not slowed, "It may tell late, or try too few times", one)
    for one in (*graph.of("aws:cloudwatch/eventBus:EventBus"), *pipes):
        sealed = one.get("kmsKeyIdentifier")
        look.must(not sealed, "It is sealed with a key that somebody can disable", one)
    return look.finding("Whatever gets stuck on the way to the pager is noticed.")


class _Way:
    """The parts of the way, found once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._policies: Declared = policies_of(graph)
        self._pager: Pager = pager_of(graph)
        self._queues = {one.arn: one for one in graph.of(QUEUE)}
        self._alarms: dict[tuple[str, str], list[Resource]] = {}
        for alarm in graph.of(ALARM):
            self._alarms.setdefault((alarm.account, alarm.region), []).append(alarm)
        self._rules = {_place(one, one.get("name")): one for one in graph.of(RULE)}
        self._dead: dict[tuple[str, str], set[str]] = {}
        for target in graph.of(TARGET):
            dead = self._queues.get(str(target.get("deadLetterConfig", "arn")))
            if dead and not target.get("eventBusName"):
                here = self._dead.setdefault((target.account, target.region), set())
                here.add(str(dead.get("name")))

    def places(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield each account and region with rules on the default bus, and these rules' names."""
        found: dict[tuple[str, str], list[str]] = {}
        for rule in self._rules.values():
            if rule.get("eventBusName") in {None, "default"}:
                found.setdefault((rule.account, rule.region), []).append(str(rule.get("name")))
        for (account, region), names in found.items():
            yield account, region, names

    # --- queues and what gives up into them

    def gives_up(self, look: Examination, target: Resource) -> None:
        """A target has dead letters beside it that take what its rule gives up."""
        dead = self._queues.get(str(target.get("deadLetterConfig", "arn")))
        rule = self._rules.get(_place(target, target.get("rule")))
        tries = target.get("retryPolicy") or {}
        seconds = tries.get("maximumEventAgeInSeconds") or SHORTEST_TRY
        patient = seconds >= SHORTEST_TRY and tries.get("maximumRetryAttempts") != 0
        look.must(patient, "An event is given up at once", target)
        if not look.must(dead, "What is given up is lost", target) or dead is None:
            return
        beside = (dead.account, dead.region) == (target.account, target.region)
        look.must(beside, f"It gives up into another place, {dead}", target)
        if look.must(rule, "It belongs to no rule", target) and rule:
            rests_on = rule.arn, self._policies.target(dead), self._policies.rcps(dead.account)
            look.once(self._graph.facts, rests_on, partial(self._may_give_up, look, rule, dead))

    def _may_give_up(self, look: Examination, rule: Resource, dead: Resource) -> None:
        caller = service("events.amazonaws.com", "EventBridge", source_arn=rule.arn)
        verdict = self._policies.decide(caller, "sqs:SendMessage", self._policies.target(dead))
        look.must_allow(verdict, f"{rule} gives up into {dead}")

    def keeps(self, look: Examination, queue: Resource) -> None:
        """A queue keeps its messages, under no key that can be disabled, and holds none back."""
        kept = int(queue.get("messageRetentionSeconds") or 0)
        look.must(kept >= SHORTEST_MEMORY, f"It forgets after {kept} seconds", queue)
        own = queue.get("sqsManagedSseEnabled") is True and not queue.get("kmsMasterKeyId")
        look.must(own, "It is not encrypted with SQS's own key", queue)
        look.must(not queue.get("delaySeconds"), "It holds messages back", queue)
        hidden = int(queue.get("visibilityTimeoutSeconds") or 0)
        look.must(hidden <= STALEST_PAGE, f"It hides messages for {hidden} seconds", queue)
        most = int(queue.get("maxMessageSize") or LARGEST_EVENT)
        look.must(most >= LARGEST_EVENT, f"It takes no more than {most} bytes", queue)

    # --- from an account to the hub

    def forwarding(self, look: Examination, account: str, region: str, names: list[str]) -> None:
        """In each account and region with rules: one alarm over all of them and their letters."""
        here = [one for one in self._alarms.get((account, region), ()) if _is_prompt(one)]
        ringing = [one for one in here if self._rings(one)]
        look.must(ringing, f"{account} {region}: no alarm on what is lost rings")
        given_up = {name for one in ringing for name in _counted(one, _GIVEN_UP)}
        unseen = sorted(set(names) - given_up)
        look.must(not unseen, f"{account} {region}: no alarm counts what {unseen} gave up")
        letters = {name for one in ringing for name in _counted(one, _LETTERS)}
        dead = self._dead.get((account, region), set())
        counted = dead and dead <= letters
        look.must(counted, f"{account} {region}: no alarm counts the dead letters")

    def _rings(self, alarm: Resource) -> bool:
        """Whether an alarm calls a topic that pages, or rings by its change of state."""
        if self._pages(alarm):
            return True
        event = _change_of_state(alarm.account, alarm.region, str(alarm.get("name")))
        return not any(self._pager.unheard(alarm.account, alarm.region, event))

    def _pages(self, alarm: Resource) -> bool:
        """Whether an alarm calls a topic that pages."""
        return any(self._calls(alarm, str(arn)) for arn in alarm.get("alarmActions") or ())

    def _calls(self, alarm: Resource, arn: str) -> bool:
        """Whether an alarm may publish to a topic, and those who are woken hear it."""
        topic = next((one for one in self._graph.of(TOPIC) if one.arn == arn), None)
        if topic is None or self._pager.topic_fault(topic, PAGE):
            return False
        caller = service("cloudwatch.amazonaws.com", "CloudWatch", source_arn=alarm.arn)
        target = self._policies.target(topic)
        there = (topic.account, topic.region) == (alarm.account, alarm.region)
        return there and self._policies.decide(caller, "sns:Publish", target).allowed

    # --- from the hub to people

    def channel(self, look: Examination, pipe: Resource) -> None:
        """Queue and topic of one pipe: each with an alarm that pages."""
        queue = self._queues.get(str(pipe.get("source")))
        if not look.must(queue, "It takes from no queue that is declared", pipe) or queue is None:
            return
        topic = str(pipe.get("target")).rpartition(":")[2]
        dead = self._dead_letters(look, queue)
        here = [one for one in self._alarms.get((pipe.account, pipe.region), ()) if _is_prompt(one)]
        for watched, name in (
            (_WAITING, str(queue.get("name"))),
            (_REFUSED, topic),
            (_LETTERS, dead),
        ):
            found = [one for one in here if name in set(_counted(one, watched))]
            calling = [one for one in found if self._pages(one)]
            what = f"No alarm on {watched['metric']} of {name} rings the pager"
            look.must(calling, what, pipe)
        size = pipe.get("sourceParameters", "sqsQueueParameters", "batchSize")
        look.must(size == 1, "Several messages may become one page", pipe)
        look.must(not pipe.get("logConfiguration"), "Whoever has its log reads along", pipe)
        says = str(pipe.get("targetParameters", "inputTemplate") or "")
        silent = [part for part in _SAYS if says and f"<$.body.{part}>" not in says]
        look.must(not silent, f"A page does not say {', '.join(silent)}", pipe)

    def _dead_letters(self, look: Examination, queue: Resource) -> str | None:
        """The name of the queue that undelivered messages go to, where they do so in time."""
        policy = json.loads(queue.get("redrivePolicy") or "{}")
        tries = int(policy.get("maxReceiveCount") or 0)
        seconds = tries * int(queue.get("visibilityTimeoutSeconds") or 30)
        look.must(0 < seconds <= STALEST_PAGE, f"It is tried {tries} times before it dies", queue)
        dead = self._queues.get(str(policy.get("deadLetterTargetArn")))
        there = dead and (dead.account, dead.region) == (queue.account, queue.region)
        look.must(there, "Its dead letters go to no queue beside it", queue)
        takes = dead and _takes_dead_letters(dead, queue.arn)
        look.must(takes, "Its dead letters are not taken where they go", queue)
        return str(dead.get("name")) if dead else None

    def listens(self, look: Examination, subscription: Resource) -> None:
        """Only those hear pages and tickets whom the settings list, and they hear all.

        Settings list somebody; nobody is listed where a program was read without them.
        """
        look.must(not subscription.get("filterPolicy"), "It hears only some", subscription)
        slowed = subscription.get("deliveryPolicy")
        look.must(not slowed, "It may hear late, or be tried too few times", subscription)
        if not self._graph.facts.pager:
            return
        who = subscription.get("protocol"), subscription.get("endpoint")
        known = any(
            who[0] == one.protocol and one.address in {None, who[1]}
            for one in self._graph.facts.pager
        )
        look.must(known, f"{who[0]} {who[1]} hears what is not for him", subscription)


def _takes_dead_letters(dead: Resource, queue_arn: str) -> bool:
    """Whether a queue's redrive permission lets another one in; without one it does so.

    Amazon SQS Developer Guide, "Configure a dead-letter queue redrive".
    """
    policy = json.loads(dead.get("redriveAllowPolicy") or "{}")
    if policy.get("redrivePermission", "allowAll") == "byQueue":
        return queue_arn in (policy.get("sourceQueueArns") or ())
    return bool(policy.get("redrivePermission", "allowAll") == "allowAll")


# --- alarms ---------------------------------------------------------------------------------------

_GIVEN_UP: Final = {
    "namespace": "AWS/Events",
    "metric": "FailedInvocations",
    "of": "RuleName",
    "unit": "Count",
}
_LETTERS: Final = {
    "namespace": "AWS/SQS",
    "metric": "ApproximateNumberOfMessagesVisible",
    "of": "QueueName",
    "unit": "Count",
}
_WAITING: Final = {
    "namespace": "AWS/SQS",
    "metric": "ApproximateAgeOfOldestMessage",
    "of": "QueueName",
    "unit": "Seconds",
    "most": str(STALEST_PAGE),
}
_REFUSED: Final = {
    "namespace": "AWS/SNS",
    "metric": "NumberOfNotificationsFailed",
    "of": "TopicName",
    "unit": "Count",
}
"""What is watched: a metric, the dimension that names its source, its unit, and the most that may
be."""


def _is_prompt(alarm: Resource) -> bool:
    """Whether an alarm is on, and is over its threshold soon after its metric is."""
    periods = int(alarm.get("evaluationPeriods") or 0)
    of_each = [int(metric.get("period") or 0) for metric in _metrics(alarm)]
    slowest = periods * max(of_each, default=0) if all(of_each) else 0
    within = 0 < slowest <= SLOWEST_ALARM and int(alarm.get("datapointsToAlarm") or 1) <= periods
    above = alarm.get("comparisonOperator") == "GreaterThanThreshold"
    # what sends nothing is well: a missing value must neither ring always nor keep it ringing
    quiet = alarm.get("treatMissingData") in {None, "missing", "notBreaching"}
    return within and above and quiet and alarm.get("actionsEnabled") is not False


def _counted(alarm: Resource, watched: Mapping[str, str]) -> Iterator[str]:
    """The names of what an alarm watches for a metric, by itself or as a part of one sum."""
    most = float(watched.get("most", 0))
    threshold = alarm.get("threshold")
    if threshold is None or not 0 <= float(threshold) <= most:
        return
    for metric in _metrics(alarm):
        named = metric.get("dimensions") or {}
        same = (metric.get("namespace"), metric.get("metricName")) == (
            watched["namespace"],
            watched["metric"],
        )
        same = same and _has_data(metric, alarm.account, watched["unit"])
        if same and metric.get("stat") in {"Maximum", "Sum"} and named.keys() == {watched["of"]}:
            yield str(named[watched["of"]])


def _has_data(metric: Mapping[str, Any], account: str, unit: str) -> bool:
    """Whether a metric is asked for as AWS sends it, in the account that it is sent in.

    In another unit or account there is no data, so nothing is ever over a threshold (CloudWatch API
    Reference, PutMetricAlarm, ``Unit``, and MetricDataQuery, ``AccountId``).
    """
    return metric.get("unit") in {None, "", unit} and metric.get("accountId") in {None, "", account}


def _metrics(alarm: Resource) -> Iterable[Mapping[str, Any]]:
    """The metrics of an alarm: its own, or those that it sums up."""
    queries = alarm.get("metricQueries") or ()
    if not queries:
        keys = ("namespace", "metricName", "period", "dimensions", "unit")
        return [{"stat": alarm.get("statistic"), **{key: alarm.get(key) for key in keys}}]
    returned = [one for one in queries if one.get("returnData")]
    summed = [one.get("expression") for one in returned] == ["SUM(METRICS())"]
    counted = [one for one in queries if one not in returned] if summed else ()
    own = {"unit": alarm.get("unit")}
    return [
        {**own, **(one.get("metric") or {}), "accountId": one.get("accountId")} for one in counted
    ]


@lru_cache(maxsize=4096)
def _change_of_state(account: str, region: str, name: str) -> Batch:
    """An alarm's change of state (CloudWatch User Guide, "Alarm events and EventBridge")."""
    event = {
        "version": "0",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": account,
        "region": region,
        "resources": [],
        "detail": {"alarmName": name, "state": {"value": "ALARM"}},
    }
    return Batch(lambda: ((event, False),))


def _place(one: Resource, rule: object) -> tuple[str, str, str, str]:
    bus = str(one.get("eventBusName") or "default").rpartition("/")[2]
    return one.account, one.region, bus, str(rule)
