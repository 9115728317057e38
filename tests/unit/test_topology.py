"""What follows from the settings, the same for both sides: who delivers, enters, forwards."""

from pathlib import Path

import pytest

from breakglass import names
from breakglass.errors import NotProvided
from breakglass.settings import AccountRole, EntryKind, LockMode, Organisation, Retention, load
from breakglass.topology import Topology

STACKS = Path(__file__).parents[2] / "stacks"
MANAGEMENT, LOGGING, WITNESS = "111111111111", "222222222222", "333333333333"
BROKER, SHOP, PAYMENTS = "444444444444", "555555555555", "666666666666"


@pytest.fixture(scope="module")
def example() -> Topology:
    return Topology(load(STACKS / "example.yaml"))


@pytest.fixture(scope="module")
def minimal() -> Topology:
    return Topology(load(STACKS / "minimal.yaml"))


def test_an_organisation_has_one_trail_under_its_own_prefix_and_the_management_accounts(
    example: Topology,
) -> None:
    (trail,) = example.trails
    assert trail.organization
    assert trail.account.id == MANAGEMENT
    assert trail.owners == (MANAGEMENT, "o-examp1eorg")


def test_without_an_organisation_each_account_has_a_trail(minimal: Topology) -> None:
    assert [(trail.account.id, trail.owners) for trail in minimal.trails] == [
        (LOGGING, (LOGGING,)),
        (SHOP, (SHOP,)),
    ]
    assert not any(trail.organization for trail in minimal.trails)


def test_second_trails_go_to_the_witness_from_every_account_but_its_own(example: Topology) -> None:
    accounts = {trail.account.id for trail in example.second_trails}
    assert accounts == {MANAGEMENT, LOGGING, BROKER, SHOP, PAYMENTS}


def test_only_the_logging_accounts_second_trail_watches_the_vault_and_none_its_own_bucket(
    example: Topology,
) -> None:
    watched = {trail.account.id: trail.watched_bucket_arns for trail in example.second_trails}
    assert watched.pop(LOGGING) == (example.vault_arn,)
    assert set(watched.values()) == {()}
    assert not any(trail.watched_bucket_arns for trail in example.trails)


def test_without_a_witness_there_is_no_second_trail_and_no_bucket_of_it(minimal: Topology) -> None:
    assert minimal.witness is None
    assert minimal.second_trails == []
    assert minimal.record_bucket_arns == [minimal.vault_arn]
    with pytest.raises(NotProvided, match="minimal has no account with the role witness"):
        _ = minimal.witness_name


def test_with_a_witness_its_bucket_is_a_record_too(example: Topology) -> None:
    assert example.witness_name == f"break-glass-witness-example-{WITNESS}"
    assert example.record_bucket_arns == [
        f"arn:aws:s3:::break-glass-vault-example-{LOGGING}",
        f"arn:aws:s3:::break-glass-witness-example-{WITNESS}",
    ]


def test_every_account_forwards_and_every_bound_one_has_one_deployer(example: Topology) -> None:
    ids = [account.id for account in example.organisation.accounts]
    bound = [one.id for one in example.organisation.accounts if one.name != "management"]
    assert example.forwarder_arns == [names.forwarder_arn(account) for account in ids]
    assert example.deployer_arns == [names.deployer_arn(account) for account in bound]
    assert example.hub_arn == f"arn:aws:events:eu-west-1:{LOGGING}:event-bus/break-glass-hub"


def test_accounts_that_keep_or_lead_in_are_closed_and_workloads_are_not(example: Topology) -> None:
    assert {account.id for account in example.closed_accounts} == {LOGGING, WITNESS, BROKER}


def test_only_the_keepers_pipeline_enters_a_keepers_account(example: Topology) -> None:
    logging = example.organisation.logging
    assert example.entrants(logging) == [example.organisation.deployers.keeper]


def test_the_edges_pipeline_and_the_people_enter_where_the_entries_are(example: Topology) -> None:
    broker = example.organisation.account("broker")
    reserved = "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_BreakGlass_*"
    assert example.entrants(broker) == [
        example.organisation.deployers.edge,
        f"arn:aws:iam::{BROKER}:user/ada",
        f"arn:aws:iam::{BROKER}:user/grace",
        f"arn:aws:iam::{BROKER}:role/{reserved}",
    ]


def test_entry_roles_are_told_apart_by_kind(example: Topology) -> None:
    people = example.entry_role_arns(EntryKind.IAM_USER, EntryKind.IDENTITY_CENTER)
    assert people == [
        f"arn:aws:iam::{BROKER}:role/breakglass/break-glass-entry-hardware-key",
        f"arn:aws:iam::{BROKER}:role/breakglass/break-glass-entry-sso",
    ]
    assert example.entry_role_arns(EntryKind.GITHUB_OIDC) == [
        f"arn:aws:iam::{BROKER}:role/breakglass/break-glass-entry-workflow"
    ]


def test_a_scope_has_a_role_in_each_of_its_accounts(example: Topology) -> None:
    assert example.break_glass_role_arns == [
        f"arn:aws:iam::{SHOP}:role/breakglass/break-glass-scope-prod-deploy",
        f"arn:aws:iam::{PAYMENTS}:role/breakglass/break-glass-scope-prod-deploy",
        f"arn:aws:iam::{PAYMENTS}:role/breakglass/break-glass-scope-rds-failover",
    ]


def test_what_the_rules_watch_for_is_each_user_and_each_permission_set_once(
    example: Topology, minimal: Topology
) -> None:
    assert (example.users, example.permission_sets) == (["ada", "grace"], ["BreakGlass"])
    assert (minimal.users, minimal.permission_sets) == (["ada"], [])


def test_the_record_is_locked_for_deployers_under_compliance_only(
    example: Topology, minimal: Topology
) -> None:
    assert example.locked
    assert not minimal.locked


def test_a_small_organisation_with_compliance_is_locked_too(minimal: Topology) -> None:
    changed = minimal.organisation.replaced(
        production=True, retention=Retention(mode=LockMode.COMPLIANCE).model_dump(mode="json")
    )
    assert Topology(changed).locked


@pytest.mark.parametrize("file", ["example", "minimal"])
def test_both_sides_see_the_same(file: str) -> None:
    one, other = (Topology(load(STACKS / f"{file}.yaml")) for _ in range(2))
    assert one == other
    assert one.trails == other.trails


def test_every_kind_of_account_is_on_just_one_side(example: Topology) -> None:
    organisation: Organisation = example.organisation
    keepers = {AccountRole.MANAGEMENT, AccountRole.LOGGING, AccountRole.WITNESS}
    for account in organisation.accounts:
        assert (account.role.side == "keeper") == (account.role in keepers)
