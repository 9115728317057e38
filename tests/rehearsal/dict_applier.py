"""An applier whose cloud is a dictionary: enough to see what monitor and provider ask of one."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN

NAMES = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:iam/role:Role": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:sqs/queue:Queue": "name",
    "github:index/repository:Repository": "name",
    "github:index/branchProtection:BranchProtection": "pattern",
}
COMPUTED = {
    "aws:s3/bucket:Bucket": ("arn", "bucketDomainName"),
    "aws:iam/role:Role": ("arn",),
    "aws:sqs/queue:Queue": ("arn", "url"),
    "github:index/repository:Repository": ("nodeId",),
}


class DictApplier:
    """Resources by (account, type, id); the account is that of the provider's role."""

    def __init__(self) -> None:
        self.cloud: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.silent_about: set[str] = set()
        self._lock = threading.Lock()

    def check(self, resource: Registration) -> dict[str, Any]:
        if resource.type not in NAMES:
            raise RehearsalError(f"no handler for {resource.type}")
        named = NAMES[resource.type]
        automatic = f"{resource.name}-{hashlib.sha256(resource.urn.encode()).hexdigest()[:7]}"
        return {named: resource.outputs.get(named, automatic), **resource.inputs}

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, dict[str, Any]]:
        self._saw("preview" if preview else "create", resource)
        if preview:
            unknown = dict.fromkeys(COMPUTED.get(resource.type, ()), UNKNOWN)
            return "", self._outputs(resource, unknown)
        id_ = str(resource.inputs[NAMES[resource.type]])
        key = (account(provider), resource.type, id_)
        with self._lock:
            if key in self.cloud:
                raise FileExistsError(id_)
            self.cloud[key] = dict(resource.inputs)
        return id_, self._all(replace(resource, id=id_), provider)

    def read(self, resource: Registration, provider: Registration) -> dict[str, Any] | None:
        self._saw("read", resource)
        there = self.cloud.get((account(provider), resource.type, resource.id))
        return None if there is None else self._all(replace(resource, inputs=there), provider)

    def update(
        self,
        resource: Registration,
        provider: Registration,
        *,
        before: Mapping[str, Any],
        preview: bool,
    ) -> dict[str, Any]:
        assert before != resource.inputs
        self._saw("preview update" if preview else "update", resource)
        if not preview:
            self.cloud[account(provider), resource.type, resource.id] = dict(resource.inputs)
        return self._all(resource, provider)

    def delete(self, resource: Registration, provider: Registration) -> None:
        self._saw("delete", resource)
        del self.cloud[account(provider), resource.type, resource.id]

    def diff(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[list[str], list[str]]:
        keys = sorted(before.keys() | after.keys())
        changed = [key for key in keys if before.get(key) != after.get(key)]
        return changed, [key for key in changed if key == NAMES[type_]]

    def drifted(self, resource: Registration, seen: Mapping[str, Any]) -> list[str]:
        return [key for key, value in resource.inputs.items() if seen.get(key) != value]

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> dict[str, Any]:
        match token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"accountId": account(provider), "arn": "arn", "userId": "u", "id": "i"}
            case "github:index/getUser:getUser":
                return {"username": args["username"], "nodeId": f"U_{args['username']}"}
            case "aws:index/getPartition:getPartition":
                raise PermissionError("sts says no")
        raise RehearsalError(f"no handler for the function {token}")

    def _saw(self, what: str, resource: Registration) -> None:
        with self._lock:
            self.calls.append((what, resource.name))

    def _all(self, resource: Registration, provider: Registration) -> dict[str, Any]:
        keys = COMPUTED.get(resource.type, ())
        return self._outputs(
            resource, {key: f"{key}:{account(provider)}:{resource.id}" for key in keys}
        )

    def _outputs(self, resource: Registration, computed: Mapping[str, Any]) -> dict[str, Any]:
        outputs = {"region": None, "tagsAll": None, **resource.inputs, **computed}
        return {key: value for key, value in outputs.items() if key not in self.silent_about}


def account(provider: Registration) -> str:
    """Return the account that a provider's role belongs to, or the provider's own."""
    roles = provider.inputs.get("assumeRoles")
    return roles[0]["roleArn"].split(":")[4] if roles else "000000000000"
