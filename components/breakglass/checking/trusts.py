"""Trust policies, as far as they name who may come and with what."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from breakglass.errors import BreakGlassError
from breakglass.proof.declared import (
    OUTSIDE,
    Target,
    Written,
    administrators,
    lets_in,
    statements_of,
)
from breakglass.proof.graph import Resource
from breakglass.proof.model import Decision

ANYBODY: Final = "*"
"""How a statement names everybody (IAM User Guide, "AWS JSON policy elements: Principal")."""

_STRANGERS: Final = tuple(administrators(OUTSIDE, "A stranger"))
_A_STRANGERS: Final = MappingProxyType(
    {
        "aws:PrincipalOrgID": "o-outside0000",
        "aws:PrincipalOrgPaths": ["o-outside0000/r-outs/"],
        "aws:SourceIp": "198.51.100.9",
        "aws:SourceVpc": "vpc-00000000000000000",
        "aws:SourceVpce": "vpce-00000000000000000",
        "aws:VpcSourceIp": "198.51.100.9",
        "sts:ExternalId": None,
    }
)
"""What is not a stranger's to choose: whose he is, where he calls from, a word that he would have
to know (IAM User Guide, "AWS global condition context keys" and "Access to AWS accounts owned by
third parties"). MFA, tags, names and times are."""


class Trust:
    """A trust policy, as far as it names who may come and with what."""

    def __init__(self, role: Resource) -> None:
        self.role = role
        text = role.get("assumeRolePolicy")
        self.written = Written(f"trust of {role.get('name')}", str(text))
        self.statements = [s for s in statements_of(self.written) if s.get("Effect") == "Allow"]

    def principals(self, kind: str) -> list[str]:
        """Whom the statements name of a kind: ``AWS``, ``Federated`` or ``Service``."""
        found: dict[str, None] = {}
        for statement in self.statements:
            found |= dict.fromkeys(_listed(_named(statement).get(kind)))
        return [*found]

    def asked(self, key: str) -> list[str]:
        """The values that conditions ask of a key, whatever the operator."""
        return [value for name, value in self.conditions() if name.lower() == key.lower()]

    def serves(self) -> bool:
        """Whether services alone act with the role."""
        people = self.principals("AWS") or self.principals("Federated")
        return not people and bool(self.principals("Service"))

    def is_open(self) -> bool:
        """Whether it may let in a stranger: somebody of an account outside, who knows no secret."""
        if ANYBODY not in self.principals("AWS"):
            return False
        trust = Target(f"arn:aws:iam::{self.role.account}:role/x", self.role.account, self.written)
        try:
            verdicts = [lets_in(trust, one, _A_STRANGERS) for one in _STRANGERS]
        except BreakGlassError:  # what AWS would refuse is told by the invariants that ask for it
            return True
        return any(verdict.decision is not Decision.DENIED for verdict in verdicts)

    def conditions(self) -> Iterator[tuple[str, str]]:
        """Yield each key of a condition with each of its values."""
        for statement in self.statements:
            for keys in (statement.get("Condition") or {}).values():
                for key, values in keys.items():
                    for value in _listed(values):
                        yield key, str(value)


def _named(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whom a statement names, by kind. ``NotPrincipal`` lets in all but those that it names."""
    if "NotPrincipal" in statement:
        return {"AWS": ANYBODY}
    named = statement.get("Principal") or {}
    return {"AWS": ANYBODY} if named == ANYBODY else named


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - an element of a statement
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
