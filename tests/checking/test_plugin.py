"""The pytest plugin, in somebody else's project: without our conftest, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from foreign import SOUND, written

COMPONENTS = Path(__file__).parents[2] / "components"
LIGHT = """
import pulumi

class Made(pulumi.CustomResource):
    def __init__(self, type_, name, **inputs):
        super().__init__(type_, name, inputs)

Made("aws:cloudtrail/trail:Trail", "trail", isMultiRegionTrail=True, enableLogFileValidation=True)
Made(
    "github:index/branchProtection:BranchProtection",
    "protection",
    repositoryId="shop",
    pattern="main",
    enforceAdmins=True,
    requiredPullRequestReviews=[{"requiredApprovingReviewCount": 0}],
)
"""
"""Sound as well, and loaded in half the time that pulumi_aws and pulumi_github take."""
WEAK = LIGHT.replace("enforceAdmins=True", "enforceAdmins=False")

TESTS = """
from datetime import date
from breakglass.checking import Exemption

TODAY = date(2026, 11, 22)

def exempt(year):
    reason = "the team is two people"
    return [Exemption("enforce_admins_holds", "protection", reason, date(year, 1, 31))]

def test_sound(breakglass_check):
    breakglass_check("sound", stack="prod").holds()

def test_light(breakglass_check):
    breakglass_check("light", stack="prod").holds()

def test_weak(breakglass_check):
    breakglass_check("weak", stack="prod").holds()

def test_exempted(breakglass_check):
    breakglass_check("weak", stack="prod", today=TODAY).holds(except_=exempt(2027))

def test_expired(breakglass_check):
    breakglass_check("weak", stack="prod").holds(except_=exempt(2020))

def test_unused(breakglass_check):
    breakglass_check("light", stack="prod", today=TODAY).holds(except_=exempt(2027))

def test_misspelt(breakglass_check):
    breakglass_check("light", stack="prod").holds("enforce_admin_holds")

def test_one_alone(breakglass_check):
    breakglass_check("weak", stack="prod").holds("every_account_is_recorded")

def test_none_near(breakglass_check):
    breakglass_check("light", stack="prod").holds("xyzzy")

def test_one_exception(breakglass_check):
    (one,) = exempt(2027)
    breakglass_check("weak", stack="prod", today=TODAY).holds(except_=one)

def test_no_exception(breakglass_check):
    breakglass_check("weak", stack="prod").holds(except_=["enforce_admins_holds"])

def test_no_stack(breakglass_check):
    breakglass_check("light", stack=[])

def test_unnamed_stack(breakglass_check):
    breakglass_check("light", stack="").holds()

def test_forgotten(breakglass_check):
    breakglass_check("weak", stack="prod")

def test_one_forgotten(breakglass_check):
    breakglass_check("light", stack="prod").holds()
    breakglass_check("weak", stack="prod").holds

def test_report_alone(breakglass_check):
    assert breakglass_check("weak", stack="prod").report().falls_short

def test_hostile(breakglass_check):
    breakglass_check("hostile", stack="prod").holds()

def test_failing(breakglass_check):
    breakglass_check("failing", stack="prod").holds()
"""


def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(COMPONENTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says in a project whose tests use the plugin; warnings are errors there."""
    project = tmp_path_factory.mktemp("somebody")
    written(project / "sound", SOUND)
    written(project / "light", LIGHT)
    written(project / "weak", WEAK)
    hostile = WEAK.replace('"protection"', r'"pro\x1b[31m\n::error::tection"')
    assert hostile != WEAK
    written(project / "hostile", hostile)
    written(project / "failing", "import nowhere_to_be_found\n")
    (project / "test_infra.py").write_text(TESTS, encoding="utf-8")
    (project / "pytest.ini").write_text(
        "[pytest]\nfilterwarnings =\n    error\n    default::pytest.PytestWarning\n",
        encoding="utf-8",
    )
    options = ("-v", "-p", "no:cacheprovider", "-p", "breakglass.pytest_plugin")
    done = run("-m", "pytest", *options, folder=project)
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def part(output: str, test: str) -> str:
    """What is told of one failure."""
    return output.partition(f"_ {test} _")[2].partition("\n_____")[0]


@pytest.mark.parametrize(
    "test", ["sound", "light", "exempted", "unused", "one_alone", "one_exception", "report_alone"]
)
def test_what_is_sound_or_exempted_passes_in_three_lines(output: str, test: str) -> None:
    assert f"test_{test} PASSED" in output


def test_what_is_weak_fails_with_name_line_and_words_and_no_traceback(output: str) -> None:
    said = part(output, "test_weak")
    assert "acme (prod) falls short" in said
    assert "BROKEN enforce_admins_holds" in said
    assert "Administrators are exempt: protection" in said
    assert "(__main__.py:" in said
    assert "pytest_plugin.py" not in said


def test_an_exception_that_has_expired_fails_and_says_so(output: str) -> None:
    assert "exception expired on 2020-01-31" in part(output, "test_expired")


def test_an_exception_that_matches_nothing_is_a_warning(output: str) -> None:
    assert "PytestWarning: exemption of protection from enforce_admins_holds" in output
    assert "matches nothing: it can go" in output


def test_a_misspelt_invariant_lists_the_nearest(output: str) -> None:
    assert "enforce_admins_holds" in part(output, "test_misspelt")


def test_a_name_that_is_like_none_lists_them_all(output: str) -> None:
    assert "give one of everything_can_be_read, " in part(output, "test_none_near")


def test_what_is_no_exception_is_refused(output: str) -> None:
    said = part(output, "test_no_exception")
    assert "except_: 'enforce_admins_holds' is not accepted; give Exemption(invariant" in said


@pytest.mark.parametrize(("test", "seen"), [("no_stack", "[]"), ("unnamed_stack", "''")])
def test_a_program_without_a_stack_is_refused(output: str, test: str, seen: str) -> None:
    said = part(output, f"test_{test}")
    assert f"stack: {seen} is not accepted; give the name of a stack" in said


@pytest.mark.parametrize("test", ["forgotten", "one_forgotten"])
def test_a_test_that_forgets_to_ask_fails_and_says_what(output: str, test: str) -> None:
    assert f"ERROR test_infra.py::test_{test} - " in output
    said = part(output, f"ERROR at teardown of test_{test}")
    assert said.count("was asked nothing: add .holds()") == 1
    assert "breakglass_check('weak', stack='prod') was asked nothing" in said


def test_a_name_with_control_characters_is_shown_and_not_obeyed(output: str) -> None:
    said = part(output, "test_hostile")
    assert r"pro\x1b[31m\n::error::tection" in said
    assert "\x1b[31m" not in said


def test_a_program_that_fails_is_told_with_its_own_lines(output: str) -> None:
    said = part(output, "test_failing")
    assert "__main__.py:1: import nowhere_to_be_found" in said
    assert "ModuleNotFoundError: No module named 'nowhere_to_be_found'" in said


REFUSED = ["misspelt", "none_near", "no_exception", "no_stack", "unnamed_stack", "failing"]


@pytest.mark.parametrize("test", REFUSED)
def test_what_is_refused_is_told_in_words_without_a_line_of_the_kit(output: str, test: str) -> None:
    said = part(output, f"test_{test}")
    assert said
    assert "breakglass/" not in said
    assert "    def " not in said


def test_loading_the_plugin_loads_nothing_of_the_kit_nor_pulumi(tmp_path: Path) -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import breakglass.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    loaded = run("-c", program, folder=tmp_path).stdout
    assert loaded.strip() == "['breakglass', 'breakglass.pytest_plugin']"


def test_the_wheel_offers_it_to_pytest() -> None:
    text = (COMPONENTS.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\nbreakglass = "breakglass.pytest_plugin"' in text
