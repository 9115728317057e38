"""Rules that take nothing where they are: for a name that no call has, or a call shown elsewhere.

A rule may watch for any call of AWS, and the tamper catalogue lists those that blind or open
something. So a rule is doubted only where all that it names is known: by the catalogue, which says
where a call shows and whether it is a reading one, or as a name that nothing has.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from breakglass import actions, tamper
from breakglass.patterns import Pattern
from breakglass.proof.graph import NO_REGION, Resource
from breakglass.proof.pager import takes_reads
from breakglass.tamper import API_CALL, SIGN_IN, Region
from breakglass.tamper.samples import sample_events

KINDS: Final = (
    API_CALL,
    SIGN_IN,
    "AWS Console Signin via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Service Event via CloudTrail",
)
"""Detail types of CloudTrail's events (EventBridge User Guide, "AWS service events delivered via
AWS CloudTrail"; AWS writes both of the console's)."""

_GLOBAL: Final = "us-east-1"
_SIGN_INS: Final = (
    "CheckMfa",
    "ConsoleLogin",
    "CredentialChallenge",
    "CredentialVerification",
    "ExitRole",
    "GetRoleCredentials",
    "RenewRole",
    "SwitchRole",
    "UserAuthentication",
)
"""Events that no action of IAM is called like (CloudTrail User Guide, "AWS Management Console
sign-in events"; IAM Identity Center User Guide, "CloudTrail use cases")."""

_VERSION: Final = re.compile(r"\d{8}(v\d+)?$")
"""What Lambda and CloudFront add to the names of their calls."""

_NEAR: Final = 0.85
"""How much alike two words are of which one is the other with a letter wrong."""


def takes_nothing(rule: Resource) -> str | None:
    """Say why a rule takes no call where it is, as far as is known; None where it may take some.

    Raises `Undecided` where its pattern is not known before it is applied.
    """
    pattern = Pattern.load(str(rule.get("eventPattern")))
    wanted = _wanted(pattern.document)
    if (wrong := _misnamed(wanted)) or not _is_told(pattern, wanted):
        return wrong
    events = [one for one in _events() if _fits(one[0], pattern, rule)]
    here = [one for one in events if one[2] or _shows_all(rule)]
    if events and not here:
        return f"{_name(events)} shows in {_GLOBAL} alone, and not in {rule.region}"
    if here and not takes_reads(rule) and all(reads for _, reads, _ in here):
        return f"{_name(here)} is a reading call, which a rule takes in its state for these alone"
    return None


# --- names ----------------------------------------------------------------------------------------


def _misnamed(wanted: Mapping[str, Sequence[object]]) -> str | None:
    """Say which name nothing has: one that is nearly another, or where no name is known."""
    for path, (known, is_known) in _NAMES.items():
        texts = [one for one in wanted.get(path, ()) if isinstance(one, str)]
        strange = [one for one in texts if not is_known(one)]
        for one in strange:
            if near := get_close_matches(one, known(), n=1, cutoff=_NEAR):
                return f"nothing has the {path} {one}, but {near[0]} is one"
        if path == "detail.eventName" and strange and len(strange) == len(wanted[path]):
            return f"no call of AWS that is known here is called {strange[0]}"
    return None


def _is_kind(text: str) -> bool:
    return text in KINDS


def _is_source(text: str) -> bool:
    return text in _sources()


def _is_event_source(text: str) -> bool:
    return text in _event_sources()


def _is_event(text: str) -> bool:
    plain = _VERSION.sub("", text)
    return plain in _catalogued() or plain in _SIGN_INS or plain.lower() in _actions()


@cache
def _sources() -> frozenset[str]:
    called = {call.event_bus_source for call in tamper.catalogue()}
    return frozenset(called | {f"aws.{prefix}" for prefix in actions.services()})


@cache
def _event_sources() -> frozenset[str]:
    called = {call.event_source for call in tamper.catalogue()}
    return frozenset(called | {f"{prefix}.amazonaws.com" for prefix in actions.services()})


@cache
def _catalogued() -> frozenset[str]:
    return frozenset(name for call in tamper.catalogue() for name in call.event_names)


@cache
def _known_events() -> frozenset[str]:
    return _catalogued() | {*_SIGN_INS}


@cache
def _actions() -> frozenset[str]:
    """Every action of IAM, as most calls are named, in lower case."""
    named = map(actions.of_service, actions.services())
    return frozenset(one.rpartition(":")[2].lower() for one in chain.from_iterable(named))


def _kinds() -> Sequence[str]:
    return KINDS


_Known = Callable[[], Sequence[str] | frozenset[str]]
_NAMES: Final[Mapping[str, tuple[_Known, Callable[[str], bool]]]] = MappingProxyType(
    {
        "source": (_sources, _is_source),
        "detail-type": (_kinds, _is_kind),
        "detail.eventSource": (_event_sources, _is_event_source),
        "detail.eventName": (_known_events, _is_event),
    }
)
"""By field: the words that somebody may have meant, and what tells whether a word is one."""

# --- places ---------------------------------------------------------------------------------------

_Event = tuple[Mapping[str, Any], bool, bool]
"""An event, whether it is a reading call, and whether it shows outside of us-east-1 too."""


def _is_told(pattern: Pattern, wanted: Mapping[str, Sequence[object]]) -> bool:
    """Whether all that a rule can take is known: each event by its name, or whole services."""
    if "$or" in wanted:
        return False
    if names := wanted.get("detail.eventName"):
        known = {event["detail"]["eventName"] for event, _, _ in _events()}
        return all(isinstance(one, str) and one in known for one in names)
    return pattern.sources is not None and pattern.sources <= _global_sources()


@cache
def _global_sources() -> frozenset[str]:
    """Services whose every call shows in us-east-1."""
    calls = [*tamper.catalogue()]
    elsewhere = {one.event_bus_source for one in calls if one.region is not Region.US_EAST_1}
    return frozenset(one.event_bus_source for one in calls) - elsewhere


@cache
def _events() -> Sequence[_Event]:
    """Catalogued calls, sign-ins, and roles that are assumed, which is a reading call.

    A root user signs in at us-east-1, everybody else where his console is (CloudTrail User Guide,
    "AWS Management Console sign-in events").
    """
    calls = [
        (sample.event, call.read_only, call.region is not Region.US_EAST_1)
        for call in tamper.catalogue()
        for on_kit in (True, False)
        for sample in sample_events(call, on_kit=on_kit)
    ]
    sign_ins = [
        (_event("signin", kind, name, who), False, who != "Root")
        for name in ("ConsoleLogin", "SwitchRole")
        for who in ("Root", "IAMUser", "AssumedRole")
        for kind in KINDS[1:3]
    ]
    assumed = [
        (_event("sts", API_CALL, f"AssumeRole{way}", who), True, True)
        for way in ("", "WithSAML", "WithWebIdentity")
        for who in ("IAMUser", "AssumedRole")
    ]
    return [*calls, *sign_ins, *assumed]


def _event(service: str, kind: str, name: str, who: str) -> Mapping[str, Any]:
    called = {"eventSource": f"{service}.amazonaws.com", "eventName": name}
    detail = {**called, "userIdentity": {"type": who}}
    return {"source": f"aws.{service}", "detail-type": kind, "detail": detail}


def _fits(event: Mapping[str, Any], pattern: Pattern, rule: Resource) -> bool:
    if pattern.sources is not None and event["source"] not in pattern.sources:
        return False
    where = {"awsRegion": rule.region, "recipientAccountId": rule.account}
    there = {"account": rule.account, "region": rule.region}
    return pattern.matches({**event, **there, "detail": {**event["detail"], **where}})


def _shows_all(rule: Resource) -> bool:
    """Whether all calls may show where a rule is: there, on a bus, or where nobody knows.

    Other partitions than AWS's first have their global services elsewhere.
    """
    return (
        rule.region in {_GLOBAL, NO_REGION}
        or not rule.arn.startswith("arn:aws:")
        or rule.get("eventBusName") not in {None, "default"}
    )


def _name(events: Sequence[_Event]) -> str:
    return str(events[0][0]["detail"]["eventName"])


# --- what a pattern looks at ----------------------------------------------------------------------


def _wanted(document: Mapping[str, Any]) -> Mapping[str, Sequence[object]]:
    """What a pattern looks for by path; of alternatives all, and ``$or`` where there are some."""
    found: dict[str, list[object]] = {}
    for path, values in _leaves(document, ""):
        found.setdefault(path, []).extend(values)
    return found


def _leaves(node: Mapping[str, Any], above: str) -> Iterator[tuple[str, Sequence[object]]]:
    for key, below in node.items():
        if key == "$or":
            yield "$or", ()
            for one in below:
                yield from _leaves(one, above)
        elif isinstance(below, Mapping):
            yield from _leaves(below, f"{above}{key}.")
        else:
            yield f"{above}{key}", below
