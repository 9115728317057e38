"""The tamper catalogue: every API call that stops, blinds or weakens logging, alerting or a gate.

It is data, one TOML file a service under `calls/`, and the one source of boundary, guardrails,
event rules, drills and proofs. This module reads it and refuses what cannot be true: an IAM action
that AWS does not know, an id given twice, a page for a call that is neither on the kit nor
organisation-wide. `breakglass.tamper.rules` turns it into EventBridge patterns.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from breakglass import actions
from breakglass.errors import InvalidInput, InvalidInputs

API_CALL: Final = "AWS API Call via CloudTrail"
"""Detail type under which EventBridge delivers what CloudTrail logs of an API call."""

SIGN_IN: Final = "AWS Console Sign In via CloudTrail"
"""Detail type of console events. AWS's list spells it "Signin"; match by prefix (see rules)."""


class Tier(StrEnum):
    """How loud a call is: somebody is woken, something is to be looked at, or only kept."""

    PAGE = "page"
    TICKET = "ticket"
    RECORD = "record"


class Target(StrEnum):
    """What a call must aim at for its tier to hold."""

    KIT = "kit"
    """A resource of the kit, known by its name or, for keys, its ARN."""
    ORGANISATION = "organisation"
    """The organisation, or an account's whole guard; any such call counts."""
    ANY = "any"
    """Whatever it aims at."""


class Region(StrEnum):
    """Where CloudTrail and EventBridge show the call."""

    RESOURCE = "resource"
    """In the region of the resource."""
    US_EAST_1 = "us-east-1"
    """In us-east-1 only, as all global services do."""
    HOME = "home"
    """In the organisation's home region, where Identity Center lives (or in us-east-1)."""
    EVERY = "every"
    """In whatever region the caller chose."""


class NameMatch(StrEnum):
    """How an event name of the catalogue is compared with CloudTrail's."""

    EXACT = "exact"
    PREFIX = "prefix"
    """CloudTrail adds the API's date and version, as in ``UpdateFunctionCode20150331v2``."""


@dataclass(frozen=True, slots=True)
class KitField:
    """Where an event names the kit's resource.

    ``path`` leads there from the event's ``detail``; ``example`` is such a name or ARN; ``many``
    says that CloudTrail writes a list.
    """

    path: tuple[str, ...]
    example: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Names are CloudTrail's, letter by letter.

    ``tier`` holds when the call aims at ``target``; ``otherwise`` is the tier of the same call on
    anything else (for calls with target `KIT` only). ``kit_fields`` are the places that name the
    kit's resource; ``kit_keys`` says that it is a KMS key, known by ARN. ``parameters`` are the
    request parameters that decide how bad it is. ``denied`` are the prefixes of the error codes of
    a refusal. A ``data_event`` reaches EventBridge only where a trail selects it; a ``read_only``
    one only under a rule in the state that takes all management events. ``reason`` says how the
    call blinds, ``source`` is AWS's page or a public detection rule.
    """

    id: str
    event_source: str
    event_names: tuple[str, ...]
    iam_actions: tuple[str, ...]
    region: Region
    target: Target
    tier: Tier
    reason: str
    source: str
    otherwise: Tier | None = None
    match: NameMatch = NameMatch.EXACT
    kit_fields: tuple[KitField, ...] = ()
    kit_keys: bool = False
    parameters: tuple[str, ...] = ()
    data_event: bool = False
    read_only: bool = False
    detail_type: str = API_CALL
    denied: tuple[str, ...] = ("AccessDenied",)

    @property
    def service(self) -> str:
        """The service's name in the id, which is also its file's."""
        return self.id.partition(".")[0]

    @property
    def event_bus_source(self) -> str:
        """EventBridge's ``source`` for CloudTrail's event source, such as ``aws.s3``."""
        return f"aws.{self.event_source.partition('.')[0]}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All calls, in the order of their services and, within one, of the file."""

    calls: tuple[Call, ...] = field(repr=False)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    def call(self, call_id: str) -> Call:
        """Give one call by its id, such as ``cloudtrail.StopLogging``."""
        for call in self.calls:
            if call.id == call_id:
                return call
        raise InvalidInput("call", call_id, "the id of a catalogued call")

    def of(
        self, *, services: Iterable[str] | None = None, tier: Tier | None = None
    ) -> tuple[Call, ...]:
        """Give the calls of some services, or of one tier, or both."""
        wanted = None if services is None else frozenset(services)
        return tuple(
            call
            for call in self.calls
            if (wanted is None or call.service in wanted) and tier in (None, call.tier)
        )


LOGGING_SERVICES: Final = (
    "access-analyzer",
    "account",
    "chatbot",
    "cloudtrail",
    "config",
    "ec2",
    "guardduty",
    "macie2",
    "organizations",
    "ram",
    "rolesanywhere",
    "route53",
    "route53resolver",
    "securityhub",
    "sso",
    "sts",
)
"""Services whose catalogued calls no runbook needs: they can be denied on everything.

Of `ec2` and `route53` the catalogue holds the log calls only.
"""

KIT_RESOURCE_SERVICES: Final = (
    "cloudwatch",
    "events",
    "lambda",
    "logs",
    "pipes",
    "s3",
    "scheduler",
    "sns",
    "sqs",
)
"""Services whose resources carry the kit's name in their ARN: deny ``service:*`` on those ARNs.

A deny of single calls on everything would kill the runbook, which needs `sqs:PurgeQueue` and the
like on the application's own resources.
"""


def denied_actions(services: Iterable[str] = LOGGING_SERVICES) -> tuple[str, ...]:
    """Give what a boundary denies on everything: the catalogued actions of ``services``.

    Said in globs where the action catalogue shows that they match nothing else. Give other services
    for a deny that is bound to the kit's ARNs, such as ``("iam",)``.
    """
    calls = catalogue().of(services=services)
    return actions.globs(action for call in calls for action in call.iam_actions)


@cache
def blinding_actions() -> Mapping[str, tuple[str, ...]]:
    """The catalogue's calls on services that exist to log, and on IAM, by service."""
    return {service: denied_actions([service]) for service in (*LOGGING_SERVICES, "iam")}


@cache
def catalogue() -> Catalogue:
    """Read and check the packaged catalogue, once."""
    folder = files(__name__).joinpath("calls")
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return read({service: texts[service] for service in sorted(texts)})


def read(texts: Mapping[str, str]) -> Catalogue:
    """Read a catalogue from TOML texts by service; all faults at once as `InvalidInputs`."""
    calls: list[Call] = []
    faults: list[InvalidInput] = []
    for service, text in texts.items():
        document = tomllib.loads(text)
        for number, entry in enumerate(document["call"]):
            try:
                calls.append(_call(document["service"] | entry, service, number))
            except InvalidInput as fault:
                faults.append(fault)
    faults += _faults_together(calls)
    if faults:
        raise InvalidInputs("tamper catalogue", faults)
    return Catalogue(tuple(calls))


# --- one entry ------------------------------------------------------------------------------------

_LISTS: Final = ("event_names", "iam_actions", "parameters", "denied")
_Choice = TypeVar("_Choice", bound=StrEnum)


def _call(entry: dict[str, Any], service: str, number: int) -> Call:
    name = f"{service}.call[{number}]"
    known = {item.name for item in fields(Call)}
    for key in sorted(entry.keys() - known):
        raise InvalidInput(f"{name}.{key}", entry[key], f"one of {', '.join(sorted(known))}")
    for key in ("id", "event_source", "event_names", "iam_actions", "reason", "source"):
        if key not in entry:
            raise InvalidInput(f"{name}.{key}", None, "a value: it is missing")
    values = entry | {key: tuple(entry[key]) for key in _LISTS if key in entry}
    values["region"] = _choice(Region, entry.get("region"), f"{name}.region")
    values["target"] = _choice(Target, entry.get("target"), f"{name}.target")
    values["tier"] = _choice(Tier, entry.get("tier"), f"{name}.tier")
    values["match"] = _choice(NameMatch, entry.get("match", "exact"), f"{name}.match")
    if "otherwise" in entry:
        values["otherwise"] = _choice(Tier, entry["otherwise"], f"{name}.otherwise")
    on_kit = values["target"] is Target.KIT
    values["kit_fields"] = _kit_fields(entry.get("kit_fields", {})) if on_kit else ()
    values["kit_keys"] = on_kit and entry.get("kit_keys", False)
    call = Call(**values)
    _check(call, name, service)
    return call


def _choice(kind: type[_Choice], value: object, name: str) -> _Choice:
    try:
        return kind(str(value))
    except ValueError as fault:
        raise InvalidInput(name, value, f"one of {', '.join(kind)}") from fault


def _kit_fields(table: Mapping[str, str | Sequence[str]]) -> tuple[KitField, ...]:
    return tuple(
        KitField(tuple(path.split(".")), example, many=False)
        if isinstance(example, str)
        else KitField(tuple(path.split(".")), example[0], many=True)
        for path, example in table.items()
    )


def _check(call: Call, name: str, service: str) -> None:
    """Refuse an entry that contradicts itself or AWS."""
    for action in call.iam_actions:
        if not actions.exists(action) or actions.spelling(action) != action:
            accepted = f"an action that AWS knows (as of {actions.dated()}), as AWS spells it"
            raise InvalidInput(f"{name}.iam_actions", action, accepted)
    if call.service != service:
        raise InvalidInput(f"{name}.id", call.id, f"{service}.<event name>")
    on_kit = call.target is Target.KIT
    if on_kit is not (call.otherwise is not None):
        raise InvalidInput(f"{name}.otherwise", call.otherwise, "a tier, with target kit only")
    if on_kit and not call.kit_fields and not call.kit_keys:
        raise InvalidInput(f"{name}.kit_fields", {}, "where the event names the kit's resource")
    if call.tier is Tier.PAGE and call.target is Target.ANY:
        raise InvalidInput(
            f"{name}.tier", "page", "ticket or record: only kit and organisation page"
        )
    if not call.reason.endswith(".") or not call.source.startswith("https://"):
        raise InvalidInput(
            f"{name}.reason", call.reason, "a sentence, and a source with an address"
        )


def _faults_together(calls: Sequence[Call]) -> Iterator[InvalidInput]:
    """Find ids and event names given twice."""
    seen: set[str] = set()
    for call in calls:
        for name in {call.id, *(f"{call.event_source} {event}" for event in call.event_names)}:
            if name in seen:
                yield InvalidInput(call.id, name, "each id and each event name once")
            seen.add(name)
