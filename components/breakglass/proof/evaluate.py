"""AWS's documented decision over all layers of policies, in three values, and fast.

The order of thought is AWS's (IAM User Guide, "How AWS enforcement code logic evaluates requests to
allow or deny access"): an explicit Deny anywhere decides; then each level of SCPs must allow; then
the caller's own policies, the resource's policy or both must. Answers are three-valued: where AWS
documents nothing, the verdict is UNKNOWN unless the rest decides alone.

`Evaluator` compiles once. For each action it keeps a plan: the statements of every layer that cover
the action, denies first, with whatever is certain already struck out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from breakglass.proof.conditions import all_of, normalise
from breakglass.proof.model import (
    UNKNOWN_VALUE,
    Decision,
    KmsGrant,
    Layer,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
    Verdict,
)
from breakglass.proof.statements import (
    ACCOUNT,
    DIRECT,
    ENTITY,
    NOBODY,
    PHRASES,
    Compiled,
    Statement,
    compile_policy,
)
from breakglass.proof.wildcards import Answer, Context

_ALLOWED, _DENIED, _UNKNOWN = Decision.ALLOWED, Decision.DENIED, Decision.UNKNOWN

_MUST_ALLOW_ITSELF = {
    "sts:assumerole": "",
    "sts:assumerolewithsaml": "",
    "sts:assumerolewithwebidentity": "",
    "sts:tagsession": ":role/",
    "sts:setsourceidentity": ":role/",
}
"""Actions whose resource's policy must allow them even within the account.

The value is what the resource's ARN then holds. "IAM role trust policies and KMS key policies are
exceptions to this logic"."""

_KMS_KEY = ":key/"

RCP_SERVICES = frozenset(
    {"aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets"}
    | {"clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact"}
    | {"codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp"}
    | {"comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax"}
    | {"dsql", "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift"}
    | {"health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb"}
    | {"networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize"}
    | {"polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager"}
    | {"servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract"}
    | {"timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray"}
)
"""Services whose resources RCPs reach, as listed on 2026-09-26.

AWS Organizations User Guide, "Resource control policies", "List of AWS services that support RCPs".
"""

NOT_RCP_SERVICES = frozenset({"sns", "cloudtrail", "iam", "config", "guardduty"})
"""Services that the same page leaves out.

The list grows, so RCPs are undecided for a service in neither set.
"""

_KMS_ACROSS = frozenset(
    {"kms:creategrant", "kms:describekey", "kms:getkeyrotationstatus", "kms:getpublickey"}
    | {"kms:listgrants", "kms:retiregrant", "kms:revokegrant"}
    # the cryptographic operations
    | {"kms:encrypt", "kms:decrypt", "kms:reencryptfrom", "kms:reencryptto"}
    | {"kms:generatedatakey", "kms:generatedatakeywithoutplaintext", "kms:generatedatakeypair"}
    | {"kms:generatedatakeypairwithoutplaintext", "kms:generaterandom", "kms:generatemac"}
    | {"kms:verifymac", "kms:sign", "kms:verify", "kms:derivesharedsecret"}
)
"""What a principal of another account can do with a key at all.

AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key": "If you give a user in
a different account permission for other operations, those permissions have no effect".
"""

_OWNER_MAY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What a bucket owner's root user can do though the bucket's policy denies it.

Amazon S3 API Reference, PutBucketPolicy.
"""

_OWNER_MIGHT = frozenset({"sqs:setqueueattributes", "sqs:removepermission"})
"""What the root user might do to mend a queue policy that denies everybody.

IAM User Guide, "Perform a privileged task on an AWS Organizations member account"; the page does
not list the actions.
"""

_ENCRYPTING = frozenset(
    {"kms:encrypt", "kms:decrypt", "kms:reencryptfrom", "kms:reencryptto", "kms:generatedatakey"}
    | {"kms:generatedatakeywithoutplaintext", "kms:generatedatakeypair"}
    | {"kms:generatedatakeypairwithoutplaintext"}
)
"""Operations that carry an encryption context (AWS KMS Developer Guide, "Encryption context")."""


def evaluate(request: Request, layers: Layers) -> Verdict:
    """Decide one request. Deciding many under the same layers, keep an `Evaluator`.

    Raises `breakglass.errors.InvalidInput` for a policy document that AWS would refuse.
    """
    return Evaluator(layers).decide(request)


class _Standing(StrEnum):
    """Which rules of the caller's side hold for a principal."""

    ENTITY = "a user or a role"
    SERVICE_LINKED = "a service-linked role: no SCP or RCP reaches it"
    FEDERATED_USER = "a GetFederationToken session: nothing is allowed without session policies"
    ROOT = "the account's root user: allowed by default, no identity policy"
    OUTSIDE = "a service, a federated identity or nobody known: the resource's policy alone decides"


def _standing(principal: Principal) -> _Standing:
    kind = principal.kind
    if kind == _ROLE:
        return _SERVICE_LINKED if ":role/aws-service-role/" in principal.arn else _ENTITY
    if kind == _USER:
        session = principal.session_arn
        return _FEDERATED_USER if session and ":federated-user/" in session else _ENTITY
    return _Standing.ROOT if kind == PrincipalKind.ROOT else _Standing.OUTSIDE


# looking a member up in its enumeration for each request would cost as much as a condition
_ROLE, _USER = PrincipalKind.ROLE, PrincipalKind.USER
_ENTITY, _SERVICE_LINKED = _Standing.ENTITY, _Standing.SERVICE_LINKED
_FEDERATED_USER, _OUTSIDE = _Standing.FEDERATED_USER, _Standing.OUTSIDE

_HAVE_IDENTITY = frozenset({_ENTITY, _SERVICE_LINKED, _FEDERATED_USER})
_UNDER_SCPS = frozenset({_ENTITY, _FEDERATED_USER, _Standing.ROOT})


@dataclass(frozen=True, slots=True)
class _Allows:
    """The Allow statements of one layer that cover an action, and the verdict when none applies."""

    statements: tuple[Statement, ...]
    none: Verdict

    def find(self, request: Request, context: Context) -> Verdict:
        """Return the verdict of the first statement that applies."""
        doubtful: Statement | None = None
        for statement in self.statements:
            answer = statement.applies(request, context)
            if answer:
                return statement.verdict
            if answer is None and doubtful is None:
                doubtful = statement
        return self.none if doubtful is None else doubtful.doubt(request, context)

    def is_certain(self) -> bool:
        """Say whether a statement allows without looking at the request."""
        return bool(self.statements) and not self.statements[0].tests


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything that can be settled about an action before a request is seen."""

    denies: tuple[Statement, ...]
    scps: tuple[_Allows, ...]
    own: tuple[_Allows, ...]
    """The caller's own side: identity, boundary and session policies, all of which must allow."""
    limits: tuple[_Allows, ...]
    """Boundary and session policies."""
    resource: _Allows
    grants: tuple[KmsGrant, ...]
    must_allow_itself: str | None
    """What a resource's ARN holds if its own policy must allow; None if it never need."""
    granted: "_Granted"


_Granted = Callable[[_Plan, Request, Context], Verdict]
"""Who must allow: one of the functions below, chosen by caller and account."""


class Evaluator:
    """The fast form: compiles the layers once, then decides requests.

    The verdict names the first explicit Deny in the order identity, boundary, session, resource,
    SCP, RCP; without one the first layer that does not allow; for an allowed request the statement
    that grants it.
    """

    _PLANS_KEPT = 65536

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._identity = _compiled(layers.identity, Layer.IDENTITY)
        self._boundary = _compiled(_some(layers.boundary), Layer.BOUNDARY)
        self._session = _compiled(layers.session, Layer.SESSION)
        self._resource = _compiled(_some(layers.resource), Layer.RESOURCE)
        self._scps = tuple(_compiled(level, Layer.SCP) for level in layers.scps)
        self._rcps = tuple(_compiled(level, Layer.RCP) for level in layers.rcps)
        self._plans: dict[tuple[str, _Standing, bool], _Plan] = {}
        levels = (*self._scps, *self._rcps)
        own = (*self._identity, *self._boundary, *self._session, *self._resource)
        self._policies = (*own, *(policy for level in levels for policy in level))
        self._alike: dict[tuple[str, ...], _Groups] = {}

    def alike(self, actions: tuple[str, ...]) -> "_Groups":
        """Return the actions in groups that one decision stands for.

        Two actions are alike if the same statements of every layer cover them and AWS has no rule
        of its own for either: then no request tells them apart. Groups and actions come in the
        order in which they are given.
        """
        groups = self._alike.get(actions)
        if groups is None:
            marks = (policy.marks(actions) for policy in self._policies)
            natures = actions if self._layers.grants else tuple(map(_nature, actions))
            found: dict[object, list[str]] = {}
            for action, mark in zip(actions, zip(natures, *marks, strict=True), strict=True):
                found.setdefault(mark, []).append(action)
            groups = self._alike[actions] = tuple(map(tuple, found.values()))
        return groups

    def decide(self, request: Request) -> Verdict:
        """Decide one request."""
        principal = request.principal
        at_home = principal.account == request.resource_account
        key = (request.action, _standing(principal), at_home)
        plan = self._plans.get(key) or self._plan(*key)
        context = normalise(request.context)

        doubtful: Statement | None = None
        for statement in plan.denies:
            answer = statement.applies(request, context)
            if answer:
                return statement.verdict
            if answer is None and doubtful is None:
                doubtful = statement

        verdict = _under_scps(plan, request, context)
        if verdict.decision is _DENIED or doubtful is None:
            return verdict
        return doubtful.doubt(request, context)

    # --- plans ------------------------------------------------------------------------------------

    def _plan(self, spelt: str, standing: _Standing, at_home: bool) -> _Plan:  # noqa: FBT001 - the parts of a key
        """Make and keep the plan of an action."""
        if len(self._plans) >= self._PLANS_KEPT:
            self._plans.clear()  # only foreign spellings of actions can be that many
        plan = self._made(spelt.lower(), standing, at_home=at_home)
        self._plans[spelt, standing, at_home] = plan
        return plan

    def _made(self, action: str, standing: _Standing, *, at_home: bool) -> _Plan:
        identity = (
            (_allows(self._identity, action, _none(Layer.IDENTITY, self._layers.identity)),)
            if standing in _HAVE_IDENTITY
            else ()
        )
        limits = self._limits(action, standing)
        return _Plan(
            denies=self._denies(action, standing, at_home=at_home),
            scps=_levels(self._scps, self._layers.scps, action) if standing in _UNDER_SCPS else (),
            own=(*identity, *limits),
            limits=limits,
            resource=_allows(
                self._resource, action, _none(Layer.RESOURCE, _some(self._layers.resource))
            ),
            grants=tuple(
                grant
                for grant in self._layers.grants
                if action in {f"kms:{operation.lower()}" for operation in grant.operations}
            ),
            must_allow_itself=(
                _KMS_KEY if action.startswith("kms:") else _MUST_ALLOW_ITSELF.get(action)
            ),
            granted=_who_must_allow(action, standing, at_home=at_home),
        )

    def _limits(self, action: str, standing: _Standing) -> tuple[_Allows, ...]:
        """Return the layers that limit a caller without granting anything."""
        boundary, session = _some(self._layers.boundary), self._layers.session
        limits: list[_Allows] = []
        if standing in _HAVE_IDENTITY and boundary:
            limits.append(_allows(self._boundary, action, _none(Layer.BOUNDARY, boundary)))
        in_session = standing is not _OUTSIDE and session
        if in_session or standing is _FEDERATED_USER:
            limits.append(_allows(self._session, action, _none(Layer.SESSION, session)))
        if in_session and len(session) > 1:
            # AWS does not say whether one of several has to allow, or each
            limits += [
                _allows(
                    _compiled([policy], Layer.SESSION),
                    action,
                    _unsettled(_none(Layer.SESSION, [policy]), "Another session policy might do."),
                )
                for policy in session
            ]
        return tuple(limits)

    def _denies(self, action: str, standing: _Standing, *, at_home: bool) -> tuple[Statement, ...]:
        own = (*self._identity, *self._boundary) if standing in _HAVE_IDENTITY else ()
        session = self._session if standing is not _OUTSIDE else ()
        resource = self._resource_denies(action, standing, at_home=at_home)
        scps = [one for level in self._scps for one in level] if standing in _UNDER_SCPS else ()
        rcps = self._rcp_denies(action, standing)
        found = (*_denying((*own, *session), action), *resource, *_denying(scps, action), *rcps)
        return _simple_first(found)

    def _resource_denies(
        self, action: str, standing: _Standing, *, at_home: bool
    ) -> Sequence[Statement]:
        if standing is _Standing.ROOT and at_home and action in _OWNER_MAY:
            return ()
        found = _denying(self._resource, action)
        if standing is _Standing.ROOT and at_home and action in _OWNER_MIGHT:
            why = "AWS lets the root user mend a queue policy that locks everybody out"
            return [statement.doubted(why) for statement in found]
        return found

    def _rcp_denies(self, action: str, standing: _Standing) -> Sequence[Statement]:
        service = action.partition(":")[0]
        if standing is _Standing.SERVICE_LINKED or service in NOT_RCP_SERVICES:
            return ()
        if action == "kms:retiregrant":
            return ()
        found = _denying([one for level in self._rcps for one in level], action)
        if service in RCP_SERVICES:
            return found
        why = f"it is not known here whether RCPs reach {service}"
        return [statement.doubted(why) for statement in found]


_Groups = tuple[tuple[str, ...], ...]


_LIKE_NO_OTHER = frozenset({"sts:assumerole", "sts:assumeroot", "kms:retiregrant"})


@cache
def _nature(spelt: str) -> object:
    """What AWS's own rules make of an action: equal for two that they do not tell apart."""
    action = spelt.lower()
    service = action.partition(":")[0]
    if action in _OWNER_MAY | _OWNER_MIGHT | _LIKE_NO_OTHER | _MUST_ALLOW_ITSELF.keys():
        return action
    if service == "kms":
        return service, action in _KMS_ACROSS
    reached = service in RCP_SERVICES, service in NOT_RCP_SERVICES
    return reached if True in reached else service


def _some(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)


def _compiled(policies: Sequence[Policy], layer: Layer) -> tuple[Compiled, ...]:
    return tuple(compile_policy(policy, layer) for policy in policies)


def _denying(policies: Iterable[Compiled], action: str) -> list[Statement]:
    """Return the Deny statements that cover an action."""
    return [one for policy in policies for one in policy.covering(action) if one.denies]


def _allows(policies: Iterable[Compiled], action: str, none: Verdict) -> _Allows:
    found = [one for policy in policies for one in policy.covering(action) if not one.denies]
    return _Allows(_simple_first(found), none)


def _simple_first(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return the statements with unconditional ones first."""
    return (*(s for s in statements if not s.tests), *(s for s in statements if s.tests))


def _levels(
    compiled: Sequence[tuple[Compiled, ...]], levels: Sequence[Sequence[Policy]], action: str
) -> tuple[_Allows, ...]:
    """Return the levels of SCPs still to be asked: union within a level, intersection across."""
    asked = (
        _allows(policies, action, _none_at(number, levels))
        for number, policies in enumerate(compiled, start=1)
    )
    return tuple(level for level in asked if not level.is_certain())


# --- verdicts without a statement -----------------------------------------------------------------


def _none(layer: Layer, policies: Sequence[Policy]) -> Verdict:
    """Return the verdict of a layer none of whose statements allows."""
    what = PHRASES[layer].removeprefix("an ").removeprefix("a ").removeprefix("the ")
    names = ", ".join(policy.name for policy in policies)
    reason = (
        f"No statement of {names} allows it ({what})."
        if names
        else f"There is no {what} that allows it."
    )
    return Verdict(_DENIED, layer, None, reason)


def _none_at(number: int, levels: Sequence[Sequence[Policy]]) -> Verdict:
    names = ", ".join(policy.name for policy in levels[number - 1]) or "none is attached"
    where = f"level {number} of {len(levels)}, the organisation's root first"
    return Verdict(_DENIED, Layer.SCP, None, f"No SCP allows it at {where} ({names}).")


_NOTHING_LIMITS = Verdict(
    _ALLOWED, Layer.PRINCIPAL, None, "The account's root user is allowed by default."
)
_ROOT_ASSUMES_NOTHING = Verdict(
    _DENIED, Layer.PRINCIPAL, None, "AWS lets no account's root user call AssumeRole."
)
_KEY_STAYS_AT_HOME = Verdict(
    _DENIED,
    Layer.PRINCIPAL,
    None,
    "AWS KMS lets no principal of another account do this with a key, whatever policies allow.",
)
_ROOT_SESSIONS = Verdict(
    _UNKNOWN,
    Layer.RESOURCE,
    None,
    "Whether the member account lets AssumeRoot in is a setting of the organisation, not a policy.",
)


def _unsettled(verdict: Verdict, why: str) -> Verdict:
    """Return an implicit deny as UNKNOWN, where AWS does not say that it counts."""
    if verdict.decision is not _DENIED:
        return verdict
    return Verdict(_UNKNOWN, verdict.layer, None, f"{verdict.reason} {why}")


def _both(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the first refusal, else the first doubt, else the first permission."""
    best = _NOTHING_LIMITS
    for verdict in verdicts:
        if verdict.decision is _DENIED:
            return verdict
        if best is _NOTHING_LIMITS or (verdict.decision is _UNKNOWN and best.decision is _ALLOWED):
            best = verdict
    return best


def _either(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the first permission, else the first doubt, else the last refusal."""
    best: Verdict | None = None
    for verdict in verdicts:
        if verdict.decision is _ALLOWED:
            return verdict
        if best is None or best.decision is _DENIED:
            best = verdict
    if best is None:
        raise AssertionError("there is always a way to ask")
    return best


# --- who grants -----------------------------------------------------------------------------------


def _under_scps(plan: _Plan, request: Request, context: Context) -> Verdict:
    """Return the verdict of everything but explicit denies."""
    if not plan.scps:
        return plan.granted(plan, request, context)
    guard = _agreed(plan.scps, request, context)
    if guard.decision is _DENIED:
        return guard
    verdict = plan.granted(plan, request, context)
    return verdict if guard.decision is _ALLOWED or verdict.decision is _DENIED else guard


def _who_must_allow(action: str, standing: _Standing, *, at_home: bool) -> _Granted:
    """Return the rule of who must allow an action."""
    if standing is _Standing.ROOT and action == "sts:assumerole":
        return lambda _plan, _request, _context: _ROOT_ASSUMES_NOTHING
    if standing is _OUTSIDE:
        return _granted_outside
    if at_home:
        return _granted_at_home
    if action.startswith("kms:") and action not in _KMS_ACROSS:
        return lambda _plan, _request, _context: _KEY_STAYS_AT_HOME
    return _granted_root_session if action == "sts:assumeroot" else _granted_across


def _granted_at_home(plan: _Plan, request: Request, context: Context) -> Verdict:
    """Decide within the account: the caller's own side or the resource's policy must allow."""
    needle = plan.must_allow_itself
    if needle is not None and needle in request.resource:
        return _either(_itself(plan, request, context))
    own = _agreed(plan.own, request, context)
    if own.decision is _ALLOWED or not plan.resource.statements:
        return own
    granting = _Granting.of(plan.resource, request, context)
    return _either((own, *_direct_ways(plan, granting, request, context)))


def _granted_across(plan: _Plan, request: Request, context: Context) -> Verdict:
    """Decide across accounts: the request "is allowed only if both" sides allow it."""
    own = _agreed(plan.own, request, context)
    if own.decision is _DENIED:
        return own
    granting = _Granting.of(plan.resource, request, context)
    theirs = _either((granting.at_least(ACCOUNT), *_grants(plan, request, context)))
    return _both((own, theirs))


def _granted_root_session(plan: _Plan, request: Request, context: Context) -> Verdict:
    """Decide AssumeRoot on a member account, which no policy of the member's decides."""
    return _both((_agreed(plan.own, request, context), _ROOT_SESSIONS))


def _granted_outside(plan: _Plan, request: Request, context: Context) -> Verdict:
    """Decide for a caller without policies of its own: the resource's policy alone counts."""
    granting = _Granting.of(plan.resource, request, context)
    return _either((granting.at_least(DIRECT), *_grants(plan, request, context)))


def _agreed(layers: tuple[_Allows, ...], request: Request, context: Context) -> Verdict:
    """Return what layers say all of which must allow; without layers, that nothing limits."""
    if len(layers) == 1:
        return layers[0].find(request, context)
    return _both([layer.find(request, context) for layer in layers]) if layers else _NOTHING_LIMITS


def _itself(plan: _Plan, request: Request, context: Context) -> Iterable[Verdict]:
    """Yield the ways through a trust or key policy: it must allow, or hand on to the account."""
    granting = _Granting.of(plan.resource, request, context)
    yield _both((granting.at_least(ACCOUNT), _agreed(plan.own, request, context)))
    yield from _direct_ways(plan, granting, request, context)
    why = "AWS does not say whether that limits a grant."
    for grant in _grants(plan, request, context):
        yield _both((grant, _unsettled(_agreed(plan.limits, request, context), why)))


def _direct_ways(
    plan: _Plan, granting: "_Granting", request: Request, context: Context
) -> Iterable[Verdict]:
    """Yield the grants that need no identity policy: to the session or user, then to the role."""
    yield granting.at_least(DIRECT)
    yield _both((granting.at_least(ENTITY), _agreed(plan.limits, request, context)))


@dataclass(frozen=True, slots=True)
class _Granting:
    """The strongest way in which a resource's policy names the caller and applies."""

    sure: int
    by: Statement | None
    possible: int
    perhaps_by: Verdict
    none: Verdict

    @classmethod
    def of(cls, allows: _Allows, request: Request, context: Context) -> "_Granting":
        """Ask every Allow of the resource's policy, once."""
        sure, by = NOBODY, None
        possible, perhaps_by = NOBODY, allows.none
        for statement in allows.statements:
            low, high = statement.names(request.principal) if statement.names else (NOBODY, NOBODY)
            if high <= sure:
                continue
            answer = statement.applies(request, context)
            if answer and low > sure:
                sure, by = low, statement
            unsure = answer is None or (answer and high > low)
            if unsure and high > possible:
                possible, perhaps_by = high, statement.doubt(request, context)
        return cls(sure, by, possible, perhaps_by, allows.none)

    def at_least(self, strength: int) -> Verdict:
        """Return whether the caller is named at least so strongly."""
        if self.by is not None and self.sure >= strength:
            return self.by.verdict
        return self.perhaps_by if self.possible >= strength else self.none


# --- KMS grants -----------------------------------------------------------------------------------


def _grants(plan: _Plan, request: Request, context: Context) -> Iterable[Verdict]:
    """Yield what each grant on the key says of the request."""
    for grant in plan.grants:
        answer = all_of((_is_grantee(grant, request.principal), _carries(grant, request, context)))
        if answer is not False:
            yield _grant_verdict(grant, answer)


def _grant_verdict(grant: KmsGrant, answer: Answer) -> Verdict:
    if answer:
        return Verdict(_ALLOWED, Layer.GRANT, grant.name, f"KMS grant {grant.name} allows it.")
    reason = f"Whether KMS grant {grant.name} covers this encryption context cannot be decided."
    return Verdict(_UNKNOWN, Layer.GRANT, grant.name, reason)


def _is_grantee(grant: KmsGrant, principal: Principal) -> bool:
    return grant.grantee in {principal.arn, principal.session_arn}


def _carries(grant: KmsGrant, request: Request, context: Context) -> Answer:
    """Say whether the call carries the encryption context that the grant demands.

    Constraints do not hold for operations without an encryption context that only look
    (DescribeKey) or hand back (RetireGrant); for the rest, like CreateGrant, it is undecided.
    """
    exact, least = grant.encryption_context_equals, grant.encryption_context_subset
    action = request.action.lower()
    if (exact is None and least is None) or action in {"kms:describekey", "kms:retiregrant"}:
        return True
    if action not in _ENCRYPTING:
        return None
    pairs = {**(least or {}), **(exact or {})}
    answers = [_pair(key, value, context) for key, value in pairs.items()]
    return all_of([*answers, True if exact is None else _only(exact.keys(), context)])


def _pair(key: str, wanted: str, context: Context) -> Answer:
    value = context.get(f"kms:encryptioncontext:{key}".lower())
    return None if value is UNKNOWN_VALUE else value == wanted


def _only(keys: Iterable[str], context: Context) -> Answer:
    seen = context.get("kms:encryptioncontextkeys", ())
    if seen is UNKNOWN_VALUE:
        return None
    return {seen} == set(keys) if isinstance(seen, str) else set(seen) == set(keys)
