"""Reports to make pages of, without a rehearsal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from breakglass.proof.finding import Finding, Outcome
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict, Rule
from breakglass.rehearsal.report import GITHUB, Applied, KeptInput, Report
from breakglass.tamper import Tier

AT = datetime(2026, 3, 29, 14, 5, 6, tzinfo=UTC)

ATTACK = AttackResult(
    name="stop-the-trail",
    title="A responder stops the trail",
    attacker="responder",
    verdict=AttackVerdict.DENIED,
    by="break-glass-trails#NobodyEndsTheRecord",
    expected_by="break-glass-trails#NobodyEndsTheRecord",
    reason="Statement break-glass-trails#NobodyEndsTheRecord of an SCP denies it.",
    twin="The responder looks at a service",
    twin_succeeded=True,
    error=None,
    rules=(Rule("555555555555", "eu-west-1", "break-glass-kit-2", Tier.PAGE),),
    event={"detail": {"eventName": "StopLogging"}},
)
FINDING = Finding("vault_is_locked", Outcome.HOLDS, "The vault is locked.", ("7 asked",))

REPORT = Report(
    organisation="example",
    sides=("keeper", "edge"),
    accounts=(
        Applied("logging", "222222222222", "logging", "keeper", {"aws:s3/bucket:Bucket": 1200}),
        Applied("GitHub", "example-org", GITHUB, "edge", {"github:index/x:X": 1}),
    ),
    attacks=(ATTACK,),
    findings=(FINDING,),
    kept=(KeptInput("aws:sns/topic:Topic", "tracingConfig", "moto traces nothing", 2),),
    seconds=7.25,
    peak_memory=290 * 1024 * 1024,
)


@dataclass(frozen=True)
class Mutant:
    name: str
    kind: str = "statement dropped"
    resource: str = "vault-policy"
    change: str = "a statement is dropped"


@dataclass(frozen=True)
class Judged:
    mutant: Mutant
    killed_by: str | None
    verdict: Outcome = Outcome.BROKEN
    reason: str = ""


@dataclass(frozen=True)
class Hunted:
    results: tuple[Judged, ...]
    untouched_reads: tuple[str, ...] = ()
    seconds: float = 12.3
    survivors: tuple[Judged, ...] = field(default=())
