"""Who asks, for what, under which policies, and the answer: the values that the proof decides over.

Nothing here decides anything; `breakglass.proof.evaluate` does. Names are AWS's own ("IAM User
Guide", chapter "Policy evaluation logic").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final


class Decision(StrEnum):
    """The three answers. `UNKNOWN` is never a pass: a gate that meets it fails."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Layer(StrEnum):
    """Where a verdict was made.

    The trust policy of a role and the policy of a KMS key are `RESOURCE`; `PRINCIPAL` is a rule
    about the caller itself that no policy holds (what the account's root user may and may not do).
    """

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    SCP = "scp"
    RCP = "rcp"
    GRANT = "grant"
    PRINCIPAL = "principal"


class PrincipalKind(StrEnum):
    """What kind of caller a principal is; it decides which layers count."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    SERVICE = "service"
    FEDERATED = "federated"
    ANONYMOUS = "anonymous"


class Unknown(Enum):
    """The type of `UNKNOWN_VALUE`, so that a checker can tell it from text."""

    VALUE = "unknown"


UNKNOWN_VALUE: Final = Unknown.VALUE
"""A condition key of which neither presence nor value is known: every test of it is undecided."""

ContextValue = str | Sequence[str] | Unknown
"""One value, the values of a multivalued key, or `UNKNOWN_VALUE`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, where it was made, by which statement, and why in one plain sentence."""

    decision: Decision
    layer: str
    """A `Layer`."""
    statement: str | None
    """``<policy name>#<Sid or index>``; None where the absence of a statement decides."""
    reason: str

    @property
    def allowed(self) -> bool:
        """True for `ALLOWED` only."""
        return self.decision is Decision.ALLOWED


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document under the name by which verdicts speak of it."""

    name: str
    document: Mapping[str, Any]
    text: str = field(default="", compare=False, repr=False)
    """The document as JSON text, where it was read from one: spares writing it anew."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.

    ``arn`` is the ARN of the user, the role (never its session), the account's root
    (``arn:aws:iam::<id>:root``) or the identity provider, the name of a service
    (``cloudtrail.amazonaws.com``), or ``*`` for nobody known. ``session_arn`` is the
    ``assumed-role`` ARN of a role's session or the ``federated-user`` ARN of GetFederationToken;
    None for a role means a session whose name is not known. ``account`` is twelve digits, or empty
    for services and anonymous callers.
    """

    arn: str
    session_arn: str | None
    account: str
    kind: PrincipalKind


@dataclass(frozen=True, slots=True)
class Request:
    """One call: who, which IAM action (``s3:PutObject``), on which resource ARN of which account.

    ``context`` holds the condition keys that AWS would put into the request context, the
    principal's own (``aws:PrincipalArn``, ``aws:username``, ...) included: nothing is added to it.
    A key that is not in the mapping is absent; the names of keys are compared without regard to
    case, as IAM does.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KmsGrant:
    """A grant on the key that the request is about (AWS KMS Developer Guide, "Grants in AWS KMS").

    ``operations`` are named as CreateGrant names them (``Decrypt``, without ``kms:``). The two
    constraints are the encryption context that the call must carry exactly, or at least; None where
    the grant has no such constraint.
    """

    grantee: str
    operations: frozenset[str]
    name: str = "grant"
    encryption_context_equals: Mapping[str, str] | None = None
    encryption_context_subset: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Layers:
    """Every policy that AWS would read for the request.

    ``scps`` and ``rcps`` hold one inner sequence for each level, from the organisation's root to
    the account: SCPs of the caller's account, RCPs of the resource's. Empty means that none apply:
    no organisation, the management account, an AWS managed key. An SCP level with no policy allows
    nothing. At each RCP level ``RCPFullAWSAccess`` is taken as attached, because AWS attaches it
    when RCPs are enabled and lets nobody detach it (IAM User Guide, "How AWS enforcement code logic
    evaluates requests"): RCPs can only deny.
    """

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    session: Sequence[Policy] = ()
    resource: Policy | None = None
    scps: Sequence[Sequence[Policy]] = ()
    rcps: Sequence[Sequence[Policy]] = ()
    grants: Sequence[KmsGrant] = ()
