"""The documented examples, chapter by chapter."""

from tests.fidelity.iam import conditions, elements, evaluation, organizations, services, tags
from tests.fidelity.iam.example import Example, Page

EXAMPLES = tuple(
    one
    for chapter in (evaluation, elements, conditions, tags, organizations, services)
    for one in chapter.EXAMPLES
)

__all__ = ["EXAMPLES", "Example", "Page"]
