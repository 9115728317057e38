"""Every call that pages, allowed or refused, rings: from where it appears to whom it wakes.

Each page-tier call of the tamper catalogue is taken as the events that EventBridge would deliver
(`breakglass.tamper.samples`), in every account and in every region where it appears, matched with
the deployed patterns by the kit's own matcher, and followed over the hub. A rule counts only where
the whole way from it stands (`breakglass.proof.pager`). A reading call needs rules that take all
management events.

Calls on objects are events only in an account where a trail selects them; without such a trail
they are NOT PROVIDED, and so named. KMS calls are asked where the kit has keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from breakglass import tamper
from breakglass.proof.declared import policies_of
from breakglass.proof.deliveries import TRAIL, records_objects
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, LOGGING, Graph
from breakglass.proof.pager import Pager
from breakglass.tamper import Call, Region, Tier
from breakglass.tamper.samples import SAMPLE_KEY_ARN, Event, sample_events

NAME = "every_page_call_reaches_the_pager"

_GLOBAL = "us-east-1"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager = Examination(NAME), Pager(policies_of(graph))
    silent, lost = [], Lost()
    for call in tamper.catalogue().of(tier=Tier.PAGE):
        if call.data_event and not _objects_recorded(graph):
            silent.append(call.id)
            continue
        for account, region, event in _events(graph, call):
            look.asked += 1
            why = pager.unheard(account, region, event, read_only=call.read_only)
            if why is not None:
                lost.add(account, region, event, why)
    look.broken += lost.told()
    if silent:
        look.not_provided(f"No trail records the calls on the vault's objects: {', '.join(silent)}")
    return look.finding("Every call that pages is heard everywhere, and rings.")


@dataclass(slots=True)
class Lost:
    """Events that ring nobody, by where they appear and why."""

    found: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    def add(self, account: str, region: str, event: Event, why: str) -> None:
        """Note one event."""
        detail = event["detail"]
        refused = " (refused)" if "errorCode" in detail else ""
        name = f"{detail['eventName']}{refused}"
        self.found.setdefault((account, region, why), []).append(name)

    def told(self) -> list[str]:
        """Return one sentence a place and reason."""
        return [
            f"{names[0]} in {account} {region}{_more(names)} rings nobody: {why}"
            for (account, region, why), names in self.found.items()
        ]


def _more(names: list[str]) -> str:
    return f", like {len(names) - 1} more," if len(names) > 1 else ""


def _events(graph: Graph, call: Call) -> Iterator[tuple[str, str, Event]]:
    """Yield account, region and event, wherever the call appears."""
    for account, region in _places(graph, call):
        key = _key(graph, account, region)
        if call.kit_keys and not call.kit_fields and key is None:
            continue
        key = key or SAMPLE_KEY_ARN
        for sample in sample_events(call, account=account, region=region, kms_key_arn=key):
            yield account, region, sample.event


def _places(graph: Graph, call: Call) -> Iterator[tuple[str, str]]:
    facts = graph.facts
    if call.data_event:
        yield facts.of(LOGGING)[0].id, facts.home_region
        return
    regions = {
        Region.US_EAST_1: [_GLOBAL],
        Region.HOME: [facts.home_region],
        Region.RESOURCE: facts.regions,
        Region.EVERY: facts.regions,
    }[call.region]
    for account in facts.accounts:
        for region in regions:
            yield account.id, region


def _key(graph: Graph, account: str, region: str) -> str | None:
    """The kit's key in a region of an account, where there is one."""
    keys = (one for one in graph.of("aws:kms/key:Key") if one.account == account)
    return next((one.arn for one in keys if one.region == region), None)


def _objects_recorded(graph: Graph) -> bool:
    """Whether a trail of the vault's account records the calls on its objects."""
    facts = graph.facts
    logging = facts.of(LOGGING)[0].id
    trails = (trail for trail in graph.of(TRAIL) if trail.account == logging)
    return any(records_objects(trail, f"arn:aws:s3:::{facts.vault}") for trail in trails)
