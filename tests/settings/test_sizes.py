"""What AWS would refuse for its size is told all at once, by the field that makes it so large."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from shipped import shipped

from breakglass.errors import InvalidInputs
from breakglass.quotas import QUOTAS, Quota
from breakglass.settings import load, parse
from breakglass.sizes import exceeded, measured
from tests.support.organisations import REGIONS, generate

AT_CALLS: frozenset[Quota] = frozenset(
    {Quota.TARGETS_PER_RULE, Quota.MANAGED_POLICIES_PER_ROLE, Quota.KEY_POLICY}
)
"""What the kit uses once or not at all whatever the settings say: only the emulation counts it."""

MANY_ARNS = [
    f"arn:aws:ecs:eu-west-1:{{account}}:service/payments/{n:04}-{'x' * 50}" for n in range(200)
]


def told(organisation: Mapping[str, Any]) -> list[str]:
    return [str(fault) for fault in exceeded(parse(organisation))]


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_the_shipped_organisations_are_within_every_quota(name: str) -> None:
    assert told(shipped(name)) == []


@pytest.mark.parametrize("accounts", [4, 20, 60])
def test_all_default_regions_and_twenty_users_are_within_every_quota(accounts: int) -> None:
    assert told(generate(accounts, len(REGIONS), 3, actors=20)) == []


@pytest.mark.parametrize("quota", sorted(set(Quota) - AT_CALLS))
def test_a_quota_of_one_is_named_before_anything_is_made(quota: Quota) -> None:
    name = f"quotas.{quota.name.lower()}"
    faults = told(shipped("example", {"quotas": {quota.name.lower(): 1}}))
    assert faults
    assert all(fault.startswith(f"{name}: 1 is not accepted; give at least ") for fault in faults)


def test_every_scope_that_is_too_large_is_told_by_its_own_field(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    large = {f"scopes.{index}.grants.0.resources": MANY_ARNS for index in (0, 1)}
    file.write_text(json.dumps(shipped("example", large)))
    with pytest.raises(InvalidInputs) as refusal:
        load(file)
    names = [scope["name"] for scope in shipped("example")["scopes"]]
    assert [fault.name for fault in refusal.value.faults] == [f"scopes[{n}].grants" for n in names]
    assert all("may be 10240" in fault.accepted for fault in refusal.value.faults)


def test_people_beyond_what_a_rule_holds_are_told_with_every_other_fault() -> None:
    crowd = generate(5, len(REGIONS), 1, actors=60)
    fields = {fault.name for fault in exceeded(parse(crowd))}
    assert fields == {"entries[hardware-key].people", "entries[sso].people", "entries[].people"}


def test_what_aws_raised_for_the_organisation_is_taken() -> None:
    crowd = generate(5, len(REGIONS), 1, actors=45)
    assert told(crowd)
    assert told(crowd | {"quotas": {"event_pattern": 4096, "trust_policy": 4096}}) == []


def test_every_size_has_a_limit_of_the_table_and_a_name() -> None:
    for one in measured(parse(shipped("example"))):
        assert one.what
        assert one.limit == QUOTAS.limit(Quota[one.quota.upper()])
