"""What moto holds, read without a call: the one place that knows moto's private models.

moto is pinned to 5.2.x; ``tests/rehearsal/test_emulator.py`` fails when one of these moves.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.events.models import events_backends
from moto.iam.access_control import PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.organizations.models import organizations_backends
from moto.pipes.models import pipes_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from breakglass.errors import InvalidInput

Moto = Any
"""An object of moto's models, which carry no types."""

PARTITION = "aws"


# --- IAM ---------------------------------------------------------------------------------------


def _principal(arn: str) -> tuple[Moto, str]:
    """Return the account's IAM backend and the last part of an IAM ARN."""
    account = arn.split(":")[4]
    return iam_backends[account][PARTITION], arn.rsplit("/", 1)[-1]


def role(arn: str) -> Moto | None:
    """Return moto's role of exactly this ARN, path included, or None."""
    backend, name = _principal(arn)
    return next((r for r in list(backend.roles.values()) if r.name == name and r.arn == arn), None)


def role_named(account: str, name: str) -> Moto | None:
    """Return moto's role of a name, which is one in its account whatever the path, or None."""
    roles = iam_backends[account][PARTITION].roles.values()
    return next((role for role in list(roles) if role.name == name), None)


def user(arn: str) -> Moto | None:
    """Return moto's user of exactly this ARN, or None."""
    backend, name = _principal(arn)
    found = backend.users.get(name)
    return found if found is not None and found.arn == arn else None


def tags_of(entity: Moto) -> dict[str, str]:
    """Return the tags of a role or user of moto's, in whichever form it keeps them."""
    tags = entity.tags or []
    entries = tags.values() if isinstance(tags, dict) else tags
    return {entry["Key"]: entry["Value"] for entry in entries}


def user_tags(arn: str) -> dict[str, str]:
    """Return the tags of a user; moto keeps them in its tagging service."""
    backend, _ = _principal(arn)
    tags: dict[str, str] = backend.tagger.get_tag_dict_for_resource(arn)
    return tags


def oidc_provider(arn: str) -> Moto | None:
    """Return moto's OIDC provider of this ARN, or None."""
    backend, _ = _principal(arn)
    return backend.open_id_providers.get(arn)


def inline_policies(account: str, role_name: str) -> dict[str, str]:
    """Return the inline policies of a role by name, empty for a role that is not there."""
    roles = list(iam_backends[account][PARTITION].roles.values())
    return next((dict(held.policies) for held in roles if held.name == role_name), {})


def managed_policy_document(arn: str, account: str) -> dict[str, Any] | None:
    """Return the default version of a managed policy as ``account`` sees it, or None."""
    if arn.startswith("arn:aws:iam::aws:"):
        seed_managed_policy(account, arn)
    found = iam_backends[account][PARTITION].managed_policies.get(arn)
    if found is None:
        return None
    current = next(v for v in found.versions if v.version_id == found.default_version_id)
    return dict(json.loads(current.document))


def seed_managed_policy(account: str, arn: str) -> None:
    """Give ``account`` one of AWS's managed policies.

    moto gives an account all 1,300 or none; all cost 0.8 s and 35 MB an account.
    """
    backend = iam_backends[account][PARTITION]
    if arn in backend.managed_policies:
        return
    name = arn.rpartition("/")[2]
    data = _aws_managed(name)
    if data is None or arn != f"arn:aws:iam::aws:policy{data.get('Path', '/')}{name}":
        raise InvalidInput("managed policy", arn, "the ARN of a policy that AWS has")
    policy = AWSManagedPolicy.from_data(name, account, "us-east-1", data)
    backend.aws_managed_policies.append(policy)
    backend.managed_policies[policy.arn] = policy


@cache
def _aws_managed(name: str) -> dict[str, Any] | None:
    """Read one of AWS's own policies out of moto's 4 MB of them, which take 0.2 s to read whole."""
    begins = f'\n "{name}":'
    at = aws_managed_policies_data.find(begins)
    if at < 0:
        return None
    found, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, at + len(begins))
    return dict(found)


# --- Organizations -----------------------------------------------------------------------------


def management_account(account: str) -> str | None:
    """Return the management account of the organisation that ``account`` is in, or None."""
    if account in organizations_backends.master_accounts:
        return str(organizations_backends.master_accounts[account][0])
    return account if organizations_backends[account][PARTITION].org else None


def forget_organizations() -> None:
    """Clear which account is in which organisation: moto's own reset leaves that."""
    organizations_backends.master_accounts.clear()


def organization(account: str) -> Moto | None:
    """Return moto's organisation backend for ``account``, or None outside any."""
    management = management_account(account)
    return None if management is None else organizations_backends[management][PARTITION]


def organization_policy(account: str, policy_id: str) -> Moto | None:
    """Return a policy of the organisation that ``account`` manages, or None."""
    policies = organizations_backends[account][PARTITION].policies
    return next((policy for policy in policies if policy.id == policy_id), None)


def organization_path(account: str) -> str | None:
    """Return the entity path ``o-…/r-…/ou-…/`` as ``aws:PrincipalOrgPaths`` has it, or None."""
    backend = organization(account)
    if backend is None:
        return None
    member = next(a for a in backend.accounts if a.id == account)
    units = {unit.id: unit for unit in backend.ou}
    parts: list[str] = []
    parent = member.parent_id
    while parent in units:
        parts.insert(0, parent)
        parent = getattr(units[parent], "parent_id", None)
    return "/".join([backend.org.id, *parts]) + "/"


# --- S3 ----------------------------------------------------------------------------------------


def bucket(name: str) -> Moto | None:
    """Return moto's bucket, whoever owns it, or None."""
    owner = s3_backends.bucket_accounts.get(name)
    if owner is None:
        return None
    partition, account = owner
    return s3_backends[account][partition].buckets.get(name)


def stored_object(bucket_name: str, key: str, version: str | None) -> Moto | None:
    """Return the newest version of a key, or the one named; None for a marker or nothing."""
    held = bucket(bucket_name)
    if held is None:
        return None
    versions = held.keys.getlist(key, default=[])
    wanted = (v for v in reversed(versions) if version is None or v.version_id == version)
    found = next(wanted, None)
    return found if hasattr(found, "lock_mode") else None


@contextmanager
def bucket_policies_undecided() -> Iterator[None]:
    """Keep moto from refusing objects by bucket policies: it reads neither callers nor conditions.

    It would deny CloudTrail what a Deny for everybody but services says. The guard has decided.
    """
    decide = FakeBucket.get_permission
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL  # type: ignore[method-assign]  # for the emulation's time
    try:
        yield
    finally:
        FakeBucket.get_permission = decide  # type: ignore[method-assign]  # as it was


# --- EventBridge, SNS, CloudTrail --------------------------------------------------------------


def event_bus(account: str, region: str, name_or_arn: str | None) -> Moto | None:
    """Return moto's event bus by name or ARN, ``default`` when none is named."""
    name = (name_or_arn or "default").rsplit("/", 1)[-1]
    return events_backends[account][region].event_buses.get(name)


def event_rules(account: str, region: str, bus_name_or_arn: str | None = None) -> list[Moto]:
    """Return moto's rules on a bus, on ``default`` when none is named; none without that bus."""
    bus = event_bus(account, region, bus_name_or_arn)
    return [] if bus is None else list(bus.rules.values())


def pipes_from(queue_arn: str) -> list[Moto]:
    """Return moto's pipes that take from a queue; none where the queue does not exist."""
    _, _, _, region, account, name = queue_arn.split(":")
    if name not in sqs_backends[account][region].queues:
        return []
    pipes = pipes_backends[account][region].pipes.values()
    return [pipe for pipe in pipes if pipe.source == queue_arn]


def subscriptions_of(topic_arn: str) -> list[Moto]:
    """Return moto's subscriptions of a topic."""
    _, _, _, region, account, _ = topic_arn.split(":")
    everything = list(sns_backends[account][region].subscriptions.values())
    return [subscription for subscription in everything if subscription.topic.arn == topic_arn]


def keep_subscriptions(topic_arn: str) -> Callable[[], None]:
    """Return what puts all subscriptions beside a topic's back; the API gives them other ARNs."""
    _, _, _, region, account, _ = topic_arn.split(":")
    standing = sns_backends[account][region].subscriptions
    kept = dict(standing)

    def put_back() -> None:
        standing.clear()
        standing.update(kept)

    return put_back


def trails(account: str) -> Iterator[Moto]:
    """Yield the trails that ``account`` made, of every region."""
    for backend in list(cloudtrail_backends[account].values()):
        yield from list(backend.trails.values())
