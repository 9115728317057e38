"""The catalogue as EventBridge rules: few, small, and the same in every account.

A kit resource is known by `break-glass` in the request parameter that names it. A refused call has
no request parameters, so a refusal is known by its error message, which names the resource. Hence
the patterns need no account's own values, but for the ARNs of KMS keys.

What pages or makes a ticket wherever it happens has one `$or` alternative a service: its event
source and its event names. A prefix stands for several names only where the action catalogue shows
that no other action of the service begins with it.

What pages on the kit only is bounded by what it names, so its services share their event names
(`$or`) and the places that can name a kit resource (`detail.$or`). There a prefix may cover more
than the catalogue: nothing ordinary writes to the kit, but the traffic of logs and pages itself,
which is left out.

Every `$or` keeps the combinations, multiplied as AWS counts them, under its 1,000.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

from breakglass import actions, names
from breakglass.actions import AccessLevel
from breakglass.errors import QuotaExceeded
from breakglass.patterns import Pattern
from breakglass.quotas import QUOTAS, Quota, Quotas, compact
from breakglass.tamper import (
    API_CALL,
    SIGN_IN,
    Call,
    Catalogue,
    KitField,
    NameMatch,
    Region,
    Target,
    Tier,
    catalogue,
)
from breakglass.tamper.samples import Form, Sample, sample_events

__all__ = [
    "MAX_RULES",
    "PLACEHOLDER_KEY_ARN",
    "Form",
    "Kind",
    "PackedRule",
    "RegionClass",
    "RuleState",
    "Sample",
    "activation",
    "event_names",
    "pack",
    "region_class",
    "sample_events",
]

MAX_RULES: Final = 6
"""How many rules one account and region may get (the kit's own limit: each costs resources)."""

ALARM: Final = "CloudWatch Alarm State Change"
"""An alarm's change of state (CloudWatch User Guide, "Alarm events and EventBridge")."""

SERVICE_EVENT: Final = "AWS Service Event via CloudTrail"
"""Detail type of what a service did by itself, such as Identity Center handing out credentials."""

ON_KIT: Final = f"*{names.PREFIX}*"
PLACEHOLDER_KEY_ARN: Final = (
    "arn:aws:kms:ap-southeast-2:000000000000:key/00000000-0000-0000-0000-000000000000"
)
"""Stands for a key whose ARN is not known before it exists, at the greatest length it can have."""

_REFUSED_ON_KIT: Final = f"*resource: *{names.PREFIX.replace('-', '*')}*"
"""By name or by path: ``break-glass-…`` or ``/breakglass/…``."""


class RegionClass(StrEnum):
    """Which events can appear in a region."""

    US_EAST_1 = "us-east-1"
    """Everything: the global services, and what any region shows."""
    HOME = "home"
    """What any region shows, and Identity Center."""
    OTHER = "other"
    """What any region shows."""


class RuleState(StrEnum):
    """State of a rule (EventBridge User Guide, "Receiving read-only management events")."""

    ENABLED = "ENABLED"
    ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    """Takes read-only management events too, which is what AssumeRole is."""


class Kind(StrEnum):
    """What a rule watches for: use of the path, or tampering with it."""

    ACTIVATION = "activation"
    TAMPER = "tamper"


@dataclass(frozen=True, slots=True)
class PackedRule:
    """One rule: its name, what it is for, its state, its pattern, and the calls it catches.

    The pattern is a JSON value, shared between accounts: do not change it.
    """

    name: str
    kind: Kind
    tier: Tier
    state: RuleState
    pattern: Mapping[str, Any]
    calls: tuple[str, ...]


_SHOWN: Final[Mapping[RegionClass, frozenset[Region]]] = {
    RegionClass.US_EAST_1: frozenset(Region),
    RegionClass.HOME: frozenset(Region) - {Region.US_EAST_1},
    RegionClass.OTHER: frozenset({Region.RESOURCE, Region.EVERY}),
}


def region_class(region: str, home: str) -> RegionClass:
    """Say which rules ``region`` needs, given the organisation's home region."""
    if region == "us-east-1":
        return RegionClass.US_EAST_1
    return RegionClass.HOME if region == home else RegionClass.OTHER


def pack(  # noqa: PLR0913 - all but the first go by name and have a default
    where: RegionClass,
    *,
    kms_key_arns: Sequence[str] = (),
    entry_users: Sequence[str] = (),
    permission_sets: Sequence[str] = (),
    calls: Catalogue | None = None,
    quotas: Quotas = QUOTAS,
) -> tuple[PackedRule, ...]:
    """Give the rules of one region: activation first, then pages, then tickets.

    ``kms_key_arns`` are the kit's keys in that account and region; give `PLACEHOLDER_KEY_ARN` once
    for each key that does not exist yet, to check the size. ``entry_users`` and ``permission_sets``
    are the names of the IAM users and Identity Center permission sets through which people enter.
    A rule's name comes from its place, which depends on the catalogue and the number of keys alone.

    A call that is a ticket elsewhere and a page on the kit matches both kinds of rule there.

    Raises `QuotaExceeded` when a pattern is larger than AWS takes, or the rules are more than
    `MAX_RULES`.
    """
    return _pack(
        where,
        tuple(kms_key_arns),
        tuple(entry_users),
        tuple(permission_sets),
        calls or catalogue(),
        quotas,
    )


@lru_cache(maxsize=64)  # the same rules go to every account
def _pack(  # noqa: PLR0913, PLR0917 - the hashable form of `pack`
    where: RegionClass,
    keys: tuple[str, ...],
    users: tuple[str, ...],
    permission_sets: tuple[str, ...],
    calls: Catalogue,
    quotas: Quotas,
) -> tuple[PackedRule, ...]:
    shown = [call for call in calls if call.region in _SHOWN[where]]
    rules = (
        activation(entry_users=users, permission_sets=permission_sets, quotas=quotas),
        *_packed(_pages_anywhere(shown), Tier.PAGE, "organisation", _anywhere, quotas),
        *_packed(_pages_on_kit(shown, keys), Tier.PAGE, "kit", _on_kit(keys, users), quotas),
        *_packed(_tickets(shown), Tier.TICKET, "ticket", _anywhere, quotas),
    )
    if len(rules) > MAX_RULES:
        raise QuotaExceeded(f"the kit's rules in a region of class {where}", len(rules), MAX_RULES)
    return rules


# --- which calls go where -------------------------------------------------------------------------


def _pages_anywhere(shown: Iterable[Call]) -> list[Call]:
    """Pages whatever they aim at, without those that the activation rule takes."""
    return [
        call
        for call in shown
        if call.tier is Tier.PAGE
        and call.target is not Target.KIT
        and call.service not in _WITH_ACTIVATION
    ]


def _pages_on_kit(shown: Iterable[Call], kms_key_arns: Sequence[str]) -> list[Call]:
    """Pages when they aim at the kit. Without keys there is no key to aim at."""
    return [
        call
        for call in shown
        if call.tier is Tier.PAGE
        and call.target is Target.KIT
        and (call.kit_fields or (call.kit_keys and kms_key_arns))
    ]


def _tickets(shown: Iterable[Call]) -> list[Call]:
    return [call for call in shown if Tier.TICKET in (call.tier, call.otherwise)]


_WITH_ACTIVATION: Final = ("signin", "sts")
"""Services whose calls the activation rule takes: its sources and its state are theirs."""


def _with_activation() -> list[Call]:
    return list(catalogue().of(services=_WITH_ACTIVATION, tier=Tier.PAGE))


# --- use of the path ------------------------------------------------------------------------------


def activation(
    *,
    entry_users: Sequence[str] = (),
    permission_sets: Sequence[str] = (),
    quotas: Quotas = QUOTAS,
) -> PackedRule:
    """Give the rule that sees the glass break: entry, activation, refusal, root session, alarm.

    AssumeRole is seen by the role's ARN where it succeeds, in the caller's account and the role's.
    A refused one has no parameters and shows in the caller's account only (IAM User Guide, "Logging
    IAM and AWS STS API calls with CloudTrail"), so there the error message names the role. A
    service that acts with a role of the kit is left out: forwarders would ring for themselves.
    """
    role = f"*:role{names.PATH}*"
    reserved = [{"wildcard": f"*/AWSReservedSSO_{name}_*"} for name in permission_sets]
    sign_in = ["ConsoleLogin", "SwitchRole"]
    people = [{"userIdentity": {"userName": list(entry_users)}}] if entry_users else []
    who: list[dict[str, Any]] = [
        {"userIdentity": {"arn": [{"wildcard": ON_KIT}, *reserved]}},
        {"userIdentity": {"type": ["Root"]}},
        *people,
    ]
    assume_role = {"eventName": [{"prefix": "AssumeRole"}]}
    alternatives: list[dict[str, Any]] = [
        assume_role
        | {
            "userIdentity": {"type": [{"anything-but": ["AWSService"]}]},
            "requestParameters": {"roleArn": [{"wildcard": role}, *reserved]},
        },
        assume_role
        | {
            "errorCode": [{"prefix": "AccessDenied"}],
            "errorMessage": [{"wildcard": f"*resource: {role}"}],
        },
        *({"eventName": list(call.event_names)} for call in _with_activation()),
        *({"eventName": sign_in} | one for one in who),
    ]
    if permission_sets:
        handed_out = {"serviceEventDetails": {"role_name": list(permission_sets)}}
        alternatives.append({"eventName": ["GetRoleCredentials"]} | handed_out)
    # an alarm can only call a topic of its own region; as an event it reaches the hub from any
    alternatives.append(
        {"alarmName": [{"prefix": f"{names.PREFIX}-"}], "state": {"value": ["ALARM"]}}
    )
    pattern = {
        "source": [
            "aws.cloudwatch",
            "aws.signin",
            *(["aws.sso"] if permission_sets else []),
            "aws.sts",
        ],
        "detail-type": [
            API_CALL,
            *([SERVICE_EVENT] if permission_sets else []),
            _SIGN_IN_EITHER_WAY,
            ALARM,
        ],
        "detail": {"$or": alternatives},
    }
    name = names.rule("activation")
    quotas.check_size(Quota.EVENT_PATTERN, f"pattern of {name}", pattern)
    calls = tuple(call.id for call in _with_activation())
    return PackedRule(name, Kind.ACTIVATION, Tier.PAGE, RuleState.ALL, pattern, calls)


# --- patterns -------------------------------------------------------------------------------------

_SIGN_IN_EITHER_WAY: Final = {"prefix": "AWS Console Sign"}
"""AWS's list writes "AWS Console Signin via CloudTrail", rules that work "AWS Console Sign In"."""

_Shape: TypeAlias = Callable[[Sequence[Call]], dict[str, Any]]


def _anywhere(calls: Sequence[Call]) -> dict[str, Any]:
    """Match the calls whatever they aim at, refused or not."""
    services = [
        {"eventSource": [source], "eventName": event_names(service, _any_other(service))}
        for source, service in _by_source(calls).items()
    ]
    return _head(calls) | {"detail": _one_of(services)}


def _on_kit(kms_key_arns: Sequence[str], entry_users: Sequence[str]) -> _Shape:
    """Match the calls where they name a resource of the kit, or a user who may enter.

    Whoever gives himself the keys or the second factor of such a user is as good as him. These
    users are the organisation's and need not bear the kit's name, so they are listed.
    """

    def pattern(calls: Sequence[Call]) -> dict[str, Any]:
        what = [{"detail": alternative} for alternative in _management(calls) + _data(calls)]
        where = {"detail": {"$or": _places(calls, kms_key_arns, entry_users)}}
        if len(what) == 1:
            return _head(calls) | {"detail": what[0]["detail"] | where["detail"]}
        return _head(calls) | {"$or": what} | where

    return pattern


def _management(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Say the management calls of all services at once.

    ``managementEvent`` (CloudTrail User Guide, "CloudTrail record contents") keeps out the traffic
    of objects, messages and events, which shares verbs with what is catalogued.
    """
    management = [call for call in calls if not call.data_event]
    if not management:
        return []
    others = _reads(management) | _MANAGEMENT_TRAFFIC
    return [{"managementEvent": [True], "eventName": event_names(management, others)}]


def _data(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Say the data events, service by service."""
    services = _by_source([call for call in calls if call.data_event])
    return [
        {"eventSource": [source], "eventName": event_names(service, _any_other(service))}
        for source, service in services.items()
    ]


def _head(calls: Sequence[Call]) -> dict[str, Any]:
    kinds = {call.detail_type for call in calls}
    return {
        "source": sorted({call.event_bus_source for call in calls}),
        "detail-type": [_SIGN_IN_EITHER_WAY if kind == SIGN_IN else kind for kind in sorted(kinds)],
    }


def _one_of(alternatives: list[dict[str, Any]]) -> dict[str, Any]:
    """AWS takes an `$or` of two and more only."""
    return alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}


def _by_source(calls: Sequence[Call]) -> dict[str, list[Call]]:
    sources = sorted({call.event_source for call in calls})
    return {source: [call for call in calls if call.event_source == source] for source in sources}


def _places(
    calls: Sequence[Call], kms_key_arns: Sequence[str], entry_users: Sequence[str]
) -> list[dict[str, Any]]:
    """Say in which places a kit resource can be named, and how a refusal names it."""
    by_root: dict[str, dict[str, list[KitField]]] = {}
    for place in (place for call in calls for place in call.kit_fields):
        root, leaf = place.path
        by_root.setdefault(root, {}).setdefault(leaf, []).append(place)
    places: list[dict[str, Any]] = [
        {
            root: _one_of(
                [{leaf: _named(leaf, found, entry_users)} for leaf, found in leaves.items()]
            )
        }
        for root, leaves in by_root.items()
    ]
    messages = [_REFUSED_ON_KIT]
    if any(call.kit_keys for call in calls):
        places.append({"resources": {"ARN": list(kms_key_arns)}})
        messages += [f"*{arn.partition(':key/')[2]}*" for arn in kms_key_arns]
    codes = sorted({code for call in calls for code in call.denied})
    refused = {
        "errorCode": [{"prefix": code} for code in codes],
        "errorMessage": [{"wildcard": message} for message in messages],
    }
    return [*places, refused]


def _named(leaf: str, places: Sequence[KitField], entry_users: Sequence[str]) -> list[Any]:
    """Say what stands at a place: a name of the kit, and where users are named, who may enter."""
    return [_operator(places), *(entry_users if leaf == "userName" else ())]


def _operator(places: Sequence[KitField]) -> dict[str, str]:
    """A name begins with the kit's prefix; an ARN, URL or path has it somewhere."""
    if all(place.example.startswith(names.PREFIX) for place in places):
        return {"prefix": names.PREFIX}
    return {"wildcard": ON_KIT}


# --- event names ----------------------------------------------------------------------------------


def event_names(calls: Sequence[Call], others: frozenset[str]) -> list[Any]:
    """Say the event names of ``calls`` in few characters, matching none of ``others``.

    ``others`` are in lower case.
    """
    # services may share a name; what one of them extends by a version must match by prefix for all
    loosest_last = sorted(calls, key=lambda call: call.match is NameMatch.PREFIX)
    wanted = {name: call.match for call in loosest_last for name in call.event_names}
    return list(_shortest(tuple(wanted.items()), others))


@lru_cache(maxsize=1024)  # packing tries the same names again and again
def _shortest(names_: tuple[tuple[str, NameMatch], ...], others: frozenset[str]) -> tuple[Any, ...]:
    wanted = dict(names_)
    free = _free_prefixes(wanted, others)
    begins = {name: [cut for cut in _beginnings(name) if cut in free] for name in wanted}
    said: list[Any] = []
    while (prefix := _best_prefix(wanted, begins)) is not None:
        said.append({"prefix": prefix})
        wanted = {name: how for name, how in wanted.items() if not name.startswith(prefix)}
    exact = sorted(name for name, how in wanted.items() if how is NameMatch.EXACT)
    prefixes = sorted(name for name, how in wanted.items() if how is NameMatch.PREFIX)
    return (*exact, *said, *({"prefix": name} for name in prefixes))


def _free_prefixes(wanted: Iterable[str], others: frozenset[str]) -> set[str]:
    """Cut the names where words begin, and keep what begins no name of ``others``."""
    cuts = {
        name[:at]
        for name in wanted
        for at in range(1, len(name) + 1)
        if name[at : at + 1].isupper()
    }
    in_order = _in_order(others)
    return {prefix for prefix in cuts if not _begins_one(prefix.lower(), in_order)}


@lru_cache(maxsize=256)
def _in_order(others: frozenset[str]) -> Sequence[str]:
    return sorted(others)


def _begins_one(prefix: str, in_order: Sequence[str]) -> bool:
    """Say whether a name begins so; it would be the first that does not come before ``prefix``."""
    at = bisect_left(in_order, prefix)
    return at < len(in_order) and in_order[at].startswith(prefix)


@lru_cache(maxsize=4096)
def _beginnings(name: str) -> Sequence[str]:
    return [name[:at] for at in range(1, len(name) + 1)]


def _any_other(calls: Sequence[Call]) -> frozenset[str]:
    """Give every other name of the service, in lower case: event and action differ in spelling."""
    wanted = {name.lower() for call in calls for name in call.event_names}
    return _catalogued(calls[0].event_source).union(*map(_action_names, _prefixes(calls))) - wanted


def _reads(calls: Sequence[Call]) -> frozenset[str]:
    """Give the names of the services' reading calls, in lower case."""
    return frozenset[str]().union(*map(_read_names, _prefixes(calls)))


def _prefixes(calls: Sequence[Call]) -> set[str]:
    return {action.partition(":")[0] for call in calls for action in call.iam_actions}


@cache
def _catalogued(event_source: str) -> frozenset[str]:
    same = (call for call in catalogue() if call.event_source == event_source)
    return frozenset(name.lower() for call in same for name in call.event_names)


@cache
def _action_names(prefix: str) -> frozenset[str]:
    return frozenset(action.partition(":")[2].lower() for action in actions.of_service(prefix))


@cache
def _read_names(prefix: str) -> frozenset[str]:
    return frozenset(
        action.partition(":")[2].lower()
        for action in actions.of_service(prefix)
        if actions.access_level(action) in (AccessLevel.READ, AccessLevel.LIST)
    )


_MANAGEMENT_TRAFFIC: Final = frozenset({"createloggroup", "createlogstream"})
"""What every function does to its own log group when it starts."""


def _best_prefix(
    wanted: Mapping[str, NameMatch], begins: Mapping[str, Sequence[str]]
) -> str | None:
    """Give the prefix that saves most characters, or None when none saves any.

    ``begins`` gives the prefixes of each name that may be used.
    """
    covered: Counter[str] = Counter()
    saving: Counter[str] = Counter()
    for name, how in wanted.items():
        covered.update(begins[name])
        for prefix in begins[name]:
            saving[prefix] += _said(name, how)
    best, best_saving = None, 0
    for prefix in sorted(saving):
        saved = saving[prefix] - _said(prefix, NameMatch.PREFIX)
        if covered[prefix] > 1 and saved > best_saving:
            best, best_saving = prefix, saved
    return best


def _said(name: str, how: NameMatch) -> int:
    """Count the characters of one entry in a list of event names, its comma included."""
    return len(f'{{"prefix":"{name}"}},' if how is NameMatch.PREFIX else f'"{name}",')


# --- packing --------------------------------------------------------------------------------------


def _packed(
    calls: Sequence[Call], tier: Tier, kind: str, shape: _Shape, quotas: Quotas
) -> list[PackedRule]:
    """Put the services into as few rules as hold them: the largest first, each where it fits."""
    limit = quotas.limit(Quota.EVENT_PATTERN)
    bins: list[list[Call]] = []
    for piece in sorted(_pieces(calls, shape, limit), key=lambda piece: -_size(piece, shape)):
        room = next((full for full in bins if _size([*full, *piece], shape) <= limit), None)
        if room is None:
            bins.append(list(piece))
        else:
            room.extend(piece)
    return [_rule(full, tier, f"{kind}-{at}", shape, quotas) for at, full in enumerate(bins, 1)]


def _pieces(calls: Sequence[Call], shape: _Shape, limit: int) -> list[list[Call]]:
    """Cut the calls by service, and a service that fills more than a rule into halves."""
    services = _by_source(calls).values()
    return [piece for service in services for piece in _halved(service, shape, limit)]


def _halved(calls: list[Call], shape: _Shape, limit: int) -> list[list[Call]]:
    if len(calls) == 1 or _size(calls, shape) <= limit:
        return [calls]
    middle = len(calls) // 2
    return _halved(calls[:middle], shape, limit) + _halved(calls[middle:], shape, limit)


def _size(calls: Sequence[Call], shape: _Shape) -> int:
    return len(compact(shape(calls)))


def _rule(
    calls: Sequence[Call], tier: Tier, name: str, shape: _Shape, quotas: Quotas
) -> PackedRule:
    """Make the rule, and have the pattern checked as AWS would check it."""
    full_name, document = names.rule(name), shape(calls)
    quotas.check_size(Quota.EVENT_PATTERN, f"pattern of {full_name}", document)
    pattern = Pattern(document, quotas).document
    ids = tuple(call.id for call in calls)
    return PackedRule(full_name, Kind.TAMPER, tier, RuleState.ENABLED, pattern, ids)
