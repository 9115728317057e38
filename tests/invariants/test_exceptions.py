"""What an invariant lets through by name: each is still needed, and lets nobody else through."""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import pytest
from mutations import allows, both, inputs, resource
from test_mutants import key

from breakglass import actions
from breakglass.errors import InvalidInput
from breakglass.proof import kit
from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import (
    INVARIANTS,
    actor_cannot_silence_the_alarms,
    actor_cannot_touch_the_kits_principals,
)

SILENCE = "actor_cannot_silence_the_alarms"
PRINCIPALS = "actor_cannot_touch_the_kits_principals"
RESTART = "scope-restart-app"


def refused_without(
    module: ModuleType, exceptions: object, graph: Graph, patch: pytest.MonkeyPatch
) -> set[str]:
    """The actions that are missed once nothing is excepted."""
    name = "EXCEPTIONS" if isinstance(exceptions, Mapping) else "exceptions_of_users"
    patch.setattr(module, name, exceptions)
    finding = module.check(graph)
    assert finding.verdict is Outcome.BROKEN
    return {text.split(" may call ")[1].split(" on ")[0] for text in finding.evidence}


def test_each_exception_of_the_alarms_is_needed(
    example: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    excepted = set(actor_cannot_silence_the_alarms.EXCEPTIONS)
    missed = refused_without(actor_cannot_silence_the_alarms, {}, example, monkeypatch)
    assert missed == excepted


def test_each_exception_of_the_users_is_needed(
    example: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    excepted = set(actor_cannot_touch_the_kits_principals.exceptions_of_users())
    module = actor_cannot_touch_the_kits_principals
    assert refused_without(module, dict, example, monkeypatch) == excepted


def test_every_exception_has_a_reason() -> None:
    users = actor_cannot_touch_the_kits_principals.exceptions_of_users()
    assert all({**actor_cannot_silence_the_alarms.EXCEPTIONS, **users}.values())


@pytest.mark.parametrize(
    ("name", "action"), [(SILENCE, "sqs:PurgeQueue"), (PRINCIPALS, "iam:PutRolePolicy")]
)
def test_a_responder_is_bound_without_an_organisation_too(
    name: str, action: str, minimal: Graph
) -> None:
    """Nothing but his boundary binds him there, so that is asked."""
    more = allows(f"{RESTART}-scope", Action=action, Resource="*")
    assert INVARIANTS[name](more(minimal)).verdict is Outcome.NOT_PROVIDED
    unbounded = inputs(f"{RESTART}-role", lambda given: given.pop("permissionsBoundary"))
    finding = INVARIANTS[name](both(more, unbounded)(minimal))
    assert finding.verdict is Outcome.BROKEN
    assert "The break-glass role restart" in finding.reason


def test_a_key_of_the_kit_is_kept_from_its_own_administrators(example: Graph) -> None:
    untagged = key(tags={"team": "shop"})(example)
    assert INVARIANTS[SILENCE](untagged).falls_short
    tagged = key(tags={"break-glass": "edge"})(example)
    assert INVARIANTS[SILENCE](tagged).verdict is Outcome.HOLDS


def test_what_has_no_arn_is_no_pass(example: Graph) -> None:
    nameless = resource("watch-page-pipe", lambda one: replace(one, outputs={}))
    with pytest.raises(InvalidInput, match="watch-page-pipe: arn"):
        INVARIANTS[SILENCE](nameless(example))


def test_an_action_is_asked_on_what_it_changes_and_on_nothing_else() -> None:
    for kind in (*kit.ALARMS, kit.ROLE, kit.POLICY, kit.USER):
        assert kit.changes(kind)
        assert all(actions.exists(action) for action in (*kit.changes(kind), *kind.ends))
        assert set(kind.ends) <= set(kit.changes(kind))
        assert not kind.deploying or kind.deploying in kit.changes(kind)
    assert "cloudwatch:PutAlarmMuteRule" in kit.changes(kit.ALARM)
    assert "cloudtrail:DeleteEventDataStore" not in kit.changes(kit.TRAIL)
    assert "iam:DeactivateMFADevice" in kit.changes(kit.USER)
