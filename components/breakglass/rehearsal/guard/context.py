"""Condition keys of the request and of the resource; the caller brings his own.

Source: IAM user guide, "AWS global condition context keys", and each service's page of the Service
Authorization Reference. Absent on purpose: ``aws:CalledVia`` and ``aws:SourceVpc*`` (every call of
the rehearsal is direct), and keys of services that operations.toml does not name.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from breakglass.proof.model import ContextValue, PrincipalKind
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.guard.operations import Need
from breakglass.rehearsal.guard.resolvers import Call
from breakglass.rehearsal.guard.world import World

GLOBAL_REGION: Final = "us-east-1"
"""Where AWS serves its global services from, and what ``aws:RequestedRegion`` then says."""

SOURCE_IP: Final = "192.0.2.1"
"""Address of every direct caller: of the block for documentation, RFC 5737."""

Keys = dict[str, ContextValue]


def of_request(caller: Caller, call: Call, *, is_global: bool) -> Keys:
    """Return the keys that all actions of one call share: the caller's, place, transport.

    Calls go over TLS, save those of a caller whose own keys say otherwise.
    """
    keys: Keys = {
        "aws:SecureTransport": "true",
        **caller.context,
        "aws:RequestedRegion": GLOBAL_REGION if is_global else call.region,
    }
    if caller.principal.kind is not PrincipalKind.SERVICE:
        keys["aws:SourceIp"] = SOURCE_IP
    reader = _OF_SERVICE.get(call.service)
    return keys if reader is None else keys | reader(caller, call)


def of_resource(caller: Caller, need: Need, owner: str, world: World) -> Keys:
    """Return the keys that the resource brings: whose it is, its tags, what it is set to."""
    keys: Keys = {"aws:ResourceAccount": owner}
    path = world.organization_path(owner)
    if path is not None:
        keys["aws:ResourceOrgID"] = path.partition("/")[0]
        keys["aws:ResourceOrgPaths"] = [path]
    service = need.resource.split(":", 3)[2] if need.resource.startswith("arn:") else ""
    for key, value in world.tags(need.resource).items():
        keys[f"aws:ResourceTag/{key}"] = value
        if service == "iam":
            keys[f"iam:ResourceTag/{key}"] = value
    if service == "kms":
        keys |= _of_key(caller, need, world)
    if service == "s3":
        keys["s3:ResourceAccount"] = owner
    if need.action.startswith("iam:"):
        keys |= _of_bounded(need, world)
    return keys


# --- by resource -------------------------------------------------------------------------------


def _of_key(caller: Caller, need: Need, world: World) -> Keys:
    """Return what a KMS key says of itself (KMS developer guide, "AWS KMS condition keys")."""
    keys: Keys = {"kms:CallerAccount": caller.account}
    key = world.key(need.resource)
    if key is None:
        return keys
    keys |= {
        "kms:KeyOrigin": key.origin,
        "kms:KeySpec": key.key_spec,
        "kms:KeyUsage": key.key_usage,
        "kms:MultiRegion": str(bool(key.multi_region)).lower(),
    }
    if key.aliases:
        keys["kms:ResourceAliases"] = list(key.aliases)
    return keys


def _of_bounded(need: Need, world: World) -> Keys:
    """Return ``iam:PermissionsBoundary`` of the role at hand, unless the request sets one."""
    if need.action == "iam:PassRole" or "iam:PermissionsBoundary" in need.context:
        return {}
    boundary = world.boundary_arn(need.resource)
    return {} if boundary is None else {"iam:PermissionsBoundary": boundary}


# --- by service --------------------------------------------------------------------------------


def _s3(caller: Caller, call: Call) -> Keys:
    keys: Keys = {
        "s3:authType": "REST-HEADER",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:TlsVersion": "1.3",
    }
    if call.operation in _WRITES:
        keys["s3:ObjectCreationOperation"] = str(_WRITES[call.operation]).lower()
    until = call.params.get("ObjectLockRetainUntilDate") or (
        call.params.get("Retention") or {}
    ).get("RetainUntilDate")
    if until is not None:
        keys["s3:object-lock-remaining-retention-days"] = str(_days_until(until, caller))
    tags = _object_tags(call.params.get("Tagging"))
    if tags:
        keys["s3:RequestObjectTagKeys"] = list(tags)
        keys |= {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    return keys


_WRITES: Final = {
    "PutObject": True,
    "CopyObject": True,
    "CompleteMultipartUpload": True,
    "CreateMultipartUpload": False,
    "UploadPart": False,
    "UploadPartCopy": False,
}
"""Calls decided by s3:PutObject, and whether they make the object ("Enforce conditional
writes on Amazon S3 buckets")."""


def _days_until(moment: datetime, caller: Caller) -> int:
    """Return the whole days from the caller's present, which the clock sets, to ``moment``."""
    epoch = caller.context.get("aws:EpochTime")
    now = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(str(epoch)), UTC)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).days


def _object_tags(tagging: object) -> dict[str, str]:
    if isinstance(tagging, str):
        return dict(parse_qsl(tagging, keep_blank_values=True))
    if isinstance(tagging, Mapping):
        return {tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", ())}
    return {}


def _kms(_: Caller, call: Call) -> Keys:
    params = call.params
    pairs: Mapping[str, str] = params.get("EncryptionContext") or {}
    keys: Keys = {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}
    if pairs:
        keys["kms:EncryptionContextKeys"] = list(pairs)
    if str(params.get("KeyId", "")).rpartition(":")[2].startswith("alias/"):
        keys["kms:RequestAlias"] = params["KeyId"].rpartition(":")[2]
    constraints = params.get("Constraints") or {}
    if constraints:
        keys["kms:GrantConstraintType"] = next(iter(constraints))
    if call.operation in {"CreateGrant", "RevokeGrant"}:
        keys["kms:GrantIsForAWSResource"] = "false"
    if call.operation == "CreateKey":
        keys |= {
            "kms:KeySpec": params.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "kms:KeyUsage": params.get("KeyUsage", "ENCRYPT_DECRYPT"),
            "kms:KeyOrigin": params.get("Origin", "AWS_KMS"),
            "kms:MultiRegion": str(bool(params.get("MultiRegion"))).lower(),
        }
    if call.operation in {"CreateKey", "PutKeyPolicy"}:
        bypass = bool(params.get("BypassPolicyLockoutSafetyCheck"))
        keys["kms:BypassPolicyLockoutSafetyCheck"] = str(bypass).lower()
    return keys


def _iam(_: Caller, call: Call) -> Keys:
    boundary = call.params.get("PermissionsBoundary")
    return {} if boundary is None else {"iam:PermissionsBoundary": boundary}


def _events(_: Caller, call: Call) -> Keys:
    """Return what the rule listens to; EventBridge reads it from the pattern."""
    pattern: Any = json.loads(call.params.get("EventPattern") or "{}")
    named = {
        "events:source": pattern.get("source"),
        "events:detail-type": pattern.get("detail-type"),
    }
    return {
        key: [value for value in values if isinstance(value, str)]
        for key, values in named.items()
        if values
    }


def _lambda(_: Caller, call: Call) -> Keys:
    if not call.operation.endswith("EventSourceMapping") or "FunctionName" not in call.params:
        return {}
    name = str(call.params["FunctionName"])
    plain = Call(call.service, call.operation, {}, call.account, call.region)
    return {
        "lambda:FunctionArn": name
        if name.startswith("arn:")
        else plain.arn("lambda", f"function:{name}")
    }


def _ecs(_: Caller, call: Call) -> Keys:
    name = call.params.get("cluster")
    if name is None:
        return {}
    arn = name if name.startswith("arn:") else call.arn("ecs", f"cluster/{name}")
    return {"ecs:cluster": arn}


def _ec2(_: Caller, call: Call) -> Keys:
    return {"ec2:Region": call.region}


_OF_SERVICE: Final[Mapping[str, Callable[[Caller, Call], Keys]]] = {
    "ec2": _ec2,
    "ecs": _ecs,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "s3": _s3,
}
