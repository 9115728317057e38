"""Events that do not get where they should, told by place and reason and not one by one."""

from dataclasses import dataclass, field

from breakglass.proof.finding import Examination
from breakglass.proof.pager import PAGE, Batch, Event, Pager


@dataclass(slots=True)
class Lost:
    """Events that reach nobody, by where they appear and why."""

    what: str
    """What becomes of them, such as ``rings nobody``."""
    tier: str = PAGE
    found: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    def look(
        self, look: Examination, pager: Pager, account: str, region: str, batch: Batch
    ) -> None:
        """Note what is lost of the events that appear in a region of an account."""
        look.asked += len(batch)
        for event, why in pager.unheard(account, region, batch, self.tier):
            self.found.setdefault((account, region, why), []).append(_named(event))
        if self.found and look.hasty:
            self.tell(look)

    def tell(self, look: Examination) -> None:
        """Say what was lost: one sentence a place and reason."""
        for (account, region, why), names in self.found.items():
            where = f"{names[0]} in {account} {region}{_more(names)}"
            look.breaks(f"{where} {self.what}: {why}")


def _named(event: Event) -> str:
    detail = event["detail"]
    refused = " (refused)" if "errorCode" in detail else ""
    return f"{detail.get('eventName') or event['detail-type']}{refused}"


def _more(names: list[str]) -> str:
    return f", like {len(names) - 1} more," if len(names) > 1 else ""
