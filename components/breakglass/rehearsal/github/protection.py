"""Making, changing and removing protection and rulesets, with the audit entries of each.

Audit actions: GitHub, "Audit log events for your organization", categories protected_branch and
repository_ruleset.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from breakglass.rehearsal.github.access import Refused, administer, paid_for_rules
from breakglass.rehearsal.github.rules import PARAMETERS, REPOSITORY_ROLES, RULES
from breakglass.rehearsal.github.state import (
    Actor,
    BranchProtectionRule,
    BypassActor,
    GitHub,
    Organization,
    Plan,
    Repository,
    Ruleset,
)

MOST_APPROVALS = 6
NOT_IMPLEMENTED, UNPROCESSABLE = 501, 422

AUDITED = {
    "allows_deletions": "update_allow_deletions_enforcement_level",
    "allows_force_pushes": "update_allow_force_pushes_enforcement_level",
    "dismisses_stale_reviews": "dismiss_stale_reviews",
    "is_admin_enforced": "update_admin_enforced",
    "lock_branch": "update_lock_branch_enforcement_level",
    "pattern": "update_name",
    "push_actor_ids": "authorized_users_teams",
    "require_last_push_approval": "update_require_last_push_approval",
    "required_approving_review_count": "update_required_approving_review_count",
    "requires_approving_reviews": "update_pull_request_reviews_enforcement_level",
    "requires_code_owner_reviews": "update_require_code_owner_review",
    "requires_commit_signatures": "update_signature_requirement_enforcement_level",
    "requires_status_checks": "update_required_status_checks_enforcement_level",
    "requires_strict_status_checks": "update_strict_required_status_checks_policy",
    "restricts_pushes": "authorized_users_teams",
    "bypass_force_push_actor_ids": "branch_allowances",
    "bypass_pull_request_actor_ids": "branch_allowances",
}
"""Field of a classic rule to the ``protected_branch`` action that its change writes."""


def protect(
    github: GitHub, actor: Actor, repository: Repository, fields: Mapping[str, Any]
) -> BranchProtectionRule:
    """Make a classic rule; one pattern has one rule."""
    administer(actor, repository)
    paid_for_rules(repository)
    if any(rule.pattern == fields["pattern"] for rule in repository.protections.values()):
        raise Refused(UNPROCESSABLE, f"Name already protected: {fields['pattern']}")
    number = github.next_id()
    rule = BranchProtectionRule(id=f"BPR_kwDO{number:08d}", number=number, **sane(fields))
    repository.protections[rule.id] = rule
    note(github, actor, repository, "create", name=rule.pattern)
    return rule


def change_protection(
    github: GitHub, actor: Actor, rule: BranchProtectionRule, fields: Mapping[str, Any]
) -> BranchProtectionRule:
    """Change what is given of a classic rule, one audit entry for each kind of change."""
    repository = home_of(github, rule.id)
    administer(actor, repository)
    changed = dataclasses.replace(rule, **sane(fields))
    repository.protections[rule.id] = changed
    differing = [name for name in fields if getattr(rule, name) != getattr(changed, name)]
    for action in dict.fromkeys(AUDITED[name] for name in differing if name in AUDITED):
        enforced = {"admin_enforced": changed.is_admin_enforced}
        data = enforced if action == "update_admin_enforced" else {}
        note(github, actor, repository, action, name=changed.pattern, **data)
    for action, contexts in status_checks_changed(rule, changed):
        for context in contexts:
            github.audit(
                repository.organization,
                f"required_status_check.{action}",
                actor.login,
                repo=repository.full_name,
                name=context,
            )
    return changed


def status_checks_changed(
    before: BranchProtectionRule, after: BranchProtectionRule
) -> Sequence[tuple[str, Sequence[str]]]:
    """Which contexts came and which went."""
    old, new = before.required_status_check_contexts, after.required_status_check_contexts
    return (
        ("create", [each for each in new if each not in old]),
        ("destroy", [each for each in old if each not in new]),
    )


def unprotect(github: GitHub, actor: Actor, rule: BranchProtectionRule) -> None:
    """Remove a classic rule."""
    repository = home_of(github, rule.id)
    administer(actor, repository)
    del repository.protections[rule.id]
    note(github, actor, repository, "destroy", name=rule.pattern)


def sane(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a count of approvals that GitHub refuses; lists become tuples."""
    count = fields.get("required_approving_review_count", 0)
    if not 0 <= count <= MOST_APPROVALS:
        raise Refused(UNPROCESSABLE, f"requiredApprovingReviewCount must be 0 to 6, not {count}")
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }


def note(github: GitHub, actor: Actor, repository: Repository, action: str, **data: object) -> None:
    """Write an audit entry about protection of a branch."""
    github.audit(
        repository.organization,
        f"protected_branch.{action}",
        actor.login,
        repo=repository.full_name,
        **data,
    )


def home_of(github: GitHub, rule_id: str) -> Repository:
    """Find the repository of a classic rule."""
    for repository in github.repositories():
        if rule_id in repository.protections:
            return repository
    raise Refused(
        404, f"Could not resolve to a node with the global id of '{rule_id}'", kind="NOT_FOUND"
    )


# --- rulesets -----------------------------------------------------------------------------

Source = Repository | Organization


def source_name(source: Source) -> tuple[str, str]:
    """Give a ruleset's ``source`` and ``source_type``."""
    if isinstance(source, Repository):
        return source.full_name, "Repository"
    return source.login, "Organization"


def organization_of(source: Source) -> Organization:
    """Give the organisation that a ruleset's source is or is in."""
    return source.organization if isinstance(source, Repository) else source


def add_ruleset(github: GitHub, actor: Actor, source: Source, body: Mapping[str, Any]) -> Ruleset:
    """Make a ruleset from a request body."""
    ruleset = parse_ruleset(source, github.next_id(), body)
    if any(each.name == ruleset.name for each in source.rulesets.values()):
        raise Refused(UNPROCESSABLE, "Validation Failed: Name must be unique")
    source.rulesets[ruleset.id] = ruleset
    note_ruleset(github, actor, source, "create", ruleset)
    return ruleset


def change_ruleset(
    github: GitHub, actor: Actor, source: Source, before: Ruleset, body: Mapping[str, Any]
) -> Ruleset:
    """Change what the body gives of a ruleset."""
    after = parse_ruleset(source, before.id, present(before) | dict(body))
    source.rulesets[before.id] = after
    old, new = set(before.bypass_actors), set(after.bypass_actors)
    note_ruleset(
        github,
        actor,
        source,
        "update",
        after,
        ruleset_old_enforcement=before.enforcement,
        ruleset_bypass_actors_added=[dataclasses.asdict(each) for each in new - old],
        ruleset_bypass_actors_deleted=[dataclasses.asdict(each) for each in old - new],
        ruleset_rules_added=sorted(set(after.rules) - set(before.rules)),
        ruleset_rules_deleted=sorted(set(before.rules) - set(after.rules)),
    )
    return after


def remove_ruleset(github: GitHub, actor: Actor, source: Source, ruleset: Ruleset) -> None:
    """Delete a ruleset."""
    del source.rulesets[ruleset.id]
    note_ruleset(github, actor, source, "destroy", ruleset)


def note_ruleset(
    github: GitHub, actor: Actor, source: Source, action: str, ruleset: Ruleset, **data: object
) -> None:
    """Write an audit entry about a ruleset."""
    repository = {"repo": source.full_name} if isinstance(source, Repository) else {}
    github.audit(
        organization_of(source),
        f"repository_ruleset.{action}",
        actor.login,
        ruleset_id=ruleset.id,
        ruleset_name=ruleset.name,
        ruleset_enforcement=ruleset.enforcement,
        **repository,
        **data,
    )


def parse_ruleset(source: Source, ruleset_id: int, body: Mapping[str, Any]) -> Ruleset:
    """Read a request body, with the refusals that GitHub has for one."""
    for required in ("name", "enforcement"):
        if required not in body:
            raise invalid(f'"{required}" wasn\'t supplied.')
    if body.get("bypass_actors", []) is None:
        raise invalid("Invalid property /bypass_actors: data cannot be null.")
    plan = organization_of(source).plan
    if body["enforcement"] == "evaluate" and plan != Plan.ENTERPRISE:
        raise invalid("Enforcement evaluate option is not supported on this plan.")
    target = body.get("target", "branch")
    name, source_type = source_name(source)
    return Ruleset(
        id=ruleset_id,
        name=body["name"],
        source=name,
        source_type=source_type,
        target=one_of("target", target, {"branch", "tag", "push"}),
        enforcement=one_of("enforcement", body["enforcement"], {"active", "disabled", "evaluate"}),
        conditions=body.get("conditions") or {},
        rules=dict(parse_rule(each) for each in body.get("rules") or ()),
        bypass_actors=tuple(
            parse_bypass(source, target, each) for each in body.get("bypass_actors", ())
        ),
    )


def invalid(message: str) -> Refused:
    """422 with GitHub's preface."""
    return Refused(UNPROCESSABLE, f"Invalid request.\n\n{message}", ["request/validation"])


def one_of(name: str, value: str, known: set[str]) -> str:
    """Take a value from a closed list."""
    if value not in known:
        raise invalid(f"{name}: {value!r} is not a possible value. Must be one of {sorted(known)}.")
    return value


def parse_rule(rule: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Read one rule; a type that is not decided here is an error, not a rule without effect."""
    if rule["type"] not in RULES:
        raise Refused(
            NOT_IMPLEMENTED,
            f"The emulated GitHub does not decide rules of type {rule['type']!r}; "
            f"it decides {', '.join(sorted(RULES))}.",
            ["emulation/rule_type"],
        )
    parameters = rule.get("parameters") or {}
    unknown = sorted(set(parameters) - PARAMETERS.get(rule["type"], frozenset()))
    if unknown:
        raise Refused(
            NOT_IMPLEMENTED,
            f"The emulated GitHub does not read {unknown} of rule {rule['type']!r}.",
            ["emulation/rule_parameter"],
        )
    return rule["type"], parameters


def parse_bypass(source: Source, target: str, entry: Mapping[str, Any]) -> BypassActor:
    """Read one bypass entry; an App must be installed in the organisation."""
    mode = one_of(
        "bypass_mode",
        entry.get("bypass_mode", "always"),
        {"always", "pull_request", "exempt"},
    )
    kind = one_of(
        "actor_type",
        entry["actor_type"],
        {"Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey", "User"},
    )
    if mode == "pull_request" and (target != "branch" or kind == "DeployKey"):
        raise invalid("bypass_mode pull_request is for branch rulesets and not for deploy keys.")
    without_id = kind in {"OrganizationAdmin", "DeployKey"}
    actor_id = None if without_id else entry.get("actor_id")
    known_actor(organization_of(source), kind, actor_id)
    return BypassActor(kind, actor_id, mode)


def known_actor(organization: Organization, kind: str, actor_id: int | None) -> None:
    """Refuse an actor that the organisation does not have."""
    if kind == "Integration" and actor_id not in organization.installations:
        raise invalid("Actor integration must be part of the ruleset source or owner organization")
    teams = {team.id for team in organization.teams.values()}
    if (kind == "Team" and actor_id not in teams) or (
        kind == "RepositoryRole" and actor_id not in REPOSITORY_ROLES
    ):
        raise invalid(f"Actor {kind} {actor_id} must be part of the ruleset source or owner")


def present(ruleset: Ruleset, *, bypass: bool = True) -> dict[str, Any]:
    """Show a ruleset as REST does; the bypass list only to those who may change it."""
    shown: dict[str, Any] = {
        "id": ruleset.id,
        "node_id": ruleset.node_id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source": ruleset.source,
        "source_type": ruleset.source_type,
        "enforcement": ruleset.enforcement,
        "conditions": ruleset.conditions,
        "rules": [
            {"type": kind} | ({"parameters": parameters} if parameters else {})
            for kind, parameters in ruleset.rules.items()
        ],
    }
    if bypass:
        shown["bypass_actors"] = [dataclasses.asdict(each) for each in ruleset.bypass_actors]
    return shown
