"""Whether a deployed rule takes the record of a call to the pager, and why not where none does.

The rules are read from the emulated accounts as they stand when the attacks begin, hub included;
nothing is computed anew from the catalogue. That each link from the hub to people lets the next one
through is an invariant's matter; here it has to be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from breakglass import names
from breakglass.patterns import Pattern
from breakglass.rehearsal.attacks.attack import Rule
from breakglass.rehearsal.attacks.records import Record
from breakglass.rehearsal.aws import store
from breakglass.rehearsal.stage import Stage
from breakglass.tamper import Call as Catalogued
from breakglass.tamper import Tier
from breakglass.tamper.rules import RuleState

_SWEEP: Final = "A sweep of the log files, not provided yet, would tell of it where they have it."
_LOUDNESS: Final = (Tier.PAGE, Tier.TICKET)


@dataclass(frozen=True, slots=True)
class Seen:
    """What deployed rules make of a record."""

    rules: tuple[Rule, ...]
    unseen: str
    """Why none matches; empty where one does."""
    missed: bool = False
    """Whether the catalogue wants a page for the call, and nothing explains why none comes."""


@dataclass(frozen=True, slots=True)
class _Deployed:
    """One rule that is switched on, and where it is aimed."""

    name: str
    pattern: Pattern
    reads: bool
    """Whether it takes reading calls too (EventBridge user guide, "Receiving read-only management
    events from AWS services")."""
    targets: tuple[str, ...]

    def takes(self, record: Record) -> bool:
        """Whether the record would set it off."""
        if record.read_only and not record.data and not self.reads:
            return False
        return self.pattern.matches(record.event)


class Rules:
    """The rules of every account and region of a stage, and the hub's."""

    def __init__(self, stage: Stage) -> None:
        organisation, topology = stage.organisation, stage.topology
        self._regions = frozenset(organisation.watched_regions)
        self._accounts = {account.id: account.name for account in organisation.accounts}
        self._forwarding = {
            (account, region): [
                rule for rule in _deployed(account, region) if topology.hub_arn in rule.targets
            ]
            for account in self._accounts
            for region in self._regions
        }
        hub, home = organisation.logging.id, organisation.home_region
        self._hub = _deployed(hub, home, topology.hub_arn)
        queues = {names.queue_arn(home, hub, tier.value): tier for tier in _LOUDNESS}
        self._queues = {arn: tier for arn, tier in queues.items() if _rings(arn)}
        self._selected = {account: tuple(_selected(account)) for account in self._accounts}
        self._recording = {account for account in self._accounts if _is_recorded(account)}

    def see(self, record: Record) -> Seen:
        """Match a record with the rules of the accounts and the region in which it appears."""
        rules = tuple(self._matching(record))
        if rules:
            loud = any(rule.tier is Tier.PAGE for rule in rules)
            return Seen(rules, "", missed=record.pages and not loud)
        why = self._blind(record) or self._cut(record) or _kept(record)
        return Seen((), why or "No deployed rule matches its record.", missed=why is None)

    def _matching(self, record: Record) -> Iterator[Rule]:
        tier = self._tier(record)
        if tier is not None:
            for account, rule in self._forwarders(record):
                yield Rule(account, record.region, rule.name, tier)

    def _forwarders(self, record: Record) -> Iterator[tuple[str, _Deployed]]:
        """The rules that put the record on the hub, and the account of each."""
        for account in record.accounts:
            selected = not record.data or self._selects(account, record)
            if account in self._recording and selected:
                for rule in self._forwarding.get((account, record.region), ()):
                    if rule.takes(record):
                        yield account, rule

    def _tier(self, record: Record) -> Tier | None:
        """Tell how loud the hub is about a record; None when it drops it."""
        taken = {arn for rule in self._hub if rule.takes(record) for arn in rule.targets}
        tiers = {self._queues[arn] for arn in taken if arn in self._queues}
        return next((tier for tier in _LOUDNESS if tier in tiers), None)

    def _cut(self, record: Record) -> str | None:
        """Say that the hub has the record and no way leads on from there."""
        if record.refused or not any(self._forwarders(record)):
            return None
        return "A rule puts it on the hub, and from there no way leads to the pager any more."

    def _selects(self, account: str, record: Record) -> bool:
        return any(record.resource.startswith(prefix) for prefix in self._selected.get(account, ()))

    def _blind(self, record: Record) -> str | None:
        """Say why no rule can see the record at all."""
        account, *_ = record.accounts
        if account not in self._accounts:
            return f"Its record lies in {account}, which is not the organisation's account."
        if account not in self._recording:
            return (
                f"No trail records the account {self._accounts[account]} any more, so its rules get"
                " no event."
            )
        if record.region not in self._regions:
            return f"No rule stands in {record.region}. {_SWEEP}"
        if record.data and not self._selects(account, record):
            return (
                f"A data event, which no trail of the account {self._accounts[account]} selects,"
                f" reaches no rule. {_SWEEP}"
            )
        return None


def _kept(record: Record) -> str | None:
    """Say why the rules need not see a record, or cannot know what it aims at."""
    found, detail = record.catalogued, record.event["detail"]
    name, told = detail["eventName"], str(detail.get("errorMessage", ""))
    if record.refused and record.resource == "*" and found and found.tier is Tier.PAGE:
        return f"IAM knows no resource for {name}, so the refusal need not name the kit's."
    if record.refused and record.resource not in told and (record.pages or "AssumeRole" in name):
        return "The refusal does not name what it refuses, by which a rule would know the kit's."
    if "iam:PassRole" in told:
        return "The refusal names the role that is handed over, and not what was to act with it."
    return None if record.pages else _quiet(name, found)


def _quiet(name: str, found: Catalogued | None) -> str:
    """Say why nobody is paged for a call that aims at nothing by which a rule knows the kit."""
    if "AssumeRole" in name:
        return "It aims at no role of the kit."
    if found is not None and found.kit_keys:
        return "Rules know the kit's keys by ARN, and no component makes a key yet."
    if found is None:
        return f"{name} stops, blinds and weakens nothing: the catalogue does not have it."
    return f"The catalogue keeps {name} for the record, unless it aims at the kit."


# --- what is deployed --------------------------------------------------------------------------


def _deployed(account: str, region: str, bus: str | None = None) -> list[_Deployed]:
    """Read the rules on a bus that are switched on."""
    return [
        _Deployed(
            rule.name,
            _pattern(rule.event_pattern.dump()),
            rule.state == RuleState.ALL,
            tuple(str(target["Arn"]) for target in rule.targets),
        )
        for rule in store.event_rules(account, region, bus)
        if rule.state != "DISABLED" and rule.event_pattern.dump()
    ]


@lru_cache(maxsize=256)  # every account has the same patterns
def _pattern(text: str) -> Pattern:
    return Pattern.load(text)


def _selected(account: str) -> Iterator[str]:
    """Yield the beginnings of the ARNs whose data events a trail of the account selects.

    "data events ... are delivered to EventBridge when a trail logs them" (EventBridge user guide,
    "AWS service events delivered via AWS CloudTrail").
    """
    for trail in store.trails(account):
        for selector in trail.advanced_event_selectors:
            fields = {one["Field"]: one for one in selector["FieldSelectors"]}
            if fields["eventCategory"].get("Equals") == ["Data"]:
                yield from fields.get("resources.ARN", {}).get("StartsWith", ())


def _is_recorded(account: str) -> bool:
    """Tell whether a trail that runs records the account.

    "To record events with one of the CloudTrail detail type values, you must have a trail with
    logging enabled" (EventBridge user guide, "AWS service events delivered via AWS CloudTrail").
    """
    management = store.management_account(account)
    above = [] if management is None else list(store.trails(management))
    own = [trail for trail in store.trails(account) if trail.status.is_logging]
    return bool(own) or any(one.is_org_trail and one.status.is_logging for one in above)


def _rings(queue_arn: str) -> bool:
    """Tell whether a pipe that runs takes from the queue to a topic that somebody hears whole."""
    return any(
        pipe.desired_state == "RUNNING" and _is_heard(pipe.target)
        for pipe in store.pipes_from(queue_arn)
    )


def _is_heard(topic_arn: str) -> bool:
    heard = store.subscriptions_of(topic_arn)
    return any(not one.attributes.get("FilterPolicy") for one in heard)
