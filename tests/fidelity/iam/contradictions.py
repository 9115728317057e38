"""Where a page of AWS contradicts another, or itself: what stands there, and what is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.fidelity.iam.conditions import MULTIVALUED, OPERATORS
from tests.fidelity.iam.elements import NOT_ACTION, NOT_PRINCIPAL, VARIABLES
from tests.fidelity.iam.evaluation import SINGLE
from tests.fidelity.iam.example import (
    ALLOWED,
    DENIED,
    FULL,
    ONE,
    SOMEBODY,
    TWO,
    UNKNOWN,
    Decision,
    Example,
    Page,
    allow,
    deny,
    example,
    named,
    role,
)


@dataclass(frozen=True)
class Contradiction:
    """One place; ``taken.aws`` is what the evaluator answers."""

    taken: Example
    there: Decision | None
    """What the page says of the request; None where it says two things."""
    against: Page
    why: str


_PATHS = "aws:ResourceOrgPaths"
_UNITS = ["o-acorg/r-acroot/ou-acroot-mediaou/", "o-acorg/r-acroot/ou-acroot-sportsou/*"]
_SOURCES = "logs:LogGeneratingResourceArns"
_DISTRIBUTION = "arn:aws::cloudfront:123456789012:distribution"


def _paths(
    says: str, context: Mapping[str, list[str]], taken: Decision, there: Decision
) -> Contradiction:
    body = deny("s3:*", condition={"ForAllValues:StringNotLike": {_PATHS: _UNITS}})
    return Contradiction(
        example(
            OPERATORS,
            f"a Deny with ForAllValues:StringNotLike on the paths of units: {says}",
            taken,
            SOMEBODY,
            "s3:GetObject",
            context=context,
            identity=[FULL, body],
        ),
        there,
        MULTIVALUED,
        "The table is the wrong way round: the operator is true when no value matches, and without"
        " the key, as the other page's table has it.",
    )


def _contradictions() -> Iterator[Contradiction]:
    sports, media = _UNITS[1].replace("*", "costcenter/"), f"{_UNITS[0]}costcenter/"
    yield _paths("one below the second", {_PATHS: [sports]}, ALLOWED, DENIED)
    yield _paths("one below the first", {_PATHS: [media]}, DENIED, ALLOWED)
    yield _paths("no such key", {}, DENIED, ALLOWED)
    arns = [f"{_DISTRIBUTION}/*", f"{_DISTRIBUTION}/support*"]
    yield Contradiction(
        example(
            OPERATORS,
            "ForAllValues:ArnLike distribution/*, and a distribution called admin",
            ALLOWED,
            SOMEBODY,
            "logs:PutDeliverySource",
            context={_SOURCES: [f"{_DISTRIBUTION}/costcenter", f"{_DISTRIBUTION}/admin"]},
            identity=[allow(condition={"ForAllValues:ArnLike": {_SOURCES: arns}})],
        ),
        DENIED,
        OPERATORS,
        "The first pattern of the same example, distribution/*, matches it.",
    )
    yield Contradiction(
        example(
            NOT_ACTION,
            "ListAllMyBuckets, allowed on arn:aws:s3:::*",
            DENIED,
            SOMEBODY,
            "s3:ListAllMyBuckets",
            "*",
            identity=[allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")],
        ),
        None,
        SINGLE,
        "One page says that the action needs the resource *, others grant it on arn:aws:s3:::*."
        " The stricter is taken.",
    )
    yield Contradiction(
        example(
            OPERATORS,
            "a policy variable under Bool",
            UNKNOWN,
            SOMEBODY,
            "s3:GetObject",
            context={"aws:a": "true", "aws:b": "true"},
            identity=[allow(condition={"Bool": {"aws:a": "${aws:b}"}})],
        ),
        None,
        VARIABLES,
        "One page has it supported, the other not.",
    )
    yield Contradiction(
        example(
            VARIABLES,
            "a text that matches beside a variable without value",
            UNKNOWN,
            SOMEBODY,
            "s3:GetObject",
            "arn:aws:s3:::b/x",
            identity=[allow(resource=["arn:aws:s3:::b/x", "arn:aws:s3:::b/${aws:username}"])],
        ),
        None,
        VARIABLES,
        'The note on top says that the statement "might" be invalid, a section below that the'
        " variable equals nothing.",
    )
    yield Contradiction(
        example(
            NOT_PRINCIPAL,
            "a role with a boundary that a Deny with NotPrincipal names",
            UNKNOWN,
            role("audit"),
            "s3:GetObject",
            "arn:aws:s3:::b/x",
            identity=[FULL],
            boundary=[FULL],
            resource_policy=[
                *named("*", FULL),
                deny(NotPrincipal={"AWS": [role("audit").arn, f"arn:aws:iam::{ONE}:root", TWO]}),
            ],
        ),
        DENIED,
        NOT_PRINCIPAL,
        "The page says that such a role is always denied, and how to write the exception all the"
        " same. NotPrincipal is left open everywhere; the kit writes none.",
    )


CONTRADICTIONS = tuple(_contradictions())
