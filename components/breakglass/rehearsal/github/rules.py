"""What protection refuses: classic rules and rulesets over one change of a ref, added up.

GitHub, "About rulesets": rules of several rulesets and of a branch protection rule are
aggregated, the most restrictive wins, and passing a ruleset lifts nothing of a classic rule.
GitHub, "About protected branches": one classic rule applies to a branch, an exact name before a
pattern, an older pattern before a younger; administrators pass it unless it is enforced for them,
but not its bans on force pushes and deletions, which bind everybody.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from breakglass.rehearsal.github.access import counts_as_reviewer, holds, role_of
from breakglass.rehearsal.github.globs import matches
from breakglass.rehearsal.github.owners import code_owners, is_owner
from breakglass.rehearsal.github.state import (
    Actor,
    BranchProtectionRule,
    BypassActor,
    Commit,
    Installation,
    PullRequest,
    Report,
    Repository,
    Review,
    Role,
    RuleEvaluation,
    Ruleset,
)

THROUGH_A_PULL_REQUEST = "Changes must be made through a pull request."
LAST_PUSH = "New changes require approval from someone other than the last pusher."
THREADS = "A conversation must be resolved before this pull request can be merged."
UNSIGNED = "Commits must have verified signatures."
MERGE_COMMITS = "This branch must not contain merge commits."
NO_FORCE_PUSH = "Cannot force-push to this branch"
NO_DELETION = "Cannot delete this branch"
LOCKED = "Cannot change this locked branch"
NOT_ALLOWED_TO_PUSH = "You're not authorized to push to this branch."
OUT_OF_DATE = "The head branch is not up to date with the base branch."

REPOSITORY_ROLES = {2: Role.MAINTAIN, 4: Role.WRITE, 5: Role.ADMIN}
"""``actor_id`` of a RepositoryRole (the provider's documentation of ``bypass_actors``)."""


class Kind(StrEnum):
    """The ways to change a ref."""

    MERGE = "merge"
    CREATION = "creation"
    UPDATE = "update"
    FORCE_PUSH = "force_push"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class Change:
    """One wish to change a branch: from commit ``before`` to ``after`` (empty for a deletion)."""

    kind: Kind
    actor: Actor
    repository: Repository
    branch: str
    before: str
    after: str
    pull: PullRequest | None = None
    method: str = "merge"

    @property
    def commits(self) -> list[Commit]:
        """What the change would bring in."""
        return self.repository.new_commits(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule that says no: ``rule`` is where it stands, ``message`` what GitHub prints of it."""

    rule: str
    message: str
    binds_admins: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What all rules together say.

    ``refusals`` empty means go; ``overridden`` are the classic rules that an administrator
    passed; ``evaluations`` is what the rulesets' rule suite will show, ``bypassed`` whether one
    of them was passed by right.
    """

    refusals: tuple[Refusal, ...]
    overridden: tuple[Refusal, ...]
    evaluations: tuple[RuleEvaluation, ...]
    bypassed: bool

    @property
    def allowed(self) -> bool:
        """Nothing refuses."""
        return not self.refusals


def decide(change: Change) -> Decision:
    """Say what classic protection and every ruleset together make of a change."""
    classic = list(classic_refusals(change))
    overridden = [each for each in classic if passes_classic(change, each)]
    refusals = [each for each in classic if each not in overridden]
    evaluations: list[RuleEvaluation] = []
    bypassed = False
    for ruleset in rulesets_on(change.repository, change.branch):
        mode = bypass_mode(change, ruleset)
        if mode == "exempt":
            continue
        faults = list(ruleset_refusals(change, ruleset))
        evaluations += evaluated(ruleset, faults)
        if ruleset.enforcement == "evaluate" or not faults:
            continue
        if mode == "bypass":
            bypassed = True
        else:
            refusals += faults
    return Decision(tuple(refusals), tuple(overridden), tuple(evaluations), bypassed)


def passes_classic(change: Change, refusal: Refusal) -> bool:
    """An administrator passes a classic rule that is not enforced for administrators."""
    rule = classic_rule(change.repository, change.branch)
    return (
        rule is not None
        and not rule.is_admin_enforced
        and not refusal.binds_admins
        and role_of(change.actor, change.repository) == Role.ADMIN
    )


def evaluated(ruleset: Ruleset, faults: Sequence[Refusal]) -> Iterator[RuleEvaluation]:
    """Write down how each rule of a ruleset came out."""
    details = {each.rule.rpartition("/")[2]: each.message for each in faults}
    for rule_type in ruleset.rules:
        yield RuleEvaluation(
            ruleset.id,
            ruleset.name,
            ruleset.enforcement,
            rule_type,
            "fail" if rule_type in details else "pass",
            details.get(rule_type),
        )


# --- classic protection -------------------------------------------------------------------


def classic_rule(repository: Repository, branch: str) -> BranchProtectionRule | None:
    """Give the one classic rule of a branch: an exact name, else the oldest pattern."""
    rules = sorted(repository.protections.values(), key=lambda rule: rule.number)
    exact = [rule for rule in rules if rule.pattern == branch]
    wild = [rule for rule in rules if matches(rule.pattern, branch)]
    return next(iter(exact + wild), None)


def classic_refusals(change: Change) -> Iterator[Refusal]:
    """What the branch's classic rule says against a change."""
    rule = classic_rule(change.repository, change.branch)
    if rule is None:
        return
    place = f"branch_protection:{rule.pattern}"
    for name, message in for_everybody(change, rule):
        yield Refusal(f"{place}/{name}", message, binds_admins=True)
    if change.kind in {Kind.DELETION, Kind.CREATION}:
        return
    if rule.lock_branch:
        yield Refusal(f"{place}/lock_branch", LOCKED)
    for name, message in (*classic_reviews(change, rule), *classic_content(change, rule)):
        yield Refusal(f"{place}/{name}", message)


def for_everybody(change: Change, rule: BranchProtectionRule) -> Iterator[tuple[str, str]]:
    """What a classic rule says to administrators too, enforced for them or not."""
    if change.kind == Kind.DELETION:
        if not rule.allows_deletions:
            yield "allow_deletions", NO_DELETION
        return
    forced = change.kind == Kind.FORCE_PUSH and not rule.allows_force_pushes
    if forced and not listed(change, rule.bypass_force_push_actor_ids):
        yield "allow_force_pushes", NO_FORCE_PUSH
    if kept_out(change, rule):
        yield "restrict_pushes", NOT_ALLOWED_TO_PUSH


def kept_out(change: Change, rule: BranchProtectionRule) -> bool:
    """Tell whether "restrict who can push" keeps the actor out; administrators always push."""
    if not rule.restricts_pushes or (change.kind == Kind.CREATION and not rule.blocks_creations):
        return False
    admin = role_of(change.actor, change.repository) == Role.ADMIN
    admin = admin or holds(change.actor, change.repository, "administration")
    return not admin and not listed(change, rule.push_actor_ids)


def classic_reviews(change: Change, rule: BranchProtectionRule) -> Iterator[tuple[str, str]]:
    """What is missing of the reviews; those on the rule's own bypass list need none."""
    need = ReviewNeed(
        rule.required_approving_review_count,
        code_owner=rule.requires_code_owner_reviews,
        last_push=rule.require_last_push_approval,
    )
    if rule.requires_approving_reviews and not listed(change, rule.bypass_pull_request_actor_ids):
        for message in unreviewed(change, need):
            yield "required_pull_request_reviews", message
    if rule.requires_conversation_resolution and unresolved(change):
        yield "require_conversation_resolution", THREADS


def classic_content(change: Change, rule: BranchProtectionRule) -> Iterator[tuple[str, str]]:
    """What is wrong with the commits; a classic context takes anybody's word for it."""
    if rule.requires_status_checks:
        contexts = [(context, None) for context in rule.required_status_check_contexts]
        for message in unchecked(change, contexts, strict=rule.requires_strict_status_checks):
            yield "required_status_checks", message
    if rule.requires_commit_signatures and unsigned(change):
        yield "required_signatures", UNSIGNED
    if rule.requires_linear_history and bends(change):
        yield "required_linear_history", MERGE_COMMITS


def listed(change: Change, node_ids: Sequence[str]) -> bool:
    """Tell whether the actor, his App or one of his teams is in an actor list."""
    if isinstance(change.actor, Installation):
        return change.actor.app.node_id in node_ids
    teams = change.repository.organization.teams.values()
    mine = {team.node_id for team in teams if change.actor.login in team.members}
    return change.actor.node_id in node_ids or not mine.isdisjoint(node_ids)


# --- rulesets -----------------------------------------------------------------------------


def rulesets_on(repository: Repository, branch: str) -> list[Ruleset]:
    """Every ruleset of repository and organisation that looks at this branch and is switched on."""
    own = repository.rulesets.values()
    above = [
        ruleset
        for ruleset in repository.organization.rulesets.values()
        if means_repository(ruleset.conditions, repository)
    ]
    return [
        ruleset
        for ruleset in (*own, *above)
        if ruleset.enforcement != "disabled" and means_branch(ruleset, repository, branch)
    ]


def means_repository(conditions: Mapping[str, Any], repository: Repository) -> bool:
    """Read an organisation ruleset's choice of repositories."""
    if "repository_id" in conditions:
        return repository.id in conditions["repository_id"]["repository_ids"]
    names = conditions.get("repository_name", {"include": ["~ALL"]})
    return chosen(names, lambda pattern: pattern == "~ALL" or matches(pattern, repository.name))


def means_branch(ruleset: Ruleset, repository: Repository, branch: str) -> bool:
    """Read a ruleset's choice of refs; a push ruleset means them all, a tag ruleset no branch."""
    if ruleset.target != "branch":
        return ruleset.target == "push"

    def means(pattern: str) -> bool:
        if pattern == "~DEFAULT_BRANCH":
            return branch == repository.default_branch
        return pattern == "~ALL" or matches(pattern, f"refs/heads/{branch}")

    return chosen(ruleset.conditions.get("ref_name", {}), means)


def chosen(condition: Mapping[str, Any], means: Callable[[str], bool]) -> bool:
    """Tell whether something is included and not excluded."""
    included = any(means(pattern) for pattern in condition.get("include", ()))
    return included and not any(means(pattern) for pattern in condition.get("exclude", ()))


def bypass_mode(change: Change, ruleset: Ruleset) -> str | None:
    """Give ``exempt``, ``bypass`` or nothing, whichever entry of the bypass list gives most.

    GitHub's description of ``bypass_mode``: ``pull_request`` works on pull requests only,
    ``exempt`` runs no rule at all.
    """
    modes = {each.bypass_mode for each in ruleset.bypass_actors if is_actor(change, each)}
    if "exempt" in modes:
        return "exempt"
    by_pull_request = "pull_request" in modes and change.kind == Kind.MERGE
    return "bypass" if "always" in modes or by_pull_request else None


def is_actor(change: Change, entry: BypassActor) -> bool:
    """Tell whether a bypass entry means the one who acts; a role means that role or more."""
    actor, organization = change.actor, change.repository.organization
    if isinstance(actor, Installation):
        return entry.actor_type == "Integration" and entry.actor_id == actor.app.id
    match entry.actor_type:
        case "OrganizationAdmin":
            return organization.members.get(actor.login) == "owner"
        case "RepositoryRole":
            return role_of(actor, change.repository) >= REPOSITORY_ROLES[entry.actor_id or 0]
        case "Team":
            teams = organization.teams.values()
            return any(entry.actor_id == team.id and actor.login in team.members for team in teams)
        case "User":
            return entry.actor_id == actor.id
        case _:
            return False  # an App, or a deploy key, which nobody here is


def ruleset_refusals(change: Change, ruleset: Ruleset) -> Iterator[Refusal]:
    """What one ruleset says against a change."""
    for rule_type, parameters in ruleset.rules.items():
        for message in RULES[rule_type](change, parameters):
            yield Refusal(f"ruleset:{ruleset.name}/{rule_type}", message)


Parameters = Mapping[str, Any]
Rule = Callable[[Change, Parameters], Iterator[str]]


def creation(change: Change, _: Parameters) -> Iterator[str]:
    """Only who may bypass creates matching refs."""
    if change.kind == Kind.CREATION:
        yield "Cannot create ref due to creations being restricted."


def update(change: Change, _: Parameters) -> Iterator[str]:
    """Only who may bypass updates matching refs, by merging too."""
    if change.kind in {Kind.UPDATE, Kind.FORCE_PUSH, Kind.MERGE}:
        yield "Cannot update this protected ref."


def deletion(change: Change, _: Parameters) -> Iterator[str]:
    """Only who may bypass deletes matching refs."""
    if change.kind == Kind.DELETION:
        yield NO_DELETION


def non_fast_forward(change: Change, _: Parameters) -> Iterator[str]:
    """Nobody rewrites history."""
    if change.kind == Kind.FORCE_PUSH:
        yield NO_FORCE_PUSH


def required_linear_history(change: Change, _: Parameters) -> Iterator[str]:
    """No merge commits."""
    if bends(change):
        yield MERGE_COMMITS


def required_signatures(change: Change, _: Parameters) -> Iterator[str]:
    """Every commit is verified."""
    if unsigned(change):
        yield UNSIGNED


def pull_request(change: Change, parameters: Parameters) -> Iterator[str]:
    """A pull request with its reviews."""
    if change.kind == Kind.DELETION:
        return
    need = ReviewNeed(
        parameters.get("required_approving_review_count", 0),
        code_owner=parameters.get("require_code_owner_review", False),
        last_push=parameters.get("require_last_push_approval", False),
    )
    yield from unreviewed(change, need)
    if parameters.get("required_review_thread_resolution") and unresolved(change):
        yield THREADS
    yield from unread_by_teams(change, parameters.get("required_reviewers") or ())
    methods = parameters.get("allowed_merge_methods") or ["merge", "squash", "rebase"]
    if change.pull and change.method not in methods:
        yield f"Merge method {change.method} is not allowed; allowed: {', '.join(methods)}."


def unread_by_teams(change: Change, required: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Name the teams that must still approve files of theirs."""
    if change.pull is None:
        return
    repository = change.repository
    teams = {team.id: team for team in repository.organization.teams.values()}
    verdicts = counted(repository, change.pull)
    approvers = {each.reviewer for each in verdicts if each.state == "APPROVED"}
    paths = repository.changed_files(change.before, change.after)
    for entry in required:
        team = teams[entry["reviewer"]["id"]]
        mine = any(matches(glob, path) for glob in entry["file_patterns"] for path in paths)
        missing = entry["minimum_approvals"] - len(approvers & team.members)
        if mine and missing > 0:
            yield f"Waiting on {missing} approving review of team {team.slug}."


def required_status_checks(change: Change, parameters: Parameters) -> Iterator[str]:
    """Checks of the head commit, each from the App that it is pinned to."""
    created = change.kind == Kind.CREATION and parameters.get("do_not_enforce_on_create")
    if change.kind == Kind.DELETION or created:
        return
    checks = [
        (each["context"], each.get("integration_id"))
        for each in parameters["required_status_checks"]
    ]
    strict = parameters.get("strict_required_status_checks_policy", False)
    yield from unchecked(change, checks, strict=strict)


def required_deployments(change: Change, parameters: Parameters) -> Iterator[str]:
    """The head was deployed to each environment first."""
    for environment in parameters["required_deployment_environments"]:
        deployed = (environment, change.after) in change.repository.deployments
        if change.kind != Kind.DELETION and not deployed:
            yield f"Missing successful active {environment} deployment."


def file_path_restriction(change: Change, parameters: Parameters) -> Iterator[str]:
    """No change of a listed path."""
    if change.kind == Kind.DELETION:
        return
    for path in sorted(change.repository.changed_files(change.before, change.after)):
        if any(matches(pattern, path) for pattern in parameters["restricted_file_paths"]):
            yield f"File path {path} is restricted."


def commit_message_pattern(change: Change, parameters: Parameters) -> Iterator[str]:
    """Every commit message reads as asked for."""
    for commit in change.commits:
        if not reads(commit.message, parameters):
            yield f"Commit message must match: {parameters['operator']} {parameters['pattern']}"


def branch_name_pattern(change: Change, parameters: Parameters) -> Iterator[str]:
    """Every new branch is named as asked for."""
    if change.kind == Kind.CREATION and not reads(change.branch, parameters):
        yield f"Branch name must match: {parameters['operator']} {parameters['pattern']}"


def never(_: Change, __: Parameters) -> Iterator[str]:
    """A rule that asks for something and refuses nothing."""
    yield from ()


RULES: Mapping[str, Rule] = {
    "branch_name_pattern": branch_name_pattern,
    "commit_message_pattern": commit_message_pattern,
    "copilot_code_review": never,
    "creation": creation,
    "deletion": deletion,
    "file_path_restriction": file_path_restriction,
    "non_fast_forward": non_fast_forward,
    "pull_request": pull_request,
    "required_deployments": required_deployments,
    "required_linear_history": required_linear_history,
    "required_signatures": required_signatures,
    "required_status_checks": required_status_checks,
    "update": update,
}
"""The rule types that are decided here; the server takes no ruleset with another."""

METADATA = frozenset({"name", "negate", "operator", "pattern"})

PARAMETERS: Mapping[str, frozenset[str]] = {
    "branch_name_pattern": METADATA,
    "commit_message_pattern": METADATA,
    "copilot_code_review": frozenset({"review_on_push", "review_draft_pull_requests"}),
    "file_path_restriction": frozenset({"restricted_file_paths"}),
    "pull_request": frozenset(
        {
            "allowed_merge_methods",
            "dismiss_stale_reviews_on_push",
            "require_code_owner_review",
            "require_last_push_approval",
            "required_approving_review_count",
            "required_review_thread_resolution",
            "required_reviewers",
        }
    ),
    "required_deployments": frozenset({"required_deployment_environments"}),
    "required_status_checks": frozenset(
        {
            "do_not_enforce_on_create",
            "required_status_checks",
            "strict_required_status_checks_policy",
        }
    ),
    "update": frozenset({"update_allows_fetch_and_merge"}),
}
"""The parameters of each rule type that are read here; types without an entry have none."""


def reads(text: str, parameters: Parameters) -> bool:
    """Compare text by a metadata rule's operator."""
    pattern = parameters["pattern"]
    found = {
        "starts_with": text.startswith(pattern),
        "ends_with": text.endswith(pattern),
        "contains": pattern in text,
        "regex": parameters["operator"] == "regex" and re.search(pattern, text) is not None,
    }[parameters["operator"]]
    return found is not bool(parameters.get("negate"))


# --- what both ask ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReviewNeed:
    """What the reviews of a pull request must show."""

    approvals: int
    code_owner: bool
    last_push: bool


def unreviewed(change: Change, need: ReviewNeed) -> Iterator[str]:
    """Say what is missing of the reviews, in GitHub's words."""
    pull = change.pull
    if pull is None:
        yield THROUGH_A_PULL_REQUEST
        return
    verdicts = counted(change.repository, pull)
    approvals = [review for review in verdicts if review.state == "APPROVED"]
    if need.approvals and any(review.state == "CHANGES_REQUESTED" for review in verdicts):
        yield "Changes were requested by a reviewer with write access."
    if len(approvals) < need.approvals:
        noun = "review is" if need.approvals == 1 else "reviews are"
        yield f"At least {need.approvals} approving {noun} required by reviewers with write access."
    if need.last_push and not any(of_the_last_push(change, pull, each) for each in approvals):
        yield LAST_PUSH
    if need.code_owner:
        yield from unowned(change, approvals)


def counted(repository: Repository, pull: PullRequest) -> list[Review]:
    """The last words of reviewers whose word counts."""
    verdicts = pull.verdicts().values()
    return [each for each in verdicts if counts_as_reviewer(each.reviewer, repository)]


def of_the_last_push(change: Change, pull: PullRequest, review: Review) -> bool:
    """Tell whether a review is of what was pushed last, by somebody other than who pushed it."""
    return review.sha == change.after and review.reviewer != pull.last_pusher


def unowned(change: Change, approvals: Sequence[Review]) -> Iterator[str]:
    """Name the owners of changed files of whom none has approved."""
    repository = change.repository
    paths = repository.changed_files(change.before, change.after)
    for group in code_owners(repository.tree(change.before), paths):
        owned = any(is_owner(group, each.reviewer, repository.organization) for each in approvals)
        if not owned:
            yield f"Waiting on code owner review from {' or '.join(group)}."


def unresolved(change: Change) -> bool:
    """Tell whether a review thread is open."""
    return change.pull is not None and change.pull.unresolved_threads > 0


Check = tuple[str, int | None]


def unchecked(change: Change, checks: Sequence[Check], *, strict: bool) -> Iterator[str]:
    """Say which required checks the commit lacks; ``strict``: the head has the base's tip."""
    repository = change.repository
    for context, app_id in checks:
        reports = latest(repository.reports.get(change.after, ()), context, app_id)
        if not reports:
            yield f'Required status check "{context}" is expected.'
        elif any(
            report.state in {"failure", "error", "cancelled", "timed_out"} for report in reports
        ):
            yield f'Required status check "{context}" is failing.'
        elif not all(report.passed for report in reports):
            yield f'Required status check "{context}" is in progress.'
    if strict and change.pull and change.before not in repository.history(change.after):
        yield OUT_OF_DATE


def latest(reports: Sequence[Report], context: str, app_id: int | None) -> list[Report]:
    """The newest status of a context and each App's newest check run, of the pinned App if any.

    GitHub, "Troubleshooting required status checks": a status and a check of one name are both
    required.
    """
    newest: dict[tuple[str, int | None], Report] = {}
    for report in reports:
        if report.context == context:
            newest[report.kind, report.app_id if report.kind == "check_run" else None] = report
    return [each for each in newest.values() if app_id is None or each.app_id == app_id]


def unsigned(change: Change) -> bool:
    """Tell whether a commit of the change is not verified."""
    return change.kind != Kind.DELETION and not all(commit.verified for commit in change.commits)


def bends(change: Change) -> bool:
    """Tell whether the change brings a merge commit."""
    if change.kind == Kind.MERGE:
        return change.method == "merge"
    return any(len(commit.parents) > 1 for commit in change.commits)
