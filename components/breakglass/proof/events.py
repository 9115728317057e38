"""The catalogued calls as events of one place: those that page, those that are tickets, the rest.

Each is what EventBridge would deliver (`breakglass.tamper.samples`), allowed and refused. A call
that names the kit's resource in one of several ways is asked once for each of them alone, and a
refusal once for each error code, so that a pattern that forgets one is found out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, lru_cache
from typing import Final

from breakglass import tamper
from breakglass.proof.deliveries import TRAIL, records_objects
from breakglass.proof.graph import LOGGING, Graph
from breakglass.proof.pager import Batch, Told
from breakglass.proof.traffic import traffic
from breakglass.tamper import Call, Region, Tier
from breakglass.tamper.samples import (
    SAMPLE_ACCOUNT,
    SAMPLE_KEY_ARN,
    SAMPLE_REGION,
    sample_events,
)

_GLOBAL: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an account, as far as it decides which events appear there."""

    account: str
    region: str
    home: bool
    """Whether it is the organisation's home region."""
    objects: bool
    """Whether some trail selects calls on objects: these show where it does, and are asked of
    every place, since all have the same rules."""
    key: str | None
    """ARN of the kit's KMS key there; None without one."""

    @property
    def typical(self) -> "Place":
        """A place of the same kind, the same for all accounts."""
        region = self.region if self.region == _GLOBAL else SAMPLE_REGION
        return replace(self, account=SAMPLE_ACCOUNT, region=region)

    def has(self, call: Call) -> bool:
        """Whether the call can aim at the kit here: at a key only where it has one."""
        return not call.kit_keys or bool(call.kit_fields) or self.key is not None

    def shows(self, call: Call) -> bool:
        """Whether a call can appear here."""
        if call.data_event:
            return self.objects
        if call.region is Region.US_EAST_1:
            return self.region == _GLOBAL
        # Identity Center lives in the home region or in us-east-1
        return call.region is not Region.HOME or self.home or self.region == _GLOBAL


def places(graph: Graph) -> Iterator[Place]:
    """Yield every region of every account."""
    facts, recorded = graph.facts, objects_recorded(graph)
    keys = {(one.account, one.region): one.arn for one in graph.of("aws:kms/key:Key")}
    for account in facts.accounts:
        for region in facts.regions:
            home = region == facts.home_region
            yield Place(account.id, region, home, recorded, keys.get((account.id, region)))


def objects_recorded(graph: Graph) -> bool:
    """Whether a trail of the vault's account records the calls on its objects."""
    facts = graph.facts
    logging = facts.of(LOGGING)[0].id
    trails = (trail for trail in graph.of(TRAIL) if trail.account == logging)
    return any(records_objects(trail, f"arn:aws:s3:::{facts.vault}") for trail in trails)


def pages(place: Place) -> Batch:
    """Every call that pages. KMS calls are asked where the kit has a key."""
    return _batch(place, Loudness.PAGES)


def tickets(place: Place) -> Batch:
    """Every call that is a ticket: whatever it aims at, or on what is not the kit's."""
    return _batch(place, Loudness.TICKETS)


def ordinary(place: Place) -> Batch:
    """Calls that ring nobody: on an application's own resources, or of no weight at all."""
    return _batch(place, Loudness.NONE)


class Loudness(Enum):
    """Whom a call should ring."""

    PAGES = "pages"
    TICKETS = "tickets"
    NONE = "none"


@lru_cache(maxsize=16384)
def _batch(place: Place, loudness: Loudness) -> Batch:
    """The events of a place; without a key it is like any other place of its kind."""
    alike = place.key is None and place != place.typical
    like = _batch(place.typical, loudness) if alike else None
    return Batch(lambda: tuple(_events(place, loudness)), like)


def _events(place: Place, loudness: Loudness) -> Iterator[Told]:
    key = place.key or SAMPLE_KEY_ARN
    for call, on_kit in _calls(loudness):
        if place.shows(call) and (loudness is not Loudness.PAGES or place.has(call)):
            for one in sample_events(
                call,
                on_kit=on_kit,
                account=place.account,
                region=place.region,
                kms_key_arn=key,
            ):
                yield one.event, call.read_only
    if loudness is Loudness.NONE:
        yield from traffic(place.account, place.region)


@cache
def _calls(loudness: Loudness) -> Sequence[tuple[Call, bool]]:
    """The calls, each with whether it aims at the kit."""
    catalogue = tamper.catalogue()
    if loudness is Loudness.PAGES:
        return [(one, True) for call in catalogue.of(tier=Tier.PAGE) for one in _each_way(call)]
    tier = Tier.TICKET if loudness is Loudness.TICKETS else Tier.RECORD
    anything = [(one, True) for call in catalogue.of(tier=tier) for one in _each_way(call)]
    return [*anything, *((call, False) for call in catalogue if call.otherwise is tier)]


def _each_way(call: Call) -> Iterator[Call]:
    """Yield the call with each place that can name the kit alone, and with each code of refusal."""
    for where in call.kit_fields[1:]:
        yield replace(call, kit_fields=(where,))
    for code in call.denied:
        yield replace(call, kit_fields=call.kit_fields[:1], denied=(code,))
