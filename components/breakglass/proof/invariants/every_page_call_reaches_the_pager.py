"""Every call that pages, allowed or refused, rings: from where it appears to whom it wakes.

Each page-tier call of the tamper catalogue is taken as the events that EventBridge would deliver
(`breakglass.proof.events`), in every account and in every region where it appears, matched with
the deployed patterns by the kit's own matcher, and followed over the hub. A rule counts only where
the whole way from it stands (`breakglass.proof.pager`), and if it looks at nothing by which one
caller could be unseen (`breakglass.proof.looks`). A reading call needs rules that take all
management events.

Where alarms are not forwarded to a hub, which rules there should be is not told: each rule that is
there must lead to somebody by itself (`breakglass.proof.ways`), one that takes no call where it is
is UNKNOWN (`breakglass.proof.catching`), and the calls that no rule takes
are NOT PROVIDED, and so named.

Calls on objects are events only in an account where a trail selects them; without such a trail
they are NOT PROVIDED, and so named. KMS calls are asked where the kit has keys.
"""

from breakglass import tamper
from breakglass.errors import Undecided
from breakglass.proof.catching import takes_nothing
from breakglass.proof.events import objects_recorded, pages, places
from breakglass.proof.finding import Examination, Finding, Outcome, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph, Resource
from breakglass.proof.lost import Lost
from breakglass.proof.pager import RULE, Pager, pager_of
from breakglass.proof.ways import Ways
from breakglass.tamper import Tier

NAME = "every_page_call_reaches_the_pager"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager, lost = Examination(NAME), pager_of(graph), Lost("rings nobody")
    if not graph.facts.forwards:
        _rule_by_rule(look, pager)
        return look.finding("Whatever a rule takes is heard.")
    for place in places(graph):
        lost.look(look, pager, place.account, place.region, pages(place))
    lost.tell(look)
    silent = [call.id for call in tamper.catalogue().of(tier=Tier.PAGE) if call.data_event]
    if not objects_recorded(graph):
        look.not_provided(f"No trail records the calls on the vault's objects: {', '.join(silent)}")
    return look.finding("Every call that pages is heard everywhere, and rings.")


# --- without a hub --------------------------------------------------------------------------------


def _rule_by_rule(look: Examination, pager: Pager) -> None:
    rules = [one for one in pager.graph.of(RULE) if not one.get("scheduleExpression")]
    places_ = {(one.account, one.region): pages(one) for one in places(pager.graph)}
    ways = Ways(pager, places_)
    for rule in rules:
        _heard(look, ways, rule)
    for (account, region), batch in places_.items():
        here = pager.place(account, region)
        left = [
            event["detail"].get("eventName") for event in batch.of(batch.all & ~here.caught(batch))
        ]
        if here.rules and left:
            more = f"{left[0]} in {account} {region}, and {len(left) - 1} more"
            look.not_provided(f"No rule here takes every call that pages, such as {more}")


def _heard(look: Examination, ways: Ways, rule: Resource) -> None:
    """Demand that what a rule takes reaches somebody."""
    try:
        way = ways.of(rule)
    except Undecided as unknown:
        look.doubts(f"{unknown}")
        return
    look.asked += 1
    said = f"What {rule.get('name')} takes rings nobody: {way.why}"
    match way.verdict:
        case Outcome.BROKEN:
            look.breaks(said)
            return
        case Outcome.UNKNOWN:
            look.doubts(f"{said}?")
        case Outcome.NOT_PROVIDED:
            look.not_provided(way.why)
    if nothing := takes_nothing(rule):
        look.doubts(f"Does {rule} take any call? As far as is known here, {nothing}")
