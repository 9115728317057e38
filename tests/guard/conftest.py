"""What the guard's tests share: a directory of known things, and emulated accounts."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.organizations.models import organizations_backends

from breakglass.proof.model import Verdict
from breakglass.rehearsal import identities
from breakglass.rehearsal.callers import Caller
from breakglass.rehearsal.emulator import Emulator, GuardDenied
from breakglass.rehearsal.guard import Guard, Operations
from breakglass.rehearsal.guard.resolvers import Call
from breakglass.rehearsal.prelude import (
    BeforeTheProgram,
    EntryUser,
    ExistingAccount,
    ExistingOrganization,
    PermissionSet,
)

sys.path.insert(0, str(Path(__file__).parent))  # where samples is

MANAGEMENT, LOGGING, SHOP = "111111111111", "222222222222", "555555555555"
HOME = "eu-west-1"

CI = {
    "keeper": f"arn:aws:iam::{LOGGING}:role/ci-keeper",
    "edge": f"arn:aws:iam::{SHOP}:user/pipelines/ci-edge",
}
ACCOUNTS = (
    ExistingAccount(MANAGEMENT, "management", "keeper"),
    ExistingAccount(LOGGING, "logging", "keeper", records=True),
    ExistingAccount(SHOP, "shop", "edge", workflows=True),
)
ADA = EntryUser(SHOP, "ada")
BREAK_GLASS = PermissionSet(SHOP, "BreakGlass", HOME)
WORLD = BeforeTheProgram(
    ACCOUNTS,
    CI,
    ExistingOrganization(MANAGEMENT, "o-examp1eorg", "r-exam"),
    users=[ADA],
    permission_sets=[BREAK_GLASS],
)


class Known:
    """A directory in which a few things exist."""

    def role_arn(self, account: str, name: str) -> str | None:
        return f"arn:aws:iam::{account}:role/breakglass/{name}" if name == "kit" else None

    def user_arn(self, account: str, name: str) -> str | None:
        return f"arn:aws:iam::{account}:user/people/{name}" if name == "ada" else None

    def group_arn(self, account: str, name: str) -> str | None:
        return None

    def instance_profile_arn(self, account: str, name: str) -> str | None:
        return None

    def access_key_owner(self, account: str, key_id: str) -> str | None:
        return None

    def key_arn(self, account: str, region: str, name: str) -> str | None:
        known = {"alias/ledger": "k-1", "k-1": "k-1"}
        return f"arn:aws:kms:{region}:{account}:key/{known[name]}" if name in known else None

    def organization_arn(self, account: str, identifier: str) -> str | None:
        return None

    def organization_of(self, account: str) -> tuple[str, str] | None:
        return "o-example", MANAGEMENT

    def secret_arn(self, account: str, region: str, name: str) -> str | None:
        return None

    def stack_arn(self, account: str, region: str, name: str, kind: str) -> str | None:
        return None

    def query_workgroup(self, account: str, region: str, query: str) -> str | None:
        return "break-glass-records" if query == "q-1" else None


@pytest.fixture(scope="session")
def table() -> Operations:
    return Operations()


@pytest.fixture(scope="session")
def known() -> Known:
    return Known()


@pytest.fixture(scope="session")
def asked(table: Operations, known: Known) -> Any:
    """Give the questions that a call raises, as (action, resource)."""

    def ask(service: str, operation: str, /, **params: Any) -> list[tuple[str, str]]:
        principal = f"arn:aws:iam::{LOGGING}:user/people/ada"
        call = Call(service, operation, params, LOGGING, HOME, principal)
        return [(need.action, need.resource) for need in table.needs(call, known)]

    return ask


def statement(effect: str, action: Any, resource: Any = "*", **rest: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **rest}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(**principal: Any) -> str:
    """A trust policy for one principal."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        }
    )


@dataclass
class Town:
    """Emulated accounts with a hand of their own."""

    emulator: Emulator
    guard: Guard
    root_id: str = ""

    def hand(self, account: str, service: str, region: str = HOME) -> Any:
        """A client that nobody guards: what exists already."""
        return self.emulator.client(self.emulator.root(account), service, region)

    def role(
        self, account: str, name: str, *statements: Mapping[str, Any], path: str = "/", **more: Any
    ) -> str:
        """Make a role with one inline policy; return its ARN."""
        iam = self.hand(account, "iam", "us-east-1")
        trust = more.pop("trust", trusting(AWS=f"arn:aws:iam::{account}:root"))
        made = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust, **more)
        if statements:
            iam.put_role_policy(
                RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements)
            )
        return str(made["Role"]["Arn"])

    def session(self, role_arn: str, **more: Any) -> Caller:
        return self.emulator.session(role_arn, session_name="test", **more)

    def bucket(self, account: str, name: str, *statements: Mapping[str, Any]) -> str:
        s3 = self.hand(account, "s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))
        return f"arn:aws:s3:::{name}"

    def decide(
        self, caller: Caller, service: str, operation: str, region: str = HOME, **params: Any
    ) -> Verdict:
        """The guard's verdict for the caller as he is now."""
        present = identities.at(caller, datetime(2026, 11, 22, 12, tzinfo=UTC))
        return self.guard.decide(present, service, operation, params, region)

    def attach(self, account: str, kind: str, name: str, document: str) -> str:
        """Attach an SCP or RCP to an account, unit or root; return its id."""
        organizations = self.hand(MANAGEMENT, "organizations", "us-east-1")
        made = organizations.create_policy(
            Content=document, Description=name, Name=name, Type=f"{kind}_CONTROL_POLICY"
        )
        identifier = str(made["Policy"]["PolicySummary"]["Id"])
        organizations.attach_policy(PolicyId=identifier, TargetId=account)
        return identifier


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


def deployer_of(town: Town, account: str) -> Caller:
    """A session of an account's deployer."""
    return town.session(f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer")


def refused(call: Any) -> GuardDenied:
    """Make a call that the guard must refuse."""
    with pytest.raises(GuardDenied) as caught:
        call()
    return caught.value
