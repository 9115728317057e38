"""What of an event a rule may look at, so that nobody it should tell of can choose to be unseen.

Events are asked as the catalogue makes them, one of a kind. A rule that looks at anything else,
such as the user agent or the name of a session, may take these and be blind to one attacker, or
from a day on. So there is a closed list of fields, each with the reason why a rule may look at it
and what it may look for there; a rule that goes beyond does not count as a way of alarms.

The fields are those of "CloudTrail record contents" (CloudTrail User Guide) and "Alarm events and
EventBridge" (CloudWatch User Guide).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from breakglass import names, tamper

Beside = Sequence[object]
"""The event names that stand in the same alternative of a pattern as a field."""

Form = Callable[[Any, Beside], bool]
"""Says whether a rule may look for a value or an operator."""


class Field(NamedTuple):
    """A field that a rule may look at."""

    reason: str
    """Why nobody is unseen for it."""
    form: Form
    """What may be looked for."""


# --- what may be looked for -----------------------------------------------------------------------


def _anything(_: object, __: Beside) -> bool:
    return True


def _a_name(value: object, _: Beside) -> bool:
    return isinstance(value, str)


def _names(value: object, _: Beside) -> bool:
    """Whatever names the kit: its prefix, or less of it."""
    operator, text = _operator(value)
    if operator == "prefix":
        return f"{names.PREFIX}-".startswith(text)
    return operator == "wildcard" and _around(text) and text.strip("*") in f"{names.PREFIX}-"


def _names_or_a_user(value: object, beside: Beside) -> bool:
    return _a_name(value, beside) or _names(value, beside)


def _a_role(value: object, _: Beside) -> bool:
    """A role by its name, that of Identity Center without the end that AWS makes up."""
    operator, text = _operator(value)
    return operator in {"", "prefix", "wildcard"} and (
        _RESERVED not in text or text.rstrip("*").endswith("_")
    )


def _refused(value: object, _: Beside) -> bool:
    """What was refused, and nothing of the sentence before it or after it.

    ``User: <who> is not authorized to perform: <what> on resource: <ARN> because <why>`` (IAM User
    Guide, "Troubleshoot access denied error messages").
    """
    operator, text = _operator(value)
    if operator != "wildcard" or not _around(text):
        return False
    if _KEY_ID.fullmatch(text.strip("*")):
        return True
    what = text.removeprefix("*resource: ").strip("*")
    return text.startswith("*resource: ") and (what.replace("*", "-") in _KITS or _is_role(what))


def _is_role(what: str) -> bool:
    return "role/" in what and not {" ", "*"} & {*what}


def _who_signs_in(value: object, beside: Beside) -> bool:
    """Somebody by user or role, whatever his session is called."""
    _, text = _operator(value)
    whatever = text.endswith("/*") or _names(value, beside) or _reserved(text)
    return _signs_in(beside) and (isinstance(value, str) or (whatever and text.startswith("*")))


def _what_calls(value: object, beside: Beside) -> bool:
    """Who signs in; and of those that assume roles all but AWS's own services."""
    if _signs_in(beside):
        return isinstance(value, str)
    return value == {"anything-but": ["AWSService"]} and _assumes(beside)


def _signs_in(beside: Beside) -> bool:
    return bool(beside) and {*map(str, beside)} <= {"ConsoleLogin", "SwitchRole"}


def _assumes(beside: Beside) -> bool:
    texts = [_operator(one)[1] for one in beside]
    return bool(texts) and all(text.startswith("AssumeRole") for text in texts)


def _operator(value: object) -> tuple[str, str]:
    """The operator, empty for a plain text, and what it looks for; empty where that is no text."""
    if isinstance(value, str):
        return "", value
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, operand),) = value.items()
        return (str(name), operand) if isinstance(operand, str) else (str(name), "")
    return "none", ""


def _around(text: str) -> bool:
    return text.startswith("*") and text.endswith("*")


def _reserved(text: str) -> bool:
    return _RESERVED in text and text.endswith("_*")


_RESERVED: Final = "/AWSReservedSSO_"
_KITS: Final = (names.PREFIX, f":role{names.PATH}")
_KEY_ID: Final = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")

# --- the list -------------------------------------------------------------------------------------

FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "source": Field("each catalogued call is asked by its service", _anything),
        "detail-type": Field("each kind of event is asked", _anything),
        "account": Field("each account is asked", _anything),
        "region": Field("each region is asked", _anything),
        "detail.eventSource": Field("each catalogued call is asked by its service", _anything),
        "detail.eventName": Field("each catalogued call is asked by its name", _anything),
        "detail.managementEvent": Field("each call is asked as what it is", _anything),
        "detail.readOnly": Field("each call is asked as what it is", _anything),
        "detail.errorCode": Field("each code of a refusal is asked", _anything),
        "detail.errorMessage": Field("it alone says what was refused", _refused),
        "detail.resources.ARN": Field("each key of the kit is asked by its ARN", _a_name),
        "detail.requestParameters.roleArn": Field("each role of the path is asked", _a_role),
        "detail.requestParameters.userName": Field(
            "each user who may enter is asked, and the kit's own bear its name", _names_or_a_user
        ),
        "detail.serviceEventDetails.role_name": Field("each permission set is asked", _a_name),
        "detail.userIdentity.type": Field("a service acts for the kit itself", _what_calls),
        "detail.userIdentity.arn": Field("each role is asked as it signs in", _who_signs_in),
        "detail.userIdentity.userName": Field("each user is asked as he signs in", _who_signs_in),
        "detail.alarmName": Field("each alarm of the kit is asked", _anything),
        "detail.state.value": Field("an alarm is asked when it goes off", _anything),
    }
)
"""Every field that a rule may look at, by its path, besides `naming`."""


@cache
def naming() -> Mapping[str, Field]:
    """The fields in which a catalogued call names the kit's resource, by their paths."""
    field = Field("the kit's own bears its name there", _names)
    places = (place for call in tamper.catalogue() for place in call.kit_fields)
    return {".".join(("detail", *place.path)): field for place in places}


@lru_cache(maxsize=4096)  # every account has the same patterns, and a mutant all but one
def blind_spot(pattern: str) -> str | None:
    """Say by what somebody could choose to be unseen by a rule; None where there is nothing."""
    for path, wanted, beside in _leaves(json.loads(pattern), (), ()):
        field = FIELDS.get(path) or naming().get(path)
        if field is None:
            return f"looks at {path}, and somebody may be unseen for it"
        for value in wanted:
            if not field.form(value, beside):
                return f"looks for {json.dumps(value)} in {path}, and not all have it there"
    return None


def _leaves(
    node: Mapping[str, Any], way: tuple[str, ...], beside: Beside
) -> Iterator[tuple[str, Sequence[object], Beside]]:
    """Yield each field that a pattern looks at, what for, and the event names it goes with."""
    near = node.get("eventName", beside)
    for key, below in node.items():
        if key == "$or":
            for one in below:
                yield from _leaves(one, way, near)
        elif isinstance(below, Mapping):
            yield from _leaves(below, (*way, key), near)
        else:
            yield ".".join((*way, key)), below, near
