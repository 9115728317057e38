"""The kinds of caller, and the condition keys that AWS derives from who calls.

Source: IAM user guide, "AWS global condition context keys" (each key's "Availability") and "IAM and
AWS STS condition context keys".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Final

from breakglass.errors import InvalidInput
from breakglass.proof.model import Policy, Principal, PrincipalKind
from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.callers import Caller, ContextValue, Credentials

_numbers = count(1)


def invented_keys(prefix: str = "ASIA") -> Credentials:
    """Return unused access keys of AWS's form: ``AKIA`` long-term, ``ASIA`` temporary."""
    number = next(_numbers)
    return Credentials(f"{prefix}{number:016d}", "emulated-secret", f"token-{number}")


_NOT_A_SERVICE: Final = {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}


def root(account: str) -> Caller:
    """Return the emulation's own hand in ``account``: everything is allowed, nothing decided."""
    arn = f"arn:aws:iam::{account}:root"
    return Caller(
        arn=arn,
        account=account,
        principal=Principal(arn, None, account, PrincipalKind.ROOT),
        credentials=invented_keys("AKIA"),
        context={
            **_NOT_A_SERVICE,
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": account,
            "aws:PrincipalType": "Account",
            "aws:userid": account,
        },
        guarded=False,
    )


def user(arn: str) -> Caller:
    """Return a user with his long-term keys: no second factor is known of these.

    Raises ``InvalidInput`` when the emulated account has no such user.
    """
    found = store.user(arn)
    if found is None:
        raise InvalidInput("user", arn, "the ARN of a user that exists in the emulation")
    account = arn.split(":")[4]
    return Caller(
        arn=arn,
        account=account,
        principal=Principal(arn, None, account, PrincipalKind.USER),
        credentials=invented_keys("AKIA"),
        context={
            **_NOT_A_SERVICE,
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": account,
            "aws:PrincipalType": "User",
            "aws:userid": found.id,
            "aws:username": found.name,
        },
    )


def user_session(
    of: Caller, *, issued: datetime, expires: datetime, mfa: bool, credentials: Credentials
) -> Caller:
    """Return a user's temporary credentials (``sts:GetSessionToken``), with or without MFA."""
    return replace(
        of,
        credentials=credentials,
        expires=expires,
        mfa_at=issued if mfa else None,
        context={
            **of.context,
            "aws:TokenIssueTime": timestamp(issued),
            "aws:MultiFactorAuthPresent": str(mfa).lower(),
        },
    )


def role_session(  # noqa: PLR0913 - a session is all of these
    role_arn: str,
    name: str,
    *,
    issued: datetime,
    expires: datetime,
    credentials: Credentials | None = None,
    tags: Mapping[str, str] | None = None,
    transitive: frozenset[str] = frozenset(),
    source_identity: str | None = None,
    policies: tuple[Policy, ...] = (),
    claims: Mapping[str, ContextValue] | None = None,
    chained: bool = False,
) -> Caller:
    """Return a session of a role. ``claims`` are the federated keys that stay with the session.

    ``chained`` says that another role's session assumed it.

    It carries no second factor: credentials that AssumeRole returns never do (IAM user guide,
    "Configuring MFA-protected API access").
    """
    role = store.role(role_arn)
    if role is None:
        raise InvalidInput("role", role_arn, "the ARN of a role that exists in the emulation")
    account = role_arn.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role.name}/{name}"
    session_tags = dict(tags or {})
    context: dict[str, ContextValue] = {
        **_NOT_A_SERVICE,
        **(claims or {}),
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "AssumedRole",
        "aws:userid": f"{role.id}:{name}",
        "aws:TokenIssueTime": timestamp(issued),
        "aws:MultiFactorAuthPresent": "false",
    }
    if source_identity is not None:
        context["aws:SourceIdentity"] = source_identity
    return Caller(
        arn=arn,
        account=account,
        principal=Principal(role_arn, arn, account, PrincipalKind.ROLE),
        credentials=credentials or invented_keys(),
        context=context,
        session_policies=policies,
        expires=expires,
        source_identity=source_identity,
        session_tags=session_tags,
        transitive_tags={key: value for key, value in session_tags.items() if key in transitive},
        chained=chained,
    )


def service(
    name: str, *, source_arn: str | None = None, source_account: str | None = None
) -> Caller:
    """Return an AWS service that acts for the resource ``source_arn``.

    ``source_account`` is taken from the ARN when it is not given. The call happens in that account.
    """
    account = source_account or (source_arn or ":::::").split(":")[4]
    context: dict[str, ContextValue] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
        "aws:PrincipalServiceNamesList": [name],
        "aws:ViaAWSService": "false",
    }
    if source_arn:
        context["aws:SourceArn"] = source_arn
    if account:
        context["aws:SourceAccount"] = account
        organization = store.organization(account)
        if organization is not None:
            context["aws:SourceOrgID"] = organization.org.id
            context["aws:SourceOrgPaths"] = [store.organization_path(account) or ""]
    return Caller(
        arn=name,
        account=account,
        principal=Principal(name, None, "", PrincipalKind.SERVICE),
        credentials=invented_keys(),
        context=context,
    )


def federated(provider_arn: str, claims: Mapping[str, str]) -> Caller:
    """Return whoever holds a token of an OIDC provider; ``claims`` by name, such as ``sub``."""
    issuer = provider_arn.split("oidc-provider/", 1)[-1]
    return Caller(
        arn=provider_arn,
        account=provider_arn.split(":")[4],
        principal=Principal(provider_arn, None, "", PrincipalKind.FEDERATED),
        credentials=invented_keys(),
        context={
            **_NOT_A_SERVICE,
            **{f"{issuer}:{claim}": value for claim, value in claims.items()},
            "aws:FederatedProvider": provider_arn,
        },
    )


def anonymous() -> Caller:
    """Return somebody without credentials, from outside every account.

    AWS does not say of such a request whether a service made it ("AWS global condition context
    keys", aws:PrincipalIsAWSService: "Anonymous requests do not include this key").
    """
    return Caller(
        arn="*",
        account="000000000000",
        principal=Principal("*", None, "", PrincipalKind.ANONYMOUS),
        credentials=invented_keys(),
        context={"aws:ViaAWSService": "false", "aws:PrincipalType": "Anonymous"},
    )


def at(caller: Caller, now: datetime) -> Caller:
    """Return ``caller`` with the keys that hang on the hour, present tags, the organisation."""
    context: dict[str, ContextValue] = {
        **caller.context,
        **{f"aws:PrincipalTag/{key}": value for key, value in _principal_tags(caller).items()},
        "aws:CurrentTime": timestamp(now),
        "aws:EpochTime": str(int(now.timestamp())),
    }
    if caller.mfa_at is not None:
        context["aws:MultiFactorAuthPresent"] = "true"
        context["aws:MultiFactorAuthAge"] = str(int((now - caller.mfa_at).total_seconds()))
    if caller.principal.account:
        path = store.organization_path(caller.principal.account)
        if path is not None:
            context["aws:PrincipalOrgID"] = path.split("/", 1)[0]
            context["aws:PrincipalOrgPaths"] = [path]
    return replace(caller, context=context)


def _principal_tags(caller: Caller) -> dict[str, str]:
    """Return the tags of user or role; a session's own tags stand over the role's."""
    if caller.principal.kind is PrincipalKind.USER:
        return store.user_tags(caller.principal.arn)
    if caller.principal.kind is not PrincipalKind.ROLE:
        return {}
    role = store.role(caller.principal.arn)
    return {**({} if role is None else store.tags_of(role)), **caller.session_tags}


def timestamp(moment: datetime) -> str:
    """Return a moment as AWS writes it in a request context: ``2026-11-22T17:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
