"""The report for machines: JSON of its own, and SARIF for code scanning."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from foreign import Checked, changed

from breakglass.checking import CheckReport, Exemption
from breakglass.checking.asking import READABLE
from breakglass.proof.invariants import INVARIANTS

WEAK = changed("enforce_admins=True", "enforce_admins=False")
REASON = "the team is two people"
EXEMPT = Exemption("enforce_admins_holds", "protection", REASON, date(2026, 12, 31))


@pytest.fixture
def weak(checked: Checked) -> CheckReport:
    return checked(WEAK)


def results(report: CheckReport, prefix: str = "") -> list[Any]:
    (run,) = report.as_sarif(prefix=prefix)["runs"]
    found: list[Any] = run["results"]
    return found


def test_the_json_says_what_falls_short_and_where(weak: CheckReport) -> None:
    told = json.loads(json.dumps(weak.as_json()))
    assert (told["version"], told["falls_short"]) == (1, True)
    (one,) = told["shortfalls"]
    assert (one["invariant"], one["verdict"]) == ("enforce_admins_holds", "BROKEN")
    assert (one["resource"], one["source"][:12]) == ("protection", "__main__.py:")
    assert {one["name"] for one in told["invariants"]} == {READABLE, *INVARIANTS}


def test_the_json_says_what_is_exempted_and_why(checked: Checked) -> None:
    told = checked(WEAK, EXEMPT).as_json()
    assert (told["falls_short"], told["shortfalls"]) == (False, [])
    (one,) = told["exempted"]
    assert one["exemption"]["reason"] == REASON
    assert one["exemption"]["until"] == "2026-12-31"


def test_a_result_of_sarif_is_at_the_line_of_its_resource(weak: CheckReport) -> None:
    (one,) = results(weak, "deploy/")
    place = one["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "deploy/__main__.py"
    assert f"{place['region']['startLine']}" == weak.shortfalls[0].source.rpartition(":")[2]
    assert (one["ruleId"], one["level"]) == ("enforce_admins_holds", "error")


def test_rules_of_sarif_are_the_invariants_in_plain_words(weak: CheckReport) -> None:
    driver = weak.as_sarif()["runs"][0]["tool"]["driver"]
    rules = {rule["id"]: rule["shortDescription"]["text"] for rule in driver["rules"]}
    assert rules.keys() == {READABLE, *INVARIANTS}
    assert rules["enforce_admins_holds"].startswith("Classic protection binds administrators")
    (one,) = results(weak)
    assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_an_exempted_result_is_suppressed_with_its_reason(checked: Checked) -> None:
    (one,) = results(checked(WEAK, EXEMPT))
    (suppression,) = one["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert REASON in suppression["justification"]


def test_an_expired_exception_is_a_result_of_its_own(checked: Checked) -> None:
    late = Exemption("enforce_admins_holds", "protection", REASON, date(2026, 1, 1))
    said = [one["message"]["text"] for one in results(checked(WEAK, late))]
    assert any("ended on 2026-01-01" in text for text in said)


def test_what_is_about_no_resource_is_at_the_project_file(checked: Checked) -> None:
    (one,) = results(checked("x = 1\n"))
    place = one["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], one["level"]) == ("Pulumi.yaml", "warning")


def test_a_line_that_moves_leaves_the_fingerprint(checked: Checked) -> None:
    (before,), (after,) = results(checked(WEAK)), results(checked(f"# moved\n\n{WEAK}"))
    assert before["locations"] != after["locations"]
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_the_log_has_the_structure_that_sarif_asks_for(checked: Checked) -> None:
    late = Exemption("vault_is_elsewhere_and_locked", "x", REASON, date(2026, 1, 1))
    log = json.loads(json.dumps(checked(WEAK, late).as_sarif()))
    _follows(log, SARIF)


# The part of the published schema (sarif-schema-2.1.0.json of OASIS) that the log uses: what must
# be there, what may be there, and of which type. Objects there take no other property.
TEXT = {"text": str}
LOCATION = {
    "physicalLocation": {"artifactLocation": {"uri": str}, "region": {"startLine": int}},
}
RULE = {
    "id": str,
    "name": str,
    "shortDescription": TEXT,
    "fullDescription": TEXT,
    "help": TEXT,
    "defaultConfiguration": {"level": ("none", "note", "warning", "error")},
    "properties": dict,
}
RESULT = {
    "ruleId": str,
    "ruleIndex": int,
    "level": ("none", "note", "warning", "error"),
    "message": TEXT,
    "locations": [LOCATION],
    "partialFingerprints?": dict,
    "suppressions?": [
        {"kind": ("inSource", "external"), "status": ("accepted",), "justification": str}
    ],
}
SARIF = {
    "$schema": str,
    "version": ("2.1.0",),
    "runs": [
        {
            "tool": {"driver": {"name": str, "version": str, "rules": [RULE]}},
            "columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
            "results": [RESULT],
        }
    ],
}


def _follows(value: object, form: object, path: str = "log") -> None:
    if isinstance(form, Mapping):
        assert isinstance(value, dict), path
        wanted = {key for key in form if not key.endswith("?")}
        allowed = {key.removesuffix("?"): inner for key, inner in form.items()}
        assert wanted <= value.keys() <= allowed.keys(), path
        for key, inner in value.items():
            _follows(inner, allowed[key], f"{path}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list), path
        for index, inner in enumerate(value):
            _follows(inner, form[0], f"{path}[{index}]")
    elif isinstance(form, tuple):
        assert value in form, path
    else:
        assert isinstance(form, type), path
        assert isinstance(value, form), path
