"""The keeper side: hub and pager, vault and witness, guardrails, and who keeps the record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from breakglass.picture import groups
from breakglass.picture.edge import CHIP_HEIGHT, GAP, HEADER, PILL_HEIGHT, ROW
from breakglass.picture.shapes import (
    CHIP,
    FRAME,
    NAME,
    NOTE,
    Anchor,
    Box,
    Flow,
    Point,
    Rect,
    Sheet,
    Sign,
    fit,
    listed,
)
from breakglass.settings import Account, AccountRole, Organisation, PagerEndpoint, Side
from breakglass.tamper import Tier
from breakglass.topology import Topology

PIPE: Final = 52.0
"""Length of the way that a pipe takes."""
STEP: Final = 26.0
CHIP_WIDTH: Final = 88.0
RULES_WIDTH: Final = 112.0
TRAIL_WIDTH: Final = 124.0
SECOND_WIDTH: Final = 96.0
INSIDE: Final = 3 * CHIP_WIDTH + PIPE + STEP
CARD_WIDTH: Final = 206.0
PILL_ROW: Final = PILL_HEIGHT + 14
MOST_ENDPOINTS: Final = 4


@dataclass(slots=True)
class Keeper:
    """The keeper side as drawn; ``x`` is the left edge of its frame."""

    organisation: Organisation
    sheet: Sheet
    x: float
    top: float
    bottom: float = 0
    hub: Rect | None = None
    vault: Rect | None = None
    bucket: Rect | None = None
    """The witness' bucket, where there is one."""
    _rules: list[Rect] = field(default_factory=list)
    _seconds: list[Rect] = field(default_factory=list)

    @property
    def topology(self) -> Topology:
        """What follows from the settings."""
        return Topology(self.organisation)

    @property
    def lane(self) -> float:
        """Where events go up to the hub."""
        return self.x + 15

    @property
    def boxes(self) -> float:
        """Left edge of the accounts."""
        return self.lane + 17

    @property
    def chips(self) -> float:
        """Left edge of what is in them."""
        return self.boxes + 12

    @property
    def boxes_right(self) -> float:
        """Right edge of the accounts."""
        return self.chips + INSIDE + 12

    @property
    def second_lane(self) -> float:
        """Where second trails go down to the witness."""
        return self.boxes_right + 14

    @property
    def cards(self) -> float:
        """Left edge of the cards of people and endpoints."""
        return self.second_lane + 22

    @property
    def right(self) -> float:
        """Right edge of the frame."""
        return self.cards + CARD_WIDTH + 18

    def draw(self) -> "Keeper":
        """Draw the accounts, the cards beside them, and the lines between."""
        y = self._logging(self.top) + GAP
        management = self.organisation.one(AccountRole.MANAGEMENT)
        if management:
            y = self._management(management, y) + GAP
        if self.topology.witness:
            y = self._witness(self.topology.witness, y) + GAP
        self._collect()
        self.bottom = max(y, self._cards() + GAP)
        return self

    # --- accounts ------------------------------------------------------------------------------

    def _account(self, account: Account, y: float, rows: float) -> None:
        place = Rect(self.boxes, y, self.boxes_right - self.boxes, HEADER + rows + 12)
        self.sheet.box(place, "account")
        self.sheet.write(self.chips, y + 22, fit(account.name, NAME, TRAIL_WIDTH + 20), NAME)
        self.sheet.write(
            self.chips, y + 39, fit(groups.note(account), NOTE, RULES_WIDTH + 60), NOTE
        )

    def _logging(self, y: float) -> float:
        """Hub, two ways to the pager, and the vault."""
        rows = 2 * ROW + PILL_ROW + CHIP_HEIGHT
        logging = self.organisation.logging
        self._account(logging, y, rows)
        first = y + HEADER
        self.hub = self._chip(0, first, CHIP_WIDTH, Flow.ALARM, "hub", "event bus")
        for row, tier in enumerate((Tier.PAGE, Tier.TICKET)):
            self._channel(tier, first + row * ROW)
        pills = first + 2 * ROW
        self._pills(logging, pills)
        self.vault = self._bucket(pills + PILL_ROW, "vault")
        for trail in self.topology.trails:
            if trail.account == logging:
                pill = self._trail_pill(pills, "trail")
                self._record((pill.center, pill.bottom), (pill.center, self.vault.y))
        return y + HEADER + rows + 12

    def _channel(self, tier: Tier, y: float) -> None:
        """From the hub over queue and pipe to the topic of one tier."""
        assert self.hub is not None  # noqa: S101 - drawn by the caller
        queue = self._chip(CHIP_WIDTH + STEP, y, CHIP_WIDTH, Flow.ALARM, "queue", tier)
        topic = self._chip(2 * CHIP_WIDTH + STEP + PIPE, y, CHIP_WIDTH, Flow.ALARM, "topic", tier)
        split = self.hub.right + 9
        way = ((split, self.hub.middle), (split, queue.middle), (queue.x, queue.middle))
        self._event((self.hub.right, self.hub.middle), *way)
        self._event((queue.right, queue.middle), (topic.x, topic.middle))
        self.sheet.write(
            (queue.right + topic.x) / 2 - 2, queue.middle - 6, "pipe", NOTE, anchor=Anchor.MIDDLE
        )

    def _management(self, management: Account, y: float) -> float:
        """The organisation's trail and the guardrails."""
        self._account(management, y, PILL_ROW + CHIP_HEIGHT)
        self._pills(management, y + HEADER)
        for trail in self.topology.trails:
            if trail.account == management and self.vault:
                noun = "organisation trail" if trail.organization else "trail"
                pill = self._trail_pill(y + HEADER, noun)
                self._record((pill.center, pill.y), (pill.center, self.vault.bottom))
        closed = ", ".join(account.name for account in self.topology.closed_accounts)
        place = Rect(self.chips, y + HEADER + PILL_ROW, INSIDE, CHIP_HEIGHT)
        note = f"SCPs at the root; RCPs at {closed}" if closed else "SCPs at the root"
        if self.organisation.organizations:
            self.sheet.chip(place, "neutral", "guardrails", note)
        return y + HEADER + PILL_ROW + CHIP_HEIGHT + 12

    def _witness(self, witness: Account, y: float) -> float:
        """The locked copy that the logging account cannot reach."""
        self._account(witness, y, PILL_ROW + CHIP_HEIGHT)
        self._pills(witness, y + HEADER)
        self.bucket = self._bucket(y + HEADER + PILL_ROW, "witness bucket")
        return y + HEADER + PILL_ROW + CHIP_HEIGHT + 12

    # --- what accounts hold --------------------------------------------------------------------

    def _chip(  # noqa: PLR0913, PLR0917 - its place and its words
        self, x: float, y: float, wide: float, flow: Flow, title: str, note: str
    ) -> Rect:
        return self.sheet.chip(Rect(self.chips + x, y, wide, CHIP_HEIGHT), flow, title, note)

    def _bucket(self, y: float, title: str) -> Rect:
        """A locked bucket."""
        retention = self.organisation.retention
        note = f"locked {retention.days} days, {retention.mode}"
        place = Rect(self.chips, y, INSIDE, CHIP_HEIGHT)
        return self.sheet.chip(place, Flow.RECORD, title, note, Sign.LOCK)

    def _pills(self, account: Account, y: float) -> None:
        """Rules, and the second trail, of a keeper's account."""
        rules = Rect(self.chips, y, RULES_WIDTH, PILL_HEIGHT)
        self._rules.append(
            self.sheet.pill(rules, Flow.ALARM, groups.rules_title(self.organisation))
        )
        if any(trail.account == account for trail in self.topology.second_trails):
            x = self.chips + INSIDE - SECOND_WIDTH
            second = Rect(x, y, SECOND_WIDTH, PILL_HEIGHT)
            self._seconds.append(self.sheet.pill(second, Flow.RECORD, "second trail"))

    def _trail_pill(self, y: float, title: str) -> Rect:
        x = self.chips + RULES_WIDTH + 5
        return self.sheet.pill(Rect(x, y, TRAIL_WIDTH, PILL_HEIGHT), Flow.RECORD, title)

    def _collect(self) -> None:
        """Events of these accounts go up to the hub, second trails down to the witness."""
        assert self.hub is not None  # noqa: S101 - drawn before
        hub = (self.hub.x, self.hub.middle)
        for pill in self._rules:
            way = ((self.lane, pill.middle), (self.lane, hub[1]), hub)
            self._event((pill.x, pill.middle), *way)
        for pill in self._seconds:
            if self.bucket:
                lane, goal = self.second_lane, (self.bucket.right, self.bucket.middle)
                self._record((pill.right, pill.middle), (lane, pill.middle), (lane, goal[1]), goal)

    def _event(self, *way: Point) -> None:
        self.sheet.line(Flow.ALARM, *way)

    def _record(self, *way: Point) -> None:
        self.sheet.line(Flow.RECORD, *way)

    # --- cards ---------------------------------------------------------------------------------

    def _cards(self) -> float:
        """Where pages and tickets go, and who keeps the record; returns the lower edge."""
        y = self.top
        for row, tier in enumerate((Tier.PAGE, Tier.TICKET)):
            topic = self.top + HEADER + row * ROW + CHIP_HEIGHT / 2
            endpoints = [e for e in self.organisation.pager if e.tier is tier]
            card = self._endpoints(tier, endpoints, y, topic)
            y = card.bottom + 12
        keepers = [p.name for p in self.organisation.people if p.side is Side.KEEPER]
        place = Rect(self.cards, y + 18, CARD_WIDTH, 54)
        self.sheet.box(place, "card account")
        self.sheet.mark(place.x + 10, place.middle - 8, Sign.PERSON)
        self.sheet.write(place.x + 34, place.y + 23, listed(keepers, CHIP, CARD_WIDTH - 44), CHIP)
        keep = "keeps" if len(keepers) == 1 else "keep"
        self.sheet.write(place.x + 34, place.y + 40, f"{keep} the record", NOTE)
        return place.bottom

    def _endpoints(
        self, tier: Tier, endpoints: Sequence[PagerEndpoint], y: float, topic: float
    ) -> Rect:
        """One card with the endpoints of a tier, and the way to it from the topic."""
        lines = [_endpoint(endpoint) for endpoint in endpoints[:MOST_ENDPOINTS]]
        if len(endpoints) > MOST_ENDPOINTS:
            lines.append(f"and {len(endpoints) - MOST_ENDPOINTS} more")
        lines = lines or ["nobody is told"]
        high = max(38 + 18 * len(lines), topic - y + 13)
        place = Rect(self.cards, y, CARD_WIDTH, high)
        self.sheet.box(place, "card account")
        self.sheet.mark(place.x + 10, place.y + 9, Sign.BELL, Flow.ALARM)
        title = "pager" if tier is Tier.PAGE else "tickets"
        self.sheet.write(place.x + 34, place.y + 22, title, CHIP)
        for row, line in enumerate(lines):
            text = fit(line, NOTE, CARD_WIDTH - 22)
            self.sheet.write(place.x + 12, place.y + 41 + 18 * row, text, NOTE)
        into = max(topic, place.y + 18)
        turn = self.second_lane
        start = (self.chips + INSIDE, topic)
        self._event(start, (turn, topic), (turn, into), (place.x, into))
        return place


def frame(sheet: Sheet, organisation: Organisation, place: Rect) -> None:
    """The keeper side's frame and title."""
    sheet.boxes.insert(0, Box(place, "frame", 12))
    sheet.write(place.x + 32, place.y + 25, "KEEPER SIDE", FRAME)
    deployer = organisation.deployers.keeper.split(":")[5]
    note = f"who keeps the record; applied by {deployer}"
    sheet.write(place.right - 14, place.y + 25, note, NOTE, anchor=Anchor.END)


def _endpoint(endpoint: PagerEndpoint) -> str:
    """Where an endpoint is, without what could be secret in a URL."""
    if endpoint.endpoint is None:
        return f"{endpoint.protocol}, a secret"
    return endpoint.endpoint.removeprefix("https://").split("?")[0]
