"""What a break-glass role may do: the scope's grants, and the boundary around them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from breakglass import names
from breakglass.documents.statement import Document, Statement, allow, deny, document

_OWN = f"{names.PREFIX}-*"
_SCHEMA = f"{names.PREFIX.replace('-', '_')}_*"

KIT_RESOURCES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "s3": (f"arn:aws:s3:::{_OWN}",),
        "sns": (f"arn:aws:sns:*:*:{_OWN}",),
        "sqs": (f"arn:aws:sqs:*:*:{_OWN}",),
        "lambda": (f"arn:aws:lambda:*:*:function:{_OWN}",),
        "events": (f"arn:aws:events:*:*:*/{_OWN}",),
        "logs": (f"arn:aws:logs:*:*:log-group:*{_OWN}",),
        "scheduler": (f"arn:aws:scheduler:*:*:*/{_OWN}",),
        "cloudwatch": (f"arn:aws:cloudwatch:*:*:alarm:{_OWN}",),
        "pipes": (f"arn:aws:pipes:*:*:pipe/{_OWN}",),
        "glue": (f"arn:aws:glue:*:*:*/{_SCHEMA}",),
        "athena": (f"arn:aws:athena:*:*:workgroup/{_OWN}",),
    }
)
"""Patterns of the kit's own resources, wherever they are, by the service that has them."""


@dataclass(frozen=True, slots=True)
class GrantOn:
    """Some actions on some resources; ``{account}`` in a resource is the account's id."""

    actions: Sequence[str]
    resources: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reach:
    """What one scope is for, in one account."""

    account: str
    grants: Sequence[GrantOn]
    pass_roles: Sequence[str] = ()
    assume_roles: Sequence[str] = ()


def permissions(reach: Reach) -> Document:
    """The scope's identity policy: its grants, and the listed roles."""
    statements = [
        allow(f"Grant{index}", grant.actions, _resources(grant, reach.account))
        for index, grant in enumerate(reach.grants)
    ]
    return document(*statements, *_listed_roles(reach))


def _resources(grant: GrantOn, account: str) -> list[str]:
    return [resource.replace("{account}", account) for resource in grant.resources]


def _listed_roles(reach: Reach) -> list[Statement]:
    statements = []
    if reach.pass_roles:
        statements.append(allow("PassListedRoles", "iam:PassRole", reach.pass_roles))
    if reach.assume_roles:
        statements.append(allow("AssumeListedRoles", "sts:AssumeRole", reach.assume_roles))
    return statements


def kit_resources(services: Iterable[str] = KIT_RESOURCES) -> list[str]:
    """Patterns of the kit's own resources of some services, of all when omitted."""
    return [pattern for service in services for pattern in KIT_RESOURCES[service]]


READ_IN_ANGER = frozenset(
    {"cloudtrail", "config", "ec2", "iam", "route53", "route53resolver", "sts"}
)
"""Services whose reads an administrator needs in an incident: only single calls are denied."""


def boundary(reach: Reach, tamper_actions: Mapping[str, Sequence[str]]) -> Document:
    """The boundary of a break-glass role: the scope's actions, less whatever keeps the log.

    An allow-list, so what the scope does not name is out whoever grants it. The denials hold even
    for a scope that names ``*``: the kit's own resources by name, its keys by tag (a key has no
    name), the calls that blind a service which exists to log (``tamper_actions``, by service), and
    every role that is not listed. Ordinary resources of the same services stay reachable, or the
    runbook would die with the log's protection.
    """
    listed = dict.fromkeys(action for grant in reach.grants for action in grant.actions)
    return document(
        allow("TheScopeAndNoMore", [*listed, *_role_actions(reach)], "*"),
        deny("NothingOnTheKit", [f"{service}:*" for service in KIT_RESOURCES], kit_resources()),
        deny(
            "NoKitKey", "kms:*", "*", when={"Null": {f"aws:ResourceTag/{names.KEY_TAG}": "false"}}
        ),
        deny(
            "NoKitKeyTag",
            ["kms:TagResource", "kms:UntagResource"],
            "*",
            when={"ForAnyValue:StringEquals": {"aws:TagKeys": names.KEY_TAG}},
        ),
        deny("NothingThatLogs", _blinding(reach, tamper_actions), "*"),
        *_unlisted_roles(reach),
    )


def _blinding(reach: Reach, tamper_actions: Mapping[str, Sequence[str]]) -> list[str]:
    """The tamper calls, or the whole service where the scope names nothing of it.

    The allow-list shuts such a service anyway, and ``service:*`` says so in a few characters: all
    the calls by name would leave no room in a boundary.
    """
    kept = _named_services(reach)
    return [
        action
        for service, actions in tamper_actions.items()
        for action in (actions if service in kept else [f"{service}:*"])
    ]


def _named_services(reach: Reach) -> frozenset[str]:
    """The services of which the scope names a call."""
    actions = [action for grant in reach.grants for action in grant.actions]
    if "*" in actions:
        return READ_IN_ANGER
    return frozenset(action.split(":")[0] for action in (*actions, *_role_actions(reach)))


def _role_actions(reach: Reach) -> list[str]:
    passing = ["iam:PassRole"] if reach.pass_roles else []
    return [*passing, "sts:AssumeRole"] if reach.assume_roles else passing


def _unlisted_roles(reach: Reach) -> list[Statement]:
    return [
        _only("PassOnlyListedRoles", "iam:PassRole", reach.pass_roles),
        _only("AssumeOnlyListedRoles", "sts:AssumeRole*", reach.assume_roles),
    ]


def _only(sid: str, action: str, role_arns: Sequence[str]) -> Statement:
    """Deny ``action`` on every role but the listed ones; on all where none is listed."""
    if role_arns:
        return deny(sid, action, role_arns, not_resource=True)
    return deny(sid, action, "*")
