"""Which rules take what CloudTrail delivers to EventBridge, whatever their patterns say of it.

A pattern need not name CloudTrail: it may ask for a service, for what an event is called, or for
everything. So patterns are asked with CloudTrail's events, and not read as texts alone. One that
means CloudTrail's and takes none of them, for a letter that is wrong, is meant all the same.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from breakglass import tamper
from breakglass.errors import BreakGlassError
from breakglass.patterns import Pattern
from breakglass.proof.catching import KINDS
from breakglass.proof.graph import Resource
from breakglass.tamper.samples import sample_events

_RECORD: Final = frozenset(
    f"detail.{field}"
    for field in (
        "awsRegion",
        "eventCategory",
        "eventName",
        "eventSource",
        "managementEvent",
        "readOnly",
        "recipientAccountId",
        "requestParameters",
        "responseElements",
        "userIdentity",
    )
)
"""Fields of a record (CloudTrail User Guide, "CloudTrail record contents") that no other event of
AWS has in its detail."""


_CALLED_SO: Final = re.compile(
    r"cloud ?trail|\"aws (api call|console sign|insight|service event)", re.IGNORECASE
)
"""What is meant for one of these kinds, or for the service itself."""

_CALLS_IT: Final = ("source", "detail-type")


def takes_calls(rule: Resource) -> bool:
    """Whether a rule takes CloudTrail's events, or is meant to; so it is where nobody can tell."""
    pattern = rule.inputs.get("eventPattern")
    if "eventPattern" in rule.unknown:
        return True
    return isinstance(pattern, str) and _takes(pattern, rule.account, rule.region)


@lru_cache(maxsize=4096)  # rules of many accounts and Regions have the same patterns
def _takes(text: str, account: str, region: str) -> bool:
    try:
        pattern = Pattern.load(text)
    except BreakGlassError:
        return True
    asked = [*_asked_for(pattern.document, "")]
    if any(_CALLED_SO.search(json.dumps(wanted)) for path, wanted in asked if path in _CALLS_IT):
        return True
    if _is_of_others(pattern):
        return False
    if any(path in _RECORD for path, _ in asked):
        return True
    by_kind = any(path == "detail-type" for path, _ in asked)
    return any(map(pattern.matches, _asked(pattern, account, region, by_kind=by_kind)))


def _is_of_others(pattern: Pattern) -> bool:
    """Whether it asks for no service of AWS: a partner's events, or the program's own."""
    sources = pattern.sources
    return sources is not None and not any(map(_is_of_aws, sources))


def _is_of_aws(source: str) -> bool:
    return source.startswith("aws.") and not source.startswith("aws.partner/")


def _asked_for(document: Mapping[str, Any], above: str) -> Iterator[tuple[str, object]]:
    """Yield what a pattern looks at, by path down to the fields of the detail, and what for."""
    for key, below in document.items():
        if key == "$or":
            for one in below:
                yield from _asked_for(one, above)
        elif key == "detail" and not above and isinstance(below, Mapping):
            yield from _asked_for(below, "detail.")
        else:
            yield f"{above}{key}", below


def _asked(
    pattern: Pattern, account: str, region: str, *, by_kind: bool
) -> Iterator[Mapping[str, Any]]:
    """Yield the catalogued calls; where kinds are asked for, one of each kind and service too."""
    sources, where = pattern.sources, {"account": account, "region": region}
    for event in _catalogued():
        if sources is None or event["source"] in sources:
            yield {**event, **where}
    for source in filter(_is_of_aws, sources or ()) if by_kind else ():
        for kind in KINDS:
            yield {"source": source, "detail-type": kind, **where, "detail": {}}


@cache
def _catalogued() -> Sequence[Mapping[str, Any]]:
    return [sample.event for call in tamper.catalogue() for sample in sample_events(call)]
