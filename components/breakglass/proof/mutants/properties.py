"""What somebody might do to a resource's properties, whatever its type.

Each value has the changes of its kind: a flag is flipped, a number made smaller and larger, a list
loses its members, an ARN is aimed elsewhere, a word becomes each other word that the provider
takes. Policies and patterns are looked into. What a property could hold and does not is in
`breakglass.proof.mutants.additions`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakglass.proof.declared import OUTSIDE
from breakglass.proof.graph import Resource
from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.patterns import of_pattern
from breakglass.proof.mutants.policies import is_policy, of_policy
from breakglass.proof.mutants.trees import DROPPED, Path, document, spelt

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "bypassMode": ("pull_request", "always", "exempt"),
    "comparisonOperator": (
        "GreaterThanThreshold",
        "GreaterThanOrEqualToThreshold",
        "LessThanThreshold",
    ),
    "enforcement": ("active", "disabled", "evaluate"),
    "mode": ("COMPLIANCE", "GOVERNANCE"),
    "objectOwnership": ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
    "sseAlgorithm": ("AES256", "aws:kms", "aws:kms:dsse"),
    "stat": ("Sum", "Maximum", "Minimum"),
    "state": ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    "statistic": ("Maximum", "Minimum", "SampleCount"),
    "status": ("Enabled", "Suspended"),
    "target": ("branch", "tag", "push"),
    "treatMissingData": ("notBreaching", "breaching", "ignore", "missing"),
    "type": ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"),
}
"""Properties that hold one of a few words, and the words."""

_ACCOUNT: Final = re.compile(r"\b\d{12}\b")


def of_resource(resource: Resource) -> Iterator[Change]:
    """Yield the changes of every property that a resource has."""
    for key, value in resource.inputs.items():
        yield Change((key,), DROPPED, "property dropped", f"{key} is not given")
        yield from _of_value((key,), value)


def _of_value(path: Path, value: Any) -> Iterator[Change]:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        yield Change(path, not value, "flag flipped", f"{spelt(path)} is {not value}")
    elif isinstance(value, int | float):
        for kind, number in (
            ("number lowered", value // 2 if value > 1 else value - 1),
            ("number raised", value * 10 + 1),
        ):
            yield Change(path, number, kind, f"{spelt(path)} is {number}, not {value}")
    elif isinstance(value, str):
        yield from _of_text(path, value)
    elif isinstance(value, Mapping):
        for key, below in value.items():
            here = (*path, key)
            yield Change(here, DROPPED, "property dropped", f"{spelt(here)} is not given")
            yield from _of_value(here, below)
    elif isinstance(value, list | tuple):
        yield from _of_list(path, value)


def _of_text(path: Path, text: str) -> Iterator[Change]:
    inner = document(text)
    if inner is None:
        for other in _other_texts(path, text):
            kind = "re-aimed" if text.startswith("arn:") else "word changed"
            yield Change(path, other, kind, f"{spelt(path)} is {other}, not {text}")
    elif is_policy(inner):
        yield from of_policy(inner, path)
    elif path[-1] == "eventPattern":
        yield from of_pattern(inner, path)
    else:
        yield from _of_value(path, inner)


def _other_texts(path: Path, text: str) -> Iterator[str]:
    words = WORDS.get(str(path[-1]), ())
    if text in words:
        yield from (word for word in words if word != text)
        return
    if text.startswith("arn:") and _ACCOUNT.search(text):
        yield _ACCOUNT.sub(OUTSIDE, text)
    yield f"{text}-else"


def _of_list(path: Path, values: list[Any] | tuple[Any, ...]) -> Iterator[Change]:
    if len(values) > 1:
        yield Change(path, [], "list emptied", f"{spelt(path)} is empty")
    for place, value in enumerate(values):
        here = (*path, place)
        yield Change(here, DROPPED, "member dropped", f"{spelt(here)} is gone: {_brief(value)}")
        yield from _of_value(here, value)


def _brief(value: object) -> str:
    text = str(value)
    most = 60
    return text if len(text) <= most else f"{text[:most]}..."
