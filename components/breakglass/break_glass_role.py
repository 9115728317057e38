"""What is behind the glass: one least-privilege role for one runbook."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import iam

from breakglass import names, tamper
from breakglass._arguments import Faults, check
from breakglass._component import PACKAGE, child_of, rendered
from breakglass.documents import Document, scope, trust
from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota
from breakglass.settings.agreement import action_faults

SESSION_SECONDS = 3600
"""Longest session. A chained one cannot be longer anyway (IAM user guide, "Roles terms and
concepts").
"""


class ScopeGrant(TypedDict):
    """Some actions on some resources."""

    actions: Sequence[str]
    """IAM actions."""
    resources: Sequence[str]
    """ARNs; ``{account}`` becomes the account's id."""


class BreakGlassRoleArgs(TypedDict):
    """Arguments of BreakGlassRole."""

    account_id: str
    """Account that holds the role, twelve digits: that of the provider."""
    scope: str
    """Name of the scope; the role is ``break-glass-scope-<scope>``."""
    grants: Sequence[ScopeGrant]
    """What the runbook needs, and nothing else."""
    entry_role_arns: Sequence[str]
    """The entry roles that lead here: nobody else gets in."""
    regions: Sequence[str]
    """Regions with rules; the role can be entered in no other."""
    workflow_role_arns: NotRequired[Sequence[str]]
    """Entry roles of GitHub workflows; none when omitted."""
    severities: NotRequired[Sequence[str]]
    """Severities that justify it; SEV1 and SEV2 when omitted."""
    incident_prefix: NotRequired[str]
    """What an incident id starts with; ``INC-`` when omitted."""
    pass_role_arns: NotRequired[Sequence[str]]
    """Roles that may be passed to a service; none when omitted."""
    assume_role_arns: NotRequired[Sequence[str]]
    """Roles that may be assumed from here; none when omitted."""
    administrator_reason: NotRequired[str]
    """Why the scope may hold ``*``; without it that is refused."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


class BreakGlassRole(pulumi.ComponentResource):
    """A role for one scope: entered only with an incident, boxed in by a boundary.

    Make it with the provider of the workload account that the runbook is about.
    """

    role_arn: pulumi.Output[str]
    """ARN of the break-glass role."""
    boundary_arn: pulumi.Output[str]
    """ARN of its permissions boundary."""

    def __init__(
        self, name: str, args: BreakGlassRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:BreakGlassRole", name, {}, opts)
        check(BreakGlassRoleArgs, args, lambda: _rule(args))
        reach = _reach(args)
        quotas = QUOTAS.override(args.get("quotas", {}))
        role_name = names.role("scope", args["scope"])

        boundary = iam.Policy(
            f"{name}-boundary",
            name=names.policy("boundary", args["scope"]),
            path=names.PATH,
            description=f"The most that {role_name} can do: its scope, nothing that logs",
            policy=rendered(
                scope.boundary(reach, tamper.blinding_actions()),
                Quota.MANAGED_POLICY,
                f"boundary of {role_name}",
                quotas,
            ),
            opts=child_of(self),
        )
        role = iam.Role(
            f"{name}-role",
            name=role_name,
            path=names.PATH,
            description=f"Break-glass role of the scope {args['scope']}; entering it pages",
            assume_role_policy=rendered(
                _trust(args), Quota.TRUST_POLICY, f"trust of {role_name}", quotas
            ),
            permissions_boundary=boundary.arn,
            max_session_duration=SESSION_SECONDS,
            opts=child_of(self),
        )
        iam.RolePolicy(
            f"{name}-scope",
            name=names.policy("scope"),
            role=role.name,
            policy=rendered(
                scope.permissions(reach),
                Quota.ROLE_INLINE_POLICIES,
                f"scope of {role_name}",
                quotas,
            ),
            opts=child_of(self),
        )

        self.role_arn, self.boundary_arn = role.arn, boundary.arn
        self.register_outputs({"roleArn": self.role_arn, "boundaryArn": self.boundary_arn})


def _trust(args: BreakGlassRoleArgs) -> Document:
    tags = trust.ActivationTags(
        args.get("incident_prefix", "INC-"), args.get("severities", ["SEV1", "SEV2"])
    )
    return trust.break_glass(
        args["entry_role_arns"],
        tags,
        args["regions"],
        workflow_role_arns=args.get("workflow_role_arns", []),
    )


def _reach(args: BreakGlassRoleArgs) -> scope.Reach:
    grants = [scope.GrantOn(grant["actions"], grant["resources"]) for grant in args["grants"]]
    return scope.Reach(
        args["account_id"],
        grants,
        args.get("pass_role_arns", []),
        args.get("assume_role_arns", []),
    )


def _rule(args: BreakGlassRoleArgs) -> Faults:
    """Somebody gets in, and each action is one that a scope may hold."""
    if not [*args["entry_role_arns"], *args.get("workflow_role_arns", [])]:
        yield InvalidInput("entry_role_arns", [], "at least one, or workflow_role_arns")
    for action in dict.fromkeys(a for grant in args["grants"] for a in grant["actions"]):
        yield from action_faults("grants", action, args.get("administrator_reason"))
