"""Every call that pages, allowed or refused, rings: from where it appears to whom it wakes.

Each page-tier call of the tamper catalogue is taken as the events that EventBridge would deliver
(`breakglass.proof.events`), in every account and in every region where it appears, matched with
the deployed patterns by the kit's own matcher, and followed over the hub. A rule counts only where
the whole way from it stands (`breakglass.proof.pager`). A reading call needs rules that take all
management events.

Calls on objects are events only in an account where a trail selects them; without such a trail
they are NOT PROVIDED, and so named. KMS calls are asked where the kit has keys.
"""

from breakglass import tamper
from breakglass.proof.events import objects_recorded, pages, places
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.lost import Lost
from breakglass.proof.pager import pager_of
from breakglass.tamper import Tier

NAME = "every_page_call_reaches_the_pager"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager, lost = Examination(NAME), pager_of(graph), Lost("rings nobody")
    for place in places(graph):
        lost.look(look, pager, place.account, place.region, pages(place))
    lost.tell(look)
    silent = [call.id for call in tamper.catalogue().of(tier=Tier.PAGE) if call.data_event]
    if not objects_recorded(graph):
        look.not_provided(f"No trail records the calls on the vault's objects: {', '.join(silent)}")
    return look.finding("Every call that pages is heard everywhere, and rings.")
