"""What exists on GitHub before the program runs: people, Apps, teams, repositories."""

from collections.abc import Iterator
from dataclasses import dataclass

from breakglass.rehearsal.github.state import App, GitHub, Organization, Plan, Role, Team, User
from breakglass.settings import Organisation, Repository, Side, Visibility

DEPLOYER = "break-glass-deployer"
"""Slug of the App as which the edge side's deployer acts: it administers, and merges nothing."""

APP_PERMISSIONS = {"contents": "write", "pull_requests": "write", "metadata": "read"}
"""What the kit's App may do: merge, and nothing that would change a rule."""

DEPLOYER_PERMISSIONS = {
    "actions": "write",
    "administration": "write",
    "environments": "write",
    "metadata": "read",
}
"""What the deployer's App may do: change rules, and no content."""


@dataclass(frozen=True, slots=True)
class GitHubPrelude:
    """What was made, for whoever acts in the rehearsal."""

    organization: Organization
    deployer_token: str
    """Token of the deployer's App."""
    app: App | None
    """The kit's App, where the organisation has one."""


def github_prelude(github: GitHub, organisation: Organisation) -> GitHubPrelude:
    """Make the GitHub organisation of an organisation file, unprotected as a new one is."""
    settings = organisation.github
    organization = github.add_organization(settings.organization, Plan(settings.plan))
    for person in organisation.people:
        if person.github:
            owner = person.side is Side.KEEPER
            github.add_user(person.github, organization, "owner" if owner else "member")
    for repository in settings.repositories:
        _add_repository(github, organization, repository, organisation)
    for team_id in sorted(_reviewer_teams(organisation)):
        logins = [p.github for p in organisation.people if p.github and p.side is Side.KEEPER]
        organization.teams[f"team-{team_id}"] = Team(team_id, f"team-{team_id}", frozenset(logins))
    for user_id in sorted(_reviewer_users(organisation)):
        user = User(user_id, f"user-{user_id}")
        github.users[user.login] = user
        organization.members[user.login] = "member"
    for integration in sorted(_reporting_apps(organisation)):
        reporter = github.add_app(f"app-{integration}", integration)
        github.install(reporter, organization, {"checks": "write", "statuses": "write"})
    deployer = github.install(github.add_app(DEPLOYER), organization, DEPLOYER_PERMISSIONS)
    return GitHubPrelude(
        organization, github.token_of(deployer), _add_app(github, organization, organisation)
    )


def _add_repository(
    github: GitHub, organization: Organization, repository: Repository, organisation: Organisation
) -> None:
    made = github.add_repository(
        organization,
        repository.name,
        private=repository.visibility is not Visibility.PUBLIC,
        files={"README.md": repository.name, "CODEOWNERS": _code_owners(organisation)},
    )
    if repository.default_branch != made.default_branch:
        made.branches[repository.default_branch] = made.branches.pop(made.default_branch)
        made.default_branch = repository.default_branch
    for person in organisation.people:
        if person.github:
            made.collaborators[person.github] = Role.WRITE


def _code_owners(organisation: Organisation) -> str:
    """Every actor owns everything: whose review counts is the rules' affair."""
    owners = [f"@{p.github}" for p in organisation.people if p.github and p.side is Side.EDGE]
    return f"* {' '.join(owners)}\n"


def _add_app(github: GitHub, organization: Organization, organisation: Organisation) -> App | None:
    """The kit's App, installed everywhere but on keeper repositories."""
    settings = organisation.github
    if settings.app is None:
        return None
    app = github.add_app(settings.app.slug, settings.app.id)
    gated = [repository.name for repository in settings.repositories if not repository.keeper]
    github.install(app, organization, APP_PERMISSIONS, gated)
    return app


def _reporting_apps(organisation: Organisation) -> set[int]:
    gates = (gate for repository in organisation.github.repositories for gate in repository.gates)
    return {gate.integration_id for gate in gates if gate.integration_id is not None}


def _reviewer_teams(organisation: Organisation) -> Iterator[int]:
    for repository in organisation.github.repositories:
        for gate in repository.gates:
            yield from gate.reviewer_teams


def _reviewer_users(organisation: Organisation) -> Iterator[int]:
    for repository in organisation.github.repositories:
        for gate in repository.gates:
            yield from gate.reviewer_users
