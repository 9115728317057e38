"""The facts of a program for which there is no organisation file: what it tells by itself.

The vault is the bucket that a trail of the program delivers to; a role of the path has the word
``break-glass`` in its path or name; a repository is protected where the program protects it. What
nothing tells is in `Facts.lacks`, with the reason.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from breakglass import names
from breakglass.checking import parts, roles
from breakglass.checking.accounts import Whose
from breakglass.checking.belonging import (
    BUCKET,
    BUS,
    PIPE,
    ROLE,
    RULE,
    TRAIL,
    belonging,
    is_break_glass,
    takes_records,
)
from breakglass.checking.doors import doors_in, doors_of_others, nobody_knows
from breakglass.checking.keeping import is_apart, recorded_in
from breakglass.checking.normal import normal, with_defaults
from breakglass.checking.production import is_production
from breakglass.checking.repositories import repositories_of, repository_names, the_app, unplaced
from breakglass.proof.declared import Declared
from breakglass.proof.graph import (
    EDGE,
    KEEPER,
    LOGGING,
    MANAGEMENT,
    NO_ORGANIZATION,
    NO_REGION,
    WITNESS,
    WORKLOAD,
    Account,
    Facts,
    Graph,
    Resource,
    Unread,
)
from breakglass.proof.kit import ALARMS

LEAST_RETENTION_DAYS: Final = 365
"""Days that a record must be locked where no organisation file says how many: the twelve months of
PCI DSS 4.0, requirement 10.5.1. The kit itself locks for a month more."""

_ORGANIZATION: Final = re.compile(r"\bo-[a-z0-9]{10,32}\b")
_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_NOBODY: Final = f"arn:aws:iam::{'0' * 11}9:role/whoever-applies-it"
"""Stands for a pipeline that nothing names."""
_SOMEBODY: Final = Account(
    f"{'0' * 11}9", "whoever keeps the record", LOGGING, KEEPER, names.deployer_arn(f"{'0' * 11}9")
)
"""Stands for the account of a keeper that nothing names."""


def graph_of(
    name: str,
    stacks: Sequence[str],
    resources: Iterable[Resource],
    accounts: Mapping[str, Whose],
    unread: Iterable[Unread],
) -> Graph:
    """Return what belongs to the path, with the facts that it tells."""
    everything = normal(resources)
    found = belonging(everything)
    buckets = record_buckets(found)
    keeping = {one.account for one in found if one.inputs.get("bucket") in buckets}
    doors = [door.role for door in doors_in(everything, keeping)]
    found = belonging(everything, doors) if doors else found
    found = with_defaults(found, buckets, repository_names(found))
    facts = _plain_facts(name, found, accounts, is_production(stacks))
    graph = Graph(facts, tuple(found))
    facts, more = _with_roles(_with_buckets(graph, buckets), graph)
    lacks = dict(_lacking(facts, graph, accounts, buckets))
    return Graph(
        replace(facts, lacks=lacks),
        graph.resources,
        (
            *unread,
            *_unreadable(graph),
            *unplaced(graph.resources),
            *more,
            *_of_doors(Graph(facts, graph.resources)),
            *nobody_knows(everything, keeping),
        ),
    )


def record_buckets(resources: Sequence[Resource]) -> list[str]:
    """Return the declared buckets that take records, the organisation's trail's first.

    Those that a trail delivers to, and those whose policy lets CloudTrail in.
    """
    trails = [one for one in resources if one.type == TRAIL]
    trails.sort(key=lambda one: one.inputs.get("isOrganizationTrail") is not True)
    named = [one.inputs.get("s3BucketName") for one in trails]
    named += [one.inputs.get("bucket") for one in resources if takes_records(one)]
    there = {one.inputs["bucket"] for one in resources if one.type == BUCKET and not one.unknown}
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name in there))


def seen_from(graph: Graph, vault: str) -> Graph:
    """Return the same graph with another of its buckets as the vault, and no witness."""
    return Graph(_with_buckets(graph, [vault]), graph.resources, graph.unread)


def watched_places(graph: Graph) -> set[tuple[str, str]]:
    """Return the accounts and regions with rules on their default bus."""
    return {
        (one.account, one.region)
        for one in graph.of(RULE)
        if one.inputs.get("eventBusName") in {None, "default"}
    }


# --- facts ----------------------------------------------------------------------------------------


def _plain_facts(
    name: str,
    found: Sequence[Resource],
    accounts: Mapping[str, Whose],
    production: bool | None,  # noqa: FBT001 - a fact among others
) -> Facts:
    """What is told whatever the vault and the roles are."""
    return Facts(
        name=name,
        production=production,
        small=False,
        sides=(KEEPER, EDGE),
        home_region=NO_REGION,
        regions=(),
        organization=_organization(found),
        root=_root(found),
        accounts=[
            Account(
                whose.id,
                whose.id,
                WORKLOAD,
                EDGE,
                whose.deployer or names.deployer_arn(whose.id),
            )
            for whose in accounts.values()
        ],
        pipelines={KEEPER: _NOBODY, EDGE: _NOBODY},
        people=(),
        entries=(),
        scopes=(),
        incident_prefix="",
        pager=(),
        forwards=_forwards(found),
        repositories=repositories_of(found),
        app=the_app(found),
        lock_mode="COMPLIANCE",
        retention_days=LEAST_RETENTION_DAYS,
        vault="",
        witness=None,
    )


def _of_doors(graph: Graph) -> Iterable[Unread]:
    """The doors to any of the buckets that other people's accounts have; none without a bucket."""
    seen = (seen_from(graph, bucket) for bucket in record_buckets(graph.resources))
    return dict.fromkeys(one for view in seen for one in doors_of_others(view))


def _with_buckets(graph: Graph, buckets: Sequence[str]) -> Facts:
    """Tell the vault, the witness where it is in another account, and whose account keeps.

    A trail alone tells neither: its bucket is another program's, and so is whoever keeps it.
    """
    owners = {str(one.inputs.get("bucket")): one for one in graph.of(BUCKET)}
    vault = owners.get(buckets[0]) if buckets else None
    keeper = vault or next(graph.of(BUS), None)
    second = next(
        (b for b in buckets[1:] if vault and owners[b].account != vault.account),
        None,
    )
    kept = dict.fromkeys(_managing(graph), MANAGEMENT)
    kept |= {} if keeper is None else {keeper.account: LOGGING}
    if second is not None:
        kept[owners[second].account] = WITNESS
    mode = _lock_mode(graph, buckets)
    trial = graph.facts.production is False and mode != "COMPLIANCE"
    return replace(
        graph.facts,
        accounts=_accounts(graph.facts.accounts, kept, _for_themselves(graph)),
        home_region=keeper.region if keeper else graph.facts.home_region,
        lock_mode=mode,
        retention_days=1 if trial else LEAST_RETENTION_DAYS,
        vault=buckets[0] if buckets else "",
        witness=second,
    )


def _accounts(
    known: Sequence[Account], kept: Mapping[str, str], for_themselves: Container[str]
) -> list[Account]:
    """The accounts, those that keep with their role: somebody keeps, if only somewhere else.

    Who keeps his own record and nobody else's is no keeper: he acts where the record is.
    """
    found = []
    for one in known:
        if one.id in kept:
            side = EDGE if one.id in for_themselves else KEEPER
            found.append(replace(one, role=kept[one.id], side=side))
        elif one.id != _SOMEBODY.id:  # who kept the vault in another view keeps something
            found.append(replace(one, role=WITNESS) if one.role == LOGGING else one)
    return found if LOGGING in kept.values() else [*found, _SOMEBODY]


def _for_themselves(graph: Graph) -> set[str]:
    """The accounts whose buckets hold their own record alone."""
    owners = {str(one.inputs.get("bucket")): one.account for one in graph.of(BUCKET)}
    alone: dict[str, bool] = {}
    for name in record_buckets(graph.resources):
        owner = owners[name]
        own = is_apart(recorded_in(graph, name), owner, ()) is False
        alone[owner] = own and alone.get(owner, True)
    return {owner for owner, own in alone.items() if own} - {*_managing(graph)}


def _managing(graph: Graph) -> Iterator[str]:
    """The accounts from which an organisation is managed."""
    for one in graph.resources:
        if one.type.startswith("aws:organizations/") or one.inputs.get("isOrganizationTrail"):
            yield one.account


def _lock_mode(graph: Graph, buckets: Sequence[str]) -> str:
    """The mode as it is declared: which one it must be, only production tells."""
    for one in graph.of(_LOCK):
        rule = (one.inputs.get("rule") or {}) if "rule" not in one.unknown else {}
        if one.inputs.get("bucket") in buckets[:1]:
            return str((rule.get("defaultRetention") or {}).get("mode") or "COMPLIANCE")
    return "COMPLIANCE"


def _with_roles(facts: Facts, graph: Graph) -> tuple[Facts, list[Unread]]:
    policies = Declared(Graph(replace(facts, organization=None), _policies_only(graph)))
    path = [one for one in graph.of(ROLE) if is_break_glass(one)]
    entries, scopes, unread = roles.paths(path, policies)
    around = dict.fromkeys(one.region for one in graph.resources if one.region)
    regions = roles.regions(path) or [*around] or [NO_REGION]
    return (
        replace(
            facts,
            entries=entries,
            scopes=scopes,
            home_region=regions[0] if facts.home_region == NO_REGION else facts.home_region,
            regions=regions,
            incident_prefix=roles.incident_prefix(path),
        ),
        unread,
    )


def _policies_only(graph: Graph) -> tuple[Resource, ...]:
    """The policies of roles that can be read: the others are told by who asks for them."""
    return tuple(one for one in graph.resources if "aws:iam/" in one.type and not one.unknown)


def _organization(found: Iterable[Resource]) -> str | None:
    """Id of the organisation, where the program makes it, asks for it, or names it."""
    for one in found:
        if one.type == "aws:organizations/organization:Organization":
            return one.id
        for value in one.inputs.values():
            if isinstance(value, str):
                if NO_ORGANIZATION in value:
                    return NO_ORGANIZATION
                if match := _ORGANIZATION.search(value):
                    return match[0]
    return None


def _root(found: Iterable[Resource]) -> str | None:
    """Id of the root, where a guardrail hangs on it."""
    targets = (
        one.inputs.get("targetId") for one in found if one.type.startswith("aws:organizations/")
    )
    return next((t for t in targets if isinstance(t, str) and t.startswith("r-")), None)


def _forwards(found: Sequence[Resource]) -> bool:
    """Whether there is a hub: a bus of its own, and a pipe that takes what rings from it."""
    return {BUS, PIPE} <= {one.type for one in found}


# --- what is not told -----------------------------------------------------------------------------


def _lacking(
    facts: Facts, graph: Graph, accounts: Mapping[str, Whose], buckets: Sequence[str]
) -> Iterator[tuple[str, str]]:
    logging = facts.of(LOGGING)[0].id
    told = [one for one in accounts.values() if one.told]
    there = {
        parts.VAULT: bool(buckets),
        parts.TRAIL: any(graph.of(TRAIL)),
        parts.WITNESS: facts.witness is not None,
        parts.TELLING: not any(_is_unsure(graph, name, accounts) for name in buckets),
        parts.APART: len(told) > 1 and len(told) == len(accounts),
        parts.PLACES: len(told) == len(accounts)
        and not any(one.region == NO_REGION for one in graph.resources),
        parts.DEPLOYERS: logging in accounts and accounts[logging].deployer is not None,
        parts.ENTRIES: bool(facts.entries or facts.scopes),
        parts.WAYS: bool(facts.entries),
        parts.ROLES: bool(facts.scopes),
        parts.PATH: bool(facts.entries or facts.scopes),
        parts.RUNBOOKS: False,
        parts.RULES: any(graph.of(RULE)),
        parts.HUB: facts.forwards,
        parts.ALARMS: any(any(graph.of(kind.type)) for kind in ALARMS),
        parts.WATCHED: set(accounts) <= {a for a, _ in watched_places(graph)},
        parts.TIERS: False,
        parts.HOME: False,
        parts.PEOPLE: False,
        parts.GUARDRAILS: False,
        parts.PROTECTION: bool(facts.repositories),
        parts.RULESETS: bool(facts.repositories),
        parts.REPOSITORIES: bool(facts.repositories),
        parts.ENVIRONMENTS: _waits_for(facts, "deployment"),
        parts.APPROVALS: _waits_for(facts, "review"),
    }
    elsewhere = any(graph.of(TRAIL)) and not buckets
    for part, is_there in there.items():
        if not is_there:
            of_trails = elsewhere and part == parts.VAULT
            yield part, parts.REASONS[parts.ELSEWHERE if of_trails else part]


def _waits_for(facts: Facts, kind: str) -> bool:
    """Whether some change waits for a gate of a kind."""
    return any(gate.kind == kind for one in facts.repositories for gate in one.gates)


def _is_unsure(graph: Graph, bucket: str, accounts: Mapping[str, Whose]) -> bool:
    """Whether a bucket may be, or may not be, in the very account that it holds the record of."""
    owner = next(one.account for one in graph.of(BUCKET) if one.inputs["bucket"] == bucket)
    recorded = recorded_in(graph, bucket)
    told = {one for one in (*recorded, owner) if one not in accounts or accounts[one].told}
    return is_apart(recorded, owner, told) is None


def _unreadable(graph: Graph) -> Iterator[Unread]:
    """Yield what belongs and cannot be told apart before it is applied."""
    for trail in graph.of(TRAIL):
        if "s3BucketName" in trail.unknown:
            why = "Where a trail delivers to is not known before it is applied"
            yield Unread(trail.name, trail.source, why)
