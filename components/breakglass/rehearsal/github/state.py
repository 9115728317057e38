"""What the emulated GitHub holds: people, Apps, repositories, rules and their traces.

Values (a commit, a rule, a ruleset) are frozen and replaced whole; what lives (a repository, a
pull request) changes. Nothing here decides: `rules` says what is refused, `access` who may ask at
all.
"""

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

from breakglass import errors

ACTIONS_APP_ID = 15368
"""App id of GitHub Actions, whose installation token every ``GITHUB_TOKEN`` is."""


class Plan(StrEnum):
    """What the organisation pays for; decides which rules a private repository may carry."""

    FREE = "free"
    TEAM = "team"
    ENTERPRISE = "enterprise"


class Role(IntEnum):
    """Repository roles, each with all that the lower ones may."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class User:
    """A person's account."""

    id: int
    login: str

    @property
    def node_id(self) -> str:
        """Global id for GraphQL."""
        return f"U_kgDO{self.id:08d}"


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App; ``integration_id`` and a ruleset's ``Integration`` actor are its ``id``."""

    id: int
    slug: str

    @property
    def node_id(self) -> str:
        """Global id for GraphQL."""
        return f"A_kwDO{self.id:08d}"


@dataclass(frozen=True, slots=True)
class Team:
    """A team of an organisation."""

    id: int
    slug: str
    members: frozenset[str]

    @property
    def node_id(self) -> str:
        """Global id for GraphQL."""
        return f"T_kwDO{self.id:08d}"


@dataclass(frozen=True, slots=True)
class Installation:
    """An App as it acts in one organisation; ``repositories`` of ``None`` means all."""

    app: App
    organization: str
    permissions: Mapping[str, str]
    repositories: frozenset[str] | None = None

    @property
    def login(self) -> str:
        """The name that GitHub shows for what the App does."""
        return f"{self.app.slug}[bot]"


Actor = User | Installation


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and the files that it changes: path to text, ``None`` for a deletion."""

    sha: str
    message: str
    parents: tuple[str, ...]
    files: Mapping[str, str | None]
    author: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A commit status or check run; ``app_id`` is ``None`` when a person said it."""

    id: int
    context: str
    state: str
    kind: str
    app_id: int | None
    creator: str

    @property
    def passed(self) -> bool:
        """A skipped or neutral check counts as passed (GitHub: "About status checks")."""
        return self.state in {"success", "neutral", "skipped"}


@dataclass(frozen=True, slots=True)
class Review:
    """One review of a commit: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    reviewer: str
    state: str
    sha: str


@dataclass(slots=True)
class PullRequest:
    """A pull request from one branch to another of the same repository."""

    number: int
    title: str
    author: str
    head: str
    base: str
    last_pusher: str
    reviews: list[Review] = field(default_factory=list)
    draft: bool = False
    unresolved_threads: int = 0
    state: str = "open"
    merge_sha: str | None = None

    def verdicts(self) -> dict[str, Review]:
        """Each reviewer's last word; a comment takes no earlier word back."""
        return {each.reviewer: each for each in self.reviews if each.state != "COMMENTED"}


@dataclass(frozen=True, slots=True)
class BranchProtectionRule:
    """A classic rule in the words of GraphQL; its actor lists hold node ids."""

    id: str
    number: int
    pattern: str
    allows_deletions: bool = False
    allows_force_pushes: bool = False
    blocks_creations: bool = False
    dismisses_stale_reviews: bool = False
    is_admin_enforced: bool = False
    lock_branch: bool = False
    require_last_push_approval: bool = False
    required_approving_review_count: int = 0
    required_status_check_contexts: tuple[str, ...] = ()
    requires_approving_reviews: bool = False
    requires_code_owner_reviews: bool = False
    requires_commit_signatures: bool = False
    requires_conversation_resolution: bool = False
    requires_linear_history: bool = False
    requires_status_checks: bool = False
    requires_strict_status_checks: bool = False
    restricts_pushes: bool = False
    restricts_review_dismissals: bool = False
    push_actor_ids: tuple[str, ...] = ()
    review_dismissal_actor_ids: tuple[str, ...] = ()
    bypass_force_push_actor_ids: tuple[str, ...] = ()
    bypass_pull_request_actor_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BypassActor:
    """Who may pass a ruleset: ``always``, on a ``pull_request``, or ``exempt`` from its run."""

    actor_type: str
    actor_id: int | None
    bypass_mode: str


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset of a repository or of the organisation: rule type to its parameters."""

    id: int
    name: str
    source: str
    source_type: str
    target: str
    enforcement: str
    conditions: Mapping[str, Any]
    rules: Mapping[str, Mapping[str, Any]]
    bypass_actors: tuple[BypassActor, ...] = ()

    @property
    def node_id(self) -> str:
        """Global id for GraphQL."""
        return f"RRS_lACk{self.id:08d}"


@dataclass(frozen=True, slots=True)
class DeploymentPolicy:
    """A branch or tag pattern that may deploy to an environment."""

    id: int
    name: str
    type: str


@dataclass(slots=True)
class Environment:
    """A deployment environment and its protection; reviewers are (``User`` or ``Team``, id)."""

    id: int
    name: str
    wait_timer: int = 0
    prevent_self_review: bool = False
    can_admins_bypass: bool = True
    reviewers: tuple[tuple[str, int], ...] = ()
    branch_policy: Mapping[str, bool] | None = None
    policies: dict[int, DeploymentPolicy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleEvaluation:
    """How one rule of one ruleset came out in a rule suite."""

    ruleset_id: int
    ruleset_name: str
    enforcement: str
    rule_type: str
    result: str
    details: str | None


@dataclass(frozen=True, slots=True)
class RuleSuite:
    """What the rulesets said of one update of a ref: ``pass``, ``fail`` or ``bypass``."""

    id: int
    actor: str
    before_sha: str
    after_sha: str
    ref: str
    pushed_at: datetime
    result: str
    evaluations: tuple[RuleEvaluation, ...]


@dataclass(slots=True)
class Repository:
    """A repository with all that hangs on it."""

    id: int
    organization: "Organization"
    name: str
    private: bool = True
    default_branch: str = "main"
    archived: bool = False
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    collaborators: dict[str, Role] = field(default_factory=dict)
    team_roles: dict[str, Role] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    reports: dict[str, list[Report]] = field(default_factory=dict)
    deployments: set[tuple[str, str]] = field(default_factory=set)
    protections: dict[str, BranchProtectionRule] = field(default_factory=dict)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    """By name, in small letters: GitHub tells no others apart."""
    oidc_claim_keys: tuple[str, ...] | None = None
    suites: list[RuleSuite] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        """Global id for GraphQL."""
        return f"R_kgDO{self.id:08d}"

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.organization.login}/{self.name}"

    def history(self, sha: str) -> set[str]:
        """Every commit that ``sha`` builds on, itself included."""
        seen: set[str] = set()
        ahead = [sha]
        while ahead:
            commit = ahead.pop()
            if commit not in seen and commit in self.commits:
                seen.add(commit)
                ahead.extend(self.commits[commit].parents)
        return seen

    def tree(self, sha: str) -> dict[str, str]:
        """The files as they stand at ``sha``; of a merge, its own change over its first parent."""
        line: list[Commit] = []
        while sha in self.commits:
            line.append(self.commits[sha])
            sha = self.commits[sha].parents[0] if self.commits[sha].parents else ""
        changes = {path: text for commit in reversed(line) for path, text in commit.files.items()}
        return {path: text for path, text in changes.items() if text is not None}

    def new_commits(self, base_sha: str, head_sha: str) -> list[Commit]:
        """What ``head_sha`` has and ``base_sha`` has not, in no order that matters."""
        return [self.commits[sha] for sha in self.history(head_sha) - self.history(base_sha)]

    def changed_files(self, base_sha: str, head_sha: str) -> dict[str, str | None]:
        """Paths that a pull request between the two would change, and their new text."""
        before = self.tree(base_sha)
        touched = {path for each in self.new_commits(base_sha, head_sha) for path in each.files}
        after = self.tree(head_sha)
        return {path: after.get(path) for path in touched if after.get(path) != before.get(path)}

    def add_commit(self, commit: Commit) -> str:
        """Keep a commit; no branch moves."""
        self.commits[commit.sha] = commit
        return commit.sha

    def move(self, branch: str, sha: str, pusher: str) -> None:
        """Point ``branch`` at ``sha``; open pull requests from it see a new push."""
        self.branches[branch] = sha
        for pull in self.pulls.values():
            if pull.head == branch and pull.state == "open":
                pull.last_pusher = pusher


@dataclass(slots=True)
class Organization:
    """An organisation: who is in it, what it pays for, and what it remembers."""

    id: int
    login: str
    plan: Plan
    members: dict[str, str] = field(default_factory=dict)
    base_role: Role = Role.READ
    teams: dict[str, Team] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    audit_log: list[Mapping[str, Any]] = field(default_factory=list)


class GitHub:
    """The emulated GitHub; everything that the server serves, and the hand that prepares it.

    The ``add_*`` methods are the prelude's: they ask nobody. ``clock`` gives the time of audit
    entries and rule suites. ``lock`` is held for the length of a request, so requests are served
    one after the other.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.organizations: dict[str, Organization] = {}
        self.users: dict[str, User] = {}
        self.apps: dict[int, App] = {}
        self.tokens: dict[str, Actor] = {}
        self._ids = itertools.count(1001)
        self.add_app("github-actions", app_id=ACTIONS_APP_ID)

    def next_id(self) -> int:
        """A number that no other thing of this GitHub has."""
        return next(self._ids)

    def add_organization(self, login: str, plan: Plan = Plan.TEAM) -> Organization:
        """Found an organisation."""
        self.organizations[login] = Organization(self.next_id(), login, plan)
        return self.organizations[login]

    def add_user(
        self, login: str, organization: Organization | None = None, role: str = "member"
    ) -> User:
        """Sign a person up, in ``organization`` as ``member`` or ``owner`` when one is given."""
        if role not in {"member", "owner"}:
            raise errors.InvalidInput("role", role, "member or owner")
        user = self.users.setdefault(login, User(self.next_id(), login))
        if organization:
            organization.members[login] = role
        return user

    def add_app(self, slug: str, app_id: int | None = None) -> App:
        """Register a GitHub App, with a given id where a settings file already names one."""
        app = App(app_id or self.next_id(), slug)
        self.apps[app.id] = app
        return app

    def add_team(self, organization: Organization, slug: str, members: Iterable[str]) -> Team:
        """Make a team of people who are in the organisation."""
        team = Team(self.next_id(), slug, frozenset(members))
        organization.teams[slug] = team
        return team

    def install(
        self,
        app: App,
        organization: Organization,
        permissions: Mapping[str, str],
        repositories: Iterable[str] | None = None,
    ) -> Installation:
        """Install an App, on all repositories unless some are listed."""
        chosen = None if repositories is None else frozenset(repositories)
        installation = Installation(app, organization.login, dict(permissions), chosen)
        organization.installations[app.id] = installation
        return installation

    def add_repository(
        self,
        organization: Organization,
        name: str,
        *,
        private: bool = True,
        files: Mapping[str, str | None] | None = None,
    ) -> Repository:
        """Make a repository with one commit on ``main``."""
        repository = Repository(self.next_id(), organization, name, private=private)
        organization.repositories[name] = repository
        first = self.commit(repository, (), files or {"README.md": name}, "prelude")
        repository.move("main", first.sha, "prelude")
        return repository

    def commit(  # noqa: PLR0913 - the parts of a commit
        self,
        repository: Repository,
        parents: tuple[str, ...],
        files: Mapping[str, str | None],
        author: str,
        *,
        message: str = "change",
        verified: bool = True,
    ) -> Commit:
        """Write a commit into the repository; no branch moves."""
        seed = f"{self.next_id()}:{repository.id}:{parents}:{author}:{message}"
        sha = hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest()
        commit = Commit(sha, message, parents, dict(files), author, verified)
        repository.add_commit(commit)
        return commit

    def push(
        self, repository: Repository, branch: str, files: Mapping[str, str | None], author: str
    ) -> Commit:
        """Commit on top of ``branch``, a new one from the default branch. Asks nobody."""
        tip = repository.branches.get(branch) or repository.branches[repository.default_branch]
        commit = self.commit(repository, (tip,), files, author)
        repository.move(branch, commit.sha, author)
        return commit

    def open_pull(
        self, repository: Repository, head: str, author: str, base: str | None = None
    ) -> PullRequest:
        """Open a pull request, to the default branch unless ``base`` is given. Asks nobody."""
        number = len(repository.pulls) + 1
        target = base or repository.default_branch
        pull = PullRequest(number, f"Change {number}", author, head, target, author)
        repository.pulls[number] = pull
        return pull

    def token_of(self, actor: Actor, name: str = "") -> str:
        """A token to act as ``actor``, with all that he or the installation may."""
        token = f"{'ghs' if isinstance(actor, Installation) else 'ghp'}_{name or actor.login}"
        self.tokens[token] = actor
        return token

    def audit(self, organization: Organization, action: str, actor: str, **data: object) -> None:
        """Write an audit entry, in the fields that GitHub's has."""
        at = int(self.clock().timestamp() * 1000)
        entry = {"action": action, "actor": actor, "org": organization.login, "@timestamp": at}
        organization.audit_log.append(entry | data)

    def repositories(self) -> Iterable[Repository]:
        """Every repository there is."""
        for organization in self.organizations.values():
            yield from organization.repositories.values()
