"""What is no tampering rings nobody, and nothing but AWS itself can ring.

A pager that rings for every deployment is muted within a week. So no rule takes the catalogued
calls that are of no weight, nor those that page on the kit alone where they aim at an application's
own resources, in any account and region. And each rule names its sources, all of them AWS's own,
and the kinds of event: whoever may put events on a bus chooses every other field of an event, but
not a source that begins with ``aws.`` (EventBridge API Reference, PutEvents).

The twin: the calls on the kit that page are taken there.
"""

import json

from breakglass.proof.events import ordinary, pages, places
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph, Resource
from breakglass.proof.pager import PAGE, RULE, pager_of

NAME = "ordinary_work_rings_nobody"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager = Examination(NAME), pager_of(graph)
    for rule in graph.of(RULE):
        _pinned(look, rule)
    for place in places(graph):
        batch, here = ordinary(place), pager.place(place.account, place.region)
        look.asked += len(batch)
        for bus in (here, pager.hub(PAGE)):
            where = f"{place.account} {place.region}"
            look.must(bus.caught(pages(place)), f"{where}: no rule takes what pages")
            for event in batch.of(bus.caught(batch)):
                name = event["detail"]["eventName"]
                look.breaks(f"{name} in {where} rings for ordinary work")
    return look.finding("Ordinary work rings nobody, and no event can be forged.")


def _pinned(look: Examination, rule: Resource) -> None:
    look.must(not rule.get("scheduleExpression"), "It rings by the clock", rule)
    pattern = json.loads(rule.get("eventPattern") or "{}")
    for key, begins in (("source", "aws."), ("detail-type", "")):
        named = pattern.get(key) or ()
        own = [one for one in named if isinstance(one, str) and one.startswith(begins)]
        prefixed = [one for one in named if isinstance(one, dict) and one.keys() == {"prefix"}]
        fine = len(own) + (len(prefixed) if not begins else 0) == len(named)
        look.must(named and fine, f"An event of any {key} rings", rule)
