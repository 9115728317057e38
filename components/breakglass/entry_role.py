"""A way in: the role that demands the second factor and fixes who somebody is."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict, TypeVar

import pulumi
from pulumi_aws import iam

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of, chosen, rendered
from breakglass.documents import Document, entry, trust
from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota

Given = TypeVar("Given")

SESSION_SECONDS = 3600
"""Longest session, the least that IAM lets a role have."""


class EntryRoleKind(StrEnum):
    """Who stands before an entry role."""

    IAM_USER = "iam-user"
    IDENTITY_CENTER = "identity-center"
    GITHUB_OIDC = "github-oidc"


class IdentityCenterEntry(TypedDict):
    """A permission set as a way in."""

    region: str
    """Home region of Identity Center."""
    permission_set: str
    """Name of the permission set."""
    people: Sequence[str]
    """Who of those that have it may enter: values of the attribute ``principal_tag``."""
    principal_tag: NotRequired[str]
    """ABAC attribute that says who somebody is; ``user`` when omitted."""


class WorkflowEntry(TypedDict):
    """A GitHub workflow as a way in."""

    repository: str
    """``owner/name`` of the repository."""
    repository_id: int
    """Numeric id of the repository."""
    workflow: str
    """``.github/workflows/<file>@refs/heads/<branch>`` that the job runs from."""
    environment: str
    """Environment that the job runs in."""
    owner_id: NotRequired[int]
    """Numeric id of the owner, for repositories with immutable subjects."""


class EntryRoleArgs(TypedDict):
    """Arguments of EntryRole."""

    account_id: str
    """Account that holds the role, twelve digits: that of the provider."""
    entry: str
    """Name of the way in; the role is ``break-glass-entry-<entry>``."""
    kind: EntryRoleKind
    """Who stands before it; the argument of that name says more."""
    regions: Sequence[str]
    """Regions with rules; the role can be entered in no other."""
    break_glass_role_arns: Sequence[str]
    """The break-glass roles that it leads to."""
    user_names: NotRequired[Sequence[str]]
    """For ``iam-user``: the users of this account that may enter."""
    identity_center: NotRequired[IdentityCenterEntry]
    """For ``identity-center``: the permission set that may enter."""
    workflow: NotRequired[WorkflowEntry]
    """For ``github-oidc``: the workflow that may enter."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


class EntryRole(pulumi.ComponentResource):
    """The first of two hops: it may assume break-glass roles, and do nothing else.

    Make it with the provider of the account that holds the users, the permission set or the OIDC
    provider.
    """

    role_arn: pulumi.Output[str]
    """ARN of the entry role."""

    def __init__(
        self, name: str, args: EntryRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:EntryRole", name, {}, opts)
        check(EntryRoleArgs, args)
        quotas = QUOTAS.override(args.get("quotas", {}))
        trusted = _trust(args)
        workflow = args["kind"] == EntryRoleKind.GITHUB_OIDC
        onward = entry.assume_break_glass_roles(args["break_glass_role_arns"], workflow=workflow)
        role_name = names.role("entry", args["entry"])

        role = iam.Role(
            f"{name}-role",
            name=role_name,
            path=names.PATH,
            description="First hop of the break-glass path: it leads to break-glass roles only",
            assume_role_policy=rendered(
                trusted, Quota.TRUST_POLICY, f"trust of {role_name}", quotas
            ),
            max_session_duration=SESSION_SECONDS,
            opts=child_of(self),
        )
        iam.RolePolicy(
            f"{name}-onward",
            name=names.policy("onward"),
            role=role.name,
            policy=rendered(onward, Quota.ROLE_INLINE_POLICIES, f"policy of {role_name}", quotas),
            opts=child_of(self),
        )

        self.role_arn = role.arn
        self.register_outputs({"roleArn": self.role_arn})


def _trust(args: EntryRoleArgs) -> Document:
    """The trust policy of the kind, from the argument that belongs to it."""
    account, regions = args["account_id"], args["regions"]
    kind = chosen(EntryRoleKind, "kind", args["kind"])
    if kind is EntryRoleKind.IAM_USER:
        users = _needed(args.get("user_names"), kind, "user_names")
        arns = [f"arn:aws:iam::{account}:user/{user}" for user in users]
        return trust.iam_user_entry(arns, regions)
    if kind is EntryRoleKind.IDENTITY_CENTER:
        center = _needed(args.get("identity_center"), kind, "identity_center")
        pattern = names.identity_center_role_pattern(
            account, center["region"], center["permission_set"]
        )
        return trust.identity_center_entry(
            account, pattern, center.get("principal_tag", "user"), center["people"], regions
        )
    claims = _needed(args.get("workflow"), kind, "workflow")
    return trust.github_oidc_entry(
        names.oidc_provider_arn(account), trust.WorkflowClaims(**claims), regions
    )


def _needed(value: Given | None, kind: EntryRoleKind, argument: str) -> Given:
    if not value:
        raise InvalidInput(argument, value, f"a value, since kind is {kind}")
    return value
