"""The policies of a graph put into layers, and the callers that invariants ask about.

Whoever's own policies the program does not declare (people before an entry, administrators,
deployers, outsiders) is taken as an administrator of his account: what is refused to him is refused
whatever his policies say.

Where a condition key is the attacker's to choose, it is left open (`UNKNOWN_VALUE`): a refusal then
holds for every value, because the evaluator's answers are three-valued. Only where that leaves the
decision open are concrete values tried, those that the policies themselves name.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from breakglass.errors import InvalidInput
from breakglass.proof.conditions import normalise
from breakglass.proof.evaluate import Evaluator
from breakglass.proof.graph import MANAGEMENT, Graph, Resource
from breakglass.proof.model import (
    UNKNOWN_VALUE,
    ContextValue,
    Decision,
    Layer,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
    Verdict,
)
from breakglass.proof.statements import NOBODY, compile_policy

OUTSIDE: Final = "999999999999"
"""An account that nobody in the topology has heard of."""

UNLISTED: Final = "777777777777"
"""A member account of the organisation that the settings do not list."""

ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_SCP, _RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


class Written(NamedTuple):
    """A policy as it is declared: the name by which verdicts speak of it, and its JSON text.

    Text, so that it can be the key of a cache: many accounts have the same policies.
    """

    name: str
    text: str


_ANYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
EVERYTHING: Final = Written("AdministratorAccess", _ANYTHING)
"""What an administrator holds."""

_ATTACHED_BY_AWS: Final = {_SCP: (Written("FullAWSAccess", _ANYTHING),), _RCP: ()}
"""What AWS attaches to every level. The evaluator takes ``RCPFullAWSAccess`` as attached itself."""


class _Texts(NamedTuple):
    """`Layers` as texts."""

    identity: tuple[Written, ...]
    boundary: Written | None
    resource: Written | None
    scps: tuple[tuple[Written, ...], ...]
    rcps: tuple[tuple[Written, ...], ...]

    def all(self) -> Iterator[Written]:
        """Yield every policy."""
        yield from self.identity
        yield from (policy for policy in (self.boundary, self.resource) if policy)
        yield from (policy for level in (*self.scps, *self.rcps) for policy in level)


Context = Mapping[str, ContextValue]
Keys = Mapping[str, ContextValue | None]
"""Condition keys of a request; one that is None is not in it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls: in plain words, as AWS sees him, and with what he holds.

    ``context`` are the condition keys that AWS itself sets for him; he cannot choose them, but for
    those that are `UNKNOWN_VALUE`.
    """

    title: str
    principal: Principal
    context: Context
    identity: tuple[Written, ...] = (EVERYTHING,)
    boundary: Written | None = None

    @property
    def account(self) -> str:
        """His account; empty for a service and for nobody."""
        return self.principal.account


@dataclass(frozen=True, slots=True)
class Target:
    """What is called on: an ARN, the account that owns it, and its own policy."""

    arn: str
    owner: str
    policy: Written | None = None


# --- callers --------------------------------------------------------------------------------------


def role(arn: str, title: str, **context: ContextValue) -> Caller:
    """A session of a role, as administrator of its account. Its name is his to choose."""
    account = arn.split(":")[4]
    principal = Principal(arn, None, account, PrincipalKind.ROLE)
    return Caller(title, principal, _of(arn, account, "AssumedRole") | context)


def user(arn: str, title: str) -> Caller:
    """An IAM user, as administrator of his account."""
    account = arn.split(":")[4]
    keys = _of(arn, account, "User") | {"aws:username": arn.rpartition("/")[2]}
    return Caller(title, Principal(arn, None, account, PrincipalKind.USER), keys)


def principal(arn: str, title: str) -> Caller:
    """A role or a user, whichever the ARN says."""
    return user(arn, title) if ":user/" in arn else role(arn, title)


def administrator(account: str, title: str) -> Caller:
    """Whoever has AdministratorAccess in an account, with a role."""
    return role(f"arn:aws:iam::{account}:role/Administrator", title)


def administrators(account: str, title: str) -> Iterator[Caller]:
    """Yield whoever has AdministratorAccess in an account: with a role, and as an IAM user.

    He makes the user himself, of any name. With GetFederationToken the user is a federated one,
    who has no name and another type (IAM User Guide, "AWS global condition context keys").
    """
    yield administrator(account, title)
    made = user(f"arn:aws:iam::{account}:user/Administrator", f"{title}, as an IAM user,")
    named = dict.fromkeys(("aws:username", "aws:PrincipalType"), UNKNOWN_VALUE)
    yield replace(made, context={**made.context, **named})


def root(account: str, title: str) -> Caller:
    """The root user of an account."""
    arn = f"arn:aws:iam::{account}:root"
    keys = _of(arn, account, "Account") | {"aws:userid": account}
    return Caller(title, Principal(arn, None, account, PrincipalKind.ROOT), keys, ())


def service(name: str, title: str, *, source_arn: str) -> Caller:
    """An AWS service that acts for the resource ``source_arn``."""
    keys: dict[str, ContextValue] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
        "aws:ViaAWSService": "false",
        "aws:SourceArn": source_arn,
        "aws:SourceAccount": source_arn.split(":")[4],
        "aws:SecureTransport": "true",
    }
    return Caller(title, Principal(name, None, "", PrincipalKind.SERVICE), keys, ())


def bearer(provider_arn: str, claims: Mapping[str, str], title: str) -> Caller:
    """Whoever holds a token of an OIDC provider that says ``claims``."""
    issuer = provider_arn.partition("oidc-provider/")[2]
    keys = _NO_SERVICE | {f"{issuer}:{claim}": value for claim, value in claims.items()}
    return Caller(title, Principal(provider_arn, None, "", PrincipalKind.FEDERATED), keys, ())


def nobody() -> Caller:
    """Somebody without credentials, of whom AWS says next to nothing."""
    keys = {"aws:PrincipalType": "Anonymous"}
    return Caller(
        "Anybody without credentials", Principal("*", None, "", PrincipalKind.ANONYMOUS), keys, ()
    )


_NO_SERVICE: Final = {"aws:PrincipalIsAWSService": "false"}


def _of(arn: str, account: str, kind: str) -> dict[str, ContextValue]:
    keys = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "aws:PrincipalType": kind}
    return {**_NO_SERVICE, **keys}


# --- the declared policies ------------------------------------------------------------------------


_POLICY_OF: Final = {
    "aws:cloudwatch/eventBus:EventBus": (
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        "eventBusName",
        "name",
    ),
    "aws:sqs/queue:Queue": ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "url"),
    "aws:sns/topic:Topic": ("aws:sns/topicPolicy:TopicPolicy", "arn", "arn"),
}
"""Type to the type of its policy, what that calls it by, and what it calls itself."""


class Declared:
    """The policies of one graph. Raises `InvalidInput` for what it cannot read or follow."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.facts = graph.facts
        self._accounts = {account.id: account for account in graph.facts.accounts}
        self._roles = {one.arn: one for one in graph.of("aws:iam/role:Role")}
        self._inline = _by(graph.of("aws:iam/rolePolicy:RolePolicy"), "role")
        self._attached = _by(graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), "role")
        self._managed = {one.arn: one for one in graph.of("aws:iam/policy:Policy")}
        self._guardrails: dict[str, dict[str, list[Written]]] = {}
        self._policies = {
            kind: {(one.account, str(one.get(key))): one for one in graph.of(token)}
            for kind, (token, key, _) in _POLICY_OF.items()
        }
        self._buckets = {
            str(one.get("bucket")): one for one in graph.of("aws:s3/bucketPolicy:BucketPolicy")
        }

    # --- roles

    def role(self, arn: str) -> Resource | None:
        """The role of an ARN; None where the program declares none."""
        return self._roles.get(arn)

    def trust(self, arn: str) -> Target:
        """A declared role as something to be assumed: with its trust policy."""
        found = self._roles[arn]
        trusted = _written(found, "assumeRolePolicy", f"trust of {found.get('name')}")
        return Target(arn, found.account, trusted)

    def session(self, arn: str, title: str, **context: ContextValue) -> Caller:
        """A session of a declared role, with the policies that it really has."""
        found = self._roles[arn]
        plain = role(arn, title, **context)
        return replace(plain, identity=tuple(self.identity(found)), boundary=self.boundary(found))

    def identity(self, found: Resource) -> Iterator[Written]:
        """The policies of a declared role, inline and attached."""
        name = str(found.get("name"))
        for inline in found.get("inlinePolicies") or ():
            yield Written(str(inline.get("name")), str(inline.get("policy")))
        for one in self._inline.get((found.account, name), ()):
            yield _written(one, "policy", f"{name}/{one.get('name')}")
        attached = [one.get("policyArn") for one in self._attached.get((found.account, name), ())]
        for arn in (*(found.get("managedPolicyArns") or ()), *attached):
            yield self._of_arn(str(arn), found)

    def boundary(self, found: Resource) -> Written | None:
        """The permissions boundary of a declared role."""
        arn = found.get("permissionsBoundary")
        return None if not arn else self._of_arn(str(arn), found)

    def _of_arn(self, arn: str, of: Resource) -> Written:
        if arn == ADMINISTRATOR:
            return EVERYTHING
        if arn not in self._managed:
            raise InvalidInput(f"{of.name}: policy", arn, "a policy that the program declares")
        found = self._managed[arn]
        return _written(found, "policy", str(found.get("name")))

    # --- guardrails

    def scps(self, account: str) -> tuple[tuple[Written, ...], ...]:
        """The levels of SCPs over an account; none outside the organisation and in management."""
        return self._levels(account, _SCP)

    def rcps(self, account: str) -> tuple[tuple[Written, ...], ...]:
        """The levels of RCPs over an account's resources."""
        return self._levels(account, _RCP)

    def _levels(self, account: str, kind: str) -> tuple[tuple[Written, ...], ...]:
        found = self._accounts.get(account)
        bound = account == UNLISTED or (found is not None and found.role != MANAGEMENT)
        if self.facts.organization is None or not bound:
            return ()
        at, by_aws = self._attached_of(kind), _ATTACHED_BY_AWS[kind]
        return tuple((*by_aws, *at.get(str(place), ())) for place in (self.facts.root, account))

    def exempt(self) -> Sequence[str]:
        """Every ARN of a principal that a guardrail names, wildcards filled, each once."""
        return self._named_in_guardrails("aws:principalarn")

    def regions_named(self) -> Sequence[str]:
        """Every region that a guardrail names, likewise."""
        return self._named_in_guardrails("aws:requestedregion")

    def _named_in_guardrails(self, key: str) -> Sequence[str]:
        found: dict[str, None] = {}
        for kind in (_SCP, _RCP):
            for level in self._attached_of(kind).values():
                for written in level:
                    found |= dict.fromkeys(values_in(written).get(key, ()))
        return list(found)

    def _attached_of(self, kind: str) -> dict[str, list[Written]]:
        """The policies of a type, read when somebody asks for them."""
        if kind not in self._guardrails:
            self._guardrails[kind] = self._attachments(kind)
        return self._guardrails[kind]

    def _attachments(self, kind: str) -> dict[str, list[Written]]:
        """The policies of a type by the root or account that they hang on."""
        policies = {
            one.id: _written(one, "content", str(one.get("name")))
            for one in self.graph.of("aws:organizations/policy:Policy", type=kind)
        }
        found: dict[str, list[Written]] = {}
        for one in self.graph.of("aws:organizations/policyAttachment:PolicyAttachment"):
            target = str(one.get("targetId"))
            if target.startswith("ou-"):
                accepted = "the root or an account: who is in a unit is not known here"
                raise InvalidInput(f"{one.name}: targetId", target, accepted)
            if one.get("policyId") in policies:
                found.setdefault(target, []).append(policies[str(one.get("policyId"))])
        return found

    # --- buckets

    def bucket(self, name: str, owner: str) -> Target:
        """A bucket, with the policy that the program gives it."""
        found = self._buckets.get(name)
        written = None if found is None else _written(found, "policy", f"policy of {name}")
        return Target(f"arn:aws:s3:::{name}", owner, written)

    # --- buses, keys, queues and topics

    def target(self, resource: Resource) -> Target:
        """A resource, with the policy that the program gives it where its type has one."""
        found = self._policy_of(resource)
        if found is None:
            return Target(resource.arn, resource.account)
        written = _written(found, "policy", f"policy of {resource.get('name') or resource.name}")
        return Target(resource.arn, resource.account, written)

    def _policy_of(self, resource: Resource) -> Resource | None:
        """Where the policy of a resource is declared: a key has its own."""
        if resource.type == "aws:kms/key:Key":
            return resource
        if resource.type not in _POLICY_OF:
            return None
        _, _, own = _POLICY_OF[resource.type]
        key = str(resource.outputs.get(own) or resource.get(own))
        return self._policies[resource.type].get((resource.account, key))

    # --- decisions

    def decide(
        self,
        caller: Caller,
        action: str,
        target: Target,
        context: Context | None = None,
        *,
        guardrails: bool = True,
    ) -> Verdict:
        """Decide one request under everything declared; without SCPs and RCPs if told so.

        It is made as it is told, by the caller himself: what he could send besides is not asked.
        For a refusal ask `opened`.
        """
        texts = self._texts(caller, target, guardrails=guardrails)
        keys = {**_HIMSELF, **self._pinned(caller, target), **(context or {})}
        return _ask(texts, caller, action, target, keys)

    def decide_open(self, caller: Caller, action: str, target: Target) -> Verdict:
        """Decide one request for all values of the condition keys that the caller can choose."""
        return self.opened(caller, target)(action)

    def opened(
        self,
        caller: Caller,
        target: Target,
        fixed: Keys | None = None,
        *,
        guardrails: bool = True,
        likely: Context | None = None,
    ) -> "Opened":
        """Return what decides any action of a caller on a target, his condition keys left open.

        ``fixed`` keys are not his to choose. An answer is UNKNOWN where neither a refusal of all
        values nor values that are let through are found; ``likely`` values are tried first.
        """
        texts = self._texts(caller, target, guardrails=guardrails)
        keys = {**self._pinned(caller, target), **(fixed or {})}
        return Opened(texts, caller, target, keys, likely or {})

    def assume(self, caller: Caller, arn: str, context: Context) -> Verdict:
        """Decide AssumeRole on a declared role under everything declared, as it is told."""
        target = self.trust(arn)
        evaluator = _evaluator(self._texts(caller, target, guardrails=True))
        keys = normalise({**_HIMSELF, **self._pinned(caller, target), **context})
        return _first_refusal(
            evaluator.decide(Request(caller.principal, action, arn, target.owner, keys))
            for action in _assuming(caller, context)
        )

    def assume_somehow(
        self, caller: Caller, arn: str, fixed: Keys | None = None, likely: Context | None = None
    ) -> Verdict:
        """Decide AssumeRole by trust, as if there were no SCPs and RCPs, whatever is sent.

        ``fixed`` keys are what they are, everything else is the caller's to choose; ``likely`` is
        what he would send.
        """
        target = self.trust(arn)
        if target.policy is not None and not _may_name(target.policy, caller.principal):
            return _UNNAMED
        ask = self.opened(caller, target, fixed, guardrails=False, likely=likely)
        sent = {**(likely or {}), **(fixed or {})}
        return _first_refusal(
            map(ask, _assuming(caller, [key for key, value in sent.items() if value is not None]))
        )

    def _texts(self, caller: Caller, target: Target, *, guardrails: bool) -> _Texts:
        return _Texts(
            caller.identity,
            caller.boundary,
            target.policy,
            self.scps(caller.account) if guardrails else (),
            self.rcps(target.owner) if guardrails else (),
        )

    def _pinned(self, caller: Caller, target: Target) -> dict[str, ContextValue]:
        """The keys that AWS sets and no caller chooses."""
        keys = {**caller.context, "aws:ResourceAccount": target.owner}
        organization = self.facts.organization
        if organization is None:
            return keys
        if caller.account in self._accounts or caller.account == UNLISTED:
            keys["aws:PrincipalOrgID"] = organization
        if target.owner in self._accounts or target.owner == UNLISTED:
            keys["aws:ResourceOrgID"] = organization
        return keys


class Opened:
    """Decides the actions of a caller on a target; the keys that he can choose are left open."""

    __slots__ = ("_caller", "_evaluator", "_likely", "_named", "_pinned", "_request", "_target")

    def __init__(
        self,
        texts: _Texts,
        caller: Caller,
        target: Target,
        fixed: Keys,
        likely: Context,
    ) -> None:
        self._caller, self._target, self._likely = caller, target, likely
        self._evaluator = _evaluator(texts)
        left = {key.lower() for key, value in fixed.items() if value is UNKNOWN_VALUE}
        shut = {key.lower() for key in fixed} | _AWSS_OWN
        self._named = {
            key: said for key, said in _named(texts).items() if key in left or key not in shut
        }
        self._pinned = {
            key: value
            for key, value in fixed.items()
            if value is not None and value is not UNKNOWN_VALUE
        }
        self._request = normalise({**dict.fromkeys(self._named, UNKNOWN_VALUE), **self._pinned})

    def __call__(self, action: str) -> Verdict:
        """Decide one action."""
        caller, target = self._caller, self._target
        request = Request(caller.principal, action, target.arn, target.owner, self._request)
        verdict = self._evaluator.decide(request)
        if verdict.decision is Decision.DENIED:
            return verdict
        for values in _concrete(self._named, self._pinned, self._likely):
            found = self._evaluator.decide(replace(request, context={**values, **self._pinned}))
            if found.allowed:
                return replace(found, reason=f"{found.reason}{_with(values)}")
        return replace(verdict, decision=Decision.UNKNOWN)

    def alike(self, actions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Put actions into groups that one decision stands for."""
        return self._evaluator.alike(actions)


def lets_in(trust: Target, caller: Caller, fixed: Keys) -> Verdict:
    """Decide AssumeRole by a role's own policy and by nothing else declared, whatever is sent.

    ``fixed`` keys are what they are: absent where None.
    """
    if trust.policy is None or not _may_name(trust.policy, caller.principal):
        return _UNNAMED
    keys = {**caller.context, "aws:ResourceAccount": trust.owner, **fixed}
    texts = _Texts(caller.identity, caller.boundary, trust.policy, (), ())
    return Opened(texts, caller, trust, keys, {})("sts:AssumeRole")


@lru_cache(maxsize=2)  # all invariants look at one graph after the other; a graph is its own key
def policies_of(graph: Graph) -> Declared:
    """The policies of a graph, read once for all invariants."""
    return Declared(graph)


def _by(resources: Iterable[Resource], key: str) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = {}
    for one in resources:
        found.setdefault((one.account, str(one.get(key))), []).append(one)
    return found


def _written(of: Resource, key: str, name: str) -> Written:
    text = of.get(key)
    if not isinstance(text, str):
        raise InvalidInput(f"{of.name}: {key}", text, "a policy as JSON text")
    return Written(name, text)


def _assuming(caller: Caller, keys: Container[str]) -> list[str]:
    """Return the actions that assuming a role needs, the one that demands most first.

    Session tags need ``sts:TagSession``, a source identity ``sts:SetSourceIdentity``, also one that
    the chain carries (IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions
    taken with assumed roles").
    """
    federated = caller.principal.kind is PrincipalKind.FEDERATED
    needed = []
    if "aws:TagKeys" in keys:
        needed.append("sts:TagSession")
    carried = "aws:SourceIdentity" in caller.context or "aws:SourceIdentity" in keys
    if carried or "sts:SourceIdentity" in keys:
        needed.append("sts:SetSourceIdentity")
    needed.append("sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole")
    return needed


def _first_refusal(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the first refusal and ask no further, else the first doubt, else the permission."""
    least: Verdict | None = None
    for verdict in verdicts:
        if verdict.decision is Decision.DENIED:
            return verdict
        if least is None or least.allowed:
            least = verdict
    if least is None:
        raise ValueError("nothing is asked")
    return least


# --- compiled once, for all graphs ----------------------------------------------------------------


@lru_cache(maxsize=4096)
def _policy(written: Written) -> Policy:
    try:
        return Policy(written.name, json.loads(written.text), written.text)
    except json.JSONDecodeError as fault:
        raise InvalidInput(written.name, written.text, f"JSON ({fault})") from fault


@lru_cache(maxsize=8192)
def _evaluator(texts: _Texts) -> Evaluator:
    return Evaluator(
        Layers(
            identity=tuple(map(_policy, texts.identity)),
            boundary=None if texts.boundary is None else _policy(texts.boundary),
            resource=None if texts.resource is None else _policy(texts.resource),
            scps=tuple(tuple(map(_policy, level)) for level in texts.scps),
            rcps=tuple(tuple(map(_policy, level)) for level in texts.rcps),
        )
    )


def _may_name(written: Written, principal: Principal) -> bool:
    """Whether an Allow statement of a resource's policy might name somebody."""
    statements = compile_policy(_policy(written), Layer.RESOURCE).statements
    return any(one.names is not None and one.names(principal)[1] != NOBODY for one in statements)


_UNNAMED: Final = Verdict(
    Decision.DENIED, Layer.RESOURCE, None, "The trust policy does not name him, and so refuses."
)
"""A role is entered only by whom its own policy lets in (IAM User Guide, "Roles terms and
concepts": the trust policy)."""


def _ask(texts: _Texts, caller: Caller, action: str, target: Target, context: Context) -> Verdict:
    request = Request(caller.principal, action, target.arn, target.owner, context)
    return _evaluator(texts).decide(request)


# --- keys that a caller can choose ----------------------------------------------------------------

_AWSS_OWN: Final = frozenset(
    f"aws:{key}"
    for key in (
        "principalaccount",
        "principalarn",
        "principalisawsservice",
        "principalorgid",
        "principalservicename",
        "principaltype",
        "resourceaccount",
        "resourceorgid",
        "username",
    )
)
"""Keys that AWS sets or leaves out by who calls and whose the resource is (IAM User Guide, "AWS
global condition context keys"): where a caller has none, it is absent and not his to choose.

Two that AWS sets as well are his all the same. ``aws:userid`` ends in the name that he gives his
session, ``<role id>:<session name>`` ("IAM policy elements: Variables and tags", the table of
principal key values), and what it begins with nobody knows here. ``aws:ViaAWSService`` is "true"
where he has a service call for him with his own rights, as CloudFormation and Athena do ("Forward
access sessions"). A user's name is its maker's to choose: see `administrators`."""

_VIA: Final = "aws:viaawsservice"
_TRANSPORT: Final = "aws:securetransport"
_ALWAYS_SENT: Final = {_TRANSPORT: "true", "aws:userid": "x:x"}
"""Keys that every request has, with a value that it may have."""

_HIMSELF: Final[Context] = {"aws:ViaAWSService": "false", "aws:userid": UNKNOWN_VALUE}
"""What AWS sets where somebody calls himself, with no more known of him."""

_Values = Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=8192)
def _named(texts: _Texts) -> _Values:
    """The condition keys that the policies ask for, in lower case, with the values they name."""
    found: dict[str, dict[str, None]] = {}
    for written in texts.all():
        for key, values in (*_conditions(written), *_variables(written)):
            found.setdefault(key, {}).update(dict.fromkeys(values))
    return {key: tuple(values) for key, values in found.items()}


def statements_of(written: Written) -> list[Mapping[str, Any]]:
    """The statements of a policy, also where one stands without a list."""
    statements = _policy(written).document.get("Statement") or []
    return [statements] if isinstance(statements, Mapping) else list(statements)


@lru_cache(maxsize=4096)
def values_in(written: Written) -> _Values:
    """The values that a policy names by condition key, in lower case: wildcards filled.

    A value with a policy variable is left as it is.
    """
    found: dict[str, list[str]] = {}
    for key, values in _conditions(written):
        found.setdefault(key, []).extend(filled(value) for value in values)
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


def _conditions(written: Written) -> Iterator[tuple[str, list[str]]]:
    for statement in statements_of(written):
        for keys in (statement.get("Condition") or {}).values():
            for key, values in keys.items():
                yield (
                    key.lower(),
                    [str(v) for v in (values if isinstance(values, list) else [values])],
                )


def _variables(written: Written) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys that stand in policy variables, ``${aws:PrincipalTag/team}``."""
    for key in _VARIABLE.findall(written.text):
        yield key.lower(), []


_VARIABLE: Final = re.compile(r"\$\{\s*([^\s,{}']+:[^\s,{}']+)[^{}]*\}")


def _concrete(
    named: _Values, pinned: Context, likely: Context
) -> Iterator[Mapping[str, ContextValue]]:
    """Yield attempts: every key absent, then every key as a policy names it, first and last.

    Each with what is likely and without, by himself and through a service.
    """
    sent = {key: value for key, value in _ALWAYS_SENT.items() if key in named}
    usual = {key.lower(): value for key, value in likely.items() if key.lower() in named}
    for chosen in ({}, *(_as_named(named, pinned, at) for at in (0, -1))):
        for more in (usual, {}) if usual else ({},):
            attempt = {**sent, **chosen, **more}
            if _TRANSPORT in named:
                attempt[_TRANSPORT] = "true"
            yield from (
                ({**attempt, _VIA: via} for via in ("true", "false"))
                if _VIA in named
                else (attempt,)
            )


def _as_named(named: _Values, pinned: Context, at: int) -> dict[str, ContextValue]:
    """Every key with one of the values that the policies name.

    A value that names another key, ``${aws:username}``, becomes what that key has.
    """
    said = {name: values[at] for name, values in named.items() if values}
    known = {name.lower(): value for name, value in pinned.items()}
    known |= {name: filled(value) for name, value in said.items() if "${" not in value}

    def resolved(found: re.Match[str]) -> str:
        return str(known.get(found[1].lower(), ""))

    return {name: filled(_VARIABLE.sub(resolved, value)) for name, value in said.items()}


def _with(values: Context) -> str:
    said = ", ".join(f"{key}={value}" for key, value in sorted(values.items()))
    return f" With {said}." if said else ""


def resources_in(statement: Mapping[str, Any]) -> list[str]:
    """The resources that a statement names."""
    named = statement.get("Resource") or []
    return [named] if isinstance(named, str) else list(named)


def principals_of(written: Written | None) -> Iterator[tuple[str, str]]:
    """Yield whom the Allow statements of a resource's policy name: the kind and the text.

    A ``NotPrincipal`` is yielded as such: it names everybody else.
    """
    for statement in [] if written is None else statements_of(written):
        if statement.get("Effect") != "Allow":
            continue
        if "NotPrincipal" in statement:
            yield "NotPrincipal", str(statement["NotPrincipal"])
        named = statement.get("Principal") or {}
        for kind, texts in ({"*": named} if isinstance(named, str) else named).items():
            yield from ((kind, text) for text in ([texts] if isinstance(texts, str) else texts))


@lru_cache(maxsize=1024)
def denials_of(written: Written) -> Written:
    """The Deny statements of a resource's policy, as if it let everybody do everything else."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return _alone(written, everybody)


@lru_cache(maxsize=1024)
def limits_of(written: Written) -> Written:
    """The Deny statements of a boundary, as if it allowed everything else."""
    return _alone(written, {"Effect": "Allow", "Action": "*", "Resource": "*"})


@lru_cache(maxsize=1024)
def grants_of(written: Written) -> Written:
    """The Allow statements of a policy, as if it denied nothing."""
    granting = [one for one in statements_of(written) if one.get("Effect") == "Allow"]
    document = {"Version": "2012-10-17", "Statement": granting or _NOTHING}
    return Written(f"grants of {written.name}", json.dumps(document))


_NOTHING: Final = [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]


def _alone(written: Written, allowing: Mapping[str, Any]) -> Written:
    denying = [one for one in statements_of(written) if one.get("Effect") == "Deny"]
    document = {"Version": "2012-10-17", "Statement": [allowing, *denying]}
    return Written(f"denials of {written.name}", json.dumps(document))


def filled(pattern: str) -> str:
    """Return a text that a pattern of IAM matches: something for each wildcard."""
    return pattern.replace("*", "x").replace("?", "x")
