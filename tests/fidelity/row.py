"""A row of the table of fidelity, written beside the test that shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Test = Callable[..., None]


@dataclass(frozen=True)
class Row:
    """What AWS or GitHub documents, what the rehearsal does, and what follows where they differ."""

    area: str
    what: str
    documented: str
    """In AWS's or GitHub's words or their sense."""
    page: str
    rehearsal: str
    follows: str | None = None
    """What follows for whoever reads a report; None where the two are equal."""
    gap: str | tuple[str, str] | None = None
    """The entry of ``not_modelled`` that says so, or the key of ``overlay``."""

    @property
    def equal(self) -> bool:
        return self.follows is None


def row(  # noqa: PLR0913 - the columns of the table
    area: str,
    what: str,
    documented: str,
    page: str,
    rehearsal: str = "the same",
    *,
    follows: str | None = None,
    gap: str | tuple[str, str] | None = None,
) -> Callable[[Test], Test]:
    """Put a row beside the test that shows it."""

    def mark(test: Test) -> Test:
        setattr(test, "row", Row(area, what, documented, page, rehearsal, follows, gap))  # noqa: B010 - functions have no such field for a checker
        return test

    return mark


def rows_of(*modules: ModuleType) -> Iterator[Row]:
    """Give the rows of these modules, in the order in which their tests stand."""
    for module in modules:
        tests: list[Any] = [v for name, v in vars(module).items() if name.startswith("test_")]
        yield from (test.row for test in tests if hasattr(test, "row"))
