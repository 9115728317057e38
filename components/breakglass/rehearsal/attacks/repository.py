"""A repository on the bench: pull requests, gates made green, and all of it undone at the end."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any, Final

from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks.needs import has_floor_check
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.github import state
from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.github.state import Actor, Installation, PullRequest, Role, User
from breakglass.settings import Gate, GateKind, Repository, Side

ADMIN: Final = "repository-admin"
"""Login of a repository's administrator, who owns nothing else."""

STRANGER: Final = "stranger"
"""Login of somebody from elsewhere."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One repository, its settings, and the people and Apps around it."""

    scene: Scene
    settings: Repository
    repository: state.Repository

    # --- who -----------------------------------------------------------------------------------

    def as_(self, actor: Actor) -> GitHubCloud:
        """The client of a person or an App."""
        return self.scene.github(actor)

    @property
    def writer(self) -> User:
        """The first person who may break the glass."""
        return self._people(Side.EDGE)[0]

    @property
    def owner(self) -> User:
        """The first keeper, who owns the organisation."""
        return self._people(Side.KEEPER)[0]

    @property
    def others(self) -> list[User]:
        """Everybody but the writer; those who own code by CODEOWNERS first."""
        return [*self._people(Side.EDGE)[1:], *self._people(Side.KEEPER)]

    def _people(self, side: Side) -> list[User]:
        people = self.scene.organisation.people
        logins = [p.github for p in people if p.github and p.side is side]
        return [self.scene.stage.github.users[login] for login in logins]

    @property
    def admin(self) -> User:
        """Somebody who administers this repository and is no more than a member otherwise."""
        user = self.scene.stage.github.add_user(ADMIN, self.repository.organization)
        self.repository.collaborators[user.login] = Role.ADMIN
        return user

    @property
    def stranger(self) -> User:
        """Somebody who is no member of the organisation."""
        return self.scene.stage.github.add_user(STRANGER)

    @property
    def app(self) -> Installation:
        """The kit's App; an attack that asks has said that it needs it."""
        settings = self.scene.organisation.github.app
        if settings is None:
            raise RehearsalError("the attack has not said that it needs the App")
        return self.repository.organization.installations[settings.id]

    @property
    def deployer(self) -> Installation:
        """The App as which the edge's deployer acts."""
        actor = self.scene.stage.github.tokens[self.scene.stage.existing_github.deployer_token]
        if not isinstance(actor, Installation):
            raise RehearsalError(f"the deployer's token is {actor}'s, not an App's")
        return actor

    @property
    def actions(self) -> Installation:
        """A workflow's own token, with all that a workflow may ask for."""
        github = self.scene.stage.github
        every = dict.fromkeys(("contents", "checks", "statuses", "pull_requests"), "write")
        app = github.apps[state.ACTIONS_APP_ID]
        return github.install(app, self.repository.organization, every)

    # --- where ---------------------------------------------------------------------------------

    @property
    def branch(self) -> str:
        """The protected branch."""
        return self.settings.default_branch

    def path(self, rest: str) -> str:
        """REST path of something in the repository."""
        return f"/repos/{self.repository.full_name}/{rest}"

    def ruleset(self, name: str) -> str:
        """REST path of a ruleset, by its name."""
        found = (each.id for each in self.repository.rulesets.values() if each.name == name)
        return self.path(f"rulesets/{next(found)}")

    # --- what ----------------------------------------------------------------------------------

    def push(self, path: str = "app.py", branch: str = "change") -> str:
        """Let the writer have pushed a change to a branch; give its commit."""
        github = self.scene.stage.github
        return github.push(self.repository, branch, {path: "changed"}, self.writer.login).sha

    def pull(self, path: str = "app.py") -> PullRequest:
        """Let the writer have opened a pull request."""
        self.push(path)
        return self.scene.stage.github.open_pull(self.repository, "change", self.writer.login)

    def head(self, pull: PullRequest) -> str:
        """The commit that a pull request would merge."""
        return self.repository.branches[pull.head]

    def gates(self, kind: GateKind, *, skippable: bool) -> list[Gate]:
        """The gates of a kind that an emergency may pass, or may not."""
        return [g for g in self.settings.gates if g.kind is kind and g.skippable == skippable]

    @property
    def floor_check(self) -> Gate:
        """The first check that nobody may skip."""
        return self.gates(GateKind.CHECK, skippable=False)[0]

    def make_green(self, pull: PullRequest, *, but: Collection[str] = ()) -> None:
        """Have every gate of a merge pass, but those whose ids are given."""
        for gate in self.settings.gates:
            if gate.id not in but and gate.kind is GateKind.REVIEW:
                self.approve(pull)
            elif gate.id not in but and gate.kind is GateKind.CHECK:
                self.report(pull, gate)

    def approve(self, pull: PullRequest) -> None:
        """Have as many others approve as the strictest review asks for, code owners first."""
        reviews = [gate for gate in self.settings.gates if gate.kind is GateKind.REVIEW]
        needed = max((gate.approvals for gate in reviews), default=1)
        for reviewer in self.others[:needed]:
            path = self.path(f"pulls/{pull.number}/reviews")
            self.as_(reviewer).rest("POST", path, {"event": "APPROVE"})

    def report(self, pull: PullRequest, gate: Gate) -> None:
        """Have a check reported as green by the App that it is pinned to, or by the writer."""
        if gate.integration_id is None:
            self.claim(self.writer, pull, gate)
            return
        reporter = self.repository.organization.installations[gate.integration_id]
        self.check(reporter, pull, gate)

    def check(self, reporter: Actor, pull: PullRequest, gate: Gate) -> None:
        """Report a check run."""
        body = {"name": gate.context, "head_sha": self.head(pull), "conclusion": "success"}
        self.as_(reporter).rest("POST", self.path("check-runs"), body)

    def claim(self, reporter: Actor, pull: PullRequest, gate: Gate) -> None:
        """Report a status, which whoever may push can."""
        body = {"context": gate.context, "state": "success"}
        self.as_(reporter).rest("POST", self.path(f"statuses/{self.head(pull)}"), body)

    def merge(self, actor: Actor, pull: PullRequest, sha: str = "") -> None:
        """Merge, pinned to the head or to the commit that is given."""
        body = {"sha": sha or self.head(pull)}
        self.as_(actor).rest("PUT", self.path(f"pulls/{pull.number}/merge"), body)

    def commit_to(self, actor: Actor, branch: str, path: str = "app.py") -> None:
        """Commit a file straight to a branch."""
        body = {"branch": branch, "content": "changed", "message": "straight"}
        self.as_(actor).rest("PUT", self.path(f"contents/{path}"), body)

    def force(self, actor: Actor, branch: str) -> None:
        """Force a branch to a commit that knows nothing of its history."""
        github = self.scene.stage.github
        alien = github.commit(self.repository, (), {"app.py": "another story"}, "alien")
        body: dict[str, Any] = {"sha": alien.sha, "force": True}
        self.as_(actor).rest("PATCH", self.path(f"git/refs/heads/{branch}"), body)


@contextmanager
def gated(scene: Scene) -> Iterator[Bench]:
    """The first repository under the gate that has a check which nobody may skip."""
    repositories = scene.organisation.github.repositories
    with _bench(scene, next(each for each in repositories if has_floor_check(each))) as bench:
        yield bench


@contextmanager
def kept(scene: Scene) -> Iterator[Bench]:
    """The first repository of the keepers."""
    repositories = scene.organisation.github.repositories
    with _bench(scene, next(each for each in repositories if each.keeper)) as bench:
        yield bench


@contextmanager
def _bench(scene: Scene, settings: Repository) -> Iterator[Bench]:
    """Put a repository on the bench; afterwards it and its organisation are as they were."""
    organization = scene.stage.existing_github.organization
    repository = organization.repositories[settings.name]
    before = _held(repository)
    installations, members = dict(organization.installations), dict(organization.members)
    entries = len(organization.audit_log)
    try:
        yield Bench(scene, settings, repository)
    finally:
        for name, value in before.items():
            setattr(repository, name, value)
        organization.installations, organization.members = installations, members
        del organization.audit_log[entries:]


def _held(repository: state.Repository) -> dict[str, Any]:
    """Copy whatever a repository collects; its name and owner do not change."""
    values = {field.name: getattr(repository, field.name) for field in fields(repository)}
    kinds = (dict, list, set)
    return {name: deepcopy(held) for name, held in values.items() if isinstance(held, kinds)}
