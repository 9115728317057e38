"""Accounts that hold the same are drawn as one, so that an organisation of any size fits a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from breakglass.settings import Account, AccountRole, Entry, Organisation, Scope, Side

MOST_APART: Final = 5
"""So many workloads are still drawn one by one."""

MOST_BOXES: Final = 6
"""So many boxes of workloads are drawn; the smallest groups beyond become one."""


@dataclass(frozen=True, slots=True)
class Group:
    """One account, or several that hold the same."""

    accounts: tuple[Account, ...]
    entries: tuple[Entry, ...] = ()
    """The ways in that these accounts hold."""
    scopes: tuple[Scope, ...] = ()
    """The scopes with a break-glass role here."""

    @property
    def title(self) -> str:
        """The account's name, or how many there are."""
        first = self.accounts[0]
        return first.name if len(self.accounts) == 1 else f"{len(self.accounts)} accounts"

    @property
    def note(self) -> str:
        """What the account is for and its id, or the first names."""
        if len(self.accounts) == 1:
            return note(self.accounts[0])
        return ", ".join(account.name for account in self.accounts)


def note(account: Account) -> str:
    """An account's id, and what it is for where its name does not say so."""
    return account.id if account.name == account.role else f"{account.role} \u00b7 {account.id}"


def rules_title(organisation: Organisation) -> str:
    """What an account's rules are called: they stand in every region."""
    regions = len(organisation.watched_regions)
    return "rules, 1 region" if regions == 1 else f"rules, {regions} regions"


def edge_groups(organisation: Organisation) -> Sequence[Group]:
    """The boxes of the edge side: accounts with a way in first, then the workloads."""
    boxes = [_group(organisation, account) for account in organisation.on(Side.EDGE)]
    first = [box for box in boxes if box.entries or _broker(box)]
    workloads: Sequence[Group] = [box for box in boxes if box not in first]
    if len(workloads) > MOST_APART:
        workloads = _at_most(MOST_BOXES, _alike(workloads))
    return [*first, *workloads]


def _group(organisation: Organisation, account: Account) -> Group:
    return Group(
        (account,),
        tuple(entry for entry in organisation.entries if entry.account == account.name),
        tuple(scope for scope in organisation.scopes if account.name in scope.accounts),
    )


def _broker(box: Group) -> bool:
    return box.accounts[0].role is AccountRole.BROKER


def _alike(boxes: Sequence[Group]) -> Sequence[Group]:
    """One group for each set of scopes, in the order of the file."""
    alike: dict[tuple[str, ...], list[Group]] = {}
    for box in boxes:
        alike.setdefault(tuple(scope.name for scope in box.scopes), []).append(box)
    return [_together(same) for same in alike.values()]


def _at_most(most: int, groups: Sequence[Group]) -> Sequence[Group]:
    """The largest groups as they are, and the others as one."""
    if len(groups) <= most:
        return groups
    by_size = sorted(groups, key=lambda group: len(group.accounts), reverse=True)
    kept = by_size[: most - 1]
    others = [group for group in groups if group not in kept]
    return [*(group for group in groups if group in kept), _together(others)]


def _together(groups: Sequence[Group]) -> Group:
    accounts = tuple(account for group in groups for account in group.accounts)
    scopes = {scope.name: scope for group in groups for scope in group.scopes}
    return Group(accounts, scopes=tuple(scopes.values()))
