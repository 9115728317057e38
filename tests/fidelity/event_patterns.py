"""Why our matcher and moto's answer differently, with the pages on it; and the pages' examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.fidelity.event_dice import (
    ALL_ADDRESSES,
    DOTS,
    EMPTY,
    FLOATS,
    HOST_BITS,
    LINE_BREAKS,
    NESTED_LISTS,
    OBJECTS_IN_LISTS,
    TRUTHS,
    TWICE,
    TWO_WILDCARDS,
    UNKNOWN_OPERATOR,
)
from tests.fidelity.iam.example import Page

_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"

SYNTAX = Page("Creating event patterns", f"{_EVENTS}eb-event-patterns.html")
OPERATORS = Page("Comparison operators", f"{_EVENTS}eb-create-pattern-operators.html")
ARRAYS = Page("Arrays in event patterns", f"{_EVENTS}eb-event-patterns-arrays.html")
NULLS = Page("Null values and empty strings", f"{_EVENTS}eb-event-patterns-null-values.html")
RULER = Page("Event Ruler", "https://github.com/aws/event-ruler")


@dataclass(frozen=True)
class Difference:
    """What ours does with a peculiar case, what moto does, and which page decides."""

    ours: str
    moto: str
    page: Page
    why: str


DIFFERENCES: Final[Mapping[str, Difference]] = {
    FLOATS: Difference(
        "2 and 2.0 differ",
        "they are equal",
        SYNTAX,
        'Numbers are compared by "string representation". Ours follows the page.',
    ),
    TRUTHS: Difference(
        "true and false are no numbers",
        "they are one and nought",
        SYNTAX,
        "They are keywords of JSON, and numeric looks at numbers. Ours follows the page.",
    ),
    OBJECTS_IN_LISTS: Difference(
        "one object of the list must match by itself",
        "does not look inside",
        RULER,
        "Fields in different elements of one list do not match together. Ours follows it.",
    ),
    NESTED_LISTS: Difference(
        "a list inside a list is crushed",
        "does not look inside",
        RULER,
        '"This works for multi-level arrays too". Ours follows it.',
    ),
    EMPTY: Difference(
        "an empty list or object is no leaf",
        "it exists",
        RULER,
        "exists looks at leaves alone. Ours follows it.",
    ),
    LINE_BREAKS: Difference(
        "a wildcard matches a line break",
        "it stops there",
        OPERATORS,
        "A wildcard stands for any characters. Ours follows the page.",
    ),
    HOST_BITS: Difference(
        "the network that the address is in",
        "never matches",
        RULER,
        "The range is computed from the address. Ours follows it.",
    ),
    TWICE: Difference(
        "refused",
        "both must match",
        RULER,
        '"Path cannot be allowed multiple times". Ours follows it.',
    ),
    UNKNOWN_OPERATOR: Difference(
        "refused",
        "always matches",
        OPERATORS,
        "The page lists the operators. Ours follows it.",
    ),
    TWO_WILDCARDS: Difference(
        "refused",
        "taken for one",
        OPERATORS,
        "Consecutive wildcards are not allowed. Ours follows the page.",
    ),
    ALL_ADDRESSES: Difference(
        "a number is no address",
        "a number counts as one",
        RULER,
        "cidr compares addresses in texts. Ours follows it.",
    ),
    DOTS: Difference(
        "a name with a dot",
        "a way into an object",
        RULER,
        'Both match today, which "should not be relied upon". Ours takes the name as it stands.',
    ),
}


SAMPLE: Final[dict[str, Any]] = {
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2017-10-02T16:24:49Z",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
    "detail": {
        "c-count": 5,
        "d-count": 3,
        "x-limit": 301.8,
        "source-ip": "10.0.0.33",
        "instance-id": "i-000000aaaaaa00000",
        "state": "running",
    },
}
"""The event of Event Ruler's page, which all its patterns match."""

ON_THE_SAMPLE: Final[tuple[dict[str, Any], ...]] = (
    {"resources": SAMPLE["resources"], "detail": {"state": ["initializing", "running"]}},
    {"time": [{"prefix": "2017-10-02"}]},
    {"detail-type": [{"prefix": {"equals-ignore-case": "ec2"}}]},
    {"source": [{"suffix": "ec2"}]},
    {"source": [{"suffix": {"equals-ignore-case": "EC2"}}]},
    {"source": [{"equals-ignore-case": "AWS.EC2"}]},
    {"source": [{"wildcard": "a*s.*2"}]},
    {"detail": {"state": [{"anything-but": "initializing"}]}},
    {"detail": {"x-limit": [{"anything-but": 123}]}},
    {"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}},
    {"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}},
    {"detail": {"state": [{"anything-but": {"prefix": "init"}}]}},
    {"detail": {"state": [{"anything-but": {"prefix": ["init", "error"]}}]}},
    {"detail": {"instance-id": [{"anything-but": {"suffix": "1234"}}]}},
    {"detail": {"instance-id": [{"anything-but": {"suffix": ["1234", "6789"]}}]}},
    {"detail": {"state": [{"anything-but": {"equals-ignore-case": "Stopped"}}]}},
    {"detail": {"state": [{"anything-but": {"equals-ignore-case": ["Stopped", "Lost"]}}]}},
    {"detail": {"state": [{"anything-but": {"wildcard": "*/bin/*.jar"}}]}},
    {"detail": {"state": [{"anything-but": {"wildcard": ["*/bin/*.jar", "*/bin/*.class"]}}]}},
    {
        "detail": {
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"numeric": ["=", 3.018e2]}],
        }
    },
    {"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}},
    {"detail": {"c-count": [{"exists": True}]}},
    {"detail": {"e-count": [{"exists": False}]}},
    {
        "time": [{"prefix": "2017-10-02"}],
        "detail": {
            "state": [{"anything-but": "initializing"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "source-ip": [{"cidr": "10.0.0.0/8"}],
        },
    },
    {"source": ["aws.ec2"], "$or": [{"time": ["never"]}, {"detail": {"state": ["running"]}}]},
)

_PEOPLE: Final = {
    "employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith"},
        {"firstName": "Peter", "lastName": "Jones"},
    ]
}
_ALARM: Final[Mapping[str, Any]] = {"source": ["aws.cloudwatch"]}
_EITHER: Final = [
    {"metricName": ["CPUUtilization", "ReadLatency"]},
    {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]},
    {"scope": ["Service"]},
]

EXAMPLES: Final[tuple[tuple[Page, str, dict[str, Any], dict[str, Any], bool], ...]] = (
    (SYNTAX, "300 and 300.0", {"x": [300]}, {"x": 300.0}, False),
    (SYNTAX, "300.0 and 300.0", {"x": [300.0]}, {"x": 300.0}, True),
    (SYNTAX, "null", {"x": [None]}, {"x": None}, True),
    (SYNTAX, "a field in other case", {"x": ["Alice"]}, {"x": "alice"}, False),
    (SYNTAX, "a field that the pattern leaves out", {"x": ["1"]}, {"x": "1", "y": "2"}, True),
    (SYNTAX, "a field that the event lacks", {"x": ["1"], "y": ["2"]}, {"x": "1"}, False),
    (NULLS, "an empty text", {"x": [""]}, {"x": ""}, True),
    (NULLS, "null is no empty text", {"x": [None]}, {"x": ""}, False),
    (NULLS, "a text is no null", {"x": [""]}, {"x": None}, False),
    (ARRAYS, "one in common", {"x": ["a", "b"]}, {"x": ["b", "c"]}, True),
    (ARRAYS, "none in common", {"x": ["a", "b"]}, {"x": ["c", "d"]}, False),
    (RULER, "Anna", {"employees": {"firstName": ["Anna"]}}, _PEOPLE, True),
    (
        RULER,
        "Anna Jones",
        {"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}},
        _PEOPLE,
        False,
    ),
    (
        RULER,
        "Anna in a list of lists",
        {"employees": {"firstName": ["Anna"]}},
        {"employees": [_PEOPLE["employees"][:2], _PEOPLE["employees"][2:]]},
        True,
    ),
    (
        RULER,
        "c-count is no leaf",
        {"c-count": [{"exists": False}]},
        {"c-count": {"c1": 100}},
        True,
    ),
    (
        RULER,
        "either: the first",
        {**_ALARM, "$or": _EITHER},
        {"source": "aws.cloudwatch", "metricName": "ReadLatency"},
        True,
    ),
    (
        RULER,
        "either: half of the second",
        {**_ALARM, "$or": _EITHER},
        {"source": "aws.cloudwatch", "metricType": "MetricType"},
        False,
    ),
    (
        RULER,
        "either: the whole second",
        {**_ALARM, "$or": _EITHER},
        {"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/ES"},
        True,
    ),
    (
        RULER,
        "either: another source",
        {**_ALARM, "$or": _EITHER},
        {"source": "aws.ec2", "scope": "Service"},
        False,
    ),
)
