"""The threat model: who may do what, what is denied to whom, what is only seen, and what is left.

Written from the results of attacks, so it says what was tried and not what was meant.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from breakglass.reference.markdown import anchor, page, table
from breakglass.reference.policies import EXAMPLE
from breakglass.rehearsal.attacks import ATTACKERS, Attacker, AttackResult, attack_all
from breakglass.rehearsal.attacks.attack import AttackVerdict
from breakglass.rehearsal.attacks.untried import UNTRIED
from breakglass.rehearsal.report import fault_of
from breakglass.rehearsal.stage import stage
from breakglass.settings import Organisation, load

PAGE: Final = "docs/explanation/threat-model.md"
"""Where the page of the example organisation is kept."""

Progress = Callable[[str], None]

_TITLE: Final = "Threat model"
_INTRODUCTION: Final = """\
Who could misuse the break-glass path, or blind those who watch it, and what keeps them from it.
Each line was tried, on the emulated accounts and GitHub of the organisation `{organisation}`:
{count} attacks, each with a legitimate act next to it that went through: the same call, where AWS
has one. `breakglass threat-model --org FILE` prints the same of an organisation of your own.

- **Denied**: something refuses, and the table names it: a statement of a policy, a rule of AWS's or
  GitHub's, or the settings.
- **Only detected**: nothing refuses it, by design. A deployed rule matches what CloudTrail records
  of it, and the record reaches the pager.
- **Residual**: nothing refuses it, and nothing tells of it yet. The reason says what stands in its
  place.

Whether an attempt rings is decided over the rules as they are deployed, with the least that
CloudTrail writes: of a refused call no parameters, only an error message that names the resource.
All of it holds as far as the emulation goes: see
[what the rehearsal does not model](not-modelled.md)."""

_PARTS: Final = (
    (AttackVerdict.DENIED, "Denied", "what denies it"),
    (AttackVerdict.DETECTED, "Only detected", "why nothing denies it"),
    (AttackVerdict.RESIDUAL, "Residual", "why nothing denies it, and what is left"),
    (AttackVerdict.NOT_PROVIDED, "Not provided", "what the organisation lacks"),
)
"""The verdicts that a sound topology leaves: each with the headings of its table and reasons."""

_KINDS: Final = tuple(kind for kind, _, _ in _PARTS)


def attacked(
    project: Path, file: Path, organisation: Organisation, progress: Progress = lambda _: None
) -> list[AttackResult]:
    """Apply an organisation to emulated accounts and attack it; no invariant is asked."""
    with stage(project, file, organisation, progress=progress) as standing:
        return attack_all(standing, lambda title: progress(f"attacking: {title}"))


def written(project: Path) -> str:
    """The page of the example organisation, from a rehearsal."""
    file = project / EXAMPLE
    organisation = load(file)
    return threat_model(organisation, attacked(project, file, organisation))


def threat_model(organisation: Organisation, results: Sequence[AttackResult]) -> str:
    """The page as Markdown. An attack that falls short is told first, as what it is."""
    notes = _Notes()
    sections = [
        _attacker(who, [one for one in results if one.attacker == who], notes) for who in Attacker
    ]
    return page(
        _TITLE,
        _INTRODUCTION.format(organisation=organisation.name, count=len(results)),
        _shortfalls(results),
        _overview(results),
        _residual(results),
        _untried(),
        *sections,
        notes.section(),
    )


class _Notes:
    """Why attempts ring nobody: each reason once, by number."""

    def __init__(self) -> None:
        self._reasons: dict[str, int] = {}

    def number(self, reason: str) -> int:
        """The number of a reason."""
        return self._reasons.setdefault(reason, len(self._reasons) + 1)

    def section(self) -> str:
        """The reasons, in the order of their numbers."""
        if not self._reasons:
            return ""
        lines = [f"{number}. {reason}" for reason, number in self._reasons.items()]
        return "\n".join(["## Why some attempts ring nobody", "", *lines])


# --- sections ----------------------------------------------------------------------------------


def _shortfalls(results: Sequence[AttackResult]) -> str:
    short = [f"- **{r.title}**: {fault_of(r)}" for r in results if r.falls_short]
    return "\n".join(["## What falls short", "", *short]) if short else ""


def _overview(results: Sequence[AttackResult]) -> str:
    rows = []
    for who in Attacker:
        counts = Counter(result.verdict for result in results if result.attacker == who)
        title = ATTACKERS[who].title
        rows.append([f"[{title}](#{anchor(title)})", *(str(counts[k] or "") for k in _KINDS)])
    head = ["attacker", "denied", "only detected", "residual", "not provided"]
    return f"## At a glance\n\n{table(head, rows)}"


def _residual(results: Sequence[AttackResult]) -> str:
    rows = [[one.title, one.reason] for one in results if one.verdict is AttackVerdict.RESIDUAL]
    head = ["what goes through unseen", "why, and what stands in its place"]
    return f"## What is left\n\n{table(head, rows)}" if rows else ""


def _untried() -> str:
    rows = [[one.what, one.reason] for one in UNTRIED]
    return f"## What is not tried\n\n{table(['what', 'why, and what stands instead'], rows)}"


def _attacker(who: Attacker, results: Sequence[AttackResult], notes: _Notes) -> str:
    """One attacker: what he can do by design, then what was tried, by what came of it."""
    about = ATTACKERS[who]
    parts = [f"## {about.title}", f"**By design:** {about.by_design}"]
    for kind, title, why in _PARTS:
        found = [one for one in results if one.verdict is kind]
        if found:
            rows = [[_titled(r, found), _why(r), _heard(r, notes)] for r in _once(found)]
            parts.append(f"**{title}**\n\n{table(['what is tried', why, 'who hears of it'], rows)}")
    return "\n\n".join(parts)


# --- cells -------------------------------------------------------------------------------------


def _once(results: Sequence[AttackResult]) -> list[AttackResult]:
    """Each attack once: with further scopes' roles it differs in the boundary's name alone."""
    return [result for result in results if "@" not in result.name]


def _titled(result: AttackResult, results: Sequence[AttackResult]) -> str:
    further = [r.name.partition("@")[2] for r in results if r.name.startswith(f"{result.name}@")]
    return (
        f"{result.title} (with the role of {', '.join(further)} too)" if further else result.title
    )


def _why(result: AttackResult) -> str:
    return f"`{result.by}`" if result.verdict is AttackVerdict.DENIED else result.reason


def _heard(result: AttackResult, notes: _Notes) -> str:
    if result.verdict is AttackVerdict.NOT_PROVIDED:
        return ""
    if not result.rules:
        return f"nobody ({notes.number(result.unseen)})"
    rules = ", ".join(dict.fromkeys(f"`{rule.name}`" for rule in result.rules))
    return f"{result.rules[0].tier}: {rules}"
