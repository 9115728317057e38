"""Who may ask at all: tokens, repository roles and App permissions, in GitHub's words.

Sources: GitHub "Repository roles for an organization", "Permissions required for GitHub Apps",
and the REST pages of each call. A repository that the caller cannot see does not exist for it:
404, not 403.
"""

from collections.abc import Sequence

from breakglass import errors
from breakglass.rehearsal.github.state import (
    Actor,
    GitHub,
    Installation,
    Organization,
    Plan,
    Repository,
    Role,
    User,
)

UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


class Refused(errors.BreakGlassError):
    """An answer other than success: HTTP status, GitHub's message, the rules that refused."""

    def __init__(
        self, status: int, message: str, rules: Sequence[str] = (), kind: str = "UNPROCESSABLE"
    ) -> None:
        self.status, self.message, self.rules, self.kind = status, message, tuple(rules), kind
        super().__init__(f"{status} {message}")


def not_found() -> Refused:
    """Tell nothing about what the caller may not see."""
    return Refused(404, "Not Found", ["access/not_found"], "NOT_FOUND")


def authenticate(github: GitHub, header: str | None) -> Actor:
    """Tell whose token this is; 401 for none and for one that nobody has."""
    scheme, _, token = (header or "").partition(" ")
    if not token:
        raise Refused(401, "Requires authentication", ["access/authentication"], "UNAUTHENTICATED")
    actor = github.tokens.get(token) if scheme.lower() in {"bearer", "token"} else None
    if actor is None:
        raise Refused(401, "Bad credentials", ["access/authentication"], "UNAUTHENTICATED")
    return actor


def role_of(actor: Actor, repository: Repository) -> Role:
    """Give the highest repository role that a person has; an App has permissions, so no role."""
    return Role.NONE if isinstance(actor, Installation) else role_of_login(actor.login, repository)


def role_of_login(login: str, repository: Repository) -> Role:
    """Give the highest role that visibility, membership, invitation and teams bring."""
    organization = repository.organization
    if organization.members.get(login) == "owner":
        return Role.ADMIN
    floor = Role.NONE if repository.private else Role.READ
    member = organization.base_role if login in organization.members else Role.NONE
    direct = repository.collaborators.get(login, Role.NONE)
    teams = [
        role
        for slug, role in repository.team_roles.items()
        if login in organization.teams[slug].members
    ]
    return max(floor, member, direct, *teams)


def holds(actor: Actor, repository: Repository, permission: str, level: str = "write") -> bool:
    """Tell whether an App's installation has ``permission`` on this repository."""
    if not isinstance(actor, Installation) or not reaches(actor, repository):
        return False
    return actor.permissions.get(permission) in (
        {"write"} if level == "write" else {"read", "write"}
    )


def reaches(installation: Installation, repository: Repository) -> bool:
    """Tell whether the App is installed on the repository."""
    chosen = installation.repositories
    same = installation.organization == repository.organization.login
    return same and (chosen is None or repository.name in chosen)


def see(actor: Actor, repository: Repository) -> None:
    """404 unless the caller can read the repository."""
    if isinstance(actor, Installation):
        visible = reaches(actor, repository) or not repository.private
    else:
        visible = role_of(actor, repository) >= Role.READ
    if not visible:
        raise not_found()


def demand(actor: Actor, repository: Repository, role: Role, permission: str) -> None:
    """403 unless a person has ``role`` or an App has ``permission: write``."""
    see(actor, repository)
    if isinstance(actor, Installation):
        if not holds(actor, repository, permission):
            raise lacking(permission)
    elif role_of(actor, repository) < role:
        needed = "admin rights" if role == Role.ADMIN else f"{role.name.lower()} access"
        raise Refused(
            403, f"Must have {needed} to Repository.", [f"access/{role.name.lower()}"], "FORBIDDEN"
        )


def lacking(permission: str) -> Refused:
    """What an App hears that lacks a permission."""
    return Refused(
        403, "Resource not accessible by integration", [f"access/{permission}"], "FORBIDDEN"
    )


def administer(actor: Actor, repository: Repository) -> None:
    """Demand a repository admin or ``administration: write``, as changing protection does."""
    demand(actor, repository, Role.ADMIN, "administration")


def may_administer(actor: Actor, repository: Repository) -> bool:
    """The same as a question."""
    return role_of(actor, repository) == Role.ADMIN or holds(actor, repository, "administration")


def counts_as_reviewer(login: str, repository: Repository) -> bool:
    """Tell whose approval counts: people and Apps with write access."""
    apps = repository.organization.installations.values()
    bot = next((app for app in apps if app.login == login), None)
    if bot:
        return holds(bot, repository, "pull_requests")
    return role_of_login(login, repository) >= Role.WRITE


def own(actor: Actor, organization: Organization, permission: str) -> None:
    """403 unless an organisation owner, or an App with the organisation permission, asks."""
    if isinstance(actor, User):
        if organization.members.get(actor.login) == "owner":
            return
        raise Refused(403, "Must be an organization owner.", ["access/owner"], "FORBIDDEN")
    if (
        actor.organization != organization.login
        or actor.permissions.get(f"organization_{permission}") != "write"
    ):
        raise lacking(f"organization_{permission}")


def paid_for_rules(repository: Repository) -> None:
    """Refuse rules on a private repository without a paid plan ("About protected branches")."""
    if repository.private and repository.organization.plan == Plan.FREE:
        raise Refused(403, UPGRADE, ["plan/free"], "FORBIDDEN")


def person(github: GitHub, login: str) -> User:
    """Find an account."""
    if login not in github.users:
        raise not_found()
    return github.users[login]
