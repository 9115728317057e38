"""An exception has a reason and an end; without them, or after it, it is none."""

from datetime import date
from pathlib import Path

import pytest
from foreign import SOUND, Checked, changed

from breakglass.checking import Exemption
from breakglass.checking.exemptions import load
from breakglass.errors import InvalidInput

WEAK = changed("enforce_admins=True", "enforce_admins=False")
END = date(2026, 12, 31)


def exempt(resource: str = "protection", until: date = END) -> Exemption:
    return Exemption("enforce_admins_holds", resource, "the team is two people", until)


def test_an_exception_lets_pass_what_it_names(checked: Checked) -> None:
    report = checked(WEAK, exempt())
    assert not report.falls_short
    assert [one.exemption for one in report.exempted] == [exempt()]
    assert report.unused == ()


@pytest.mark.parametrize("resource", ["protect*", "*", "protectio?"])
def test_a_pattern_names_it_too(checked: Checked, resource: str) -> None:
    assert not checked(WEAK, exempt(resource)).falls_short


def test_an_exception_for_another_resource_lets_nothing_pass_and_is_told(checked: Checked) -> None:
    report = checked(WEAK, exempt("other"))
    assert report.falls_short
    assert report.unused == (exempt("other"),)


def test_an_exception_holds_to_the_end_of_its_day(checked: Checked) -> None:
    assert not checked(WEAK, exempt(until=date(2026, 11, 22))).falls_short


def test_an_exception_that_has_expired_fails(checked: Checked) -> None:
    late = exempt(until=date(2026, 11, 21))
    report = checked(WEAK, late)
    assert report.falls_short
    assert report.expired == (late,)
    assert [one.invariant for one in report.shortfalls] == ["enforce_admins_holds"]


def test_an_expired_exception_fails_though_nothing_needs_it_any_more(checked: Checked) -> None:
    report = checked(SOUND, exempt(until=date(2020, 1, 1)))
    assert report.shortfalls == ()
    assert report.falls_short


def test_what_is_undecided_besides_is_not_let_pass_by_an_exception_for_the_rest(
    checked: Checked,
) -> None:
    """Behind a counterexample that is exempted another one may stand undecided."""
    program = changed("max_session_duration=3600", "max_session_duration=7200")
    weak = {"Version": "2012-10-17", "Statement": []}
    for_the_hour = Exemption("no_session_over_an_hour", "entry", "long incidents", END)
    report = checked(program, for_the_hour, emergency_trust=weak)
    left = [one for one in report.shortfalls if one.invariant == "no_session_over_an_hour"]
    assert {one.verdict for one in left} == {"UNKNOWN"}


def test_a_misspelt_invariant_lists_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="enforce_admins_holds"):
        Exemption("enforce_admin_holds", "*", "why", END)


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_exception_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        Exemption("enforce_admins_holds", "*", reason, END)


YAML = """
exceptions:
  - invariant: enforce_admins_holds
    resource: protection
    reason: the team is two people
    until: 2026-12-31
"""
TOML = """
[[tool.breakglass.exceptions]]
invariant = "enforce_admins_holds"
resource = "protection"
reason = "the team is two people"
until = 2026-12-31
"""


@pytest.mark.parametrize(("name", "text"), [("e.yaml", YAML), ("pyproject.toml", TOML)])
def test_exceptions_are_read_from_a_file(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert load(file) == [exempt()]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    until: 2026-12-31\n", "", r"exceptions\[0\]\.until"),
        ("until: 2026-12-31", "until: soon", "a day, such as"),
        ("reason:", "raeson:", r"exceptions\[0\]\.reason"),
        ("    reason: the team is two people\n", "", r"exceptions\[0\]\.reason"),
        ("enforce_admins_holds", "enforce_admins_hold", "enforce_admins_holds"),
        ("exceptions:", "exception:", "exceptions"),
        ("resource: protection", "resource: 7", "resource"),
        ("    until:", "    forever: true\n    until:", "forever"),
    ],
)
def test_a_file_with_anything_else_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = tmp_path / "e.yaml"
    file.write_text(YAML.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match=words):
        load(file)


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        load(tmp_path / "nowhere.yaml")
