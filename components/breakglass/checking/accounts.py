"""Whose account a provider acts in, as far as its own settings tell."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from breakglass.proof.graph import NO_REGION
from breakglass.rehearsal.engine.registration import PROVIDER, Registration

AMBIENT: Final = "000000000000"
"""Stands for the account of whoever runs the program; no account has this id."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The account of a provider."""

    id: str
    """Account id, or what stands for it; the owner's login for GitHub."""
    told: bool
    """Whether the program says which account it is."""
    deployer: str | None
    """The role that the provider assumes; None where it says none."""


def account_of(provider: Registration) -> Whose:
    """Tell the account of a provider: of the role that it assumes, or the one that it is bound to.

    Where it tells neither, providers with the same profile are taken to be in the same account.
    """
    settings = provider.inputs
    if provider.type == f"{PROVIDER}github":
        owner = settings.get("owner")
        return Whose(owner if isinstance(owner, str) else "", isinstance(owner, str), None)
    role = next(reversed([*_roles(settings)]), None)
    if role is not None:
        arn = role if isinstance(role, str) and role.count(":") > 4 else None  # noqa: PLR2004 - an ARN
        return (
            Whose(arn.split(":")[4], told=True, deployer=arn)
            if arn
            else Whose(_stand_in(provider.name), told=False, deployer=None)
        )
    allowed = settings.get("allowedAccountIds")
    if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
        return Whose(allowed[0], told=True, deployer=None)
    who = settings.get("profile") or settings.get("accessKey") or ""
    return Whose(_stand_in(str(who)) if who else AMBIENT, told=False, deployer=None)


def region_of(inputs: Mapping[str, Any], provider: Registration) -> str:
    """Tell the region of a resource: its own, else its provider's; empty for GitHub."""
    if provider.type == f"{PROVIDER}github":
        return ""
    found = inputs.get("region") or provider.inputs.get("region")
    return found if isinstance(found, str) else NO_REGION


def _roles(settings: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the roles of a provider, outermost first: ``assumeRole`` is how it was before 7."""
    one = settings.get("assumeRole") or settings.get("assumeRoleWithWebIdentity")
    for given in (one, *_listed(settings.get("assumeRoles"))):
        if isinstance(given, Mapping):
            yield given.get("roleArn")
        elif given is not None:
            yield given


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a provider's setting
    return value if isinstance(value, list) else [] if value is None else [value]


def _stand_in(who: str) -> str:
    """Return twelve digits that no account has, the same for the same."""
    return f"0000{zlib.crc32(who.encode()) % 10**8:08d}"
