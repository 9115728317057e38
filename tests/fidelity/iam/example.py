"""A documented example: who asks for what under which policies, and what AWS's page says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breakglass.proof.model import (
    ContextValue,
    Decision,
    KmsGrant,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

Body = dict[str, Any]
Context = Mapping[str, ContextValue]

ALLOWED, DENIED, UNKNOWN = Decision.ALLOWED, Decision.DENIED, Decision.UNKNOWN

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/userguide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"

ONE, TWO = "111122223333", "444455556666"
"""Two accounts, as AWS's pages number them."""


@dataclass(frozen=True)
class Page:
    """A page of AWS's documentation."""

    title: str
    address: str


@dataclass(frozen=True)
class Example:
    """What a page says of one request."""

    page: Page
    says: str
    aws: Decision
    request: Request
    layers: Layers


# --- who ---------------------------------------------------------------------------------------


def user(name: str, account: str = ONE) -> Principal:
    return Principal(f"arn:aws:iam::{account}:user/{name}", None, account, PrincipalKind.USER)


def role(name: str, session: str | None = "session", account: str = ONE) -> Principal:
    own = f"arn:aws:sts::{account}:assumed-role/{name}/{session}" if session else None
    return Principal(f"arn:aws:iam::{account}:role/{name}", own, account, PrincipalKind.ROLE)


def federated_user(name: str, behind: str, account: str = ONE) -> Principal:
    session = f"arn:aws:sts::{account}:federated-user/{name}"
    return Principal(f"arn:aws:iam::{account}:user/{behind}", session, account, PrincipalKind.USER)


def root(account: str = ONE) -> Principal:
    return Principal(f"arn:aws:iam::{account}:root", None, account, PrincipalKind.ROOT)


def service(name: str) -> Principal:
    return Principal(f"{name}.amazonaws.com", None, "", PrincipalKind.SERVICE)


def web_identity(provider: str) -> Principal:
    return Principal(provider, None, "", PrincipalKind.FEDERATED)


ANYBODY = Principal("*", None, "", PrincipalKind.ANONYMOUS)
SOMEBODY = user("somebody")


# --- policies ----------------------------------------------------------------------------------


def statement(effect: str, action: Any, resource: Any, condition: Any, more: Body) -> Body:  # noqa: ANN401 - JSON
    body: Body = {"Effect": effect, **more}
    if "NotAction" not in more:
        body["Action"] = action
    if "NotResource" not in more and resource is not None:
        body["Resource"] = resource
    return body if condition is None else {**body, "Condition": condition}


def allow(action: Any = "*", resource: Any = "*", condition: Any = None, **more: Any) -> Body:  # noqa: ANN401 - JSON
    return statement("Allow", action, resource, condition, more)


def deny(action: Any = "*", resource: Any = "*", condition: Any = None, **more: Any) -> Body:  # noqa: ANN401 - JSON
    return statement("Deny", action, resource, condition, more)


def policy(*statements: Body, name: str = "policy", version: str = "2012-10-17") -> Policy:
    return Policy(name, {"Version": version, "Statement": list(statements)})


FULL = allow()
FULL_ACCESS = policy(FULL, name="FullAWSAccess")


def named(principal: Any, *statements: Body) -> list[Body]:  # noqa: ANN401 - JSON
    """Give statements of a resource's policy the principal that they all name."""
    return [{**body, "Principal": principal} for body in statements]


# --- examples ----------------------------------------------------------------------------------


def example(  # noqa: PLR0913, PLR0917 - the parts of an example
    page: Page,
    says: str,
    aws: Decision,
    who: Principal,
    action: str,
    resource: str = "*",
    *,
    of: str | None = None,
    context: Context | None = None,
    identity: Iterable[Body] = (),
    boundary: Iterable[Body] = (),
    session: Iterable[Body] = (),
    resource_policy: Iterable[Body] = (),
    scps: Sequence[Sequence[Policy]] = (),
    rcps: Sequence[Sequence[Policy]] = (),
    grants: Sequence[KmsGrant] = (),
    version: str = "2012-10-17",
) -> Example:
    """One example; ``of`` is the resource's account, by default the caller's."""

    def one(statements: Iterable[Body], name: str) -> Policy | None:
        bodies = list(statements)
        return policy(*bodies, name=name, version=version) if bodies else None

    def some(statements: Iterable[Body], name: str) -> list[Policy]:
        return [found] if (found := one(statements, name)) else []

    layers = Layers(
        identity=some(identity, "identity"),
        boundary=one(boundary, "boundary"),
        session=some(session, "session"),
        resource=one(resource_policy, "resource"),
        scps=scps,
        rcps=rcps,
        grants=grants,
    )
    owner = who.account or ONE if of is None else of
    return Example(page, says, aws, Request(who, action, resource, owner, context or {}), layers)


def condition_table(
    page: Page,
    what: str,
    condition: Any,  # noqa: ANN401 - JSON
    rows: Iterable[tuple[str, Context, bool]],
    effect: str = "Allow",
) -> list[Example]:
    """Rows of AWS's tables "Policy condition, request context, result: Match or No match".

    A Deny that matches denies; one that does not leaves the decision to the Allow beside it.
    """
    bodies = [statement(effect, "*", "*", condition, {})] + ([FULL] if effect == "Deny" else [])
    return [
        example(
            page,
            f"{what}: {says}",
            ALLOWED if matches == (effect == "Allow") else DENIED,
            SOMEBODY,
            "ec2:CreateTags",
            context=context,
            identity=bodies,
        )
        for says, context, matches in rows
    ]
