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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls: in plain words, as AWS sees him, and with what he holds.

    ``context`` are the condition keys that AWS itself sets for him; he cannot choose them.
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

_PERSONAL: Final = {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}


def role(arn: str, title: str, **context: ContextValue) -> Caller:
    """A session of a role, as administrator of its account."""
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
    """Whoever has AdministratorAccess in an account."""
    return role(f"arn:aws:iam::{account}:role/Administrator", title)


def root(account: str, title: str) -> Caller:
    """The root user of an account."""
    arn = f"arn:aws:iam::{account}:root"
    return Caller(
        title, Principal(arn, None, account, PrincipalKind.ROOT), _of(arn, account, "Account"), ()
    )


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
    keys = _PERSONAL | {f"{issuer}:{claim}": value for claim, value in claims.items()}
    return Caller(title, Principal(provider_arn, None, "", PrincipalKind.FEDERATED), keys, ())


def nobody() -> Caller:
    """Somebody without credentials."""
    keys = _PERSONAL | {"aws:PrincipalType": "Anonymous"}
    return Caller(
        "Anybody without credentials", Principal("*", None, "", PrincipalKind.ANONYMOUS), keys, ()
    )


def _of(arn: str, account: str, kind: str) -> dict[str, ContextValue]:
    keys = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "aws:PrincipalType": kind}
    return {**_PERSONAL, **keys}


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
        """Decide one request under everything declared; without SCPs and RCPs if told so."""
        texts = self._texts(caller, target, guardrails=guardrails)
        keys = {**self._pinned(caller, target), **(context or {})}
        return _ask(texts, caller, action, target, keys)

    def decide_open(
        self, caller: Caller, action: str, target: Target, chosen: Context | None = None
    ) -> Verdict:
        """Decide one request for all values of the condition keys that the caller can choose."""
        return self.opened(caller, target, chosen)(action)

    def opened(
        self,
        caller: Caller,
        target: Target,
        chosen: Context | None = None,
        *,
        absent: Sequence[str] = (),
        guardrails: bool = True,
    ) -> "Opened":
        """Return what decides any action of a caller on a target, his condition keys left open.

        ``chosen`` keys keep their value, ``absent`` ones are not in the request. An answer is
        UNKNOWN where neither a refusal of all values nor values that are let through are found.
        """
        texts = self._texts(caller, target, guardrails=guardrails)
        pinned = {**self._pinned(caller, target), **(chosen or {})}
        return Opened(texts, caller, target, pinned, absent)

    def assume(self, caller: Caller, arn: str, context: Context) -> Verdict:
        """Decide AssumeRole on a declared role under everything declared."""
        return self._assumed(caller, arn, context, guardrails=True)

    def assume_by_trust(self, caller: Caller, arn: str, context: Context) -> Verdict:
        """Decide AssumeRole on a declared role as if there were no SCPs and RCPs."""
        return self._assumed(caller, arn, context, guardrails=False)

    def _assumed(self, caller: Caller, arn: str, context: Context, *, guardrails: bool) -> Verdict:
        target = self.trust(arn)
        evaluator = _evaluator(self._texts(caller, target, guardrails=guardrails))
        keys = normalise({**self._pinned(caller, target), **context})
        return _first_refusal(
            evaluator.decide(Request(caller.principal, action, arn, target.owner, keys))
            for action in _assuming(caller, context)
        )

    def assume_somehow(self, caller: Caller, arn: str) -> Verdict:
        """Decide AssumeRole by trust, whatever the caller sends that he can choose."""
        target = self.trust(arn)
        if target.policy is not None and not _may_name(target.policy, caller.principal):
            return _UNNAMED
        ask = self.opened(caller, target, guardrails=False)
        return _first_refusal(map(ask, _assuming(caller, {})))

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
        if caller.account in self._accounts:
            keys["aws:PrincipalOrgID"] = organization
        if target.owner in self._accounts:
            keys["aws:ResourceOrgID"] = organization
        return keys


class Opened:
    """Decides the actions of a caller on a target; the keys that he can choose are left open."""

    __slots__ = ("_caller", "_evaluator", "_named", "_pinned", "_request", "_target")

    def __init__(
        self,
        texts: _Texts,
        caller: Caller,
        target: Target,
        pinned: Context,
        absent: Sequence[str] = (),
    ) -> None:
        self._caller, self._target, self._pinned = caller, target, pinned
        self._evaluator = _evaluator(texts)
        known = {key.lower() for key in (*pinned, *absent)}
        self._named = {key: said for key, said in _chosen(texts).items() if key not in known}
        self._request = normalise({**dict.fromkeys(self._named, UNKNOWN_VALUE), **pinned})

    def __call__(self, action: str) -> Verdict:
        """Decide one action."""
        caller, target = self._caller, self._target
        request = Request(caller.principal, action, target.arn, target.owner, self._request)
        verdict = self._evaluator.decide(request)
        if verdict.decision is Decision.DENIED:
            return verdict
        for values in _concrete(self._named, self._pinned):
            found = self._evaluator.decide(replace(request, context={**values, **self._pinned}))
            if found.allowed:
                return replace(found, reason=f"{found.reason}{_with(values)}")
        return replace(verdict, decision=Decision.UNKNOWN)

    def alike(self, actions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Put actions into groups that one decision stands for."""
        return self._evaluator.alike(actions)


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


def _assuming(caller: Caller, context: Context) -> list[str]:
    """Return the actions that assuming a role needs, the one that demands most first.

    Session tags need ``sts:TagSession``, a source identity ``sts:SetSourceIdentity``, also one that
    the chain carries (IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions
    taken with assumed roles").
    """
    federated = caller.principal.kind is PrincipalKind.FEDERATED
    needed = []
    if "aws:TagKeys" in context:
        needed.append("sts:TagSession")
    if "sts:SourceIdentity" in context or "aws:SourceIdentity" in caller.context:
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
        "userid",
        "username",
        "viaawsservice",
    )
)
"""Keys that AWS sets or leaves out by who calls and whose the resource is (IAM User Guide, "AWS
global condition context keys"): where a caller has none, it is absent and not his to choose."""

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


@lru_cache(maxsize=8192)
def _chosen(texts: _Texts) -> _Values:
    """Those that a caller can choose, as far as no more is known of him."""
    return {key: values for key, values in _named(texts).items() if key not in _AWSS_OWN}


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


def _concrete(named: _Values, pinned: Context) -> Iterator[dict[str, ContextValue]]:
    """Yield attempts: every key absent, then every key as a policy names it, first and last.

    A value that names another key, ``${aws:username}``, becomes what that key has.
    """
    key = "aws:securetransport"
    transport: dict[str, ContextValue] = {key: "true"} if key in named else {}
    yield transport
    for at in (0, -1):
        said = {name: values[at] for name, values in named.items() if values}
        known = {name.lower(): value for name, value in pinned.items()}
        known |= {name: filled(value) for name, value in said.items() if "${" not in value}

        def resolved(found: re.Match[str], known: Context = known) -> str:
            return str(known.get(found[1].lower(), ""))

        chosen = {name: filled(_VARIABLE.sub(resolved, value)) for name, value in said.items()}
        yield chosen | transport


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
