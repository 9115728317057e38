"""What is read first: the verdict, and what it rests on in figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from breakglass.page.anchors import attack_anchor, invariant_anchor
from breakglass.page.markup import Markup, tag, together
from breakglass.page.mutants import Hunt, fate, survivors
from breakglass.page.verdicts import Tone, sign
from breakglass.proof.finding import Outcome
from breakglass.rehearsal.attacks.attack import AttackVerdict
from breakglass.rehearsal.report import GITHUB, Report

MEBIBYTE: Final = 1024 * 1024


def heading(report: Report, at: datetime) -> Markup:
    """Whose report it is, of what and of when."""
    moment = at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    when = tag("time", f"{moment:%Y-%m-%d %H:%M:%S} UTC", datetime=f"{moment.isoformat()}Z")
    sides = " and ".join(report.sides)
    noun = "side" if len(report.sides) == 1 else "sides"
    return tag(
        "header",
        tag("p", "Rehearsal of a break-glass path", class_="kind"),
        tag("h1", report.organisation),
        tag("p", f"{sides} {noun}, ", when, class_="muted"),
    )


# --- the verdict -------------------------------------------------------------------------------


def verdict(report: Report, hunt: Hunt | None) -> Markup:
    """What falls short, in full; or that all is well."""
    short = [*_shortfalls(report), *_survivors(hunt)]
    tone = Tone.SHORT if short else Tone.WELL
    many = "thing falls" if len(short) == 1 else "things fall"
    said = f"{len(short)} {many} short" if short else "All is well, as far as the emulation goes"
    return tag(
        "section",
        tag("h2", sign(tone), said, id="verdict-words"),
        tag("ul", (tag("li", line) for line in short), class_="shortfalls") if short else None,
        tag(
            "p",
            _besides(report, hunt),
            "There are things that ",
            tag("a", "the emulation does not model", href="#not-modelled"),
            ".",
        ),
        class_=f"verdict {tone}",
        id="verdict",
        aria_labelledby="verdict-words",
    )


def _shortfalls(report: Report) -> Iterable[Markup]:
    """Each line of the report, with a link to the row that it speaks of."""
    rows = {f"attack {one.name}": attack_anchor(one.name) for one in report.attacks}
    rows |= {f"invariant {one.name}": invariant_anchor(one.name) for one in report.findings}
    for line in report.shortfalls:
        subject, colon, rest = line.partition(": ")
        if subject in rows:
            yield together(tag("a", subject, href=f"#{rows[subject]}"), colon, rest)
        else:
            yield together(line)


def _survivors(hunt: Hunt | None) -> Iterable[Markup]:
    for one in survivors(hunt):
        yield together(tag("a", f"mutant {one.mutant.name}", href="#mutants"), ": it survives")


def _besides(report: Report, hunt: Hunt | None) -> list[str]:
    """What the verdict does not speak of."""
    sentences = []
    if len(report.sides) == 1 and "all" not in report.sides:
        sentences.append(
            f"Only the {report.sides[0]} side is rehearsed, and attacks need both: none was tried."
        )
    sentences += [
        f"The {one} side was applied first, and is not reported." for one in report.prepared
    ]
    missing = sum(one.verdict is AttackVerdict.NOT_PROVIDED for one in report.attacks)
    lacking = sum(one.verdict is Outcome.NOT_PROVIDED for one in report.findings)
    if missing or lacking:
        sentences.append(
            f"Not provided, and no fault: {_many(missing, 'attack')} and"
            f" {_many(lacking, 'invariant')}, each with its reason below."
        )
    residual = sum(one.verdict is AttackVerdict.RESIDUAL for one in report.attacks)
    if residual:
        sentences.append(
            f"Neither refused nor seen so far: {_many(residual, 'attack')}, the residual, each with"
            " what has to stand in its place."
        )
    if hunt is None:
        sentences.append("No mutants were made.")
    return [f"{sentence} " for sentence in sentences]


# --- figures -----------------------------------------------------------------------------------


def figures(report: Report, hunt: Hunt | None) -> Markup:
    """The counts and the cost."""
    accounts = sum(one.role != GITHUB for one in report.accounts)
    tiles: tuple[tuple[str, str, str], ...] = (
        ("accounts", str(accounts), "and GitHub" if accounts < len(report.accounts) else ""),
        ("resources", _grouped(sum(one.total for one in report.accounts)), ""),
        ("attacks", _grouped(len(report.attacks)), _counted(one.verdict for one in report.attacks)),
        (
            "invariants",
            _grouped(len(report.findings)),
            _counted(one.verdict for one in report.findings),
        ),
        _mutants(hunt),
        ("time", f"{report.seconds:.1f} s", ""),
        ("memory", f"{report.peak_memory / MEBIBYTE:.0f} MiB", "at most, in one process"),
    )
    return tag("dl", (_tile(*tile) for tile in tiles), class_="figures")


def _mutants(hunt: Hunt | None) -> tuple[str, str, str]:
    if hunt is None:
        return "mutants", "\N{EN DASH}", "not run"
    return "mutants", _grouped(len(hunt.results)), _counted(fate(one) for one in hunt.results)


def _tile(name: str, figure: str, more: str) -> Markup:
    return tag(
        "div", tag("dt", name), tag("dd", figure), tag("dd", more, class_="more") if more else None
    )


def _counted(verdicts: Iterable[str]) -> str:
    """``144 denied, 1 detected``."""
    counts: Mapping[str, int] = dict(Counter(map(str, verdicts)).most_common())
    space = "\N{NO-BREAK SPACE}"
    return ", ".join(f"{count} {verdict}".replace(" ", space) for verdict, count in counts.items())


def _grouped(number: int) -> str:
    """``12\u202f345``: a thousand or more is told in groups of three."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
