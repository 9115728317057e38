"""Floor and gate of a repository.

Classic protection and rulesets add up, the most restrictive wins (GitHub docs, "About rulesets"),
and an App on a ruleset's bypass list still cannot pass a classic rule. So what nobody may skip is
in the floor, classic and ruleset, without a bypass actor. What an emergency may skip is in one
ruleset, the gate, whose only bypass actor is the kit's App, on pull requests only. Nothing is ever
unlocked.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_github as github

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of, chosen
from breakglass.errors import InvalidInput
from breakglass.settings.agreement import ACTIONS_APP


class GateKind(StrEnum):
    """What a gate waits for."""

    REVIEW = "review"
    CHECK = "check"
    DEPLOYMENT = "deployment"


class RepositoryGate(TypedDict):
    """A control that can block a change."""

    id: str
    """Name of the gate, unique in the repository."""
    kind: GateKind
    """What it waits for."""
    skippable: bool
    """Whether an emergency may pass it."""
    context: NotRequired[str]
    """For ``check``: the name of the check."""
    integration_id: NotRequired[int]
    """For ``check``: the App that must report it."""
    approvals: NotRequired[int]
    """For ``review``: approving reviews; 1 when omitted."""
    code_owners: NotRequired[bool]
    """For ``review``: whether a code owner must approve; no when omitted."""
    environment: NotRequired[str]
    """For ``deployment``: the environment."""
    reviewer_teams: NotRequired[Sequence[int]]
    """For ``deployment``: ids of the teams that may approve."""
    reviewer_users: NotRequired[Sequence[int]]
    """For ``deployment``: ids of the people who may approve."""


class GitHubGateArgs(TypedDict):
    """Arguments of GitHubGate."""

    repository: str
    """Name of the repository, without the owner."""
    default_branch: str
    """The branch to protect."""
    gates: Sequence[RepositoryGate]
    """What a change must pass."""
    app_id: NotRequired[int]
    """The App that passes skippable gates; without it nobody does."""


class GitHubGate(pulumi.ComponentResource):
    """Classic protection, floor and gate rulesets, environments and claims of one repository.

    Make it with a GitHub provider of the organisation.
    """

    floor_ruleset_id: pulumi.Output[int]
    """Id of the ruleset that nobody passes."""
    gate_ruleset_id: pulumi.Output[int | None]
    """Id of the ruleset that the App passes in an emergency; None where no gate is skippable."""

    def __init__(
        self, name: str, args: GitHubGateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:GitHubGate", name, {}, opts)
        check(GitHubGateArgs, args)
        _refuse_forgeable(args)
        _check(args["gates"])
        floor = [gate for gate in args["gates"] if not gate["skippable"]]
        gate = [gate for gate in args["gates"] if gate["skippable"]]

        self._protection(name, args)
        floor_ruleset = self._ruleset(name, args, "floor", floor, bypass=[])
        gate_ruleset = None
        if _branch_gates(gate):
            gate_ruleset = self._ruleset(name, args, "gate", gate, bypass=_app(args))
        for deployment in args["gates"]:
            if deployment["kind"] == GateKind.DEPLOYMENT:
                self._environment(name, args, deployment)
        github.ActionsRepositoryOidcSubjectClaimCustomizationTemplate(
            f"{name}-claims",
            repository=args["repository"],
            use_default=True,
            opts=child_of(self),
        )

        self.floor_ruleset_id = floor_ruleset.ruleset_id
        self.gate_ruleset_id = pulumi.Output.from_input(
            gate_ruleset.ruleset_id if gate_ruleset else None
        )
        self.register_outputs(
            {"floorRulesetId": self.floor_ruleset_id, "gateRulesetId": self.gate_ruleset_id}
        )

    def _protection(self, name: str, args: GitHubGateArgs) -> None:
        """What classic protection alone can say: admins are bound too."""
        github.BranchProtection(
            f"{name}-protection",
            repository_id=args["repository"],
            pattern=args["default_branch"],
            enforce_admins=True,
            allows_force_pushes=False,
            allows_deletions=False,
            required_pull_request_reviews=[
                github.BranchProtectionRequiredPullRequestReviewArgs(
                    required_approving_review_count=0
                )
            ],
            opts=child_of(self),
        )

    def _ruleset(
        self,
        name: str,
        args: GitHubGateArgs,
        noun: str,
        gates: Sequence[RepositoryGate],
        *,
        bypass: Sequence[github.RepositoryRulesetBypassActorArgs],
    ) -> github.RepositoryRuleset:
        """One ruleset on the default branch."""
        return github.RepositoryRuleset(
            f"{name}-{noun}",
            name=names.named(noun),
            repository=args["repository"],
            target="branch",
            enforcement="active",
            bypass_actors=list(bypass),
            conditions=github.RepositoryRulesetConditionsArgs(
                ref_name=github.RepositoryRulesetConditionsRefNameArgs(
                    includes=[f"refs/heads/{args['default_branch']}"], excludes=[]
                )
            ),
            rules=github.RepositoryRulesetRulesArgs(
                deletion=True,
                non_fast_forward=True,
                pull_request=_reviews(gates),
                required_status_checks=_checks(gates),
            ),
            opts=child_of(self),
        )

    def _environment(self, name: str, args: GitHubGateArgs, gate: RepositoryGate) -> None:
        """An environment that waits for somebody else's approval, from the default branch only."""
        environment = github.RepositoryEnvironment(
            f"{name}-{gate['id']}",
            repository=args["repository"],
            environment=gate["environment"],
            can_admins_bypass=False,
            prevent_self_review=True,
            reviewers=[
                github.RepositoryEnvironmentReviewerArgs(
                    teams=list(gate.get("reviewer_teams", [])),
                    users=list(gate.get("reviewer_users", [])),
                )
            ],
            deployment_branch_policy=github.RepositoryEnvironmentDeploymentBranchPolicyArgs(
                protected_branches=False, custom_branch_policies=True
            ),
            opts=child_of(self),
        )
        github.RepositoryEnvironmentDeploymentPolicy(
            f"{name}-{gate['id']}-branch",
            repository=args["repository"],
            environment=environment.environment,
            branch_pattern=args["default_branch"],
            opts=child_of(self),
        )


def _refuse_forgeable(args: GitHubGateArgs) -> None:
    """Refuse Actions' App on the floor and on the bypass list: every workflow reports as it."""
    if args.get("app_id") == ACTIONS_APP:
        raise InvalidInput("app_id", ACTIONS_APP, "an App of yours")
    for gate in args["gates"]:
        forgeable = gate.get("integration_id") in {None, ACTIONS_APP}
        if gate["kind"] == GateKind.CHECK and not gate["skippable"] and forgeable:
            raise InvalidInput(
                f"gates[{gate['id']}].integration_id",
                gate.get("integration_id"),
                "the id of a dedicated App, since nobody may skip this check",
            )


_NEEDED = {GateKind.REVIEW: "id", GateKind.CHECK: "context", GateKind.DEPLOYMENT: "environment"}
"""What a gate of each kind cannot be without."""


def _check(gates: Sequence[RepositoryGate]) -> None:
    """Refuse a gate that would silently guard nothing."""
    for gate in gates:
        kind = chosen(GateKind, f"gates[{gate['id']}].kind", gate["kind"])
        if not gate.get(_NEEDED[kind]):
            place = f"gates[{gate['id']}].{_NEEDED[kind]}"
            raise InvalidInput(place, None, f"a value, since kind is {kind}")


def _branch_gates(gates: Sequence[RepositoryGate]) -> list[RepositoryGate]:
    """The gates that a ruleset holds; a deployment's is the environment."""
    return [gate for gate in gates if gate["kind"] != GateKind.DEPLOYMENT]


def _app(args: GitHubGateArgs) -> list[github.RepositoryRulesetBypassActorArgs]:
    """The App, on pull requests only: ``always`` could push, ``exempt`` leaves no audit entry."""
    if "app_id" not in args:
        return []
    return [
        github.RepositoryRulesetBypassActorArgs(
            actor_type="Integration", actor_id=args["app_id"], bypass_mode="pull_request"
        )
    ]


def _reviews(
    gates: Sequence[RepositoryGate],
) -> github.RepositoryRulesetRulesPullRequestArgs:
    """A pull request always; the most approvals that a review gate asks for."""
    reviews = [gate for gate in gates if gate["kind"] == GateKind.REVIEW]
    return github.RepositoryRulesetRulesPullRequestArgs(
        required_approving_review_count=max(
            (gate.get("approvals", 1) for gate in reviews), default=0
        ),
        require_code_owner_review=any(gate.get("code_owners", False) for gate in reviews),
        dismiss_stale_reviews_on_push=bool(reviews),
        require_last_push_approval=bool(reviews),
    )


def _checks(
    gates: Sequence[RepositoryGate],
) -> github.RepositoryRulesetRulesRequiredStatusChecksArgs | None:
    """The checks, each pinned to the App that must report it where one is named."""
    checks = [
        github.RepositoryRulesetRulesRequiredStatusChecksRequiredCheckArgs(
            context=gate["context"], integration_id=gate.get("integration_id")
        )
        for gate in gates
        if gate["kind"] == GateKind.CHECK
    ]
    if not checks:
        return None
    return github.RepositoryRulesetRulesRequiredStatusChecksArgs(
        required_checks=checks, strict_required_status_checks_policy=False
    )
