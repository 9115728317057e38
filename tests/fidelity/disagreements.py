"""Why our evaluator and the one from outside answer differently: each cause, and the page on it.

A disagreement whose cause is not among these is a fault in one of the two, and fails the tests.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from breakglass.proof.model import UNKNOWN_VALUE, Decision, Policy, Verdict
from tests.fidelity.dice import Case
from tests.fidelity.iam.conditions import CONDITION, OPERATORS, SETS
from tests.fidelity.iam.elements import NOT_PRINCIPAL, PRINCIPAL, RESOURCE, VARIABLES
from tests.fidelity.iam.evaluation import POLICY_TYPES
from tests.fidelity.iam.example import Page
from tests.fidelity.iam.organizations import RCPS
from tests.fidelity.iam.services import KEY_ABROAD


@dataclass(frozen=True)
class Cause:
    """Why the two differ."""

    name: str
    ours: str
    theirs: str
    page: Page
    why: str
    """What the page says, and which of the two follows it."""
    opposed: bool = False
    """Whether one allows what the other denies; otherwise one is only less certain."""


KEY_STAYS_AT_HOME = Cause(
    "an operation on another account's key",
    "denied",
    "allowed",
    KEY_ABROAD,
    "The page lists what works across accounts; anything else has no effect. Ours follows it.",
    opposed=True,
)
NOT_PRINCIPALS = Cause(
    "NotPrincipal",
    "unknown",
    "allowed or denied",
    NOT_PRINCIPAL,
    "The page leaves sessions, roles and accounts to the service. Ours leaves it open.",
)
PART_OF_AN_ARN = Cause(
    "a wildcard inside the ARN of a principal",
    "unknown",
    "names nobody",
    PRINCIPAL,
    "The page does not allow it and does not say what then happens. Ours leaves it open.",
)
CANONICAL_USER = Cause(
    "a canonical user id",
    "unknown",
    "names nobody",
    PRINCIPAL,
    "Whose id it is cannot be told from the policy. Ours leaves it open.",
)
SHORT_ARN = Cause(
    "a Resource of fewer than six segments",
    "unknown",
    "compares the text",
    RESOURCE,
    "The page asks for an ARN and does not say how less is read. Ours leaves it open.",
)
VALUELESS = Cause(
    "a variable without value beside a text that matches",
    "unknown",
    "the text matches",
    VARIABLES,
    'A note says that the statement "might" be invalid. Ours leaves it open.',
)
WILD_VALUE = Cause(
    "a variable whose value holds a wildcard",
    "unknown",
    "the wildcard is text",
    VARIABLES,
    "The page does not say whether the value's own wildcard counts. Ours leaves it open.",
)
NO_ARN = Cause(
    "an ARN operator against what is no ARN",
    "unknown",
    "compares the text",
    OPERATORS,
    "Six segments are compared one by one; the page does not say how fewer are read. Ours leaves"
    " it open.",
)
NO_NUMBER = Cause(
    "a Numeric operator and a text that is no number",
    "unknown",
    "false, negated or not",
    OPERATORS,
    "The page does not say. The other measured it on AWS's simulator. Ours leaves it open.",
)
NO_DATE = Cause(
    "a Date operator and a text that is no date",
    "unknown",
    "unknown or false",
    OPERATORS,
    "The page does not say. Ours leaves it open.",
)
EMPTY_TEXT = Cause(
    "Null and an empty text",
    "unknown",
    "the key is there",
    CONDITION,
    "The page calls an empty text null, and Null asks for one that is not. Ours leaves it open.",
)
NO_BASE64 = Cause(
    "a Binary operator and a text that is no base64",
    "unknown",
    "compares the text",
    OPERATORS,
    "The page does not say. Ours leaves it open.",
)
BYTES = Cause(
    "two spellings of the same bytes under BinaryEquals",
    "the bytes are the same",
    "the texts differ",
    OPERATORS,
    'The page compares "byte for byte". Ours follows it; the other measured otherwise on AWS\'s'
    " simulator.",
    opposed=True,
)
SESSION_POLICIES = Cause(
    "several session policies, one of which allows",
    "unknown",
    "denied",
    POLICY_TYPES,
    "The page does not say whether each has to allow. Ours leaves it open.",
)
EVERYBODY = Cause(
    'a grant to "*" under a boundary or a session policy',
    "allowed",
    "unknown",
    PRINCIPAL,
    'They "do not limit permissions granted" in this way. Ours follows the page.',
)
AWS_KEYS = Cause(
    "an RCP on KMS",
    "denied",
    "unknown",
    RCPS,
    "RCPs do not reach keys that AWS manages, and an ARN does not tell. Ours is told by who asks:"
    " no RCPs are given for such a key.",
)
EMPTY_SET = Cause(
    "ForAllValues and an empty text",
    "true",
    "compares the text",
    SETS,
    'It is true "if the key values resolve to a null data set, such as an empty string". Ours'
    " follows the page.",
    opposed=True,
)
OTHER_QUESTION = Cause(
    "a question that the other does not take",
    "denied",
    "allowed",
    PRINCIPAL,
    "It takes every session of a role for the one that a policy names, and tells the name of a user"
    " by itself.",
    opposed=True,
)

CAUSES = (
    KEY_STAYS_AT_HOME,
    BYTES,
    EVERYBODY,
    AWS_KEYS,
    SESSION_POLICIES,
    NOT_PRINCIPALS,
    PART_OF_AN_ARN,
    CANONICAL_USER,
    SHORT_ARN,
    VALUELESS,
    WILD_VALUE,
    NO_ARN,
    NO_NUMBER,
    NO_DATE,
    EMPTY_TEXT,
    NO_BASE64,
    EMPTY_SET,
    OTHER_QUESTION,
)


def cause_of(case: Case, ours: Verdict, theirs: Decision) -> Cause | None:
    """Give the cause of a disagreement, or None where there is none to give."""
    if ours.decision is Decision.UNKNOWN:
        return _cause_of_our_doubt(case, ours)
    if theirs is Decision.UNKNOWN:
        return _cause_of_their_doubt(case, ours)
    if "principal of another account" in ours.reason:
        return KEY_STAYS_AT_HOME
    return BYTES if _has_two_spellings(case) else None


# --- where ours is not certain -----------------------------------------------------------------


def _cause_of_our_doubt(case: Case, ours: Verdict) -> Cause | None:
    if "Another session policy might do" in ours.reason:
        return SESSION_POLICIES
    body, variables = _statement(case, ours.statement or "")
    if "Principal element" in ours.reason:
        return _by_principal(body)
    if "Resource element" in ours.reason:
        element = "Resource" if "Resource" in body else "NotResource"
        return _by_resource(_listed(body[element]), case, variables=variables)
    for operator, keys in body.get("Condition", {}).items():
        for key, wanted in keys.items():
            if f"its condition {operator} on {key} " in ours.reason:
                return _by_condition(operator, key, _listed(wanted), case)
    return None


def _statement(case: Case, name: str) -> tuple[Mapping[str, Any], bool]:
    policy, _, index = name.rpartition("#")
    found = next(one for one in _policies(case) if one.name == policy)
    return found.document["Statement"][int(index)], found.document["Version"] == "2012-10-17"


def _policies(case: Case) -> Iterator[Policy]:
    layers = case.layers
    yield from (*layers.identity, *layers.session)
    yield from (one for one in (layers.boundary, layers.resource) if one is not None)
    yield from (one for level in (*layers.scps, *layers.rcps) for one in level)


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _by_principal(body: Mapping[str, Any]) -> Cause | None:
    if "NotPrincipal" in body:
        return NOT_PRINCIPALS
    element = body["Principal"]
    if not isinstance(element, dict):
        return None
    if set(element) - {"AWS", "Service", "Federated"}:
        return CANONICAL_USER
    parts = [text for text in _listed(element.get("AWS", [])) if "*" in text and text != "*"]
    return PART_OF_AN_ARN if parts else None


def _by_resource(texts: list[str], case: Case, *, variables: bool) -> Cause | None:
    if any(text != "*" and text.count(":") < 5 for text in texts):
        return SHORT_ARN
    return _by_variables(texts, case) if variables else None


def _by_variables(texts: list[str], case: Case) -> Cause | None:
    used = [key for key in case.request.context if any(f"${{{key}" in text for text in texts)]
    values = [case.request.context[key] for key in used]
    if any("*" in value for value in values if isinstance(value, str)):
        return WILD_VALUE
    return VALUELESS if any("${" in text for text in texts) else None


def _by_condition(operator: str, key: str, wanted: list[str], case: Case) -> Cause | None:
    value = case.request.context.get(key)
    if operator == "Null":
        return EMPTY_TEXT if value == "" else None
    if operator.startswith("Arn"):
        return NO_ARN if any(text.count(":") < 5 for text in wanted) else None
    shapes = {"Numeric": NO_NUMBER, "Date": NO_DATE}
    for family, cause in shapes.items():
        if operator.startswith(family):
            return cause if "soon" in {*wanted, value} else None
    if operator.startswith("Binary"):
        return NO_BASE64
    return _by_variables(wanted, case)


# --- where theirs is not certain ---------------------------------------------------------------


def _cause_of_their_doubt(case: Case, ours: Verdict) -> Cause | None:
    if ours.decision is Decision.DENIED and ours.layer == "rcp":
        return AWS_KEYS if case.request.action.startswith("kms:") else None
    checks: dict[Callable[[Case], bool], Cause] = {
        _names_everybody_under_limits: EVERYBODY,
        _compares_a_date_that_is_none: NO_DATE,
        _compares_what_is_no_base64: NO_BASE64,
    }
    return next((cause for check, cause in checks.items() if check(case)), None)


def _names_everybody_under_limits(case: Case) -> bool:
    policy = case.layers.resource
    if policy is None or not (case.layers.boundary or case.layers.session):
        return False
    return any(
        body.get("Principal") in ("*", {"AWS": "*"}) or "NotPrincipal" in body
        for body in policy.document["Statement"]
    )


def _conditions(case: Case) -> Iterator[tuple[str, str, list[str]]]:
    for policy in _policies(case):
        for body in policy.document["Statement"]:
            for operator, keys in body.get("Condition", {}).items():
                yield from ((operator, key, _listed(wanted)) for key, wanted in keys.items())


def _compares_a_date_that_is_none(case: Case) -> bool:
    context = case.request.context
    return any(
        o.startswith("Date") and context.get(key) == "soon" for o, key, _ in _conditions(case)
    )


def _compares_what_is_no_base64(case: Case) -> bool:
    return any(operator.startswith("Binary") for operator, _, _ in _conditions(case))


def _has_two_spellings(case: Case) -> bool:
    same = {"YQ==", "YR=="}  # both are the letter a
    return any(
        operator.startswith("Binary")
        and case.request.context.get(key, UNKNOWN_VALUE) in same
        and same & set(wanted)
        for operator, key, wanted in _conditions(case)
    )
