"""A check as SARIF 2.1.0, for code scanning (OASIS, "Static Analysis Results Interchange Format").

A rule is an invariant, a result one thing that falls short, at the line of its resource. What holds
or is NOT PROVIDED makes no result: code scanning would show it as an alert.
"""

import hashlib
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from urllib.parse import quote

from breakglass.checking.asking import READABLE
from breakglass.checking.report import CheckReport, Shortfall
from breakglass.proof.finding import Outcome
from breakglass.proof.invariants import INVARIANTS

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Outcome.BROKEN: "error", Outcome.UNKNOWN: "warning"}


def log(report: CheckReport, *, prefix: str = "") -> dict[str, Any]:
    """Return the whole log; ``prefix`` goes before each path."""
    rules = [READABLE, *INVARIANTS]
    results = [_result(one, rules, prefix) for one in (*report.shortfalls, *report.exempted)]
    results += [_expired(report, index, rules, prefix) for index in range(len(report.expired))]
    driver = {
        "name": "breakglass",
        "version": _version(),
        "rules": [_rule(name) for name in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    short, _, more = _said_of(name).partition("\n\n")
    short = " ".join(short.split())
    full = f"{short} {' '.join(more.split())}".strip()
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full[:1000]},
        "help": {"text": full},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security"], "security-severity": "8.0"},
    }


def _said_of(name: str) -> str:
    if name == READABLE:
        return "All that a program declares can be read: what cannot be decided is no pass."
    return (import_module(INVARIANTS[name].__module__).__doc__ or name).strip()


def _result(shortfall: Shortfall, rules: list[str], prefix: str) -> dict[str, Any]:
    found = {
        "ruleId": shortfall.invariant,
        "ruleIndex": rules.index(shortfall.invariant),
        "level": _LEVELS[shortfall.verdict],
        "message": {"text": f"{shortfall.verdict}: {shortfall.text}"},
        "locations": [_location(shortfall.source, prefix)],
        "partialFingerprints": {"counterexample/v1": _fingerprint(shortfall)},
    }
    if shortfall.exemption is not None:
        said = f"{shortfall.exemption.reason} (until {shortfall.exemption.until})"
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": said}]
    return found


def _expired(report: CheckReport, index: int, rules: list[str], prefix: str) -> dict[str, Any]:
    one = report.expired[index]
    return {
        "ruleId": one.invariant,
        "ruleIndex": rules.index(one.invariant),
        "level": "error",
        "message": {"text": f"An {one} ended on {one.until}: {one.reason}"},
        "locations": [_location("", prefix)],
    }


def _location(source: str, prefix: str) -> dict[str, Any]:
    """A line of a file; the project's file where nothing says more."""
    file, _, line = source.rpartition(":")
    if not file or not line.isdigit():
        file, line = "Pulumi.yaml", "1"
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(f"{prefix}{file}")},
            "region": {"startLine": max(int(line), 1)},
        }
    }


def _fingerprint(shortfall: Shortfall) -> str:
    """The same where the line of the resource moves and the counterexample does not."""
    text = shortfall.text.replace(f" ({shortfall.source})", "")
    said = f"{shortfall.invariant}: {text}"
    return hashlib.sha256(said.encode()).hexdigest()


def _version() -> str:
    try:
        return version("breakglass")
    except PackageNotFoundError:
        return "0"
