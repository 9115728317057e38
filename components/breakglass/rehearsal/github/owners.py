"""CODEOWNERS: who owns a file, as the base branch says it (GitHub: "About code owners")."""

from collections.abc import Iterable, Mapping

from breakglass.rehearsal.github.globs import owns
from breakglass.rehearsal.github.state import Organization

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The first that exists counts, in this order."""


def code_owners(tree: Mapping[str, str], paths: Iterable[str]) -> list[tuple[str, ...]]:
    """Give each distinct group of owners once; one approval of a group is enough."""
    text = next((tree[place] for place in LOCATIONS if place in tree), "")
    groups = {owners_of(text, path): None for path in sorted(paths)}
    return [group for group in groups if group]


def owners_of(text: str, path: str) -> tuple[str, ...]:
    """The last line that matches wins, also when it names nobody."""
    owners: tuple[str, ...] = ()
    for line in text.splitlines():
        pattern, *names = line.partition("#")[0].split() or [""]
        if pattern and owns(pattern, path):
            owners = tuple(names)
    return owners


def is_owner(owners: Iterable[str], login: str, organization: Organization) -> bool:
    """Tell whether a person is ``@login`` or in ``@organisation/team`` of the owners."""
    teams = {
        f"@{organization.login}/{team.slug}"
        for team in organization.teams.values()
        if login in team.members
    }
    return any(owner == f"@{login}" or owner in teams for owner in owners)
