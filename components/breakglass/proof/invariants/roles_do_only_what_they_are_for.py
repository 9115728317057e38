"""Entry roles enter, break-glass roles do their runbook, service roles serve, and none does more.

An entry role's policies allow nothing but to assume the declared break-glass roles, by full ARN,
and a workflow's only under its own source identity. A break-glass role's policies, and its
boundary, allow the scope's own actions, on the scope's resources, and the roles that it lists. Any
other role is there for an AWS service: for the rules and pipes that act with it, or to read the
records. It is lent to that service alone, for its own account alone (IAM User Guide, "The confused
deputy problem"), and its policies allow what those need, on what they are aimed at.

What is allowed is read from the statements, so it holds of every action that there is or will be:
an Allow that names more, with ``NotAction`` or ``NotResource`` too, speaks against it.

The twin: each grant of a scope is allowed by the role's policies and by its boundary, and each
service role may do what it is for.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from breakglass.proof import declared, kit
from breakglass.proof.activation import PERSON
from breakglass.proof.declared import Declared, Target, Written, policies_of, statements_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Entry, Graph, Resource, Scope
from breakglass.proof.model import Decision
from breakglass.proof.named import apart, named_in
from breakglass.proof.pager import TARGET

_IDENTITY = "sts:SourceIdentity"

NAME = "roles_do_only_what_they_are_for"

_ENTERING: Final = frozenset({"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"})
_READS: Final = ("s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion")
_LISTINGS: Final = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
_TAKES: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_OPENING: Final = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetSourceIdentity",
    "sts:TagSession",
)
"""What a trust policy decides."""

_HOUR: Final = 3600

_ANYBODY: Final = Written(
    "a trust policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}]}',
)

Pair = tuple[str, str]
"""An action, and the resource that it is allowed on, both as the statement has them."""


class Service(NamedTuple):
    """What a role is for that an AWS service acts with."""

    name: str
    needs: frozenset[Pair]


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    behind = frozenset(arn for scope in graph.facts.scopes for arn in scope.roles.values())
    of_the_path = {*behind}
    for entry in graph.facts.entries:
        of_the_path.add(entry.role_arn)
        role = policies.role(entry.role_arn)
        if look.must(role, f"The role {entry.role_arn} is not declared") and role:
            _only_enters(look, policies, role, behind)
            _enters_all(look, policies, role, behind)
            _as_itself(look, policies, entry, behind)
    for scope in graph.facts.scopes:
        for account, arn in scope.roles.items():
            role = policies.role(arn)
            if look.must(role, f"The role {arn} is not declared") and role:
                _only_its_runbook(look, policies, role, scope, account)
    services = _services(graph)
    for role in graph.of(kit.ROLE.type):
        if role.arn not in of_the_path:
            _only_serves(look, policies, role, services.get(role.arn))
    return look.finding("Every role does what it is for, and nothing else.")


# --- entry roles ----------------------------------------------------------------------------------


def _only_enters(
    look: Examination, policies: Declared, role: Resource, behind: frozenset[str]
) -> None:
    for statement in _allowing(policies.identity(role)):
        named, resources = _all(statement, "Action"), _all(statement, "Resource")
        more = sorted(named - _ENTERING) or sorted(resources - behind)
        look.must(
            _plain(statement) and not more, f"The entry role may do more than enter: {more}", role
        )


def _enters_all(
    look: Examination, policies: Declared, role: Resource, behind: frozenset[str]
) -> None:
    wanted = {(action, arn) for action in _ENTERING for arn in behind}
    missing = sorted(wanted - _pairs(policies.identity(role)))
    look.must(not missing, f"The intended use is impossible: no Allow names {missing[:3]}", role)


def _as_itself(look: Examination, policies: Declared, entry: Entry, behind: frozenset[str]) -> None:
    """A workflow names nobody; what it sets as source identity is its own, and never a person's."""
    if entry.workflow_identity is None:
        return
    session = policies.session(entry.role_arn, f"A session of {entry.name}")
    for arn in sorted(behind):
        target = Target(arn, declared.OUTSIDE, _ANYBODY)
        own = {_IDENTITY: entry.workflow_identity}
        for action in ("sts:AssumeRole", "sts:SetSourceIdentity"):
            verdict = policies.decide(session, action, target, own, guardrails=False)
            look.must_allow(verdict, f"{session.title} calls {action} on {arn} as itself")
        for other in (PERSON, f"{entry.workflow_identity}-else", None):
            ask = policies.opened(session, target, {_IDENTITY: other}, guardrails=False)
            for action in ("sts:AssumeRole", "sts:SetSourceIdentity"):
                told = f"{session.title} calls {action} on {arn} as {other}"
                look.must_deny(ask(action), told)


# --- break-glass roles ----------------------------------------------------------------------------


def _only_its_runbook(
    look: Examination, policies: Declared, role: Resource, scope: Scope, account: str
) -> None:
    granted = {
        (action, resource.replace("{account}", account))
        for grant in scope.grants
        for action in grant.actions
        for resource in grant.resources
    }
    listed = {("iam:PassRole", arn) for arn in scope.pass_roles}
    listed |= {("sts:AssumeRole", arn) for arn in scope.assume_roles}
    boundary = policies.boundary(role)
    if not look.must(boundary, "The role has no boundary", role) or boundary is None:
        return
    names = {action for action, _ in granted | listed}
    _within(look, role, policies.identity(role), granted | listed, "its runbook")
    for statement in _allowing([boundary]):
        more = sorted(_all(statement, "Action") - names)
        look.must(
            _plain(statement) and not more, f"The role may do more than its runbook: {more}", role
        )
    missing = sorted(granted - _pairs(policies.identity(role)))
    look.must(not missing, f"The intended use is impossible: no Allow names {missing}", role)
    lacking = sorted(names - {action for action, _ in _pairs([boundary])})
    look.must(not lacking, f"The intended use is impossible: no boundary names {lacking}", role)


# --- roles of services ----------------------------------------------------------------------------


def _services(graph: Graph) -> Mapping[str, Service]:
    """Who acts with which role, and for what: rules, pipes, and what reads the records."""
    needs: dict[str, tuple[str, set[Pair]]] = {}

    def for_(role: object, name: str, pairs: Iterable[Pair]) -> None:
        needs.setdefault(str(role), (name, set()))[1].update(pairs)

    for target in graph.of(TARGET):
        if target.get("roleArn"):
            put = ("events:PutEvents", str(target.get("arn")))
            for_(target.get("roleArn"), "events.amazonaws.com", [put])
    for pipe in graph.of(kit.PIPE.type):
        source, topic = str(pipe.get("source")), str(pipe.get("target"))
        takes = [(action, source) for action in _TAKES]
        for_(pipe.get("roleArn"), "pipes.amazonaws.com", [*takes, ("sns:Publish", topic)])
    for bucket, readers in graph.facts.readers.items():
        arn = f"arn:aws:s3:::{bucket}"
        reads = [(action, f"{arn}/*") for action in _READS]
        for reader in readers:
            listings = [(action, arn) for action in _LISTINGS]
            for_(reader, "lambda.amazonaws.com", [*reads, *listings])
    return {arn: Service(name, frozenset(pairs)) for arn, (name, pairs) in needs.items()}


def _only_serves(
    look: Examination, policies: Declared, role: Resource, service: Service | None
) -> None:
    if service is None:
        look.must(policies.facts.lacks, "Nothing that is declared acts with it", role)
        _lent_for_its_own_account(look, policies, role)
        return
    _within(look, role, policies.identity(role), service.needs, "it is for")
    missing = sorted(service.needs - _pairs(policies.identity(role)))
    look.must(not missing, f"The intended use is impossible: no Allow names {missing}", role)
    _can(look, policies, role, service)
    seconds = int(role.get("maxSessionDuration") or _HOUR)
    look.must(seconds <= _HOUR, f"A service may hold it for {seconds} seconds", role)
    _lent(look, policies, role, service.name)


def _can(look: Examination, policies: Declared, role: Resource, service: Service) -> None:
    """The role's own policies let it do what it needs, and nothing among them takes it back.

    What it is for is no guess: the rule or the pipe that acts with it says so.
    """
    session = policies.session(role.arn, str(role.get("name")))
    for action, resource in sorted(service.needs):
        target = Target(declared.filled(resource), role.account)
        secure = {"aws:SecureTransport": "true"}
        verdict = policies.decide(session, action, target, secure, guardrails=False)
        if verdict.decision is Decision.DENIED:
            what = f"{service.name} acts with it, and it may not call {action} on {target.arn}"
            look.must(False, f"{what}. {verdict.reason}", role)  # noqa: FBT003 - decided above
        else:
            look.must_allow(verdict, f"{session.title} calls {action} on {target.arn}")


def _lent(look: Examination, policies: Declared, role: Resource, service: str) -> None:
    """It is lent to one service on behalf of its own account, and to nobody else."""
    trust = policies.trust(role.arn)
    there = apart(trust)
    own = declared.service(service, service, source_arn=f"arn:aws:x:x:{role.account}:x")
    verdict = policies.decide(own, "sts:AssumeRole", there, guardrails=False)
    look.must_allow(verdict, f"{service} acts with {role}")
    others = tuple(action for action in _OPENING if action != "sts:AssumeRole")
    look.must_refuse(service, policies.opened(own, there, guardrails=False), others, role.arn)
    policy, region = trust.policy, policies.facts.home_region
    for caller in named_in(policy, role.account, region) if policy else ():
        for_own = caller.context.get("aws:SourceAccount") == role.account
        if not (caller.principal.arn == service and for_own):
            absent = {key: None for key in ("aws:SourceAccount",) if key not in caller.context}
            ask = policies.opened(caller, there, absent, guardrails=False)
            look.must_refuse(caller.title, ask, _OPENING, role.arn)


def _lent_for_its_own_account(look: Examination, policies: Declared, role: Resource) -> None:
    written = policies.trust(role.arn).policy
    for statement in _allowing([written] if written else []):
        principal = statement.get("Principal")
        if isinstance(principal, Mapping) and "Service" in principal:
            pinned = (statement.get("Condition") or {}).get("StringEquals") or {}
            own = pinned.get("aws:SourceAccount") == role.account
            look.must(own, "A service could be made to use it for another account", role)


# --- statements -----------------------------------------------------------------------------------


def _within(
    look: Examination, role: Resource, held: Iterable[Written], may: Iterable[Pair], its: str
) -> None:
    """Demand that each statement allows pairs of ``may`` alone, in words what ``its`` is."""
    allowed = set(may)
    for statement in _allowing(held):
        more = sorted(_pairs_of(statement) - allowed)
        what = f"The role may do more than {its}: {more[:3]}"
        look.must(_plain(statement) and not more, what, role)


def _pairs(policies: Iterable[Written]) -> set[Pair]:
    return {pair for statement in _allowing(policies) for pair in _pairs_of(statement)}


def _pairs_of(statement: Mapping[str, Any]) -> set[Pair]:
    return {
        (action, resource)
        for action in _all(statement, "Action")
        for resource in _all(statement, "Resource")
    }


def _plain(statement: Mapping[str, Any]) -> bool:
    return "NotAction" not in statement and "NotResource" not in statement


def _allowing(policies: Iterable[Written]) -> Iterator[Mapping[str, Any]]:
    for written in policies:
        yield from (s for s in statements_of(written) if s.get("Effect") == "Allow")


def _all(statement: Mapping[str, Any], part: str) -> set[str]:
    value = statement.get(part) or []
    return {value} if isinstance(value, str) else set(value)
