"""Trust policies, as far as they name who may come and with what."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakglass.proof.declared import Written, statements_of
from breakglass.proof.graph import Resource

ANYBODY: Final = "*"
"""How a statement names everybody (IAM User Guide, "AWS JSON policy elements: Principal")."""


class Trust:
    """A trust policy, as far as it names who may come and with what."""

    def __init__(self, role: Resource) -> None:
        self.role = role
        text = role.get("assumeRolePolicy")
        written = Written(f"trust of {role.get('name')}", str(text))
        self.statements = [s for s in statements_of(written) if s.get("Effect") == "Allow"]

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
        """Whether a statement lets in anybody at all, whatever he sends."""
        return any(
            ANYBODY in _listed(_named(one).get("AWS")) and not _demands(one)
            for one in self.statements
        )

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


def _demands(statement: Mapping[str, Any]) -> bool:
    """Whether a condition asks for more than that a key is there."""
    conditions = (statement.get("Condition") or {}).values()
    values = [value for keys in conditions for one in keys.values() for value in _listed(one)]
    return any(str(value).strip("*") for value in values)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - an element of a statement
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
