"""What goes on all day beside the catalogued calls, as events: none of it may ring.

The kit's own traffic, ordinary alarms and sign-ins, and calls of the catalogued services that the
catalogue does not list, among them those that share their name with a listed call of another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from breakglass import actions, names, tamper
from breakglass.proof.pager import Event, Told
from breakglass.tamper import API_CALL, SIGN_IN, Target, Tier

Detail = Mapping[str, Any]

_ALARM: Final = "CloudWatch Alarm State Change"
_BUCKET: Final = f"{names.PREFIX}-vault-acme-222222222222"
_QUEUE: Final = f"https://sqs.eu-west-1.amazonaws.com/222222222222/{names.PREFIX}-page"
_OF_ITS_OWN: Final[tuple[tuple[str, str, Detail], ...]] = (
    ("s3", "PutObject", {"bucketName": _BUCKET, "key": "AWSLogs/x"}),
    ("s3", "GetObject", {"bucketName": _BUCKET, "key": "AWSLogs/x"}),
    ("sqs", "SendMessage", {"queueUrl": _QUEUE}),
    ("sqs", "ReceiveMessage", {"queueUrl": _QUEUE}),
    ("sqs", "DeleteMessage", {"queueUrl": _QUEUE}),
)
"""Calls on data by which the kit itself works, where a trail selects them."""

_SETTING_ITSELF_UP: Final[tuple[tuple[str, str, Detail], ...]] = (
    ("cloudtrail", "StartLogging", {"name": f"arn:aws:cloudtrail:x:x:trail/{names.PREFIX}-x"}),
    ("logs", "CreateLogStream", {"logGroupName": f"/aws/lambda/{names.PREFIX}-recorder"}),
    ("pipes", "StartPipe", {"name": f"{names.PREFIX}-page"}),
    ("sns", "ConfirmSubscription", {"topicArn": f"arn:aws:sns:x:x:{names.PREFIX}-page"}),
)
"""Calls that its deployers, its functions and its listeners make."""


_ASKS_WHO_IT_IS: Final[Detail] = {
    "eventSource": "sts.amazonaws.com",
    "eventName": "GetCallerIdentity",
    "requestParameters": None,
}


def of_users(account: str, region: str, users: Sequence[str]) -> Iterator[Told]:
    """Yield what users do, and what is looked up of them, all day."""
    for user in users:
        who = {"type": "IAMUser", "userName": user}
        asks = {**_ASKS_WHO_IT_IS, "userIdentity": who}
        yield _event("aws.sts", API_CALL, account, region, asks), True
        called = {"eventSource": "iam.amazonaws.com", "eventName": "ListAccessKeys"}
        looked_up = {**called, "requestParameters": {"userName": user}}
        yield _event("aws.iam", API_CALL, account, region, looked_up), True


def traffic(account: str, region: str) -> Iterator[Told]:
    """Yield the events of a place, each with whether it is a reading call."""
    for source, kind, detail, reads in (*_kits_own(account), *_peoples(account), *_alarms()):
        yield _event(source, kind, account, region, detail), reads
    for source, called in _of_another_service():
        yield _event(source, API_CALL, account, region, called), False
    for event_source, name, reads in _unlisted():
        called = {"eventSource": event_source, "eventName": name, "requestParameters": {}}
        source = f"aws.{event_source.partition('.')[0]}"
        yield _event(source, API_CALL, account, region, called), reads


_Quiet = Iterator[tuple[str, str, Detail, bool]]


def _kits_own(account: str) -> _Quiet:
    """Records and pages on their way, and services that act with the kit's roles."""
    for service, name, parameters in _OF_ITS_OWN:
        called = {"eventSource": f"{service}.amazonaws.com", "eventName": name}
        on_data = {"requestParameters": parameters, "managementEvent": False}
        yield f"aws.{service}", API_CALL, {**called, **on_data}, False
    for service, name, parameters in _SETTING_ITSELF_UP:
        called = {"eventSource": f"{service}.amazonaws.com", "eventName": name}
        yield f"aws.{service}", API_CALL, {**called, "requestParameters": parameters}, False
    arn = f"arn:aws:iam::{account}:role{names.PATH}{names.PREFIX}-forwarder"
    service_itself = {"type": "AWSService", "invokedBy": "events.amazonaws.com"}
    yield "aws.sts", API_CALL, {**_assumed(arn), "userIdentity": service_itself}, True


def _peoples(account: str) -> _Quiet:
    """Roles, users and sign-ins that have nothing to do with the path."""
    shop = f"arn:aws:iam::{account}:role/web-shop"
    # what a session of the path does is in its record; that it began has rung
    session = f"arn:aws:sts::{account}:assumed-role/{names.PREFIX}-scope-x/ada"
    for who in (
        {"type": "AssumedRole", "arn": session},
        {"type": "Root", "arn": f"arn:aws:iam::{account}:root"},
    ):
        yield "aws.sts", API_CALL, {**_ASKS_WHO_IT_IS, "userIdentity": who}, True
    yield "aws.sts", API_CALL, _assumed(shop), True
    message = f"User: x is not authorized to perform: sts:AssumeRole on resource: {shop}"
    refused = {"errorCode": "AccessDenied", "errorMessage": message, "requestParameters": None}
    yield "aws.sts", API_CALL, {**_assumed(shop), **refused}, True
    for name in ("ConsoleLogin", "SwitchRole"):
        for who in (
            {"type": "IAMUser", "userName": "somebody"},
            {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/web-shop/x"},
        ):
            called = {"eventSource": "signin.amazonaws.com", "eventName": name}
            yield "aws.signin", SIGN_IN, {**called, "userIdentity": who}, False
    for name in ("CreateAccessKey", "AttachUserPolicy"):
        called = {"eventSource": "iam.amazonaws.com", "eventName": name}
        somebody = {"requestParameters": {"userName": "somebody"}}
        yield "aws.iam", API_CALL, {**called, **somebody, "managementEvent": True}, False
    handed = {"role_name": "ReadOnly", "account_id": account}
    yield (
        "aws.sso",
        "AWS Service Event via CloudTrail",
        {"eventName": "GetRoleCredentials", "serviceEventDetails": handed},
        True,
    )


def _assumed(arn: str) -> dict[str, Any]:
    parameters = {"roleArn": arn, "roleSessionName": "x"}
    called = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole"}
    return {**called, "requestParameters": parameters}


def _alarms() -> _Quiet:
    """An application's alarm, and one of the kit that is over."""
    for name, value in (("web-shop-errors", "ALARM"), (f"{names.PREFIX}-undelivered", "OK")):
        yield "aws.cloudwatch", _ALARM, {"alarmName": name, "state": {"value": value}}, False


_BY_NAME_ALONE: Final = ("signin", "sts")
"""Services whose listed calls are rare enough to be known by their names."""


@cache
def _of_another_service() -> Sequence[tuple[str, Detail]]:
    """Source and detail of calls that are named like a listed one, and are another service's."""
    found = []
    for call in tamper.catalogue():
        loud = call.tier is not Tier.RECORD and call.target is not Target.KIT
        if call.service in _BY_NAME_ALONE or not (
            loud or call.data_event or call.otherwise is Tier.TICKET
        ):
            continue
        parameters = {"bucketName": _BUCKET} if call.data_event else {}
        for name in call.event_names:
            called = {"eventSource": "nobody.amazonaws.com", "eventName": name}
            on = {"requestParameters": parameters, "managementEvent": not call.data_event}
            found.append((call.event_bus_source, {**called, **on}))
    return found


@cache
def _unlisted() -> Sequence[tuple[str, str, bool]]:
    """Event source and name of calls that the catalogue does not list, and whether they read.

    Of each service the first that reads and the first that writes, and all that are called as a
    listed one of another service.
    """
    listed: dict[str, set[str]] = {}
    prefixes: dict[str, set[str]] = {}
    for call in tamper.catalogue():
        listed.setdefault(call.event_source, set()).update(call.event_names)
        of = prefixes.setdefault(call.event_source, set())
        of.update(action.partition(":")[0] for action in call.iam_actions)
    everywhere = set().union(*listed.values())
    found = []
    for source, services in prefixes.items():
        for service in sorted(services):
            own = [a for a in sorted(actions.of_service(service)) if _name(a) not in listed[source]]
            firsts = {
                reads: next((a for a in own if _reads(a) is reads), None) for reads in (True, False)
            }
            found += [
                (source, _name(action), _reads(action))
                for action in own
                if action in firsts.values() or _name(action) in everywhere
            ]
    return found


def _name(action: str) -> str:
    return action.partition(":")[2]


def _reads(action: str) -> bool:
    return actions.access_level(action) in {actions.AccessLevel.READ, actions.AccessLevel.LIST}


def _event(source: str, kind: str, account: str, region: str, detail: Detail) -> Event:
    return {
        "version": "0",
        "detail-type": kind,
        "source": source,
        "account": account,
        "region": region,
        "resources": [],
        "detail": {
            "awsRegion": region,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "userIdentity": {"type": "AssumedRole", "accountId": account},
            **detail,
        },
    }
