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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from breakglass.checking import CheckReport, Exemption

_MOST = 20
"""So many things that fall short are told of one program."""


class Checked:
    """A program to be held against the invariants; who makes one has to ask it something."""

    def __init__(
        self, call: str, ask: "Callable[[tuple[Exemption, ...], tuple[str, ...]], CheckReport]"
    ) -> None:
        self.call = call
        """How the test made it, to be told where it asks nothing."""
        self.asked = False
        self._ask = ask

    def report(self, *only: str, except_: "Exemption | Iterable[Exemption]" = ()) -> "CheckReport":
        """Return the report, whatever it says; of the invariants ``only``, of all when omitted.

        Fails the test, with the words alone, where the program or what is asked is at fault.
        """
        self.asked = True
        with _words_alone():
            return self._ask(_exemptions(except_), only)

    def holds(self, *only: str, except_: "Exemption | Iterable[Exemption]" = ()) -> "CheckReport":
        """Fail the test unless nothing falls short; return the report otherwise.

        ``only`` are names of invariants, all when omitted. ``except_`` is an exception or several:
        one that has expired fails the test, one that matches nothing is a warning.
        """
        __tracebackhide__ = True
        report = self.report(*only, except_=except_)
        if report.falls_short:
            pytest.fail(_told(report), pytrace=False)
        for one in report.unused:
            said = f"{one} until {one.until} matches nothing: it can go"
            warnings.warn(said, pytest.PytestWarning, stacklevel=2)
        return report


@contextmanager
def _words_alone() -> Iterator[None]:
    """Fail the test with what the kit refuses: the way through its source helps nobody."""
    from breakglass.errors import BreakGlassError  # noqa: PLC0415 - see above

    try:
        yield
    except BreakGlassError as error:
        said = "\n".join([str(error), *getattr(error, "__notes__", ())])
    else:
        return
    pytest.fail(said, pytrace=False)


def _exemptions(given: "Exemption | Iterable[Exemption]") -> "tuple[Exemption, ...]":
    from breakglass.checking import Exemption  # noqa: PLC0415 - see above
    from breakglass.errors import InvalidInput  # noqa: PLC0415 - see above

    found = (given,) if isinstance(given, Exemption) else tuple(given)
    for one in found:
        if not isinstance(one, Exemption):
            accepted = "Exemption(invariant, resource, reason, until)"
            raise InvalidInput("except_", one, accepted)
    return found


def _stacks(given: str | Iterable[str]) -> tuple[str, ...]:
    from breakglass.errors import InvalidInput  # noqa: PLC0415 - see above

    stacks = (given,) if isinstance(given, str) else tuple(given)
    if not stacks or not all(stacks):
        raise InvalidInput("stack", given, 'the name of a stack, such as "prod", or of several')
    return stacks


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
def breakglass_check(request: pytest.FixtureRequest) -> Iterator[Check]:
    """Hold a Pulumi program in Python against the invariants, without a cloud.

    A test that names a program and forgets ``.holds()`` would pass: it fails when it ends.
    """
    root = request.config.rootpath
    made: list[Checked] = []

    def check(
        program: str | Path,
        *,
        stack: str | Iterable[str],
        org: str | Path | None = None,
        config: Mapping[str, str] | None = None,
        today: date | None = None,
    ) -> Checked:
        from breakglass.checking import run_check  # noqa: PLC0415 - see above

        with _words_alone():
            stacks = _stacks(stack)

        def ask(except_: "tuple[Exemption, ...]", only: tuple[str, ...]) -> "CheckReport":
            return run_check(
                root / program,
                stacks,
                today=today or datetime.now(tz=UTC).date(),
                config=config,
                org=None if org is None else root / org,
                exemptions=except_,
                only=only,
            )

        checked = Checked(f"breakglass_check({str(program)!r}, stack={stack!r})", ask)
        made.append(checked)
        return checked

    yield check
    forgotten = [f"{one.call} was asked nothing: add .holds()" for one in made if not one.asked]
    if forgotten:
        pytest.fail("\n".join(forgotten), pytrace=False)


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
