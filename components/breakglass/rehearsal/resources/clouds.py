"""From a Pulumi provider's configuration to an account, a region and a hand in it."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from breakglass.errors import RehearsalError
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.engine.registration import Registration

_SETTINGS = frozenset({"assumeRoles", "defaultTags", "region", "version", "allowedAccountIds"})
_IGNORED = frozenset(
    {"skipCredentialsValidation", "skipRegionValidation", "skipMetadataApiCheck", "profile"}
)
"""Settings of how the real provider finds or checks its credentials."""
_ROLE = {
    "roleArn",
    "sessionName",
    "duration",
    "externalId",
    "policy",
    "sourceIdentity",
    "tags",
    "transitiveTagKeys",
}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class AwsCloud:
    """One account and region in a deployer's hand; see ``handlers.base.Cloud``."""

    emulator: Emulator
    caller: Caller
    region: str
    default_tags: Mapping[str, str]

    @property
    def account(self) -> str:
        """The account that is deployed to, twelve digits."""
        return self.caller.account

    def client(self, service: str, region: str | None = None) -> Client:
        """Return a boto3 client in the deployer's hand."""
        return self.emulator.client(self.caller, service, region or self.region)

    def tags(self, inputs: Mapping[str, Any]) -> dict[str, str]:
        """Return the resource's tags over the provider's default tags."""
        return {**self.default_tags, **(inputs.get("tags") or {})}


@dataclass(slots=True)
class AwsClouds:
    """The clouds of one deployer: ``base`` assumes the role that each provider names.

    A provider without role works with ``base`` itself. Roles are assumed once a provider.
    """

    emulator: Emulator
    base: Caller
    default_region: str
    _callers: dict[str, Caller] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, provider: Registration, region: str | None) -> AwsCloud:
        """Return the cloud of ``provider``; ``region`` is a resource's own, if it has one."""
        settings = provider.inputs
        if provider.urn not in self._callers:
            self._refuse_unknown(provider)
        home = settings.get("region") or self.default_region
        cloud = AwsCloud(
            self.emulator,
            self._caller(provider, home),
            region or home,
            (settings.get("defaultTags") or {}).get("tags", {}),
        )
        allowed = settings.get("allowedAccountIds")
        if allowed and cloud.account not in allowed:
            raise RehearsalError(
                f"{provider.urn} ({provider.source}): account {cloud.account} is not one of "
                f"allowedAccountIds {', '.join(allowed)}"
            )
        return cloud

    def _refuse_unknown(self, provider: Registration) -> None:
        """Refuse a setting that nothing here would heed; above all a key in snake_case."""
        known = _SETTINGS | _IGNORED
        unknown = [name for name in provider.inputs if name not in known]
        for role in provider.inputs.get("assumeRoles") or ():
            unknown += [f"assumeRoles.{name}" for name in role if name not in _ROLE]
        unknown += [name for name in _snake_case(provider.inputs) if name not in unknown]
        if unknown:
            raise RehearsalError(
                f"{provider.urn} ({provider.source}): provider setting {', '.join(unknown)} is "
                "not known here; in a dict literal the real provider wants camelCase "
                "(pulumi-aws issue 5271)"
            )

    def _caller(self, provider: Registration, region: str) -> Caller:
        """Return who the provider is, assuming its roles one after the other."""
        key = provider.urn
        with self._lock:
            if key not in self._callers:
                caller = self.base
                for role in provider.inputs.get("assumeRoles") or ():
                    caller = self._assume(caller, role, region)
                self._callers[key] = caller
            return self._callers[key]

    def _assume(self, caller: Caller, role: Mapping[str, Any], region: str) -> Caller:
        return self.emulator.assume_role(
            caller,
            role["roleArn"],
            session_name=role.get("sessionName", "pulumi"),
            tags=role.get("tags"),
            transitive_tags=role.get("transitiveTagKeys", ()),
            source_identity=role.get("sourceIdentity"),
            external_id=role.get("externalId"),
            duration=_seconds(role.get("duration", "1h")),
            region=region,
        )


def _seconds(duration: str) -> int:
    """Return the seconds of a duration such as ``1h`` or ``90m``, as the provider reads it."""
    number, unit = duration[:-1], duration[-1:]
    if not number.isdigit() or unit not in _SECONDS:
        raise RehearsalError(f"duration {duration!r} is not understood; give '3600s', '60m', '1h'")
    return int(number) * _SECONDS[unit]


def _snake_case(value: object, path: str = "") -> Iterator[str]:
    """Yield the paths of keys with an underscore; the user's own tag keys may have one."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            here = f"{path}.{name}" if path else str(name)
            if "_" in str(name):
                yield here
            if name != "tags":
                yield from _snake_case(item, here)
    elif isinstance(value, list):
        for item in value:
            yield from _snake_case(item, path)
