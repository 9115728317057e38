"""The edge side: people, the ways in, what they lead to, and the repositories."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from breakglass.picture.groups import Group, edge_groups, rules_title
from breakglass.picture.shapes import (
    BODY,
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
    Type,
    listed,
    width,
    wrapped,
)
from breakglass.settings import Entry, EntryKind, Organisation, Repository, Scope
from breakglass.topology import Topology

LEFT: Final = 20.0
CARDS: Final = LEFT + 22
CARD_WIDTH: Final = 146.0
BOXES: Final = CARDS + CARD_WIDTH + 26
CHIPS: Final = BOXES + 12
CHIP_WIDTH: Final = 144.0
BUS: Final = CHIPS + CHIP_WIDTH + 20
SCOPES: Final = BUS + 22
SECOND_LANE: Final = SCOPES + CHIP_WIDTH + 20
TRAIL_LANE: Final = SECOND_LANE + 10
PILLS: Final = TRAIL_LANE + 12
PILL_WIDTH: Final = 118.0
BOX_RIGHT: Final = PILLS + PILL_WIDTH + 12
ALARM_LANE: Final = BOX_RIGHT + 13
RIGHT: Final = ALARM_LANE + 13

HEADER: Final = 50.0
"""From the upper edge of an account to its first row."""
CHIP_HEIGHT: Final = 42.0
ROW: Final = 54.0
PILL_HEIGHT: Final = 24.0
GAP: Final = 16.0
OWN_TRAIL: Final = 76.0
"""Height of an account's rows where it has a trail of its own."""

MOST_SCOPES: Final = 5
"""So many scopes of an account are drawn; the others are counted."""
MOST_REPOSITORIES: Final = 6
"""So many repositories are drawn; the others are counted."""

ONWARD: Final = (
    "Each way in leads to each break-glass role, for an hour at most, with incident, reason,"
    " gate and severity."
)
"""What the second hop demands."""

_SERVICES = Type(11.5, "muted")


@dataclass(slots=True)
class Edge:
    """The edge side as drawn: where its lines leave it."""

    organisation: Organisation
    sheet: Sheet
    top: float
    """Upper edge of the frame's contents."""
    witness_at: float = 0
    """How far down the witness' bucket is."""
    bottom: float = 0
    alarms: Point | None = None
    """Where the events of all accounts leave."""
    second_trails: Point | None = None
    """Where the second trails turn towards the witness."""
    trails: Point | None = None
    """Where the accounts' own trails turn towards the vault, where no organisation has one."""
    _workflow_cards: list[Rect] = field(default_factory=list)
    _entries: list[Rect] = field(default_factory=list)
    _scopes: list[Rect] = field(default_factory=list)
    _rules: list[Rect] = field(default_factory=list)
    _seconds: list[Rect] = field(default_factory=list)
    _trails: list[Rect] = field(default_factory=list)

    def draw(self) -> "Edge":
        """Draw accounts and GitHub, and the lines between."""
        entered_until = y = self.top
        for group in edge_groups(self.organisation):
            wide = bool(group.entries)
            y = self._account(group, y, wide=wide) + GAP
            entered_until = y if wide else entered_until
        github_bottom = self._github(entered_until)
        self._way_in()
        self._exits(y)
        lowest = self.second_trails or self.trails or (RIGHT, y - GAP)
        self.bottom = max(lowest[1], github_bottom) + GAP
        return self

    @property
    def _own_trails(self) -> bool:
        return not Topology(self.organisation).trails[0].organization

    # --- accounts ------------------------------------------------------------------------------

    def _account(self, group: Group, y: float, *, wide: bool) -> float:
        """One account, or a pile of like ones; returns its lower edge."""
        scopes = group.scopes[:MOST_SCOPES]
        more = len(group.scopes) - len(scopes)
        rows = max(len(group.entries), len(scopes), 1)
        x = BOXES if wide else SCOPES - 12
        high = max(rows * ROW, OWN_TRAIL if self._own_trails else 0) + (20 if more else 0)
        place = Rect(x, y, BOX_RIGHT - x, HEADER + high)
        self._pile(place, len(group.accounts))
        self._header(group, place)
        for row, entry in enumerate(group.entries):
            self._entry(entry, y + HEADER + row * ROW)
        for row, scope in enumerate(scopes):
            self._scope(scope, y + HEADER + row * ROW)
        if wide and not scopes:
            self._caption(y + HEADER)
        if more:
            note = f"and {more} more scopes"
            self.sheet.write(SCOPES, y + HEADER + len(scopes) * ROW + 4, note, NOTE)
        self._pills(group, y)
        return place.bottom

    def _pile(self, place: Rect, count: int) -> None:
        """The box; with two more behind it where it stands for several."""
        for step in (8, 4) if count > 1 else ():
            self.sheet.box(
                Rect(place.x + step, place.y + step, place.width - step, place.height), "account"
            )
        self.sheet.box(place, "account")

    def _header(self, group: Group, place: Rect) -> None:
        """Name and id, clear of the bus that may come from the account above."""
        passed = bool(self._entries) and bool(group.entries)
        x = SCOPES if passed else place.x + 12
        room = SECOND_LANE - 8 - x
        self.sheet.write(x, place.y + 22, listed([group.title], NAME, room), NAME)
        notes = group.note.split(", ")
        self.sheet.write(x, place.y + 39, listed(notes, NOTE, room), NOTE)

    def _pills(self, group: Group, y: float) -> None:
        """What each account has: rules, a second trail, or a trail of its own."""
        topology = Topology(self.organisation)
        names = {account.name for account in group.accounts}
        rules = self._pill(y + HEADER + 9, Flow.ALARM, rules_title(self.organisation))
        self._rules.append(rules)
        if any(trail.account.name in names for trail in topology.second_trails):
            self._seconds.append(self._pill(rules.y - 30, Flow.RECORD, "second trail"))
        if any(trail.account.name in names for trail in topology.trails):
            self._trails.append(self._pill(rules.bottom + 6, Flow.RECORD, "trail"))

    def _pill(self, y: float, flow: Flow, title: str) -> Rect:
        return self.sheet.pill(Rect(PILLS, y, PILL_WIDTH, PILL_HEIGHT), flow, title)

    # --- the way in ----------------------------------------------------------------------------

    def _entry(self, entry: Entry, y: float) -> None:
        """Who stands before an entry role, and the role."""
        card = Rect(CARDS, y, CARD_WIDTH, CHIP_HEIGHT)
        role = Rect(CHIPS, y, CHIP_WIDTH, CHIP_HEIGHT)
        if entry.kind is EntryKind.GITHUB_OIDC:
            repository = (entry.repository or "").split("/")[-1]
            self.sheet.chip(card, "neutral", "workflow", f"in {repository}", Sign.WORKFLOW)
            self._workflow_cards.append(card)
        else:
            who = listed(entry.people or ["who is let in"], CHIP, CARD_WIDTH - 44)
            how = "user, with MFA" if entry.kind is EntryKind.IAM_USER else "Identity Center"
            self.sheet.chip(card, "neutral", who, how, Sign.PERSON)
        self.sheet.chip(role, Flow.ENTRY, entry.name, "entry role")
        self.sheet.line(Flow.ENTRY, (card.right, card.middle), (role.x, role.middle))
        self._entries.append(role)

    def _caption(self, y: float) -> None:
        """What it takes to go on from here, where there is room to say so."""
        for row, line in enumerate(wrapped(ONWARD, NOTE, CHIP_WIDTH)):
            self.sheet.write(SCOPES, y + 14 + 16 * row, line, NOTE)

    def _scope(self, scope: Scope, y: float) -> None:
        """A break-glass role, and the services that it opens."""
        services = sorted({a.split(":")[0] for grant in scope.grants for a in grant.actions})
        note = listed(services, _SERVICES, CHIP_WIDTH - 18)
        place = Rect(SCOPES, y, CHIP_WIDTH, CHIP_HEIGHT)
        self._scopes.append(self.sheet.chip(place, Flow.ENTRY, scope.name, note))

    def _way_in(self) -> None:
        """Each entry role leads to each break-glass role."""
        if not self._entries or not self._scopes:
            return
        first, last = self._entries[0], self._scopes[-1]
        for role in self._entries:
            self._lead(role, last)
        for scope in self._scopes:
            self._lead(first, scope)

    def _lead(self, role: Rect, scope: Rect) -> None:
        way = ((role.right, role.middle), (BUS, role.middle), (BUS, scope.middle))
        self.sheet.line(Flow.ENTRY, *way, (scope.x, scope.middle))

    # --- what leaves ---------------------------------------------------------------------------

    def _exits(self, below: float) -> None:
        """Events go up to the first account's height, records down below the last.

        Second trails go as far down as the witness is, where that is lower.
        """
        exit_ = self._rules[0].middle
        for pill in self._rules:
            way = ((pill.right, pill.middle), (ALARM_LANE, pill.middle), (ALARM_LANE, exit_))
            self.sheet.line(Flow.ALARM, *way, (RIGHT, exit_), arrow=False)
        self.alarms = (RIGHT, exit_)
        if self._trails:
            self.trails = self._down(self._trails, TRAIL_LANE, below - 4)
        if self._seconds:
            self.second_trails = self._down(
                self._seconds, SECOND_LANE, max(below + 6, self.witness_at)
            )

    def _down(self, pills: Sequence[Rect], lane: float, y: float) -> Point:
        for pill in pills:
            way = ((pill.x, pill.middle), (lane, pill.middle), (lane, y), (RIGHT, y))
            self.sheet.line(Flow.RECORD, *way, arrow=False)
        return (RIGHT, y)

    # --- GitHub --------------------------------------------------------------------------------

    def _github(self, y: float) -> float:
        """The organisation's repositories with floor and gate; returns the lower edge."""
        github = self.organisation.github
        shown = github.repositories[:MOST_REPOSITORIES]
        more = len(github.repositories) - len(shown)
        app = list(wrapped(_app_note(self.organisation), NOTE, BUS - 26 - CARDS - 24))
        high = 50 + 58 * len(shown) + 16 * (len(app) + bool(more)) + 8
        place = self.sheet.box(Rect(CARDS, y, BUS - 14 - CARDS, high), "account")
        self.sheet.write(CARDS + 12, y + 22, f"GitHub \u00b7 {github.organization}", NAME)
        self.sheet.write(CARDS + 12, y + 39, f"{github.plan} plan", NOTE)
        for row, repository in enumerate(shown):
            self._repository(repository, y + 50 + 58 * row, place)
        notes = ([f"and {more} more repositories"] if more else []) + app
        for row, note in enumerate(notes):
            self.sheet.write(CARDS + 12, y + 58 + 58 * len(shown) + 16 * row + 4, note, NOTE)
        self._from_github(place)
        return place.bottom

    def _repository(self, repository: Repository, y: float, place: Rect) -> None:
        """A repository: what nobody may skip, and what an emergency may."""
        x, room = place.x + 58, place.width - 70
        floor = [gate.id for gate in repository.gates if not gate.skippable]
        gate = [gate.id for gate in repository.gates if gate.skippable]
        self.sheet.write(place.x + 12, y + 14, listed([repository.name], CHIP, room), CHIP)
        if repository.keeper:
            after = place.x + 20 + width(repository.name, CHIP)
            self.sheet.write(after, y + 14, "keeper: no bypass", NOTE)
        self.sheet.write(place.x + 12, y + 31, "floor", NOTE)
        self.sheet.write(x, y + 31, listed(["pull request", *floor], BODY, room), BODY)
        self.sheet.write(place.x + 12, y + 47, "gate", NOTE)
        self.sheet.write(x, y + 47, listed(gate or ["none"], BODY, room), BODY if gate else NOTE)

    def _from_github(self, place: Rect) -> None:
        """The workflows come from a repository: along the left, past the people."""
        lane = LEFT + 11
        start = (place.x, place.y + 18)
        for card in self._workflow_cards:
            way = ((lane, start[1]), (lane, card.middle), (card.x, card.middle))
            self.sheet.line(Flow.ENTRY, start, *way)


def frame(sheet: Sheet, organisation: Organisation, place: Rect) -> None:
    """The edge side's frame and title."""
    sheet.boxes.insert(0, Box(place, "frame", 12))
    sheet.write(place.x + 22, place.y + 25, "EDGE SIDE", FRAME)
    deployer = organisation.deployers.edge.split(":")[5]
    note = f"who may break the glass; applied by {deployer}"
    sheet.write(place.right - 14, place.y + 25, note, NOTE, anchor=Anchor.END)


def _app_note(organisation: Organisation) -> str:
    app = organisation.github.app
    if app is None:
        return "No App: nobody passes a gate."
    return f"The App {app.slug} passes a gate, by pull request. Nobody passes the floor."
