"""The few shapes of which every document is made."""

from collections.abc import Mapping, Sequence
from typing import Any

Statement = dict[str, Any]
Document = dict[str, Any]
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]
Strings = str | Sequence[str]


def document(*statements: Statement) -> Document:
    """A policy document of the current language version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(
    sid: str,
    action: Strings,
    resource: Strings | None = None,
    *,
    principal: Mapping[str, Strings] | str | None = None,
    when: Conditions | None = None,
) -> Statement:
    """An Allow statement. ``when`` is its Condition; a trust policy has no resource."""
    return _statement(
        Sid=sid,
        Effect="Allow",
        Principal=principal,
        Action=action,
        Resource=resource,
        Condition=when or None,
    )


def deny(  # noqa: PLR0913 - a statement has these parts
    sid: str,
    action: Strings,
    resource: Strings | None = None,
    *,
    principal: Mapping[str, Strings] | str | None = None,
    not_action: bool = False,
    not_resource: bool = False,
    when: Conditions | None = None,
) -> Statement:
    """A Deny statement. ``not_action`` and ``not_resource`` negate; ``when`` is its Condition."""
    parts = {
        "NotAction" if not_action else "Action": action,
        "NotResource" if not_resource else "Resource": resource,
    }
    return _statement(Sid=sid, Effect="Deny", Principal=principal, **parts, Condition=when or None)


def tls_only(action: str, resource: Strings) -> Statement:
    """Deny whatever comes over plain HTTP, for the policy of a resource."""
    in_the_clear = {"Bool": {"aws:SecureTransport": "false"}}
    return deny("NothingInTheClear", action, resource, principal="*", when=in_the_clear)


def _statement(**parts: object) -> Statement:
    """The parts that are given, in the order in which people read them."""
    return {name: _plain(part) for name, part in parts.items() if part is not None}


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Lists for sequences, and one value where there is one: AWS takes both; it is shorter."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    assert isinstance(value, Sequence)  # noqa: S101 - narrows for the type checker
    values = [_plain(inner) for inner in value]
    return values[0] if len(values) == 1 else values
