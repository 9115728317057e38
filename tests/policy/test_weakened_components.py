"""A weakened copy of a component does not pass a check, and the right name is told.

A copy is the component's own source with one change, which must apply exactly once: where the
source moves, the test says so.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

import breakglass
from breakglass.checking import report_of
from breakglass.proof.finding import Outcome
from tests.support.recorded import recorded

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
MINIMAL = ROOT / "stacks" / "minimal.yaml"

USED_BY = {
    "EntryRole": "path",
    "BreakGlassRole": "path",
    "LogVault": "record",
    "AuditTrail": "record",
    "Witness": "record",
    "Watch": "alarms",
    "Forwarding": "alarms",
    "Guardrails": "guardrails",
    "GitHubGate": "gate",
    "BreakGlass": "whole",
}
"""Component to the program that uses it."""


@dataclass(frozen=True)
class Weakness:
    component: str
    what: str
    old: str
    new: str
    named: frozenset[str]
    """Invariants that must be told as BROKEN."""

    def __str__(self) -> str:
        return f"{self.component}: {self.what}"


def without(guardrail: str) -> str:
    """Every SCP but one."""
    every = "guardrails.service_control(guarded).items()"
    return f"{{name: one for name, one in {every} if name != '{guardrail}'}}"


def weak(component: str, what: str, old: str, new: str, *named: str) -> Weakness:
    return Weakness(component, what, old, new, frozenset(named))


WEAKNESSES = [
    weak(
        "EntryRole",
        "a session lasts for twelve hours",
        "max_session_duration=SESSION_SECONDS",
        "max_session_duration=12 * SESSION_SECONDS",
        "no_session_over_an_hour",
    ),
    weak(
        "EntryRole",
        "any user of the account is let in",
        "user/{user}",
        "root",
        "entry_trust_demands_what_it_must",
    ),
    weak(
        "EntryRole",
        "it leads to every role",
        'entry.assume_break_glass_roles(args["break_glass_role_arns"],',
        'entry.assume_break_glass_roles(["*"],',
        "roles_do_only_what_they_are_for",
    ),
    weak(
        "BreakGlassRole",
        "it has no boundary",
        "permissions_boundary=boundary.arn,",
        "",
        "roles_do_only_what_they_are_for",
    ),
    weak(
        "BreakGlassRole",
        "anybody of the account opens it without an entry",
        'args["entry_role_arns"],\n',
        "[f\"arn:aws:iam::{args['account_id']}:root\"],\n",
        "break_glass_trust_demands_what_it_must",
        "no_session_over_an_hour",
    ),
    weak(
        "BreakGlassRole",
        "any text is an incident",
        'args.get("incident_prefix", "INC-")',
        '""',
        "break_glass_trust_demands_what_it_must",
    ),
    weak(
        "LogVault",
        "who may bypass governance deletes records",
        'args.get("lock", LockMode.COMPLIANCE)',
        "LockMode.GOVERNANCE",
        "vault_is_elsewhere_and_locked",
    ),
    weak(
        "LogVault",
        "every administrator of its account is its deployer",
        'args["deployer_arn"]',
        'f"arn:aws:iam::{account}:root"',
        "vault_holds_in_its_own_account",
    ),
    weak(
        "LogVault",
        "anybody's trail writes into it",
        'vault.Delivery(trail["arn"],',
        'vault.Delivery("arn:aws:cloudtrail:*:*:trail/*",',
        "actor_cannot_touch_the_vault",
    ),
    weak(
        "AuditTrail",
        "it records one region",
        "is_multi_region_trail=True",
        "is_multi_region_trail=False",
        "every_account_is_recorded",
        "second_trail_is_independent",
    ),
    weak(
        "AuditTrail",
        "it writes no digests",
        "enable_log_file_validation=True",
        "enable_log_file_validation=False",
        "every_account_is_recorded",
    ),
    weak(
        "AuditTrail",
        "it is off",
        "enable_logging=True",
        "enable_logging=False",
        "every_account_is_recorded",
    ),
    weak(
        "Witness",
        "who may bypass governance deletes the copy",
        'args.get("lock", LockMode.COMPLIANCE)',
        "LockMode.GOVERNANCE",
        "vault_is_elsewhere_and_locked",
    ),
    weak(
        "Witness",
        "it takes one of the second trails",
        'for trail in args["trails"]]',
        'for trail in args["trails"][:1]]',
        "second_trail_is_independent",
    ),
    weak(
        "Witness",
        "every administrator of its account is its deployer",
        'args["deployer_arn"]',
        'f"arn:aws:iam::{account}:root"',
        "vault_holds_in_its_own_account",
    ),
    weak(
        "Watch",
        "an alarm tells nobody",
        "alarm_actions=[pager],",
        "alarm_actions=[],",
        "the_alarms_way_is_watched",
    ),
    weak(
        "Watch",
        "the hub's rules are off",
        "state=packed.state.value",
        'state="DISABLED"',
        "every_activation_reaches_the_pager",
        "every_page_call_reaches_the_pager",
    ),
    weak(
        "Watch",
        "the pipe's role is denied to publish",
        "            path=names.PATH,\n            description=",
        "            path=names.PATH,\n            inline_policies=[{'name': 'quiet', "
        "'policy': json.dumps({'Version': '2012-10-17', 'Statement': ["
        "{'Effect': 'Deny', 'Action': 'sns:Publish',"
        " 'Resource': '*'}]})}],\n            description=",
        "every_activation_reaches_the_pager",
        "every_page_call_reaches_the_pager",
        "roles_do_only_what_they_are_for",
        "the_alarms_way_is_watched",
    ),
    weak(
        "Watch",
        "the pipe's role may publish to no topic",
        "policy=rendered(\n                watch.deliver(queue_arn, topic_arn),",
        "policy=rendered(\n                {"
        "'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': ["
        "'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],"
        " 'Resource': queue_arn}]},",
        "roles_do_only_what_they_are_for",
    ),
    weak(
        "Forwarding",
        "its rules are off",
        "state=one.state.value",
        'state="DISABLED"',
        "every_activation_reaches_the_pager",
        "every_page_call_reaches_the_pager",
    ),
    weak(
        "Forwarding",
        "what is not delivered is gone",
        "dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),",
        "",
        "the_alarms_way_is_watched",
    ),
    weak(
        "Guardrails",
        "the path is not protected",
        "guardrails.service_control(guarded)",
        without("path"),
        "actor_cannot_touch_the_kits_principals",
    ),
    weak(
        "Guardrails",
        "any role of any account is excepted",
        'args["deployer_arns"],\n',
        '["arn:aws:iam::*:role/*"],\n',
        "actor_cannot_silence_the_alarms",
        "actor_cannot_touch_the_kits_principals",
    ),
    weak(
        "Guardrails",
        "the trails are not protected",
        "guardrails.service_control(guarded)",
        without("trails"),
        "actor_cannot_silence_the_alarms",
    ),
    weak(
        "GitHubGate",
        "administrators go past it",
        "enforce_admins=True",
        "enforce_admins=False",
        "enforce_admins_holds",
    ),
    weak(
        "GitHubGate",
        "the App may push",
        'bypass_mode="pull_request"',
        'bypass_mode="always"',
        "the_app_is_the_only_bypass",
    ),
    weak(
        "GitHubGate",
        "administrators deploy without approval",
        "can_admins_bypass=False",
        "can_admins_bypass=True",
        "deployment_gates_hold",
    ),
    weak(
        "BreakGlass",
        "one account alone forwards",
        "for account in organisation.on(side):",
        "for account in organisation.on(side)[:1]:",
        "every_activation_reaches_the_pager",
    ),
    weak(
        "BreakGlass",
        "one account alone is recorded",
        "if trail.account in organisation.on(side):",
        "if trail.account is organisation.logging:",
        "every_account_is_recorded",
    ),
]


@dataclass(frozen=True)
class Checked:
    falls_short: bool
    broken: frozenset[str]
    said: str


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str, str], Checked]:
    """Check the program of a component, whose source is given."""

    def check(component: str, source: str) -> Checked:
        name = USED_BY[component]
        (tmp_path / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        shutil.copy(PROGRAMS / "places.py", tmp_path)
        shutil.copy(PROGRAMS / f"{name}.py", tmp_path / "__main__.py")
        (tmp_path / "component.py").write_text(source)
        kit = f"from breakglass import *\nfrom component import {component}\n"
        (tmp_path / "kit.py").write_text(kit)
        whole = name == "whole"
        config = {"whole:organisation": f"{MINIMAL}"} if whole else {}
        report = report_of(
            recorded(tmp_path, "prod", config=config),
            today=date(2026, 11, 22),
            org=MINIMAL if whole else None,
        )
        broken = {one.name for one in report.findings if one.verdict is Outcome.BROKEN}
        said = "\n".join(one.text for one in report.shortfalls)
        return Checked(report.falls_short, frozenset(broken), said)

    return check


def source_of(component: str) -> str:
    """Return the source of a component: the module has the name of the class."""
    module = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", component).lower().replace("git_hub", "github")
    file = ROOT / "components" / "breakglass" / f"{module}.py"
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("weakness", WEAKNESSES, ids=str)
def test_a_weakened_component_does_not_pass(
    checked: Callable[[str, str], Checked], weakness: Weakness
) -> None:
    source = source_of(weakness.component)
    assert source.count(weakness.old) == 1, "the source has moved: weaken it at its new place"
    found = checked(weakness.component, source.replace(weakness.old, weakness.new))
    assert found.falls_short
    assert found.broken >= weakness.named


@pytest.mark.parametrize("component", USED_BY)
def test_its_twin_as_it_is_passes(checked: Callable[[str, str], Checked], component: str) -> None:
    found = checked(component, source_of(component))
    assert not found.falls_short, found.said


def test_every_component_is_weakened_in_two_ways_at_least() -> None:
    served = {name for name in breakglass.__all__ if f"{name}Args" in breakglass.__all__}
    assert set(USED_BY) == {*served, "BreakGlass"}
    for component in USED_BY:
        assert sum(one.component == component for one in WEAKNESSES) >= 2, component
