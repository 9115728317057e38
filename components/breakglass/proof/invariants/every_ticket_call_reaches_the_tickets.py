"""Every call that is a ticket, allowed or refused, reaches the tickets, and wakes nobody.

Each ticket-tier call of the tamper catalogue, and each that is one where it does not aim at the
kit, is taken as the events that EventBridge would deliver (`breakglass.proof.events`), in every
account and region where it appears, and followed to those who take tickets as a page is followed to
those who are woken. No rule of the hub whose way ends at the pager may take one.

NOT PROVIDED where nobody takes tickets: they wait in their topic.
"""

from breakglass.proof.events import places, tickets
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.lost import Lost
from breakglass.proof.pager import PAGE, TICKET, pager_of

NAME = "every_ticket_call_reaches_the_tickets"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager = Examination(NAME), pager_of(graph)
    lost, loud = Lost("reaches no ticket", TICKET), pager.hub(PAGE)
    for place in places(graph):
        batch = tickets(place)
        lost.look(look, pager, place.account, place.region, batch)
        for event in batch.of(batch.all & ~loud.missed(batch)):
            name = event["detail"]["eventName"]
            look.breaks(f"{name} in {place.account} {place.region} wakes somebody for a ticket")
    lost.tell(look)
    if not any(endpoint.tier == TICKET for endpoint in graph.facts.pager):
        look.not_provided("Nobody takes tickets: they wait in their topic.")
    return look.finding("Every ticket arrives, and wakes nobody.")
