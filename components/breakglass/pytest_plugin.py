"""A pytest plugin that holds a Pulumi program against the invariants, in three lines of a test.

::

    def test_topology(breakglass_check):
        breakglass_check("infra", stack="prod").holds(
            except_=[Exemption("enforce_admins_holds", "docs", "no deploys", date(2027, 1, 31))]
        )

pytest loads this module in every project that has the kit installed, so it imports nothing of it
before a test asks.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from breakglass.checking import CheckReport, Exemption

_MOST = 20
"""So many things that fall short are told of one program."""


class Checked:
    """A program to be held against the invariants."""

    def __init__(self, ask: "Callable[[Iterable[Exemption], Iterable[str]], CheckReport]") -> None:
        self._ask = ask

    def report(self, *only: str, except_: "Iterable[Exemption]" = ()) -> "CheckReport":
        """Return the report, whatever it says; of the invariants ``only``, of all when omitted."""
        return self._ask(except_, only)

    def holds(self, *only: str, except_: "Iterable[Exemption]" = ()) -> "CheckReport":
        """Fail the test unless nothing falls short; return the report otherwise.

        ``only`` are names of invariants, all when omitted. ``except_`` are exceptions: one that has
        expired fails the test, one that matches nothing is a warning.
        """
        __tracebackhide__ = True
        report = self._ask(except_, only)
        if report.falls_short:
            pytest.fail(_told(report), pytrace=False)
        for one in report.unused:
            said = f"{one} until {one.until} matches nothing: it can go"
            warnings.warn(said, pytest.PytestWarning, stacklevel=2)
        return report


class Check(Protocol):
    """What the fixture gives."""

    def __call__(
        self,
        program: str | Path,
        *,
        stack: str | Iterable[str],
        org: str | Path | None = None,
        config: Mapping[str, str] | None = None,
        today: date | None = None,
    ) -> Checked:
        """Record a program, in a process of its own: see `breakglass.checking.run_check`.

        Paths are taken from pytest's root folder; ``today`` is for tests of one's exceptions.
        """


@pytest.fixture
def breakglass_check(request: pytest.FixtureRequest) -> Check:
    """Hold a Pulumi program in Python against the invariants, without a cloud."""
    root = request.config.rootpath

    def check(
        program: str | Path,
        *,
        stack: str | Iterable[str],
        org: str | Path | None = None,
        config: Mapping[str, str] | None = None,
        today: date | None = None,
    ) -> Checked:
        from breakglass.checking import run_check  # noqa: PLC0415 - see above

        stacks = (stack,) if isinstance(stack, str) else tuple(stack)

        def ask(except_: "Iterable[Exemption]", only: Iterable[str]) -> "CheckReport":
            return run_check(
                root / program,
                stacks,
                today=today or datetime.now(tz=UTC).date(),
                config=config,
                org=None if org is None else root / org,
                exemptions=tuple(except_),
                only=tuple(only),
            )

        return Checked(ask)

    return check


def _told(report: "CheckReport") -> str:
    """Each thing that falls short, with its line."""
    found = [
        f"{one.verdict.value} {one.invariant}\n    {_placed(one.source, one.text)}"
        for one in report.shortfalls
    ]
    found += [f"exception expired on {one.until}: {one} ({one.reason})" for one in report.expired]
    more = [f"... and {len(found) - _MOST} more"] if len(found) > _MOST else []
    title = f"{report.program} ({', '.join(report.stacks)}) falls short"
    return "\n".join([title, *(f"  {line}" for line in [*found[:_MOST], *more])])


def _placed(source: str, text: str) -> str:
    from breakglass.errors import visible  # noqa: PLC0415 - see above

    return visible(text if not source or source in text else f"{source}: {text}")
