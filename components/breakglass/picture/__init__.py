"""The topology of an organisation as one picture, from its settings alone.

Left the edge side, right the keeper side. Nothing is laid out by chance or by a library: every
place is computed from how many accounts, ways in, scopes and endpoints there are.
"""

from collections.abc import Sequence
from typing import Final

from breakglass.picture import edge, keeper
from breakglass.picture.shapes import (
    BODY,
    CHIP,
    NOTE,
    TITLE,
    Flow,
    Rect,
    Sheet,
    Type,
    tinted,
)
from breakglass.picture.svg import render
from breakglass.settings import LockMode, Organisation, Side
from breakglass.topology import Topology

TOP: Final = 84.0
"""Upper edge of the frames."""
CONTENTS: Final = TOP + 42
BETWEEN: Final = 36.0
"""From one frame to the other."""

LEGEND_WORDS: Final = edge.LEFT + 116


def draw(organisation: Organisation) -> str:
    """The picture of ``organisation`` as an SVG document."""
    sheet, size = sheet_of(organisation)
    return render(
        sheet,
        size,
        title=f"Break-glass topology of {organisation.name}",
        description=described(organisation),
    )


def sheet_of(organisation: Organisation) -> tuple[Sheet, tuple[float, float]]:
    """Everything that is drawn, and how large the page is."""
    sheet = Sheet()
    right = keeper.Keeper(organisation, sheet, edge.RIGHT + BETWEEN, CONTENTS).draw()
    witness_at = right.bucket.middle if right.bucket else 0
    left = edge.Edge(organisation, sheet, CONTENTS, witness_at).draw()
    _across(sheet, left, right)
    bottom = max(left.bottom, right.bottom)
    edge.frame(sheet, organisation, Rect(edge.LEFT, TOP, edge.RIGHT - edge.LEFT, bottom - TOP))
    keeper.frame(sheet, organisation, Rect(right.x, TOP, right.right - right.x, bottom - TOP))
    wide = right.right + edge.LEFT
    _title(sheet, organisation)
    return sheet, (wide, _legend(sheet, organisation, bottom + 34))


def _across(sheet: Sheet, left: edge.Edge, right: keeper.Keeper) -> None:
    """What goes from the edge to the keepers; nothing goes back."""
    assert right.hub is not None  # noqa: S101 - every organisation has a hub
    if left.alarms:
        sheet.line(Flow.ALARM, left.alarms, (right.hub.x, right.hub.middle))
    turn = edge.RIGHT + BETWEEN / 2
    if left.trails and right.vault:
        goal, start = (right.vault.x, right.vault.middle), left.trails
        way = (start, (turn - 7, start[1]), (turn - 7, goal[1]), goal)
        sheet.line(Flow.RECORD, *way, bridge=right.bucket is not None)
    if left.second_trails and right.bucket:
        goal = (right.bucket.x, right.bucket.middle)
        start = left.second_trails
        sheet.line(Flow.RECORD, start, (turn + 7, start[1]), (turn + 7, goal[1]), goal)


def _title(sheet: Sheet, organisation: Organisation) -> None:
    sheet.write(edge.LEFT + 2, 40, f"Break-glass topology of {organisation.name}", TITLE)
    sheet.write(edge.LEFT + 2, 63, _counts(organisation), BODY)


def _counts(organisation: Organisation) -> str:
    retention = organisation.retention
    parts = (
        _many(len(organisation.accounts), "account"),
        _many(len(organisation.watched_regions), "region"),
        _many(len(organisation.github.repositories), "repository"),
        _many(len(organisation.scopes), "scope"),
        f"records locked for {_many(retention.days, 'day')} ({retention.mode})",
    )
    return " \u00b7 ".join(parts)


def _many(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("ry") else f"{count} {noun}s"


def _legend(sheet: Sheet, organisation: Organisation, y: float) -> float:
    """What the colours mean, and what this organisation lacks; returns the page's height."""
    for flow, title, text in _flows(organisation):
        sheet.line(flow, (edge.LEFT + 2, y - 4), (edge.LEFT + 42, y - 4))
        sheet.write(edge.LEFT + 54, y, title, tinted(CHIP, flow))
        sheet.write(LEGEND_WORDS, y, text, BODY)
        y += 22
    y += 8
    for missing in not_provided(organisation):
        sheet.write(edge.LEFT + 2, y, "NOT PROVIDED", Type(NOTE.size, "muted heavy", bold=True))
        sheet.write(LEGEND_WORDS, y, missing, NOTE)
        y += 19
    return y


def _flows(organisation: Organisation) -> Sequence[tuple[Flow, str, str]]:
    """Each colour's name and meaning."""
    way_in = "entry role, then break-glass role, for an hour at most, with incident and reason"
    alarms = "rules in every account and region put each activation and each tamper call on the hub"
    records = "trails of all regions into the vault"
    if Topology(organisation).witness:
        records += "; second trails into a bucket that the vault's account cannot reach"
    return (
        (Flow.ENTRY, "Way in", way_in),
        (Flow.ALARM, "Alarms", f"{alarms}; from there they go to people"),
        (Flow.RECORD, "Records", records),
    )


def not_provided(organisation: Organisation) -> list[str]:
    """What an organisation lacks the means for, each in one sentence."""
    missing = []
    if organisation.small:
        missing.append("Separation of duties: one team applies both sides.")
    if organisation.organizations is None:
        missing.append(
            "Guardrails: without AWS Organizations nothing binds an account's own admin."
        )
    if Topology(organisation).witness is None:
        missing.append("Witness: the record is in one account only.")
    if organisation.retention.mode is LockMode.GOVERNANCE:
        missing.append("Lock for good: whoever may bypass GOVERNANCE can delete the record.")
    return missing


def described(organisation: Organisation) -> str:
    """The picture in words."""
    topology = Topology(organisation)
    edge_side = ", ".join(account.name for account in organisation.on(Side.EDGE))
    keeper_side = ", ".join(account.name for account in organisation.on(Side.KEEPER))
    entries = ", ".join(entry.name for entry in organisation.entries)
    scopes = ", ".join(scope.name for scope in organisation.scopes)
    second = " Second trails go to the witness account." if topology.witness else ""
    return (
        f"Edge side: {edge_side}, and GitHub {organisation.github.organization}."
        f" Keeper side: {keeper_side}."
        f" People enter by {entries} and reach the break-glass roles {scopes}."
        f" Rules in every account and region send events to the hub in"
        f" {organisation.logging.name}, from there over queue, pipe and topic to the pager."
        f" Trails go to the locked vault in {organisation.logging.name}.{second}"
    )
