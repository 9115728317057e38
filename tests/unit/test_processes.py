"""Work in a copy of this process."""

import os
import signal
import sys

import pytest

from breakglass import processes
from breakglass.errors import BreakGlassError, InvalidInput
from breakglass.processes import beside, copied, ended_with_us


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 2)


def test_work_is_done_in_another_process_and_its_result_is_handed_back() -> None:
    assert beside(os.getpid)() != os.getpid()


def test_what_a_copy_changes_stays_with_it() -> None:
    seen = ["before"]

    def change() -> list[str]:
        seen.append("in the copy")
        return seen

    assert beside(change)() == ["before", "in the copy"]
    assert seen == ["before"]


def test_what_the_work_raises_is_raised_where_its_result_is_asked_for() -> None:
    def fail() -> None:
        raise BreakGlassError("no such vault")

    result = beside(fail)
    with pytest.raises(BreakGlassError, match="no such vault"):
        result()


def test_a_copy_that_ends_without_a_result_is_an_error() -> None:
    result = beside(lambda: os._exit(7))
    with pytest.raises(BreakGlassError, match=r"without a result \(exit code 7\)"):
        result()


def test_several_copies_work_at_once() -> None:
    results = [beside(lambda number=number: number * number) for number in range(4)]
    assert [result() for result in results] == [0, 1, 4, 9]


def test_with_one_core_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    assert beside(os.getpid)() == os.getpid()


def test_an_error_of_the_kit_comes_back_whole() -> None:
    def refuse() -> None:
        error = InvalidInput("days", 0, "1 or more")
        error.add_note("of the vault")
        raise error

    result = beside(refuse)
    with pytest.raises(InvalidInput, match="days: 0 is not accepted; give 1 or more") as raised:
        result()
    assert (raised.value.seen, raised.value.__notes__) == (0, ["of the vault"])


def test_a_copy_ends_after_its_work_and_says_what_went_wrong(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise BreakGlassError("no such vault")

    ends = [os.waitpid(copied(work), 0)[1] for work in (lambda: None, fail)]
    assert [os.waitstatus_to_exitcode(end) for end in ends] == [0, 1]
    assert "no such vault" in capfd.readouterr().err


def test_a_copy_and_what_it_started_end_with_us() -> None:
    reading, writing = os.pipe()

    def sleep() -> None:
        os.close(reading)
        copied(signal.pause)
        signal.pause()

    with ended_with_us(sleep):
        os.close(writing)
    with os.fdopen(reading, "rb") as end:
        assert end.read() == b""  # nobody has the other end any more


def test_a_copy_ends_where_it_was_made_also_when_it_cannot_say_what_went_wrong() -> None:
    def fail() -> None:
        sys.stdout = sys.stderr = None  # type: ignore[assignment]
        raise BreakGlassError("no such vault")

    _, end = os.waitpid(copied(fail), 0)
    assert os.waitstatus_to_exitcode(end) == 1


def test_a_copy_ends_well_where_nobody_reads_what_it_printed() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    def tell() -> None:
        sys.stdout = os.fdopen(writing, "w")
        sys.stdout.write("all is well")

    _, end = os.waitpid(copied(tell), 0)
    os.close(writing)
    assert os.waitstatus_to_exitcode(end) == 0


def test_a_copy_has_nothing_to_read_and_is_not_interrupted_with_us() -> None:
    reading, writing = os.pipe()

    def tell() -> None:
        os.write(writing, f"{os.getsid(0) == os.getpid()} {os.read(0, 1)!r}".encode())

    with ended_with_us(tell), os.fdopen(reading, "rb") as told:
        os.close(writing)
        assert told.read() == b"True b''"
