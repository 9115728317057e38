"""What a rehearsal found, as plain values: for tables, for JSON, for whoever asks in a test."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Graph
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict
from breakglass.rehearsal.not_modelled import NOT_MODELLED, NotModelled
from breakglass.rehearsal.resources.apply import Kept

GITHUB: Final = "GitHub organisation"
"""Role of what is applied to GitHub."""

JSON_VERSION: Final = 2
"""Of the form that `Report.as_json` gives; a key that goes or means something else raises it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied to one account, or to the GitHub organisation."""

    name: str
    id: str
    """Account id; the organisation's login for GitHub."""
    role: str
    side: str
    resources: Mapping[str, int]
    """Type token to how many there are, most first."""

    @property
    def total(self) -> int:
        """How many resources there are."""
        return sum(self.resources.values())


@dataclass(frozen=True, slots=True)
class KeptInput:
    """An input that the emulator drops, of all resources of a type."""

    type: str
    property: str
    reason: str
    count: int
    """Of how many resources."""


@dataclass(frozen=True, slots=True)
class Report:
    """A rehearsal from its first resource to its last verdict."""

    organisation: str
    sides: tuple[str, ...]
    accounts: tuple[Applied, ...]
    attacks: tuple[AttackResult, ...]
    findings: tuple[Finding, ...]
    kept: tuple[KeptInput, ...]
    seconds: float
    peak_memory: int
    """Bytes that the process held at most."""
    not_modelled: Sequence[NotModelled] = NOT_MODELLED
    prepared: tuple[str, ...] = ()
    """Sides applied first because the others stand on them: neither counted nor asked about."""

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """Each thing that is not as it should be, in one line. Nothing asked is one of them."""
        lines = [f"attack {one.name}: {fault_of(one)}" for one in self.attacks if one.falls_short]
        lines += [
            f"invariant {one.name}: {one.verdict}: {one.reason}"
            for one in self.findings
            if one.falls_short
        ]
        if not self.attacks:
            lines.append("no attack was tried")
        if not self.findings:
            lines.append("no invariant was asked")
        return tuple(lines)

    @property
    def falls_short(self) -> bool:
        """Whether anything is not as it should be."""
        return bool(self.shortfalls)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; keys are never renamed within one ``version``."""
        return {
            "version": JSON_VERSION,
            "organisation": self.organisation,
            "sides": list(self.sides),
            "prepared": list(self.prepared),
            "falls_short": self.falls_short,
            "shortfalls": list(self.shortfalls),
            "accounts": [asdict(account) for account in self.accounts],
            "attacks": [{**asdict(one), "falls_short": one.falls_short} for one in self.attacks],
            "invariants": [
                {**asdict(one), "evidence": list(one.evidence), "falls_short": one.falls_short}
                for one in self.findings
            ],
            "kept_inputs": [asdict(one) for one in self.kept],
            "not_modelled": [asdict(one) for one in self.not_modelled],
            "seconds": round(self.seconds, 3),
            "peak_memory_bytes": self.peak_memory,
        }


def fault_of(attack: AttackResult) -> str:
    """What is wrong with an attack's outcome, in a few words."""
    if attack.error is not None:
        return attack.error
    if attack.verdict in {AttackVerdict.SUCCEEDED, AttackVerdict.UNKNOWN}:
        return f"{attack.verdict}: {attack.reason}"
    if not attack.expected_by:
        return f"denied by {attack.by}, where nothing denied it by design: say so"
    if not attack.twin_succeeded:
        return f"the legitimate act next to it was refused too: {attack.twin}"
    return f"denied by {attack.by}, where {attack.expected_by} should have been what denies it"


def applied(graph: Graph, *, github: str) -> tuple[Applied, ...]:
    """What stands in each account of the sides applied, and in the organisation ``github``."""
    types: dict[str, Counter[str]] = {}
    for resource in graph.resources:
        owner = github if resource.type.startswith("github:") else resource.account
        types.setdefault(owner, Counter())[resource.type] += 1
    accounts = [
        Applied(one.name, one.id, one.role, one.side, _most_first(types.get(one.id)))
        for one in graph.facts.accounts
        if one.side in graph.facts.sides
    ]
    if github in types:
        accounts.append(Applied("GitHub", github, GITHUB, "edge", _most_first(types[github])))
    return tuple(accounts)


def kept_inputs(kept: Iterable[Kept]) -> tuple[KeptInput, ...]:
    """What the overlay kept, counted by type and property."""
    counts = Counter((_type_of(one.urn), one.property, one.reason) for one in kept)
    return tuple(KeptInput(*what, count) for what, count in sorted(counts.items()))


def count_of(findings: Iterable[Finding]) -> Mapping[Outcome, int]:
    """How many invariants have each verdict."""
    return Counter(finding.verdict for finding in findings)


def _most_first(types: Counter[str] | None) -> dict[str, int]:
    return dict(sorted((types or {}).items(), key=lambda item: (-item[1], item[0])))


def _type_of(urn: str) -> str:
    """``aws:sns/topic:Topic`` from a URN, whose third part is the parents' types and its own."""
    return urn.split("::")[2].rpartition("$")[2]
