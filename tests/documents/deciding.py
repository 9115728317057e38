"""Who asks, and what AWS would answer: requests in the kit's words over the kit's documents."""

from collections.abc import Mapping
from dataclasses import replace

from breakglass.documents import Document
from breakglass.documents.statement import allow, document
from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import (
    ContextValue,
    Decision,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
    Verdict,
)

MANAGEMENT, LOGGING, WITNESS = "111111111111", "222222222222", "333333333333"
BROKER, SHOP, OUTSIDE = "444444444444", "555555555555", "999999999999"
HOME = "eu-west-1"
REGIONS = [HOME, "us-east-1"]

Context = Mapping[str, ContextValue]
NONE: Context = {}
EVERYTHING = document(allow("Everything", "*", "*"))
ADMIN = Layers(identity=[Policy("admin", EVERYTHING)])
"""A caller who may do whatever no other policy forbids."""


def user(name: str, account: str = BROKER) -> Principal:
    return Principal(f"arn:aws:iam::{account}:user/{name}", None, account, PrincipalKind.USER)


def role(path: str, account: str = SHOP) -> Principal:
    name = path.rpartition("/")[2]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/session"
    return Principal(f"arn:aws:iam::{account}:role/{path}", session, account, PrincipalKind.ROLE)


def kit_role(name: str, account: str = SHOP) -> Principal:
    return role(f"breakglass/break-glass-{name}", account)


def root(account: str) -> Principal:
    return Principal(f"arn:aws:iam::{account}:root", None, account, PrincipalKind.ROOT)


def service(name: str) -> Principal:
    return Principal(f"{name}.amazonaws.com", None, "", PrincipalKind.SERVICE)


ANYBODY = Principal("*", None, "", PrincipalKind.ANONYMOUS)
"""Somebody without credentials."""


def decide(  # noqa: PLR0913, PLR0917 - what a request has
    layers: Layers, who: Principal, action: str, resource: str, account: str, keys: Context = NONE
) -> Verdict:
    """The answer, never undecided. ``keys`` are added to those that every request has."""
    verdict = evaluate(Request(who, action, resource, account, {**_usual(who), **keys}), layers)
    assert verdict.decision != Decision.UNKNOWN, verdict.reason
    return verdict


def _usual(who: Principal) -> dict[str, str]:
    """What AWS puts into every request of such a caller (IAM User Guide, "Global keys")."""
    keys = {"aws:SecureTransport": "true", "aws:RequestedRegion": HOME}
    if who.kind is PrincipalKind.SERVICE:
        return {**keys, "aws:PrincipalIsAWSService": "true"}
    if who == ANYBODY:
        return keys
    principal = {"aws:PrincipalArn": who.arn, "aws:PrincipalAccount": who.account}
    return {**keys, **principal, "aws:PrincipalIsAWSService": "false"}


def sid(verdict: Verdict) -> str:
    """The statement that decided, without its policy."""
    return (verdict.statement or "none").rpartition("#")[2]


def on(resource_policy: Document, layers: Layers = ADMIN) -> Layers:
    """The layers of a caller on a resource with that policy."""
    return replace(layers, resource=Policy("resource", resource_policy))
