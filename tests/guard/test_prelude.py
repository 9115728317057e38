"""What exists before the program: the organisation, who deploys, who may enter."""

import pytest
from emulated_town import (
    ACCOUNTS,
    ADA,
    BREAK_GLASS,
    CI,
    HOME,
    LOGGING,
    MANAGEMENT,
    SHOP,
    WORLD,
    Town,
    deployer_of,
    refused,
)

from breakglass.errors import InvalidInput
from breakglass.rehearsal.aws.prelude import BeforeTheProgram, prelude

ASSUME = {"RoleSessionName": "up"}


@pytest.fixture
def before(town: Town) -> Town:
    """The emulated accounts as the program finds them."""
    prelude(town.emulator, WORLD)
    return town


def test_the_organisation_has_the_ids_of_the_file_and_both_policy_types(before: Town) -> None:
    organizations = before.hand(MANAGEMENT, "organizations")
    assert organizations.describe_organization()["Organization"]["Id"] == "o-examp1eorg"
    [root] = organizations.list_roots()["Roots"]
    assert root["Id"] == "r-exam"
    kinds = {kind["Type"] for kind in root["PolicyTypes"]}
    assert kinds == {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}
    members = {account["Id"] for account in organizations.list_accounts()["Accounts"]}
    assert members == {MANAGEMENT, LOGGING, SHOP}


def test_accounts_without_an_organisation_get_their_deployers_all_the_same(town: Town) -> None:
    made = prelude(town.emulator, BeforeTheProgram(ACCOUNTS[1:], CI))
    assert set(made.deployers) == {LOGGING, SHOP}


def test_each_pipeline_becomes_the_deployers_of_its_own_side_and_no_other(before: Town) -> None:
    keeper, edge = before.session(CI["keeper"]), before.emulator.user(CI["edge"])
    role = "arn:aws:iam::{}:role/breakglass/break-glass-deployer".format
    enter = before.emulator.assume_role
    assert enter(keeper, role(MANAGEMENT), session_name="up", region=HOME)
    assert enter(edge, role(SHOP), session_name="up", region=HOME)
    refused(lambda: enter(keeper, role(SHOP), session_name="up", region=HOME))
    refused(lambda: enter(edge, role(LOGGING), session_name="up", region=HOME))


def test_a_person_may_enter_as_himself_and_do_nothing_else(before: Town) -> None:
    ada = before.emulator.user(ADA.arn)
    assert not before.decide(ada, "s3", "ListBuckets").allowed
    [device] = before.hand(SHOP, "iam").list_mfa_devices(UserName="ada")["MFADevices"]
    assert device["SerialNumber"] == ADA.mfa


def test_identity_centers_role_has_its_path_and_aws_own_trust(before: Town) -> None:
    name = BREAK_GLASS.arn.rpartition("/")[2]
    role = before.hand(SHOP, "iam").get_role(RoleName=name)["Role"]
    assert role["Path"] == f"/aws-reserved/sso.amazonaws.com/{HOME}/"
    assert role["Arn"] == BREAK_GLASS.arn
    assert not before.decide(
        deployer_of(before, SHOP), "sts", "AssumeRole", RoleArn=BREAK_GLASS.arn, **ASSUME
    ).allowed


def test_an_account_listed_twice_is_refused_before_anything_exists(town: Town) -> None:
    with pytest.raises(InvalidInput, match=SHOP):
        prelude(town.emulator, BeforeTheProgram((*ACCOUNTS, ACCOUNTS[2]), CI))


TRAIL = "break-glass-audit"


def test_only_a_disposable_stack_can_be_torn_down(town: Town) -> None:
    prelude(town.emulator, BeforeTheProgram(ACCOUNTS, CI, WORLD.organization, disposable=True))
    keeper = deployer_of(town, LOGGING)
    assert town.decide(keeper, "cloudtrail", "DeleteTrail", Name=TRAIL).allowed
    assert town.decide(keeper, "s3", "DeleteBucket", Bucket="break-glass-vault").allowed
    assert not town.decide(keeper, "cloudtrail", "DeleteTrail", Name="others").allowed
