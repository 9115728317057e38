"""Whom the policy of a resource speaks of: callers made of the ARNs and services that it names.

A stranger whom somebody adds to a policy is found there and nowhere else, so whoever a policy names
is asked whether he should be let in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from breakglass.proof import declared
from breakglass.proof.declared import (
    OUTSIDE,
    Caller,
    Target,
    Written,
    filled,
    principals_of,
    statements_of,
)

_STRANGE_SERVICE: Final = "lambda.amazonaws.com"
"""One that no policy of the kit names: it comes in where everybody does."""


FOR_WHOM: Final = ("aws:SourceAccount", "aws:SourceArn")
"""Keys that say for whom a service acts."""

ELSEWHERE: Final = "000000000000"
"""An account that no caller belongs to. Of a resource there, its own policy alone decides who is
let in (IAM User Guide, "Cross-account policy evaluation logic")."""


def apart(target: Target) -> Target:
    """The same resource where nobody is at home, so that only its own policy can let him in."""
    return replace(target, owner=ELSEWHERE)


@lru_cache(maxsize=4096)
def named_in(written: Written, owner: str, region: str) -> tuple[Caller, ...]:
    """Everybody whom the Allow statements of a policy name, and some whom they do not.

    ``owner`` is the account of the resource, ``region`` where services act.
    """
    found: dict[tuple[str, str], Caller] = {}
    for statement in statements_of(written):
        if statement.get("Effect") == "Allow":
            for caller in _of_statement(statement, region):
                found.setdefault(who(caller), caller)
    for caller in _strangers(owner, region):
        found.setdefault(who(caller), caller)
    return tuple(found.values())


def spoken_of(written: Written) -> Iterator[str]:
    """Whom the Allow statements name: as principals, and as ARNs that a condition demands."""
    for _, text in principals_of(written):
        yield text
    for statement in statements_of(written):
        if statement.get("Effect") == "Allow":
            for key, values in _conditions(statement):
                if key == "aws:principalarn":
                    yield from values


def who(caller: Caller) -> tuple[str, str]:
    """What tells a caller from others: a service also by the resource that it acts for."""
    return caller.principal.arn, str(caller.context.get("aws:SourceArn", ""))


def _of_statement(statement: Mapping[str, Any], region: str) -> Iterator[Caller]:
    principal = statement.get("Principal") or {}
    kinds = {"AWS": principal} if isinstance(principal, str) else principal
    services = _texts(kinds.get("Service", ()))
    for text in _texts(kinds.get("AWS", ())):
        yield from _of_arn(text)
    for key, values in _conditions(statement):
        for value in values:
            if key == "aws:principalarn":
                yield from _of_arn(value)
            if key in {"aws:sourcearn", "aws:sourceaccount"}:
                yield from (_service(name, value, region) for name in services)
    yield from (_service(name, OUTSIDE, region) for name in services)
    yield from map(_acting_for_nobody, services)


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for keys in (statement.get("Condition") or {}).values():
        yield from ((key.lower(), _texts(values)) for key, values in keys.items())


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - a text or several, as JSON has it
    return [value] if isinstance(value, str) else [str(one) for one in value]


def _of_arn(text: str) -> Iterator[Caller]:
    arn = filled(text)
    if arn.isdecimal():
        yield from declared.administrators(arn, f"An administrator of {arn}")
    elif arn.startswith("arn:aws:iam::") and arn.endswith(":root"):
        account = arn.split(":")[4]
        yield from declared.administrators(account, f"An administrator of {account}")
    elif arn.startswith("arn:aws:iam::"):
        yield declared.principal(arn, arn)


def _service(name: str, value: str, region: str) -> Caller:
    """A service that acts for a resource, or for an account, that a condition names."""
    text = filled(value)
    account = text if text.isdecimal() else OUTSIDE
    kind = name.partition(".")[0]
    arn = text if text.startswith("arn:") else f"arn:aws:{kind}:{region}:{account}:mallory"
    return declared.service(name, f"{name} for {arn}", source_arn=arn)


def _acting_for_nobody(name: str) -> Caller:
    """A service that does not say for whom it acts."""
    caller = declared.service(name, f"{name} for nobody", source_arn="arn:aws:x:x:x:x")
    context = {key: value for key, value in caller.context.items() if key not in FOR_WHOM}
    return replace(caller, context=context)


def _strangers(owner: str, region: str) -> Iterator[Caller]:
    for name in (_STRANGE_SERVICE, "events.amazonaws.com", "sns.amazonaws.com"):
        for account in (owner, OUTSIDE):
            yield _service(name, account, region)
    yield from declared.administrators(OUTSIDE, "An administrator of an account outside")
    yield from declared.administrators(owner, f"Somebody of {owner}")
    yield declared.nobody()
