"""A gate that anybody could forge is refused before anything exists."""

import pytest

from breakglass.errors import InvalidInput
from breakglass.github_gate import GateKind, GitHubGateArgs, RepositoryGate, _refuse_forgeable
from breakglass.settings.agreement import ACTIONS_APP


def gate(**changes: object) -> GitHubGateArgs:
    check = RepositoryGate(
        id="scan", kind=GateKind.CHECK, skippable=False, context="scan", integration_id=900002
    )
    check.update(changes)  # type: ignore[typeddict-item]  # faults on purpose
    return GitHubGateArgs(repository="shop", default_branch="main", gates=[check])


def test_a_floor_check_of_a_dedicated_app_is_taken() -> None:
    _refuse_forgeable(gate())


@pytest.mark.parametrize("app", [None, ACTIONS_APP])
def test_a_floor_check_that_any_workflow_could_report_is_refused(app: int | None) -> None:
    with pytest.raises(InvalidInput, match=r"gates\[scan\].integration_id"):
        _refuse_forgeable(gate(integration_id=app))


def test_a_skippable_check_may_come_from_a_workflow() -> None:
    _refuse_forgeable(gate(skippable=True, integration_id=ACTIONS_APP))


def test_actions_own_app_never_bypasses() -> None:
    with pytest.raises(InvalidInput, match="app_id"):
        _refuse_forgeable({**gate(), "app_id": ACTIONS_APP})
