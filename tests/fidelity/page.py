"""The page of fidelity, put together from the rows, examples and causes of this folder."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tests.fidelity import (
    test_rows_of_alarms,
    test_rows_of_github,
    test_rows_of_limits,
    test_rows_of_policies,
    test_rows_of_records,
    test_rows_of_sessions,
)
from tests.fidelity.disagreements import CAUSES
from tests.fidelity.event_patterns import DIFFERENCES, ON_THE_SAMPLE, RULER
from tests.fidelity.event_patterns import EXAMPLES as EVENT_EXAMPLES
from tests.fidelity.iam import EXAMPLES, Page
from tests.fidelity.iam.contradictions import CONTRADICTIONS
from tests.fidelity.row import Row, rows_of

PATH: Final = "docs/explanation/fidelity.md"

ROWS: Final[Sequence[Row]] = tuple(
    rows_of(
        test_rows_of_sessions,
        test_rows_of_policies,
        test_rows_of_records,
        test_rows_of_alarms,
        test_rows_of_limits,
        test_rows_of_github,
    )
)

_PAGE: Final = """\
# Fidelity of the emulation

<!-- written by `make docs` from tests/fidelity -->

What a rehearsal says is worth as much as the emulation is like AWS and GitHub. Here stands, row by
row, what they document, and what the rehearsal does. Each row has a test in `tests/fidelity`; so
has each example, cause and law below. Nothing was compared with live AWS: "equal" means equal to
the page.

{rows} rows, {equal} of them equal. The others are in [what is not modelled](not-modelled.md), which
every report repeats.
{areas}
## How policies are decided

`breakglass.proof.evaluate` decides {examples} examples from these {pages} pages as they say: their
tables and scenarios, and beside them what changes one thing. What a page leaves open is UNKNOWN,
which is a failure everywhere. The pages were read in copies: those on conditions and
organisations of 2026, most others of May 2023.

{covered}

### Where pages contradict each other

{contradictions}

### Laws

These hold for generated policies and requests (`BREAKGLASS_SEARCH=20 make test` searches longer):

- how a statement is written decides nothing: its Sid, the order of statements and lists, saying a
  thing twice, one text or a list of one, the case of actions and of the names of keys, one
  statement for each action or resource;
- names and order of policies decide nothing, nor does a key that no policy reads;
- a Deny in any layer, a boundary, a session policy, a level of SCPs or of RCPs never allows more;
- an Allow in an identity policy or an SCP never denies more;
- what is denied and allowed by the same words is never allowed;
- an answer that is certain while keys are unknown is the answer for every value of them, and
  without them;
- an evaluator that is kept for many requests says what a fresh one says, in whatever order.

### Another evaluator

Where [reach-security](https://pypi.org/project/reach-security/) 0.2.1 is installed
(`requirements/differential.in`: AGPL, optional, used by these tests alone), both are asked
thousands of generated questions, and the examples above. They differ for these reasons; a
difference for another reason fails the tests. In the rows with an asterisk one allows what the
other denies; elsewhere one of the two is only less certain.

{causes}

## How event patterns are matched

`breakglass.patterns` matches the {event_examples} examples of the pages on event patterns and of
[Event Ruler]({ruler}), AWS's own matcher, as they say. Against moto's matcher, over thousands of
generated patterns and events, it differs in these cases and in no others:

{differences}
"""


def page() -> str:
    """The whole page."""
    counted = Counter(one.page for one in EXAMPLES)
    return _PAGE.format(
        rows=len(ROWS),
        equal=sum(one.equal for one in ROWS),
        areas="".join(_area(area) for area in dict.fromkeys(one.area for one in ROWS)),
        examples=len(EXAMPLES),
        pages=len(counted),
        covered=_table(
            ("page", "examples"), ((_link(one), str(count)) for one, count in counted.items())
        ),
        contradictions=_table(
            ("what", "the page", "taken", "why"),
            (
                (
                    f"[{_cell(one.taken.says)}]({one.taken.page.address})",
                    str(one.there or "both"),
                    str(one.taken.aws),
                    f"{one.why} ({_link(one.against)})",
                )
                for one in CONTRADICTIONS
            ),
        ),
        causes=_table(
            ("what", "ours", "the other", "why"),
            (
                (
                    _cell(f"{one.name}{' *' if one.opposed else ''}"),
                    one.ours,
                    one.theirs,
                    f"{one.why} ({_link(one.page)})",
                )
                for one in CAUSES
            ),
        ),
        event_examples=len(EVENT_EXAMPLES) + len(ON_THE_SAMPLE),
        ruler=RULER.address,
        differences=_table(
            ("what", "ours", "moto", "why"),
            (
                (name, one.ours, one.moto, f"{one.why} ({_link(one.page)})")
                for name, one in DIFFERENCES.items()
            ),
        ),
    )


def _area(area: str) -> str:
    rows = [one for one in ROWS if one.area == area]
    table = _table(
        ("what", "documented", "in a rehearsal", "equal; if not, what follows"),
        (
            (
                one.what,
                f"[{_cell(one.documented)}]({one.page})",
                one.rehearsal,
                "yes" if one.follows is None else f"**no.** {one.follows}",
            )
            for one in rows
        ),
    )
    return f"\n## {area}\n\n{table}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(head, rows))


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _link(one: Page) -> str:
    return f"[{one.title}]({one.address})"


def _cell(text: str) -> str:
    """Keep Markdown from reading what is meant as text."""
    return text.replace("*", "\\*").replace("|", "\\|").replace("_", "\\_").replace("<", "\\<")
