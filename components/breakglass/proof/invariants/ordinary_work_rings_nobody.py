"""What is no tampering rings nobody, and nothing but AWS itself can ring.

A pager that rings for every deployment is muted within a week. So no rule takes the catalogued
calls that are of no weight, nor those that page on the kit alone where they aim at an application's
own resources, in any account and region. And each rule names its sources, all of them AWS's own,
and the kinds of event: whoever may put events on a bus chooses every other field of an event, but
not a source that begins with ``aws.`` (EventBridge API Reference, PutEvents).

The twin: the calls on the kit that page are taken there.
"""

import json
from functools import lru_cache

from breakglass.proof.events import ordinary, pages, places
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph, Resource
from breakglass.proof.pager import PAGE, RULE, Batch, pager_of
from breakglass.proof.traffic import of_users

NAME = "ordinary_work_rings_nobody"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager = Examination(NAME), pager_of(graph)
    for rule in graph.of(RULE):
        _pinned(look, rule)
    for place in places(graph):
        users = _users(graph, place.account)
        here = pager.place(place.account, place.region)
        for bus in (here, pager.hub(PAGE)):
            where = f"{place.account} {place.region}"
            look.must(bus.caught(pages(place)), f"{where}: no rule takes what pages")
            for batch in (ordinary(place), _of_users(place.account, place.region, users)):
                look.asked += len(batch)
                for event in batch.of(bus.caught(batch)):
                    name = event["detail"].get("eventName") or event["detail-type"]
                    look.breaks(f"{name} in {where} rings for ordinary work")
    return look.finding("Ordinary work rings nobody, and no event can be forged.")


def _users(graph: Graph, account: str) -> tuple[str, ...]:
    """The IAM users of an account who may enter: most of what they do is no entry."""
    entries = (entry for entry in graph.facts.entries if entry.account == account)
    arns = (arn for entry in entries for arn in entry.principals if ":user/" in arn)
    return tuple(arn.rpartition("/")[2] for arn in arns)


@lru_cache(maxsize=4096)
def _of_users(account: str, region: str, users: tuple[str, ...]) -> Batch:
    return Batch(lambda: tuple(of_users(account, region, users)))


def _pinned(look: Examination, rule: Resource) -> None:
    look.must(not rule.get("scheduleExpression"), "It rings by the clock", rule)
    pattern = json.loads(rule.get("eventPattern") or "{}")
    for key, begins in (("source", "aws."), ("detail-type", "")):
        named = pattern.get(key) or ()
        own = [one for one in named if isinstance(one, str) and one.startswith(begins)]
        prefixed = [one for one in named if isinstance(one, dict) and one.keys() == {"prefix"}]
        fine = len(own) + (len(prefixed) if not begins else 0) == len(named)
        look.must(named and fine, f"An event of any {key} rings", rule)
