"""The page of the tamper catalogue: every call by service, and the rules that it is packed into."""

import json
from collections.abc import Iterator

from breakglass import tamper
from breakglass.quotas import QUOTAS, Quota, compact
from breakglass.reference.markdown import code, page, table
from breakglass.tamper import Call, Tier, rules

_INTRODUCTION = """\
Every API call that stops, blinds or weakens logging, alerting or a gate, as CloudTrail writes it.
Boundaries, guardrails, event rules and attacks are made from this one catalogue
(`components/breakglass/tamper/calls/`)."""

_WORDS = """\
- **Tier.** `page`: somebody is woken. `ticket`: somebody looks at it. `record`: it is only kept.
- **Target.** `kit`: the tier holds when the call names a resource of the kit, the tier after the
  slash when it does not. `organisation`: it blinds a whole account or the organisation. `any`:
  whatever it aims at.
- **Region** says where the event appears: `resource` in the resource's region, `us-east-1` there
  alone, `home` in the home region of the organisation, `every` in the region that the caller chose.
- **Data** marks object-level calls: EventBridge sees them only where a trail selects them."""


def tamper_page() -> str:
    """Counts, the packed rules, and a table a service."""
    catalogue = tamper.catalogue()
    services = sorted({call.service for call in catalogue})
    return page(
        "Tamper catalogue",
        _INTRODUCTION,
        _counts(services),
        _WORDS,
        _packed(),
        *(_service(service) for service in services),
    )


def _counts(services: list[str]) -> str:
    catalogue = tamper.catalogue()
    tiers = ", ".join(f"{len(catalogue.of(tier=tier))} `{tier}`" for tier in Tier)
    return f"{len(catalogue)} calls of {len(services)} services: {tiers}."


_RULES = f"""\
## Rules

The rules of a region, at most {rules.MAX_RULES}, each pattern within
{QUOTAS.limit(Quota.EVENT_PATTERN):,} characters. They are shown for an organisation without IAM
users or permission sets as entries, whose names make the activation rule longer. `other` is every
region that is neither us-east-1 nor the home region."""


def _packed() -> str:
    rows = [
        (
            where.value,
            f"`{rule.name}`",
            rule.tier.value,
            f"`{rule.state.value}`",
            str(len(rule.calls)),
            str(len(compact(rule.pattern))),
        )
        for where in rules.RegionClass
        for rule in rules.pack(where)
    ]
    headers = ["Region", "Rule", "Tier", "State", "Calls", "Characters"]
    return "\n\n".join(
        (
            _RULES,
            table(headers, rows),
            "The activation rule sees the use of the path itself:",
            code(_activation(), "json"),
        )
    )


def _activation() -> str:
    return json.dumps(rules.activation().pattern, indent=2)


def _service(service: str) -> str:
    headers = ["Event", "IAM action", "Tier", "Target", "Region", "Data", "Why", "Source"]
    return f"## {service}\n\n{table(headers, _rows(service))}"


def _rows(service: str) -> Iterator[tuple[str, ...]]:
    for call in tamper.catalogue().of(services=[service]):
        yield (
            _names(call),
            ", ".join(f"`{action}`" for action in call.iam_actions),
            _tier(call),
            call.target.value,
            call.region.value,
            "yes" if call.data_event else "",
            call.reason,
            f"[source]({call.source})",
        )


def _names(call: Call) -> str:
    """Event names; a name with a star is extended by the API's version."""
    star = "*" if call.match is tamper.NameMatch.PREFIX else ""
    return ", ".join(f"`{name}{star}`" for name in call.event_names)


def _tier(call: Call) -> str:
    return f"{call.tier} / {call.otherwise}" if call.otherwise else call.tier.value
