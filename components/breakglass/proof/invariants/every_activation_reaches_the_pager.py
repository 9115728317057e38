"""Nobody breaks the glass unseen: each activation, each refusal of one, each way towards it rings.

A successful AssumeRole shows in the role's account and in the caller's, in whatever watched region
it was made, and names the role in its parameters. A refused one shows in the caller's account
alone, without parameters; only its error message names the role (IAM User Guide, "Logging IAM and
AWS STS API calls with CloudTrail"). AssumeRole is a reading call, so the rules must take all
management events.

Towards it: console sign-ins of those before an entry, of the kit's own roles and of root users
(CloudTrail User Guide, "AWS Management Console sign-in events"), credentials that Identity Center
hands out for the permission set of an entry, and new credentials for an IAM user who may enter.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from breakglass import tamper
from breakglass.proof.declared import filled
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.lost import Lost
from breakglass.proof.pager import Batch, Event, Told, pager_of

NAME = "every_activation_reaches_the_pager"

_API_CALL = "AWS API Call via CloudTrail"
_SIGN_INS = ("AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail")
"""AWS writes both."""

_READING = ("aws.sso", "aws.sts")
"""Whose calls here CloudTrail counts as reading."""

_GLOBAL = "us-east-1"

Detail = Mapping[str, Any]


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager, lost = Examination(NAME), pager_of(graph), Lost("rings nobody")
    for account in graph.facts.accounts:
        for region in graph.facts.regions:
            batch = _events(_Seen.of(graph, account.id), region)
            lost.look(look, pager, account.id, region, batch)
    lost.tell(look)
    return look.finding("Every activation rings, and every refusal.")


class _Seen(NamedTuple):
    """What of the path shows in one account."""

    account: str
    assumed: tuple[str, ...]
    """Roles of the path whose sessions begin here, or are asked for from here."""
    wanted: tuple[str, ...]
    """Roles that somebody here may be refused."""
    users: tuple[str, ...]
    """IAM users of this account who may enter."""
    sets: tuple[str, ...]
    """Permission sets of Identity Center, by the pattern of their role in this account."""

    @classmethod
    def of(cls, graph: Graph, account: str) -> "_Seen":
        """Return what shows in an account."""
        facts = graph.facts
        entries = [entry for entry in facts.entries if entry.account == account]
        behind = [(home, arn) for scope in facts.scopes for home, arn in scope.roles.items()]
        entered = [entry.role_arn for entry in entries]
        onward = [arn for home, arn in behind if entries or home == account]
        # a token of OIDC is no principal of an account: its refusal shows nowhere
        refused = [one.role_arn for one in facts.entries if one.kind not in {"github-oidc", "saml"}]
        principals = [arn for entry in entries for arn in entry.principals]
        return cls(
            account,
            (*entered, *onward),
            (*refused, *(arn for _, arn in behind)) if entries else (),
            tuple(arn.rpartition("/")[2] for arn in principals if ":user/" in arn),
            tuple(arn for arn in principals if "/AWSReservedSSO_" in arn),
        )


@lru_cache(maxsize=4096)
def _events(seen: _Seen, region: str) -> Batch:
    """The events of an account in a region."""
    return Batch(lambda: tuple(_told(seen, region)))


def _told(seen: _Seen, region: str) -> Iterator[Told]:
    """Yield each event, and whether it is a reading call."""
    for detail in _assumed(seen):
        yield _event("aws.sts", _API_CALL, seen, region, detail), True
    for detail in _handed_out(seen):
        yield _event("aws.sso", "AWS Service Event via CloudTrail", seen, region, detail), True
    for kind in _SIGN_INS:
        for detail in _signed_in(seen):
            yield _event("aws.signin", kind, seen, region, detail), False
    for detail in _credentials(seen) if region == _GLOBAL else ():
        yield _event("aws.iam", _API_CALL, seen, region, detail), False


def _assumed(seen: _Seen) -> Iterator[Detail]:
    called = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole"}
    for arn in seen.assumed:
        for name in ("AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"):
            parameters = {"roleArn": arn, "roleSessionName": "ada"}
            yield {**called, "eventName": name, "requestParameters": parameters}
    for pattern in seen.sets:
        parameters = {"roleArn": filled(pattern), "roleSessionName": "ada"}
        yield {**called, "eventName": "AssumeRoleWithSAML", "requestParameters": parameters}
    for arn in seen.wanted:
        who = f"User: arn:aws:sts::{seen.account}:assumed-role/x/y is not authorized to perform: "
        message = f"{who}sts:AssumeRole on resource: {arn}"
        refused = {"errorCode": "AccessDenied", "errorMessage": message}
        yield {**called, "requestParameters": None, **refused}


def _handed_out(seen: _Seen) -> Iterator[Detail]:
    """Credentials of a permission set (IAM Identity Center User Guide, "CloudTrail use cases")."""
    for pattern in seen.sets:
        name = pattern.partition("/AWSReservedSSO_")[2].rpartition("_")[0]
        yield {
            "eventSource": "sso.amazonaws.com",
            "eventName": "GetRoleCredentials",
            "serviceEventDetails": {"role_name": name, "account_id": seen.account},
        }


def _signed_in(seen: _Seen) -> Iterator[Detail]:
    session = f"arn:aws:sts::{seen.account}:assumed-role"
    who: list[Detail] = [{"type": "Root", "arn": f"arn:aws:iam::{seen.account}:root"}]
    who += [{"type": "IAMUser", "userName": user} for user in seen.users]
    who += [
        {"type": "AssumedRole", "arn": f"{session}/{arn.rpartition('/')[2]}/ada"}
        for arn in (*seen.assumed, *map(filled, seen.sets))
    ]
    for name in ("ConsoleLogin", "SwitchRole"):
        for identity in who:
            called = {"eventSource": "signin.amazonaws.com", "eventName": name}
            yield {**called, "userIdentity": {"accountId": seen.account, **identity}}


@cache
def _at_users() -> Sequence[str]:
    """Every catalogued call that changes a user or his credentials."""
    calls = tamper.catalogue().of(services=["iam"])
    at_users = [one for one in calls if any(at.path[-1] == "userName" for at in one.kit_fields)]
    return [name for call in at_users for name in call.event_names]


def _credentials(seen: _Seen) -> Iterator[Detail]:
    for user in seen.users:
        for name in _at_users():
            called = {"eventSource": "iam.amazonaws.com", "eventName": name}
            yield {**called, "requestParameters": {"userName": user}}


def _event(source: str, kind: str, seen: _Seen, region: str, detail: Detail) -> Event:
    """An event as EventBridge delivers it."""
    return {
        "version": "0",
        "detail-type": kind,
        "source": source,
        "account": seen.account,
        "region": region,
        "resources": [],
        "detail": {
            "awsRegion": region,
            "managementEvent": True,
            "readOnly": source in _READING,
            "eventType": "AwsApiCall",
            "eventCategory": "Management",
            "recipientAccountId": seen.account,
            "userIdentity": {"type": "AssumedRole", "accountId": seen.account},
            **detail,
        },
    }
