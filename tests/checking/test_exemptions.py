"""An exception has a reason and an end; without them, or after it, it is none."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from foreign import SOUND, Checked, changed

from breakglass.checking import Exemption
from breakglass.checking.exemptions import KEYS, SHORTEST_REASON, load
from breakglass.documents import trust
from breakglass.errors import BreakGlassError, InvalidInput, InvalidInputs
from breakglass.proof.graph import Resource

WEAK = changed("enforce_admins=True", "enforce_admins=False")
END = date(2026, 12, 31)


def exempt(resource: str = "protection", until: date = END) -> Exemption:
    return Exemption("enforce_admins_holds", resource, "the team is two people", until)


def named(name: str) -> Resource:
    return Resource("github:index/repository:Repository", name, "", {}, {})


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
    with pytest.raises(InvalidInputs, match="enforce_admins_holds"):
        Exemption("enforce_admin_holds", "*", "the team is two people", END)


@pytest.mark.parametrize("reason", ["", "  ", "x", " " * 20, "eleven char"])
def test_an_exception_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInputs, match=r"reason: .* at least 12 characters"):
        Exemption("enforce_admins_holds", "*", reason, END)


def test_a_reason_is_as_long_as_one_for_breaking_the_glass() -> None:
    (condition,) = (
        conditions["aws:RequestTag/Reason"]
        for statement in trust.break_glass([], trust.ActivationTags("INC-", ["SEV1"]), [])[
            "Statement"
        ]
        for conditions in statement.get("Condition", {}).values()
        if "aws:RequestTag/Reason" in conditions
    )
    assert condition == "?" * SHORTEST_REASON + "*"


@pytest.mark.parametrize("resource", ["**", "?*", "*?", "?", " * ", ""])
def test_only_the_one_word_for_all_lets_pass_everything(resource: str) -> None:
    with pytest.raises(InvalidInputs, match=r"resource: .* or \* alone for all"):
        exempt(resource)
    assert str(exempt("*")) == "exemption of every resource from enforce_admins_holds"


def test_an_index_in_a_name_is_no_set_of_characters() -> None:
    assert exempt("queue[0]").covers("enforce_admins_holds", named("queue[0]"))
    assert not exempt("queue[01]").covers("enforce_admins_holds", named("queue0"))


def test_all_faults_of_an_exception_are_told_at_once() -> None:
    with pytest.raises(InvalidInputs) as refused:
        Exemption("nothing_like_it", "", "", "soon")  # type: ignore[arg-type] # what is refused
    assert [fault.name for fault in refused.value.faults] == [*KEYS]


def test_an_exception_ends_within_a_year(checked: Checked) -> None:
    assert not checked(WEAK, exempt(until=date(2027, 11, 23))).falls_short
    far = [exempt(until=date(2027, 11, 24)), exempt("*", until=date(9999, 12, 31))]
    with pytest.raises(InvalidInputs, match="a day up to 2027-11-23") as refused:
        checked(WEAK, *far)
    assert [fault.seen for fault in refused.value.faults] == ["2027-11-24", "9999-12-31"]


# --- a file of them ----------------------------------------------------------------------------


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


def refusal(file: Path, text: str | bytes) -> str:
    """What is said of a file that holds ``text``."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BreakGlassError) as refused:
        load(file)
    assert file.name in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    until: 2026-12-31\n", "", r"exceptions\[0\]\.until"),
        ("until: 2026-12-31", "until: soon", r"exceptions\[0\]\.until: 'soon' .* a day, such as"),
        ("until: 2026-12-31", "until: '2026-12-31'", r"exceptions\[0\]\.until: .* without quotes"),
        ("until: 2026-12-31", "until: 2026-12-31 10:00:00", r"exceptions\[0\]\.until"),
        ("until: 2026-12-31", "until: 2026-02-31", "day is out of range"),
        ("reason:", "raeson:", r"exceptions\[0\]\.raeson: .* give reason or"),
        ("    reason: the team is two people\n", "", r"exceptions\[0\]\.reason"),
        ("reason: the team is two people", "reason: x", r"exceptions\[0\]\.reason: .* 12"),
        ("enforce_admins_holds", "enforce_admins_hold", "enforce_admins_holds"),
        ("exceptions:", "exception:", r"exception: .* give exceptions \(is it that"),
        ("exceptions:", "exempted: []\nexceptions:", "exempted: .* give exceptions"),
        ("resource: protection", "resource: 7", "resource"),
        ("resource: protection", "resource: '**'", r"exceptions\[0\]\.resource"),
        ("    until:", "    forever: true\n    until:", "forever"),
        ("resource: protection", "resource: &all protection\n    until: *all", "alias"),
        ("exceptions:", "exceptions:\n  - nothing", r"exceptions\[0\]: 'nothing'"),
    ],
)
def test_a_file_with_anything_else_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in YAML
    assert re.search(words, refusal(tmp_path / "e.yaml", YAML.replace(old, new)))


@pytest.mark.parametrize("text", ["", "exceptions:\n", "exceptions: 7\n", "[]\n", b"\xff\xfe"])
def test_a_file_without_a_list_is_refused(tmp_path: Path, text: str | bytes) -> None:
    assert "exceptions" in refusal(tmp_path / "exceptions.yaml", text)


def test_a_file_with_an_empty_list_excepts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_text("exceptions: []\n", encoding="utf-8")
    assert load(file) == []


@pytest.mark.parametrize(
    "text",
    ["[tool.breakglas]\n", "[tool.breakglass]\nexemptions = []\n", "x = " + "[" * 9999, "x ="],
)
def test_a_toml_file_with_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    refusal(tmp_path / "pyproject.toml", text)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    faulty = YAML.replace("protection", "'?*'").replace("2026-12-31", "soon")
    said = refusal(tmp_path / "e.yaml", faulty + "  - {}\n")
    assert "6 faults" in said


def test_the_same_exception_twice_is_refused(tmp_path: Path) -> None:
    twice = YAML + YAML.partition("exceptions:\n")[2].replace("2026", "2025")
    said = refusal(tmp_path / "e.yaml", twice)
    assert "exceptions[1]" in said
    assert "exceptions[0] is the same" in said
    (tmp_path / "e.yaml").write_text(twice.replace("protection", "other", 1), encoding="utf-8")
    assert len(load(tmp_path / "e.yaml")) == 2


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        load(tmp_path / "nowhere.yaml")


def test_a_folder_and_a_pipe_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for place in (tmp_path, tmp_path / "pipe.yaml"):
        with pytest.raises(InvalidInput, match="a folder, a pipe or a device"):
            load(place)
