"""A report as tables. Nothing is decided here."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from breakglass.cli.terminal import INDENTED, NONE, listing
from breakglass.proof.finding import Finding
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict
from breakglass.rehearsal.report import GITHUB, Applied, Report, fault_of

STYLES: Final = {
    "denied": "green",
    "detected": "yellow",
    "residual": "magenta",
    "succeeded": "bold red",
    "unknown": "bold red",
    "not provided": "yellow",
    "HOLDS": "green",
    "BROKEN": "bold red",
    "UNKNOWN": "bold red",
    "NOT PROVIDED": "yellow",
}
"""Colour of a verdict; the word says the same without colour."""

MOST_EVIDENCE: Final = 5
"""So many counterexamples of an invariant are told; the report as JSON has them all."""

MEBIBYTE: Final = 1024 * 1024


def show(report: Report, console: Console) -> None:
    """Print everything that a rehearsal found, worst last, where it is read first."""
    parts = (
        _headed("Accounts and resources", _accounts(report.accounts, console.width)),
        _headed("Attacks", _attacks(report.attacks, console.width)),
        _headed("Invariants", _invariants(report.findings, console.width)),
        _headed("What the emulation does not model", _not_modelled(report, console.width)),
        _headed("In short", _summary(report)),
    )
    for part in parts:
        console.print(part)


def _headed(title: str, body: RenderableType) -> RenderableType:
    return Group(Text(), Text(title, style="bold"), body)


# --- accounts ----------------------------------------------------------------------------------


def _accounts(accounts: Sequence[Applied], width: int) -> RenderableType:
    rows = [
        (
            Text(one.side),
            Text(one.name + ("" if one.role in {one.name, GITHUB} else f" ({one.role})")),
            Text(one.id),
            Text(str(one.total)),
            Text(_kinds(one)),
        )
        for one in accounts
    ]
    columns = ("side", "account", "id", "resources", "by service")
    return listing(columns, rows, width, numbers=("resources",))


def _kinds(account: Applied) -> str:
    """``cloudwatch 39, sqs 6``: resources by service; those of GitHub by type, in words."""
    kinds: Counter[str] = Counter()
    for token, count in account.resources.items():
        package, module, name = token.split(":")
        kinds[_words(name) if package == "github" else module.partition("/")[0]] += count
    return ", ".join(f"{kind}\u00a0{count}" for kind, count in kinds.most_common())


def _words(name: str) -> str:
    """``branch protection`` from ``BranchProtection``: a line can end between words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _short(token: str) -> str:
    """``Topic`` from ``aws:sns/topic:Topic``."""
    return token.rpartition(":")[2]


# --- attacks and invariants --------------------------------------------------------------------


def _attacks(attacks: Sequence[AttackResult], width: int) -> RenderableType:
    """How many attacks of each attacker ended how, and what the reader has to know of them."""
    reasons = {attack.reason for attack in attacks}
    if len(reasons) == 1 and all(attack.verdict == "not provided" for attack in attacks):
        return Text(f"None of {len(attacks)} was tried. {reasons.pop()}", style="yellow")
    if not attacks:
        return Text("none was tried", style="bold red")
    parts = [_by_attacker(attacks, width)]
    left = [one.title for one in attacks if one.verdict == "residual" and not one.falls_short]
    parts += _listed("Nothing denies it, and nothing tells of it:", "residual", left)
    parts += _listed("Not provided:", "not provided", _lacking(attacks))
    short = [one for one in attacks if one.falls_short]
    parts += [Text(), Text("Short:", style="bold red"), *map(_fault, short)] if short else []
    told = Text("`breakglass threat-model` tells of each attack.", style="dim")
    return Group(*parts, Text(), told)


def _listed(title: str, verdict: str, lines: Sequence[str]) -> Sequence[RenderableType]:
    return (Text(), Text(title, style=STYLES[verdict]), *map(_bullet, lines)) if lines else ()


def _by_attacker(attacks: Sequence[AttackResult], width: int) -> RenderableType:
    """One line an attacker: a number for each verdict that there is."""
    verdicts = [one for one in AttackVerdict if any(a.verdict is one for a in attacks)]
    rows = []
    for who in dict.fromkeys(attack.attacker for attack in attacks):
        his = [attack for attack in attacks if attack.attacker == who]
        counts = Counter(attack.verdict for attack in his)
        cells = (_number(counts[verdict], STYLES[verdict]) for verdict in verdicts)
        short = sum(attack.falls_short for attack in his)
        rows.append((Text(who.replace("-", " ")), *cells, _number(short, "bold red")))
    numbers = (*verdicts, "short")
    return listing(("attacker", *numbers), rows, width, numbers=numbers)


def _number(count: int, style: str) -> Text:
    return Text(str(count), style=style) if count else Text(NONE, style="dim")


def _lacking(attacks: Sequence[AttackResult]) -> Sequence[str]:
    """What the organisation lacks, each with the number of attacks that say nothing without it."""
    reasons = [one.reason.split("; ") for one in attacks if one.verdict == "not provided"]
    lacking = Counter(lack for reason in reasons for lack in reason)
    return [f"{lack} ({_attacks_of(count)})" for lack, count in lacking.most_common()]


def _attacks_of(count: int) -> str:
    return "1 attack" if count == 1 else f"{count} attacks"


def _fault(attack: AttackResult) -> RenderableType:
    """What was tried, and in red what is wrong with how it ended."""
    fault = Padding(Text(fault_of(attack), style="red"), INDENTED)
    return Padding(Group(Text(f"- {attack.title}"), fault), INDENTED)


def _invariants(findings: Sequence[Finding], width: int) -> RenderableType:
    if not findings:
        return Text("none was asked", style="bold red")
    rows = [
        (_verdict(one.verdict), Text(one.name.replace("_", " ")), _reason(one)) for one in findings
    ]
    return listing(("verdict", "invariant", "reason"), rows, width)


def _reason(finding: Finding) -> RenderableType:
    """The reason, with the first counterexamples where it falls short."""
    if not finding.falls_short:
        said = (Text(line, style="dim") for line in finding.evidence)
        return Group(Text(finding.reason), *said)
    shown = finding.evidence[:MOST_EVIDENCE]
    more = len(finding.evidence) - len(shown)
    lines = [*shown, *([f"and {more} more"] if more else [])]
    return Group(Text(finding.reason, style="red"), *map(_bullet, lines))


def _verdict(verdict: str) -> Text:
    return Text(verdict, style=STYLES[verdict], no_wrap=True)


# --- what is left out, and the sum ---------------------------------------------------------------


def _not_modelled(report: Report, width: int) -> RenderableType:
    """The standing list, then the inputs that the emulator dropped here."""
    told = [(one.area, one.what, one.reason) for one in report.not_modelled]
    told += [
        (
            "inputs",
            f"{_short(one.type)}.{one.property} is dropped ({one.count} resources)",
            one.reason,
        )
        for one in report.kept
    ]
    before = ["", *(area for area, _, _ in told)]
    rows = [
        (Text(area if area != earlier else ""), Text(what), Text(reason, style="dim"))
        for earlier, (area, what, reason) in zip(before, told, strict=False)
    ]
    return listing(("about", "what", "why, or what instead"), rows, width)


def _summary(report: Report) -> RenderableType:
    """Counts, cost, and what falls short."""
    total = sum(account.total for account in report.accounts)
    accounts = sum(account.role != GITHUB for account in report.accounts)
    places = f"{accounts} accounts" + (" and GitHub" if accounts < len(report.accounts) else "")
    sides = " and ".join(report.sides)
    memory = report.peak_memory / MEBIBYTE
    lines: list[RenderableType] = [
        Text(f"{report.organisation}, {sides}: {total} resources in {places}"),
        *(
            Text(f"the {one} side was applied first, and is not reported")
            for one in report.prepared
        ),
        Text(f"attacks: {_counted(one.verdict for one in report.attacks)}"),
        Text(f"invariants: {_counted(one.verdict for one in report.findings)}"),
        Text(f"{report.seconds:.1f} s, {memory:.0f} MiB at most in one process"),
        Text(),
    ]
    if not report.falls_short:
        return Group(*lines, Text("All is well, as far as the emulation goes.", style="bold green"))
    count = len(report.shortfalls)
    head = f"{count} {'thing falls' if count == 1 else 'things fall'} short:"
    return Group(*lines, Text(head, style="bold red"), *map(_bullet, report.shortfalls))


def _counted(verdicts: Iterable[str]) -> str:
    """``26 denied, 1 succeeded``."""
    counts = Counter(str(verdict) for verdict in verdicts)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()) or "none"


def _bullet(line: str) -> RenderableType:
    """One line of a list."""
    return Padding(Text(f"- {line}"), INDENTED)
