"""What became of the mutants: who killed them, who survives, what none touched."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from breakglass.page.markup import Markup, Piece, code, tag, together
from breakglass.page.tables import Row, table
from breakglass.page.verdicts import KILLED, SURVIVING, Tone, chip, legend
from breakglass.proof.finding import Outcome

MEANINGS: Final[Mapping[str, str]] = {
    KILLED: "An invariant is not content with it.",
    SURVIVING: "No invariant notices: one is missing.",
    Outcome.NOT_PROVIDED: "No invariant holds it, since the organisation lacks the means.",
}
"""What each verdict says."""


COMMAND: Final = "breakglass rehearse --mutants --html FILE"
"""What makes a report with mutants in it."""


class Mutant(Protocol):
    """One change of what the program declares."""

    @property
    def name(self) -> str:
        """The resource, the place and the change."""

    @property
    def kind(self) -> str:
        """What sort of change it is."""

    @property
    def resource(self) -> str:
        """The name of the resource that is changed."""


class MutantResult(Protocol):
    """What became of one."""

    @property
    def mutant(self) -> Mutant:
        """The change."""

    @property
    def killed_by(self) -> str | None:
        """The invariant that was not content; None where none minded."""

    @property
    def verdict(self) -> Outcome:
        """``NOT PROVIDED`` where the organisation lacks the means to mind."""

    @property
    def reason(self) -> str:
        """What the invariant says, or what is lacking."""


class Hunt(Protocol):
    """A hunt, as a report needs it."""

    @property
    def results(self) -> Sequence[MutantResult]:
        """Every mutant."""

    @property
    def untouched_reads(self) -> Sequence[object]:
        """What invariants read and no mutant changed."""

    @property
    def seconds(self) -> float:
        """How long it took."""


def fate(result: MutantResult) -> str:
    """What became of a mutant, in a word."""
    if result.killed_by is not None:
        return KILLED
    return Outcome.NOT_PROVIDED if result.verdict is Outcome.NOT_PROVIDED else SURVIVING


def survivors(hunt: Hunt | None) -> tuple[MutantResult, ...]:
    """The mutants that no invariant noticed, though the organisation has the means."""
    return tuple(one for one in hunt.results if fate(one) == SURVIVING) if hunt else ()


def mutants_section(hunt: Hunt | None) -> Markup:
    """The hunt, or how to make one."""
    return tag("section", tag("h2", "Mutants"), _hunt(hunt) if hunt else _not_run(), id="mutants")


def _not_run() -> Markup:
    return tag(
        "p",
        chip("not run", Tone.LACKING),
        " No mutant was made: nothing here says what the invariants would notice. ",
        tag("code", COMMAND),
        " makes them.",
    )


def _hunt(hunt: Hunt) -> Markup:
    return together(
        tag(
            "p",
            "A mutant is what the program declares with one thing changed for the worse."
            f" {len(hunt.results)} were made and asked about in {hunt.seconds:.1f} s.",
        ),
        legend((fate(one) for one in hunt.results), MEANINGS),
        _survivors("Survivors", survivors(hunt)),
        _by_kind(hunt.results),
        _killers(hunt.results),
        _lacking([one for one in hunt.results if fate(one) == Outcome.NOT_PROVIDED]),
        _untouched(hunt.untouched_reads),
    )


def _survivors(title: str, results: Sequence[MutantResult]) -> Markup | None:
    if not results:
        return None
    return together(tag("h3", title), _listed(results, title))


def _listed(results: Iterable[MutantResult], caption: str) -> Markup:
    rows = (
        Row((one.mutant.resource, one.mutant.kind, one.mutant.name, one.reason), short=short)
        for one in results
        for short in [fate(one) == SURVIVING]
    )
    columns = ("resource", "kind", "what was changed", "why no invariant minds")
    return table("listed-mutants", columns, rows, caption=caption)


def _by_kind(results: Sequence[MutantResult]) -> Markup:
    counts: dict[str, Counter[str]] = {}
    for one in results:
        counts.setdefault(one.mutant.kind, Counter())[fate(one)] += 1
    rows = (
        Row(
            (kind, count.total(), count[KILLED], count[SURVIVING], count[Outcome.NOT_PROVIDED]),
            short=bool(count[SURVIVING]),
        )
        for kind, count in sorted(counts.items(), key=_most_first)
    )
    columns = ("kind", "made", "killed", "surviving", "not provided")
    made = table("kinds", columns, rows, caption="Mutants by kind")
    return _folded(f"By kind ({len(counts)})", made)


def _most_first(entry: tuple[str, Counter[str]]) -> tuple[int, str]:
    return -entry[1].total(), entry[0]


def _killers(results: Sequence[MutantResult]) -> Markup:
    """How many mutants each invariant was the first to notice."""
    counts = Counter(one.killed_by for one in results if one.killed_by is not None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = (Row((name.replace("_", " "), count)) for name, count in ordered)
    killers = table("killers", ("invariant", "killed first"), rows, caption="Mutants by invariant")
    return _folded(f"By the invariant that notices first ({len(counts)})", killers)


def _lacking(results: Sequence[MutantResult]) -> Markup | None:
    if not results:
        return None
    return _folded(f"Not provided ({len(results)})", _listed(results, "Mutants not provided"))


def _untouched(reads: Sequence[object]) -> Markup:
    """What invariants read and no mutant changed: what they would notice there is not shown."""
    if not reads:
        return tag("p", "Everything that an invariant reads was changed by some mutant.")
    items = tag("ul", (tag("li", code(str(one))) for one in reads))
    return _folded(f"Read by invariants and changed by no mutant ({len(reads)})", items)


def _folded(title: str, body: Piece) -> Markup:
    return tag("details", tag("summary", tag("h3", title)), body)
