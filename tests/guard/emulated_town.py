"""Emulated accounts, known things and small policies for the guard's tests."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from breakglass.proof.model import Verdict
from breakglass.rehearsal.aws import identities
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.emulator import Emulator, GuardDenied
from breakglass.rehearsal.aws.prelude import (
    BeforeTheProgram,
    EntryUser,
    ExistingAccount,
    ExistingOrganization,
    PermissionSet,
)
from breakglass.rehearsal.guard import Guard

MANAGEMENT, LOGGING, SHOP = "111111111111", "222222222222", "555555555555"
HOME = "eu-west-1"

CI = {
    "keeper": f"arn:aws:iam::{LOGGING}:role/ci-keeper",
    "edge": f"arn:aws:iam::{SHOP}:user/pipelines/ci-edge",
}
ACCOUNTS = (
    ExistingAccount(MANAGEMENT, "management", "keeper", trails=True),
    ExistingAccount(LOGGING, "logging", "keeper", hub=True, trails=True, records=True, tables=True),
    ExistingAccount(SHOP, "shop", "edge", trails=True, scopes=True, workflows=True),
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


Untyped = Any
"""What boto3 takes and gives."""
Params = Mapping[str, Untyped]
Questions = list[tuple[str, str]]
Asked = Callable[..., Questions]


class Known:
    """A directory in which a few things exist."""

    def role_arn(self, account: str, name: str) -> str | None:
        return f"arn:aws:iam::{account}:role/breakglass/{name}" if name == "kit" else None

    def user_arn(self, account: str, name: str) -> str | None:
        return f"arn:aws:iam::{account}:user/people/{name}" if name == "ada" else None

    def key_arn(self, account: str, region: str, name: str) -> str | None:
        known = {"alias/ledger": "k-1", "k-1": "k-1"}
        return f"arn:aws:kms:{region}:{account}:key/{known[name]}" if name in known else None

    def organization_of(self, *_: str) -> tuple[str, str] | None:
        return "o-example", MANAGEMENT

    def query_workgroup(self, *place_and_query: str) -> str | None:
        return "break-glass-records" if place_and_query[-1] == "q-1" else None

    def _nothing(self, *_: str) -> None:
        return None

    group_arn = instance_profile_arn = access_key_owner = _nothing
    organization_arn = secret_arn = stack_arn = _nothing


def statement(
    effect: str, action: Untyped, resource: Untyped = "*", **rest: Untyped
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **rest}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(**principal: Untyped) -> str:
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

    def hand(self, account: str, service: str, region: str = HOME) -> Untyped:
        """A client that nobody guards: what exists already."""
        return self.emulator.client(self.emulator.root(account), service, region)

    def role(
        self,
        account: str,
        name: str,
        *statements: Mapping[str, Any],
        path: str = "/",
        **more: Untyped,
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

    def session(self, role_arn: str, **more: Untyped) -> Caller:
        return self.emulator.session(role_arn, session_name="test", **more)

    def bucket(self, account: str, name: str, *statements: Mapping[str, Any]) -> str:
        s3 = self.hand(account, "s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))
        return f"arn:aws:s3:::{name}"

    def decide(
        self, caller: Caller, service: str, operation: str, region: str = HOME, **params: Untyped
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


def deployer_of(town: Town, account: str) -> Caller:
    """A session of an account's deployer."""
    return town.session(f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer")


def refused(call: Untyped) -> GuardDenied:
    """Make a call that the guard must refuse."""
    with pytest.raises(GuardDenied) as caught:
        call()
    return caught.value
