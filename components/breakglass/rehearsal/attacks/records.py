"""What CloudTrail would record of a call: the least that a rule can match, as CloudTrail spells it.

Source: CloudTrail user guide, "CloudTrail record contents"; IAM user guide, "Logging IAM and AWS
STS API calls with AWS CloudTrail". A refused call carries no request parameters, as recorded
refusals show; its error message names the resource (IAM user guide, "Troubleshoot access denied
error messages"). A call on an object, a message or an event is a data event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from breakglass import names
from breakglass.proof.model import PrincipalKind, Request
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.emulator import Call
from breakglass.tamper import API_CALL, SIGN_IN, NameMatch, Target, Tier, catalogue
from breakglass.tamper import Call as Catalogued

Event = Mapping[str, Any]

GLOBAL: Final = "us-east-1"

_HOSTS: Final = {"cloudwatch": "monitoring", "s3control": "s3"}
"""Services whose event source is not called as boto3 calls the service."""

_NAMES: Final = {
    ("s3", "DeletePublicAccessBlock"): "DeleteBucketPublicAccessBlock",
    ("s3", "PutBucketLifecycleConfiguration"): "PutBucketLifecycle",
    ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification",
    ("s3", "PutObjectLockConfiguration"): "PutBucketObjectLockConfiguration",
    ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
}
"""Operations that CloudTrail calls otherwise (S3 user guide, "Amazon S3 CloudTrail events")."""

_PARAMETERS: Final = {("s3", "Bucket"): "bucketName"}
"""Parameters that CloudTrail calls otherwise than the API, but for the first letter's case."""

_ELSEWHERE: Final = frozenset({"account", "iam", "organizations", "route53"})
"""Services whose calls are recorded in us-east-1 alone (CloudTrail user guide, "Global service
events")."""

_DATA: Final = frozenset(
    {
        ("events", "PutEvents"),
        ("s3", "GetObject"),
        ("sns", "Publish"),
        ("sqs", "SendMessage"),
    }
)
"""Data events that no catalogue has: they stop and blind nothing."""

_IDENTITIES: Final = {
    PrincipalKind.ANONYMOUS: "AWSAccount",
    PrincipalKind.FEDERATED: "WebIdentityUser",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.ROOT: "Root",
    PrincipalKind.SERVICE: "AWSService",
    PrincipalKind.USER: "IAMUser",
}
"""``userIdentity.type`` by kind of caller (CloudTrail user guide, "userIdentity element")."""


@dataclass(frozen=True, slots=True)
class Record:
    """What CloudTrail would write of one call, and where."""

    event: Event
    """As EventBridge would deliver it."""
    accounts: tuple[str, ...]
    """In whose trails it appears: the caller's, of a role that was taken also the role's."""
    region: str
    resource: str
    """ARN of what the call aims at; ``*`` where IAM knows none."""
    catalogued: Catalogued | None
    """What the tamper catalogue says of the call."""
    data: bool
    read_only: bool
    refused: bool

    @property
    def pages(self) -> bool:
        """Whether the catalogue wants a page for it."""
        found = self.catalogued
        if found is None or found.tier is not Tier.PAGE:
            return False
        return found.target is not Target.KIT or names.PREFIX in self.resource


def record_of(call: Call, asked: Request | None, *, named: bool) -> Record:
    """Give the record of a call; ``asked`` is what IAM decided.

    ``named`` says whether a refusal names the resource: S3 does so only within an account or an
    organisation (S3 user guide, "Troubleshoot access denied (403 Forbidden) errors").
    """
    found = _catalogued(_source(call), _name(call))
    resource = "*" if asked is None else asked.resource
    data = found.data_event if found else (call.service, call.operation) in _DATA
    read_only = _reads(call, found)
    detail = {
        "eventVersion": "1.11",
        "userIdentity": _identity(call.by),
        "eventSource": _source(call),
        "eventName": _written(call, found),
        "awsRegion": _region(call),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "eventCategory": "Data" if data else "Management",
        "recipientAccountId": call.account,
        **_outcome(call, asked, found, named=named),
    }
    return Record(
        event=_delivered(call, detail),
        accounts=_accounts(call),
        region=_region(call),
        resource=resource,
        catalogued=found,
        data=data,
        read_only=read_only,
        refused=call.error is not None,
    )


def _delivered(call: Call, detail: Mapping[str, Any]) -> Event:
    """Put a record into EventBridge's envelope."""
    host = str(detail["eventSource"]).partition(".")[0]
    return {
        "version": "0",
        "detail-type": SIGN_IN if call.service == "signin" else API_CALL,
        "source": f"aws.{host}",
        "account": call.account,
        "region": detail["awsRegion"],
        "detail": detail,
    }


# --- parts -------------------------------------------------------------------------------------


def _source(call: Call) -> str:
    return f"{_HOSTS.get(call.service, call.service)}.amazonaws.com"


def _name(call: Call) -> str:
    return _NAMES.get((call.service, call.operation), call.operation)


def _written(call: Call, found: Catalogued | None) -> str:
    """Give the event's name; Lambda's with the API's date and version."""
    versioned = found is not None and found.match is NameMatch.PREFIX
    return f"{_name(call)}20150331v2" if versioned else _name(call)


def _region(call: Call) -> str:
    return GLOBAL if call.service in _ELSEWHERE else call.region


def _reads(call: Call, found: Catalogued | None) -> bool:
    """Tell whether CloudTrail takes the call for a reading one, as it does AssumeRole."""
    if found is not None and found.read_only:
        return True
    return call.operation.startswith(("AssumeRole", "Describe", "Get", "List"))


def _accounts(call: Call) -> tuple[str, ...]:
    taken = call.operation.startswith("AssumeRole") and call.error is None
    target = str(call.params.get("RoleArn", "")).split(":")
    return tuple(dict.fromkeys([call.account, *([target[4]] if taken and target[4:] else [])]))


@cache
def _by_name() -> Mapping[tuple[str, str], Catalogued]:
    return {(one.event_source, name): one for one in catalogue() for name in one.event_names}


def _catalogued(source: str, name: str) -> Catalogued | None:
    return _by_name().get((source, name))


def _identity(caller: Caller) -> dict[str, str]:
    identity = {"type": _IDENTITIES[caller.principal.kind], "arn": caller.arn}
    if caller.principal.kind is PrincipalKind.USER:
        identity["userName"] = caller.arn.rpartition("/")[2]
    if caller.principal.kind is PrincipalKind.SERVICE:
        return {"type": identity["type"], "invokedBy": caller.arn}
    return {**identity, "accountId": caller.account}


def _outcome(
    call: Call, asked: Request | None, found: Catalogued | None, *, named: bool
) -> dict[str, Any]:
    """Say what came of it: the parameters of a call that went through, or the error alone."""
    if call.error is None:
        return {"requestParameters": _parameters(call), **_resources(call, asked)}
    by_policy = call.verdict is not None and not call.verdict.allowed
    refused = {"requestParameters": None, "responseElements": None}
    if not by_policy or asked is None:
        return {**refused, "errorCode": call.error, "errorMessage": call.platform_rule or ""}
    code = found.denied[-1] if found else call.error
    return {**refused, "errorCode": code, "errorMessage": _message(call, asked, named=named)}


def _message(call: Call, asked: Request, *, named: bool) -> str:
    if call.operation == "AssumeRoleWithWebIdentity":  # STS knows nobody yet, and names no role
        return f"Not authorized to perform {asked.action}"
    if not named:
        return "Access Denied"
    resource = f'"{asked.resource}"' if call.service == "s3" else asked.resource
    return (
        f"User: {call.caller} is not authorized to perform: {asked.action} on resource: {resource}"
    )


def _parameters(call: Call) -> dict[str, Any]:
    return {
        _PARAMETERS.get((call.service, key), key[0].lower() + key[1:]): value
        for key, value in call.params.items()
        if _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    """Tell what JSON holds as it is: texts, numbers, lists of texts; the rest decides nothing."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float) and not isinstance(value, datetime)


def _resources(call: Call, asked: Request | None) -> dict[str, Any]:
    """KMS lists the key under ``resources``; no other service's rule looks there."""
    if call.service != "kms" or asked is None:
        return {}
    return {"resources": [{"type": "AWS::KMS::Key", "ARN": asked.resource}]}
