"""Fixtures of the guard's tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # where emulated_town and botocore_samples are

from emulated_town import HOME, LOGGING, MANAGEMENT, SHOP, Asked, Known, Questions, Town, Untyped
from moto.organizations.models import organizations_backends

from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.guard import Guard, Operations
from breakglass.rehearsal.guard.resolvers import Call


@pytest.fixture(scope="session")
def table() -> Operations:
    return Operations()


@pytest.fixture(scope="session")
def known() -> Known:
    return Known()


@pytest.fixture(scope="session")
def asked(table: Operations, known: Known) -> Asked:
    """Give the questions that a call raises, as (action, resource)."""

    def ask(service: str, operation: str, /, **params: Untyped) -> Questions:
        principal = f"arn:aws:iam::{LOGGING}:user/people/ada"
        call = Call(service, operation, params, LOGGING, HOME, principal)
        return [(need.action, need.resource) for need in table.needs(call, known)]

    return ask


@pytest.fixture
def town() -> Iterator[Town]:
    """Accounts that stand alone."""
    organizations_backends.master_accounts.clear()  # moto forgets everything but this
    guard = Guard()
    with Emulator(guard) as emulator:
        yield Town(emulator, guard)


@pytest.fixture
def organised(town: Town) -> Town:
    """Three accounts in an organisation with SCPs and RCPs."""
    town.emulator.create_organization(MANAGEMENT, {"logging": LOGGING, "shop": SHOP})
    organizations = town.hand(MANAGEMENT, "organizations", "us-east-1")
    town.root_id = organizations.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        organizations.enable_policy_type(RootId=town.root_id, PolicyType=kind)
    return town
