"""Every invariant asked of a graph, also where the program tells only some of what they ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from breakglass.checking import parts
from breakglass.checking.belonging import TRAIL
from breakglass.checking.inferred import record_buckets, seen_from
from breakglass.checking.parts import NEEDS, UNLISTED, Need
from breakglass.checking.repositories import ENVIRONMENT, PROTECTION, RULESET, declares
from breakglass.checking.roles import ways_in
from breakglass.errors import BreakGlassError
from breakglass.proof.declared import Declared
from breakglass.proof.finding import IMPOSSIBLE, Finding, Outcome, told
from breakglass.proof.graph import MANAGEMENT, Entry, Facts, Graph
from breakglass.proof.invariants import INVARIANTS, Check

READABLE: Final = "everything_can_be_read"
"""The name under which it is told what of a program cannot be read."""

_GUARDRAILS: Final = "aws:organizations/policyAttachment:PolicyAttachment"


def ask_all(graph: Graph) -> list[Finding]:
    """Ask every invariant, and whether everything can be read.

    Nothing that a graph holds raises: what cannot be decided is UNKNOWN, with the reason.
    """
    return [_readable(graph), *(_asked(name, check, graph) for name, check in INVARIANTS.items())]


def _readable(graph: Graph) -> Finding:
    if graph.unread:
        return told(READABLE, Outcome.UNKNOWN, tuple(map(str, graph.unread)))
    count = f"{len(graph.resources)} resources read"
    return Finding(READABLE, Outcome.HOLDS, "All that the program declares can be read.", (count,))


def _asked(name: str, check: Check, graph: Graph) -> Finding:
    if not graph.facts.lacks:
        return _decided(name, check, graph)
    need = NEEDS.get(name, UNLISTED)
    reasons = [graph.facts.lacks[part] for part in need.first if part in graph.facts.lacks]
    if reasons:
        return told(name, Outcome.NOT_PROVIDED, (reasons[0],))
    views = [*_views(name, graph)]
    if not views:
        reason = parts.REASONS[need.first[0]]
        return told(name, Outcome.NOT_PROVIDED, (reason,))
    findings = [_softened(_decided(name, check, view), need, view) for view in views]
    return _with_gaps(_joined(name, findings), need, graph.facts)


def _decided(name: str, check: Check, graph: Graph) -> Finding:
    """Ask one invariant. What it cannot read is no verdict, so it is UNKNOWN, and fails."""
    try:
        return check(graph)
    except BreakGlassError as error:
        return told(name, Outcome.UNKNOWN, (f"{error}",))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = f"It cannot read what the program declares: {type(error).__name__}: {error}"
        return told(name, Outcome.UNKNOWN, (why,))


# --- views: what of a program one invariant is asked about ----------------------------------------


def _views(name: str, graph: Graph) -> Iterator[Graph]:
    """Yield the graph as often as there is something that the invariant takes for the only one."""
    facts = graph.facts
    match name:
        case "vault_is_elsewhere_and_locked" | "vault_holds_in_its_own_account":
            yield from _of_each_bucket(graph)
        case "actor_cannot_touch_the_vault":
            for one in _of_each_bucket(graph):
                yield _changed(one, scopes=[replace(s, grants=()) for s in one.facts.scopes])
        case "every_account_is_recorded":
            yield from _of_each_record(graph)
        case "entry_trust_demands_what_it_must":
            yield _changed(graph, entries=[*facts.entries, *_one_hop(graph)])
        case "actor_cannot_silence_the_alarms" | "actor_cannot_touch_the_kits_principals":
            bound = any(graph.of(_GUARDRAILS)) and facts.of(MANAGEMENT)
            yield _changed(graph, organization=facts.organization if bound else None)
        case "enforce_admins_holds":
            yield from _of_repositories(graph, PROTECTION)
        case "the_app_is_the_only_bypass":
            yield from _of_repositories(graph, RULESET)
        case "deployment_gates_hold":
            yield from _of_repositories(graph, RULESET, ENVIRONMENT)
        case _:
            yield graph


def _changed(graph: Graph, **facts: object) -> Graph:
    return replace(graph, facts=replace(graph.facts, **facts))  # type: ignore[arg-type] # fields of Facts, named where it is called


def _of_each_bucket(graph: Graph) -> Iterator[Graph]:
    """The vault with its witness, and every further bucket by itself."""
    facts = graph.facts
    yield graph
    for bucket in record_buckets(graph.resources):
        if bucket not in {facts.vault, facts.witness}:
            yield seen_from(graph, bucket)


def _of_each_record(graph: Graph) -> Iterator[Graph]:
    """By bucket, declared or not: the trails into it."""
    facts = graph.facts
    declared = record_buckets(graph.resources)
    trails = [one for one in graph.of(TRAIL) if "s3BucketName" not in one.unknown]
    for bucket in dict.fromkeys(str(one.get("s3BucketName")) for one in trails):
        if bucket != facts.witness:
            seen = seen_from(graph, bucket) if bucket in declared else graph
            yield _changed(seen, vault=bucket)


def _one_hop(graph: Graph) -> list[Entry]:
    """Break-glass roles that no way in stands before: they are entered from outside."""
    behind = {entry.role_arn for entry in graph.facts.entries}
    policies = Declared(graph)
    return [
        entry
        for scope in graph.facts.scopes
        for entry in ways_in(scope, policies)
        if entry.principals and not behind & set(entry.principals)
    ]


def _of_repositories(graph: Graph, *types: str) -> Iterator[Graph]:
    """The repositories for which the program declares something of the kind."""
    kept = [
        one
        for one in graph.facts.repositories
        if any(declares(graph.resources, type_, one.name) for type_ in types)
    ]
    if kept:
        yield _changed(graph, repositories=kept)


# --- findings of several views --------------------------------------------------------------------


def _softened(finding: Finding, need: Need, view: Graph) -> Finding:
    """Take back what a guess broke: that somebody is refused who may not be meant at all."""
    if finding.verdict is not Outcome.BROKEN:
        return finding
    soft = [line for line in finding.evidence if line.startswith(IMPOSSIBLE)]
    hard = tuple(line for line in finding.evidence if not line.startswith(IMPOSSIBLE))
    if not soft or not (need.guessed or _is_elsewhere(view)):
        return finding
    unsure = (*finding.undecided, *(f"Is it meant to be so? {line}" for line in soft))
    if hard:
        return told(finding.name, Outcome.BROKEN, hard, unsure if need.guessed else ())
    if need.guessed:
        return told(finding.name, Outcome.UNKNOWN, unsure)
    reason = f"The bucket {view.facts.vault} is not declared here: whether it takes the records."
    return told(finding.name, Outcome.NOT_PROVIDED, (reason,))


def _is_elsewhere(view: Graph) -> bool:
    """Whether the record goes to a bucket that another program declares."""
    return bool(view.facts.vault) and view.facts.vault not in record_buckets(view.resources)


_WORST_FIRST: Final = (Outcome.BROKEN, Outcome.UNKNOWN, Outcome.NOT_PROVIDED, Outcome.HOLDS)


def _joined(name: str, findings: Sequence[Finding]) -> Finding:
    """Return the worst of several findings, with the evidence of all as bad."""
    verdict = next(v for v in _WORST_FIRST if any(one.verdict is v for one in findings))
    worst = [one for one in findings if one.verdict is verdict]
    if len(findings) == 1 or verdict is Outcome.HOLDS:
        return worst[0]
    unsure = [line for one in findings for line in one.undecided]
    if verdict is Outcome.BROKEN:
        unsure += [
            line for one in findings if one.verdict is Outcome.UNKNOWN for line in one.evidence
        ]
    lines = dict.fromkeys(line for one in worst for line in one.evidence or (one.reason,))
    return told(name, verdict, tuple(lines), tuple(dict.fromkeys(unsure)))


def _with_gaps(finding: Finding, need: Need, facts: Facts) -> Finding:
    """Where it holds as far as it was asked, say what it was not asked."""
    gaps = [facts.lacks[part] for part in need.besides if part in facts.lacks]
    if finding.verdict is Outcome.HOLDS and gaps:
        return told(finding.name, Outcome.NOT_PROVIDED, (f"So far it holds. {gaps[0]}",))
    return finding
