"""Who makes a call: an identity, its credentials and what AWS knows about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from breakglass.proof.model import Policy, Principal

ContextValue = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Emulated access keys; worth nothing outside the emulation."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity at work.

    The emulator makes callers (``root``, ``user``, ``assume_role`` …); nothing else should.
    """

    arn: str
    """The session's or user's ARN, as ``sts:GetCallerIdentity`` tells it."""
    account: str
    principal: Principal
    credentials: Credentials
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    """Condition keys that follow from who calls. What follows from the hour and from the role's
    present tags is added at each call."""
    session_policies: tuple[Policy, ...] = ()
    guarded: bool = True
    """False only for the emulation's own hand: nothing decides its calls."""
    expires: datetime | None = None
    """When the session ends; None for credentials without end."""
    source_identity: str | None = None
    session_tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    """Those of ``session_tags`` that the next role in a chain inherits."""
    mfa_at: datetime | None = None
    """When the caller last proved his second factor; None without."""
    chained: bool = False
    """Whether a role's session assumed this role."""
