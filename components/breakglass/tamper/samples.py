"""Catalogued calls as EventBridge would deliver them: for tests, drills and invariants.

Modelled after the CloudTrail record contents
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
A refused call carries `requestParameters: null`, as recorded AccessDenied events do; its error
message names action and resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from breakglass import names
from breakglass.tamper import Call, KitField, NameMatch

Event = Mapping[str, Any]

SAMPLE_ACCOUNT: Final = "555555555555"
SAMPLE_REGION: Final = "eu-west-1"
SAMPLE_KEY_ARN: Final = (
    f"arn:aws:kms:{SAMPLE_REGION}:{SAMPLE_ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
)
_OTHER_KEY_ARN: Final = SAMPLE_KEY_ARN.replace("11111111", "99999999")
_LAMBDA_VERSION: Final = "20150331v2"
_TIME: Final = "2026-11-22T03:00:00Z"


class Form(StrEnum):
    """How the call ended."""

    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Sample:
    """One event, and what it shows."""

    call: Call
    event_name: str
    form: Form
    event: Event


def sample_events(
    call: Call,
    *,
    on_kit: bool = True,
    account: str = SAMPLE_ACCOUNT,
    region: str = SAMPLE_REGION,
    kms_key_arn: str = SAMPLE_KEY_ARN,
) -> tuple[Sample, ...]:
    """Give the allowed and the denied event for each event name of ``call``.

    ``on_kit=False`` gives the twin: the same call on a resource that is an application's.
    ``kms_key_arn`` is the kit's key that a KMS call aims at.
    """
    resource = (
        _resource(call, kms_key_arn) if on_kit else _ordinary(_resource(call, _OTHER_KEY_ARN))
    )
    return tuple(
        Sample(call, name, form, _event(call, _written(call, name), detail, account, region))
        for name in call.event_names
        for form, detail in (
            (Form.ALLOWED, _allowed(call, resource, on_kit=on_kit)),
            (Form.DENIED, _denied(call, name, resource, account)),
        )
    )


def _written(call: Call, event_name: str) -> str:
    """Give the name as CloudTrail writes it, Lambda's with date and version."""
    return event_name + (_LAMBDA_VERSION if call.match is NameMatch.PREFIX else "")


def _ordinary(text: str) -> str:
    """Turn a name or ARN of the kit into one of an application."""
    return text.replace(names.PREFIX, "web-shop").replace(names.PATH, "/")


def _resource(call: Call, kms_key_arn: str) -> str:
    """Give what a refusal's message would name."""
    if call.kit_keys:
        return kms_key_arn
    return call.kit_fields[0].example if call.kit_fields else "*"


def _allowed(call: Call, resource: str, *, on_kit: bool) -> dict[str, Any]:
    detail: dict[str, Any] = {"requestParameters": {}, "responseElements": None}
    for place in call.kit_fields:
        _put(detail, place, place.example if on_kit else _ordinary(place.example))
    if call.kit_keys:
        detail["requestParameters"] = {"keyId": resource}
        detail["resources"] = [{"type": "AWS::KMS::Key", "ARN": resource}]
    return detail


def _put(detail: dict[str, Any], place: KitField, value: str) -> None:
    """Write ``value`` where ``place`` says, making the objects on the way."""
    *way, last = place.path
    node = detail
    for key in way:
        node[key] = node.get(key) or {}
        node = node[key]
    node[last] = [value] if place.many else value


def _denied(call: Call, event_name: str, resource: str, account: str) -> dict[str, Any]:
    action = call.iam_actions[0] if call.iam_actions else f"{call.service}:{event_name}"
    intruder = f"arn:aws:sts::{account}:assumed-role/intruder/mallory"
    return {
        "errorCode": call.denied[-1],
        "errorMessage": (
            f"User: {intruder} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        ),
        "requestParameters": None,
        "responseElements": None,
    }


def _event(
    call: Call, event_name: str, outcome: Mapping[str, Any], account: str, region: str
) -> dict[str, Any]:
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{account}:assumed-role/intruder/mallory",
            "accountId": account,
        },
        "eventTime": _TIME,
        "eventSource": call.event_source,
        "eventName": event_name,
        "awsRegion": region,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0",
        "requestID": "11111111-1111-1111-1111-111111111111",
        "eventID": "22222222-2222-2222-2222-222222222222",
        "readOnly": call.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": not call.data_event,
        "recipientAccountId": account,
        "eventCategory": "Data" if call.data_event else "Management",
        **outcome,
    }
    return {
        "version": "0",
        "id": "33333333-3333-3333-3333-333333333333",
        "detail-type": call.detail_type,
        "source": call.event_bus_source,
        "account": account,
        "time": _TIME,
        "region": region,
        "resources": [],
        "detail": detail,
    }
