"""The emulated accounts that the rows of the table are shown on, with a clock that tests move."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.emulator import Emulator, GuardDenied, PlatformRefusal
from breakglass.rehearsal.guard import Guard
from tests.guard.emulated_town import HOME, LOGGING, MANAGEMENT, SHOP, Town, policy, statement

__all__ = ["HOME", "LOGGING", "MANAGEMENT", "SHOP", "Land", "land", "policy", "statement"]

_names = count(1)
ANYTHING = statement("Allow", "*")


@dataclass
class Clock:
    """A clock that starts at the machine's hour, as Object Lock does in moto."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    @contextmanager
    def later(self, **by: float) -> Iterator[None]:
        """Be so much later for a while."""
        before, self.now = self.now, self.now + timedelta(**by)
        try:
            yield
        finally:
            self.now = before


@dataclass
class Land(Town):
    """Three accounts in an organisation."""

    clock: Clock = field(default_factory=Clock)

    def new(self, what: str) -> str:
        """Give a name that nothing has yet."""
        return f"{what}-{next(_names)}"

    def client(self, caller: Caller, service: str, region: str = HOME) -> Any:  # noqa: ANN401 - boto3's
        """A guarded client."""
        return self.emulator.client(caller, service, region)

    def user(self, account: str = LOGGING, *statements: dict[str, Any]) -> Caller:
        """A new user with his long-term keys."""
        name, iam = self.new("user"), self.hand(account, "iam", "us-east-1")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if statements:
            document = policy(*statements)
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document)
        return self.emulator.user(arn)

    def admin(self, account: str = LOGGING) -> Caller:
        """A session that its account's policies let do anything."""
        return self.session(self.role(account, self.new("admin"), ANYTHING))

    def trusting(self, principal: Any, account: str = LOGGING, **more: Any) -> str:  # noqa: ANN401 - JSON
        """A role that trusts a principal under a condition; its ARN."""
        action = more.pop("Action", "sts:AssumeRole")
        body = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
        longest = body.pop("longest", 3600)
        document = json.dumps({"Version": "2012-10-17", "Statement": [body]})
        return self.role(
            account, self.new("role"), ANYTHING, trust=document, MaxSessionDuration=longest
        )

    def assume(self, caller: Caller, role: str, **more: Any) -> Caller:  # noqa: ANN401 - of AssumeRole
        return self.emulator.assume_role(caller, role, session_name="test", region=HOME, **more)

    def bucket_of(self, account: str = LOGGING, *statements: dict[str, Any]) -> str:
        """A new bucket; its name. ``{bucket}`` in a policy stands for it."""
        name = self.new("bucket")
        text = json.dumps(statements).replace("{bucket}", name)
        self.bucket(account, name, *json.loads(text))
        return name

    def locked(self, account: str = LOGGING) -> str:
        """A new bucket with Object Lock; its name."""
        name = self.new("vault")
        self.hand(account, "s3").create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": HOME},
        )
        return name

    def queue(self, account: str = LOGGING) -> tuple[str, str]:
        """A new queue: its URL and its ARN."""
        name = self.new("queue")
        url = self.hand(account, "sqs").create_queue(QueueName=name)["QueueUrl"]
        return str(url), f"arn:aws:sqs:{HOME}:{account}:{name}"

    def received(self, url: str, account: str = LOGGING) -> list[dict[str, Any]]:
        """What a queue holds."""
        answer = self.hand(account, "sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return list(answer.get("Messages", []))


@contextmanager
def land() -> Iterator[Land]:
    """Start the accounts; one at a time in a process."""
    guard, clock = Guard(), Clock()
    with Emulator(guard, clock=clock) as emulator:
        emulator.create_organization(MANAGEMENT, {"logging": LOGGING, "shop": SHOP})
        made = Land(emulator, guard, clock=clock)
        organizations = made.hand(MANAGEMENT, "organizations", "us-east-1")
        made.root_id = organizations.list_roots()["Roots"][0]["Id"]
        for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
            organizations.enable_policy_type(RootId=made.root_id, PolicyType=kind)
        yield made


@contextmanager
def denied() -> Iterator[list[GuardDenied]]:
    """Expect that policies refuse; the refusal afterwards."""
    seen: list[GuardDenied] = []
    with pytest.raises(GuardDenied) as caught:
        yield seen
    seen.append(caught.value)


@contextmanager
def refused(rule: str) -> Iterator[None]:
    """Expect that a rule of the platform refuses, by its name."""
    with pytest.raises(PlatformRefusal) as caught:
        yield
    assert rule in caught.value.platform_rule, caught.value.platform_rule
