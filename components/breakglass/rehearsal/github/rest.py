"""The REST calls of provider, handlers and attackers, refused where GitHub refuses them.

Every handler takes a `Call` and answers a body, or raises `Refused`. `ROUTES` at the end is the
whole of what is spoken; the server answers 501 to anything else, so that a call unknown here
never looks like a refusal of GitHub's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from breakglass.rehearsal.github import access, changes, protection
from breakglass.rehearsal.github.access import Refused
from breakglass.rehearsal.github.rules import Change, Kind, classic_rule, rulesets_on
from breakglass.rehearsal.github.state import (
    Actor,
    App,
    BranchProtectionRule,
    DeploymentPolicy,
    Environment,
    GitHub,
    Installation,
    Organization,
    Plan,
    PullRequest,
    Report,
    Repository,
    Review,
    Role,
    Ruleset,
    RuleSuite,
    Team,
    User,
)

MOST_REVIEWERS = 6
LONGEST_WAIT = 43200


Found = TypeVar("Found")


class Body(dict[str, Any]):
    """A request's body; a property that is asked for and not there is GitHub's 422."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        raise protection.invalid(f'"{name}" wasn\'t supplied.')


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, with which body, query and path."""

    github: GitHub
    actor: Actor
    body: Body
    query: Mapping[str, str]
    path: Mapping[str, Any]

    @property
    def organization(self) -> Organization:
        """The organisation that the path names."""
        name = self.path.get("org") or self.path["owner"]
        if name not in self.github.organizations:
            raise access.not_found()
        return self.github.organizations[name]

    @property
    def repository(self) -> Repository:
        """The repository that the path names, when the caller can see it."""
        repository = self.organization.repositories.get(self.path["repo"])
        if repository is None:
            raise access.not_found()
        access.see(self.actor, repository)
        return repository

    @property
    def pull(self) -> PullRequest:
        """The pull request that the path names."""
        return found(self.repository.pulls, self.path["number"])

    def administered(self) -> Repository:
        """The repository, when the caller may administer it."""
        repository = self.repository
        access.administer(self.actor, repository)
        return repository


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its status; ``None`` is no body."""

    body: Any
    status: int = 200


def found(things: Mapping[Any, Found], key: object) -> Found:
    """Look something up or answer 404."""
    if key not in things:
        raise access.not_found()
    return things[key]


# --- what is there ------------------------------------------------------------------------


def get_organization(call: Call) -> Answer:
    """`GET /orgs/{org}`."""
    organization = call.organization
    return Answer(
        {
            "id": organization.id,
            "login": organization.login,
            "type": "Organization",
            "plan": {"name": organization.plan},
        }
    )


def get_installation(call: Call) -> Answer:
    """`GET /orgs/{org}/installations`: which Apps are installed and what they may; for owners."""
    access.own(call.actor, call.organization, "administration")
    shown = [
        {
            "app_id": each.app.id,
            "app_slug": each.app.slug,
            "permissions": dict(each.permissions),
            "repository_selection": "all" if each.repositories is None else "selected",
        }
        for each in call.organization.installations.values()
    ]
    return Answer({"total_count": len(shown), "installations": shown})


def rate_limit(_: Call) -> Answer:
    """`GET /rate_limit`: never exhausted here."""
    core = {"limit": 5000, "remaining": 5000, "reset": 4102444800, "used": 0}
    return Answer({"resources": {"core": core, "graphql": core}, "rate": core})


def get_authenticated(call: Call) -> Answer:
    """`GET /user`: an App's installation is nobody."""
    if isinstance(call.actor, Installation):
        raise access.lacking("user")
    return Answer(show_user(call.actor))


def get_user(call: Call) -> Answer:
    """`GET /users/{username}`."""
    return Answer(show_user(access.person(call.github, call.path["username"])))


def show_user(user: User) -> dict[str, Any]:
    """A person as REST shows him."""
    return {"id": user.id, "login": user.login, "node_id": user.node_id, "type": "User"}


def get_keys(call: Call) -> Answer:
    """`GET /users/{username}/keys` and `/gpg_keys`: nobody here has any."""
    access.person(call.github, call.path["username"])
    return Answer([])


def get_team(call: Call) -> Answer:
    """`GET /orgs/{org}/teams/{slug}`; nobody outside the organisation sees its teams."""
    return Answer(show_team(call.organization, team_of(call)))


def team_of(call: Call) -> Team:
    """The team that the path names, for those inside."""
    organization = call.organization
    inside = (
        call.actor.organization == organization.login
        if isinstance(call.actor, Installation)
        else call.actor.login in organization.members
    )
    if not inside:
        raise access.not_found()
    return found(organization.teams, call.path["slug"])


def show_team(organization: Organization, team: Team) -> dict[str, Any]:
    """A team as REST shows it."""
    return {
        "id": team.id,
        "node_id": team.node_id,
        "slug": team.slug,
        "name": team.slug,
        "description": "",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "organization": {"login": organization.login, "id": organization.id},
    }


def get_team_members(call: Call) -> Answer:
    """`GET /orgs/{org}/teams/{slug}/members`."""
    members = sorted(team_of(call).members)
    return Answer([show_user(call.github.users[login]) for login in members])


def get_team_repositories(call: Call) -> Answer:
    """`GET /orgs/{org}/teams/{slug}/repos`."""
    slug = team_of(call).slug
    return Answer(
        [
            show_repository(each) | {"role_name": each.team_roles[slug].name.lower()}
            for each in call.organization.repositories.values()
            if slug in each.team_roles
        ]
    )


def get_repository(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}`."""
    return Answer(show_repository(call.repository))


def show_repository(repository: Repository) -> dict[str, Any]:
    """A repository as REST shows it, with the settings of a new one."""
    home = f"github.com/{repository.full_name}"
    return {
        "id": repository.id,
        "node_id": repository.node_id,
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
        "archived": repository.archived,
        "fork": False,
        "is_template": False,
        "owner": {"login": repository.organization.login, "type": "Organization"},
        "description": None,
        "homepage": None,
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_downloads": True,
        "has_pages": False,
        "has_discussions": False,
        "allow_merge_commit": True,
        "allow_squash_merge": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "allow_forking": False,
        "allow_update_branch": False,
        "delete_branch_on_merge": False,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "topics": [],
        "html_url": f"https://{home}",
        "ssh_url": f"git@github.com:{repository.full_name}.git",
        "git_url": f"git://{home}.git",
        "clone_url": f"https://{home}.git",
        "svn_url": f"https://{home}",
    }


# --- branches and commits -----------------------------------------------------------------


def get_branch(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/branches/{branch}`."""
    repository, branch = call.repository, call.path["branch"]
    return Answer(
        {
            "name": branch,
            "commit": {"sha": found(repository.branches, branch)},
            "protected": classic_rule(repository, branch) is not None
            or bool(rulesets_on(repository, branch)),
        }
    )


def get_ref(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/git/ref/heads/{branch}`."""
    branch = call.path["branch"]
    return Answer(show_ref(branch, found(call.repository.branches, branch)))


def show_ref(branch: str, sha: str) -> dict[str, Any]:
    """A ref as the git database shows it."""
    return {"ref": f"refs/heads/{branch}", "object": {"type": "commit", "sha": sha}}


def create_ref(call: Call) -> Answer:
    """`POST /repos/{owner}/{repo}/git/refs`."""
    branch = str(call.body["ref"]).removeprefix("refs/heads/")
    repository = writable(call)
    if branch in repository.branches:
        raise Refused(422, "Reference already exists")
    base = repository.branches[repository.default_branch]
    push(call, Kind.CREATION, branch, base, call.body["sha"])
    return Answer(show_ref(branch, call.body["sha"]), 201)


def update_ref(call: Call) -> Answer:
    """`PATCH .../git/refs/heads/{branch}`: a push, forced when the body says so."""
    repository, branch, sha = writable(call), call.path["branch"], call.body["sha"]
    before = found(repository.branches, branch)
    forward = before in repository.history(sha)
    if not forward and not call.body.get("force", False):
        raise Refused(422, "Update is not a fast forward", ["git/fast_forward"])
    push(call, Kind.UPDATE if forward else Kind.FORCE_PUSH, branch, before, sha)
    return Answer(show_ref(branch, sha))


def delete_ref(call: Call) -> Answer:
    """`DELETE /repos/{owner}/{repo}/git/refs/heads/{branch}`."""
    repository, branch = writable(call), call.path["branch"]
    before = found(repository.branches, branch)
    if branch == repository.default_branch:
        raise Refused(422, "Cannot delete the default branch", ["git/default_branch"])
    change = Change(Kind.DELETION, call.actor, repository, branch, before, "")
    changes.push(call.github, change)
    return Answer(None, 204)


def put_contents(call: Call) -> Answer:
    """`PUT .../contents/{path}`: a commit straight to a branch, its text taken as it stands."""
    repository = writable(call)
    branch = call.body.get("branch", repository.default_branch)
    before = found(repository.branches, branch)
    files = {call.path["path"]: call.body["content"]}
    commit = call.github.commit(repository, (before,), files, call.actor.login)
    push(call, Kind.UPDATE, branch, before, commit.sha)
    return Answer({"commit": {"sha": commit.sha}}, 201)


def writable(call: Call) -> Repository:
    """The repository, when the caller may push to it."""
    repository = call.repository
    access.demand(call.actor, repository, Role.WRITE, "contents")
    if repository.archived:
        raise Refused(403, "Repository was archived so is read-only.", ["access/archived"])
    return repository


def push(call: Call, kind: Kind, branch: str, before: str, after: str) -> None:
    """Push to a branch, with what is asked of an App that touches workflows."""
    repository = call.repository
    if after not in repository.commits:
        raise Refused(422, "Object does not exist")
    spare_workflows(call.actor, repository, before, after)
    changes.push(call.github, Change(kind, call.actor, repository, branch, before, after))


def spare_workflows(actor: Actor, repository: Repository, before: str, after: str) -> None:
    """Refuse an App that changes workflow files without ``workflows: write``."""
    if not isinstance(actor, Installation) or access.holds(actor, repository, "workflows"):
        return
    for path in sorted(repository.changed_files(before, after)):
        if path.startswith(".github/workflows/"):
            raise Refused(
                403,
                f"refusing to allow a GitHub App to create or update workflow `{path}` "
                "without `workflows` permission",
                ["access/workflows"],
                "FORBIDDEN",
            )


# --- what is said of a commit -------------------------------------------------------------


def create_status(call: Call) -> Answer:
    """`POST .../statuses/{sha}`: whoever may push may say anything."""
    repository = call.repository
    access.demand(call.actor, repository, Role.WRITE, "statuses")
    state = call.body["state"]
    if state not in {"error", "failure", "pending", "success"}:
        raise protection.invalid(f"state: {state!r}")
    return report(call, "status", call.body.get("context", "default"), state)


def create_check_run(call: Call) -> Answer:
    """`POST /repos/{owner}/{repo}/check-runs`: Apps only."""
    repository = call.repository
    if not isinstance(call.actor, Installation):
        raise Refused(
            403, "You must authenticate via a GitHub App.", ["access/checks"], "FORBIDDEN"
        )
    access.demand(call.actor, repository, Role.WRITE, "checks")
    done = call.body.get("status", "completed" if "conclusion" in call.body else "queued")
    state = call.body["conclusion"] if done == "completed" else done
    return report(call, "check_run", call.body["name"], state)


def report(call: Call, kind: str, context: str, state: str) -> Answer:
    """Keep a report of a commit."""
    repository = call.repository
    sha = call.path.get("sha") or call.body["head_sha"]
    if sha not in repository.commits:
        raise Refused(422, f"No commit found for SHA: {sha}")
    app = call.actor.app if isinstance(call.actor, Installation) else None
    said = Report(
        call.github.next_id(), context, state, kind, app.id if app else None, call.actor.login
    )
    repository.reports.setdefault(sha, []).append(said)
    return Answer(show_report(call.github, said), 201)


def show_report(github: GitHub, said: Report) -> dict[str, Any]:
    """A status or a check run as REST shows it."""
    app: App | None = github.apps.get(said.app_id or 0)
    if said.kind == "status":
        creator = {"login": said.creator}
        return {"id": said.id, "context": said.context, "state": said.state, "creator": creator}
    running = said.state in {"queued", "in_progress"}
    return {
        "id": said.id,
        "name": said.context,
        "status": said.state if running else "completed",
        "conclusion": None if running else said.state,
        "app": {"id": said.app_id, "slug": app.slug if app else None},
    }


def get_statuses(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/commits/{sha}/statuses`, newest first."""
    return Answer(reports(call, "status"))


def get_check_runs(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/commits/{sha}/check-runs`, newest first."""
    shown = reports(call, "check_run")
    return Answer({"total_count": len(shown), "check_runs": shown})


def reports(call: Call, kind: str) -> list[dict[str, Any]]:
    """What was said of a commit in one way."""
    said = call.repository.reports.get(call.path["sha"], ())
    return [show_report(call.github, each) for each in reversed(said) if each.kind == kind]


# --- pull requests ------------------------------------------------------------------------


def create_pull(call: Call) -> Answer:
    """`POST /repos/{owner}/{repo}/pulls`."""
    repository = call.repository
    access.demand(call.actor, repository, Role.READ, "pull_requests")
    head, base = call.body["head"], call.body["base"]
    if head not in repository.branches or base not in repository.branches:
        raise Refused(422, "Validation Failed: head or base is invalid")
    pull = call.github.open_pull(repository, head, call.actor.login, base)
    pull.title, pull.draft = call.body["title"], call.body.get("draft", False)
    return Answer(show_pull(repository, pull), 201)


def get_pull(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{number}`."""
    return Answer(show_pull(call.repository, call.pull))


def show_pull(repository: Repository, pull: PullRequest) -> dict[str, Any]:
    """A pull request as REST shows it."""
    return {
        "number": pull.number,
        "title": pull.title,
        "state": "open" if pull.state == "open" else "closed",
        "draft": pull.draft,
        "merged": pull.state == "merged",
        "merge_commit_sha": pull.merge_sha,
        "user": {"login": pull.author},
        "head": {"ref": pull.head, "sha": repository.branches.get(pull.head)},
        "base": {"ref": pull.base, "sha": repository.branches[pull.base]},
    }


def get_pull_files(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{number}/files`."""
    repository, pull = call.repository, call.pull
    base, head = repository.branches[pull.base], repository.branches[pull.head]
    paths = repository.changed_files(base, head)
    return Answer([{"filename": path} for path in sorted(paths)])


def create_review(call: Call) -> Answer:
    """`POST /repos/{owner}/{repo}/pulls/{number}/reviews`: nobody approves his own pull request."""
    repository, pull = call.repository, call.pull
    access.demand(call.actor, repository, Role.READ, "pull_requests")
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    event = call.body.get("event", "COMMENT")
    if event not in states:
        raise protection.invalid(f"event: {event!r}")
    own = call.actor.login == pull.author
    if own and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(422, f"Can not {verb} your own pull request", ["review/own"])
    sha = call.body.get("commit_id", repository.branches[pull.head])
    review = Review(call.github.next_id(), call.actor.login, states[event], sha)
    pull.reviews.append(review)
    return Answer(show_review(review))


def show_review(review: Review) -> dict[str, Any]:
    """A review as REST shows it."""
    user = {"login": review.reviewer}
    return {"id": review.id, "user": user, "state": review.state, "commit_id": review.sha}


def get_reviews(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{number}/reviews`."""
    return Answer([show_review(each) for each in call.pull.reviews])


def merge_pull(call: Call) -> Answer:
    """`PUT .../pulls/{number}/merge`: a permitted bypass applies of itself, without a flag.

    405 with the rule's words where protection refuses, 409 where ``sha`` is not the head any more.
    """
    repository, pull = writable(call), call.pull
    if pull.state != "open":
        raise Refused(405, "Pull Request is not mergeable", ["pull_request/state"])
    if pull.draft:
        raise Refused(405, "Pull Request is still a draft", ["pull_request/draft"])
    head, base = repository.branches[pull.head], repository.branches[pull.base]
    if call.body.get("sha", head) != head:
        raise Refused(
            409, "Head branch was modified. Review and try the merge again.", ["pull_request/sha"]
        )
    method = call.body.get("merge_method", "merge")
    if method not in {"merge", "squash", "rebase"}:
        raise protection.invalid(f"merge_method: {method!r}")
    spare_workflows(call.actor, repository, base, head)
    change = Change(
        Kind.MERGE, call.actor, repository, pull.base, base, head, pull=pull, method=method
    )
    commit = changes.merge(call.github, change, pull)
    return Answer(
        {"sha": commit.sha, "merged": True, "message": "Pull Request successfully merged"}
    )


# --- classic protection -------------------------------------------------------------------


def classic(call: Call) -> BranchProtectionRule:
    """The rule of the branch in the path, for administrators."""
    repository = call.administered()
    found(repository.branches, call.path["branch"])
    rule = classic_rule(repository, call.path["branch"])
    if rule is None:
        raise Refused(404, "Branch not protected", kind="NOT_FOUND")
    return rule


def get_protection(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/branches/{branch}/protection`."""
    rule = classic(call)
    shown: dict[str, Any] = {
        "enforce_admins": {"enabled": rule.is_admin_enforced},
        "allow_force_pushes": {"enabled": rule.allows_force_pushes},
        "allow_deletions": {"enabled": rule.allows_deletions},
        "block_creations": {"enabled": rule.blocks_creations},
        "lock_branch": {"enabled": rule.lock_branch},
        "required_linear_history": {"enabled": rule.requires_linear_history},
        "required_signatures": {"enabled": rule.requires_commit_signatures},
        "required_conversation_resolution": {"enabled": rule.requires_conversation_resolution},
    }
    if rule.requires_approving_reviews:
        shown["required_pull_request_reviews"] = {
            "dismiss_stale_reviews": rule.dismisses_stale_reviews,
            "require_code_owner_reviews": rule.requires_code_owner_reviews,
            "require_last_push_approval": rule.require_last_push_approval,
            "required_approving_review_count": rule.required_approving_review_count,
        }
    if rule.requires_status_checks:
        shown["required_status_checks"] = {
            "strict": rule.requires_strict_status_checks,
            "contexts": list(rule.required_status_check_contexts),
        }
    return Answer(shown)


def delete_protection(call: Call) -> Answer:
    """`DELETE /repos/{owner}/{repo}/branches/{branch}/protection`."""
    protection.unprotect(call.github, call.actor, classic(call))
    return Answer(None, 204)


def get_enforce_admins(call: Call) -> Answer:
    """`GET .../protection/enforce_admins`."""
    return Answer({"enabled": classic(call).is_admin_enforced})


def set_enforce_admins(call: Call) -> Answer:
    """`POST .../protection/enforce_admins`."""
    fields = {"is_admin_enforced": True}
    protection.change_protection(call.github, call.actor, classic(call), fields)
    return Answer({"enabled": True})


def delete_enforce_admins(call: Call) -> Answer:
    """`DELETE .../protection/enforce_admins`."""
    fields = {"is_admin_enforced": False}
    protection.change_protection(call.github, call.actor, classic(call), fields)
    return Answer(None, 204)


# --- rulesets -----------------------------------------------------------------------------


def ruleset_source(call: Call, *, change: bool) -> Repository | Organization:
    """Where the rulesets of this path live, when the caller may read or ``change`` them there."""
    if "repo" not in call.path:
        access.own(call.actor, call.organization, "administration")
        return paid_organization(call.organization)
    repository = call.administered() if change else call.repository
    access.paid_for_rules(repository)
    return repository


def paid_organization(organization: Organization) -> Organization:
    """Rulesets of a whole organisation need a paid plan (GitHub: "About rulesets")."""
    if organization.plan == Plan.FREE:
        raise Refused(
            403, "Upgrade to GitHub Team to enable this feature.", ["plan/free"], "FORBIDDEN"
        )
    return organization


def show_ruleset(call: Call, ruleset: Ruleset) -> dict[str, Any]:
    """A ruleset, its bypass list only for those who may change it."""
    if "repo" not in call.path:
        return protection.present(ruleset)
    return protection.present(ruleset, bypass=access.may_administer(call.actor, call.repository))


def list_rulesets(call: Call) -> Answer:
    """`GET .../rulesets`."""
    source = ruleset_source(call, change=False)
    return Answer([show_ruleset(call, each) for each in source.rulesets.values()])


def create_ruleset(call: Call) -> Answer:
    """`POST .../rulesets`."""
    source = ruleset_source(call, change=True)
    ruleset = protection.add_ruleset(call.github, call.actor, source, call.body)
    return Answer(show_ruleset(call, ruleset), 201)


def get_ruleset(call: Call) -> Answer:
    """`GET .../rulesets/{ruleset_id}`."""
    source = ruleset_source(call, change=False)
    return Answer(show_ruleset(call, found(source.rulesets, call.path["ruleset_id"])))


def update_ruleset(call: Call) -> Answer:
    """`PUT .../rulesets/{ruleset_id}`."""
    source = ruleset_source(call, change=True)
    before = found(source.rulesets, call.path["ruleset_id"])
    after = protection.change_ruleset(call.github, call.actor, source, before, call.body)
    return Answer(show_ruleset(call, after))


def delete_ruleset(call: Call) -> Answer:
    """`DELETE .../rulesets/{ruleset_id}`."""
    source = ruleset_source(call, change=True)
    ruleset = found(source.rulesets, call.path["ruleset_id"])
    protection.remove_ruleset(call.github, call.actor, source, ruleset)
    return Answer(None, 204)


def get_rules_of_branch(call: Call) -> Answer:
    """`GET .../rules/branches/{branch}`: what holds there, evaluate mode included."""
    return Answer(
        [
            {
                "type": kind,
                "parameters": dict(parameters),
                "ruleset_id": ruleset.id,
                "ruleset_source": ruleset.source,
                "ruleset_source_type": ruleset.source_type,
            }
            for ruleset in rulesets_on(call.repository, call.path["branch"])
            for kind, parameters in ruleset.rules.items()
        ]
    )


def list_suites(call: Call) -> Answer:
    """`GET .../rulesets/rule-suites`, newest first; ``Administration: write`` even to read."""
    if "repo" in call.path:
        repositories = [call.administered()]
    else:
        access.own(call.actor, call.organization, "administration")
        repositories = list(call.organization.repositories.values())
    wanted = call.query.get("rule_suite_result", "all")
    suites = [
        show_suite(repository, suite)
        for repository in repositories
        for suite in repository.suites
        if wanted in {"all", suite.result}
        and call.query.get("actor_name", suite.actor) == suite.actor
        and call.query.get("ref", suite.ref) == suite.ref
    ]
    return Answer(sorted(suites, key=lambda shown: int(shown["id"]), reverse=True))


def get_suite(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/rulesets/rule-suites/{suite_id}`, with each rule."""
    repository = call.administered()
    suite = found({each.id: each for each in repository.suites}, call.path["suite_id"])
    evaluations = [
        {
            "rule_source": {
                "type": "ruleset",
                "id": each.ruleset_id,
                "name": each.ruleset_name,
            },
            "enforcement": each.enforcement,
            "result": each.result,
            "rule_type": each.rule_type,
            "details": each.details,
        }
        for each in suite.evaluations
    ]
    return Answer(show_suite(repository, suite) | {"rule_evaluations": evaluations})


def show_suite(repository: Repository, suite: RuleSuite) -> dict[str, Any]:
    """A rule suite as the list shows it."""
    return {
        "id": suite.id,
        "actor_name": suite.actor,
        "before_sha": suite.before_sha,
        "after_sha": suite.after_sha,
        "ref": suite.ref,
        "repository_id": repository.id,
        "repository_name": repository.name,
        "pushed_at": suite.pushed_at.isoformat(),
        "result": suite.result,
    }


def get_audit_log(call: Call) -> Answer:
    """`GET /orgs/{org}/audit-log`, newest first: for owners, on Enterprise only."""
    access.own(call.actor, call.organization, "administration")
    if call.organization.plan != Plan.ENTERPRISE:
        raise access.not_found()
    phrase = call.query.get("phrase", "").removeprefix("action:")
    entries = [each for each in call.organization.audit_log if each["action"].startswith(phrase)]
    return Answer(entries[::-1])


# --- environments -------------------------------------------------------------------------


def put_environment(call: Call) -> Answer:
    """`PUT .../environments/{environment}`: what the body omits goes back to its default.

    One that is there in other letters is the same (GitHub docs, "Managing environments for
    deployment": "Environment names are not case sensitive"), and stays called as it is.
    """
    repository, body = call.administered(), call.body
    reviewers = tuple((each["type"], each["id"]) for each in body.get("reviewers") or ())
    wait = body.get("wait_timer") or 0
    refuse_environment(repository, len(reviewers), wait)
    policy = body.get("deployment_branch_policy")
    if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
        raise protection.invalid("protected_branches and custom_branch_policies cannot be the same")
    name = call.path["environment"]
    before = repository.environments.get(name.casefold())
    environment = Environment(
        id=before.id if before else call.github.next_id(),
        name=before.name if before else name,
        wait_timer=wait,
        prevent_self_review=bool(body.get("prevent_self_review", False)),
        can_admins_bypass=bool(body.get("can_admins_bypass", True)),
        reviewers=tuple(known_reviewer(call, each) for each in reviewers),
        branch_policy=policy,
        policies=before.policies if before else {},
    )
    repository.environments[name.casefold()] = environment
    return Answer(show_environment(call, environment))


def refuse_environment(repository: Repository, reviewers: int, wait: int) -> None:
    """Refuse what the plan or GitHub's limits forbid.

    GitHub, "Deployments and environments": private repositories have environments on paid plans,
    and required reviewers and wait timers there on Enterprise only.
    """
    plan = repository.organization.plan
    for feature, wanted, enough in (
        ("environment", 1, plan != Plan.FREE),
        ("required reviewers", reviewers, plan == Plan.ENTERPRISE),
        ("wait timer", wait, plan == Plan.ENTERPRISE),
    ):
        if repository.private and wanted and not enough:
            raise Refused(
                422,
                "Failed to create the environment protection rule. Please ensure the billing plan "
                f"supports the {feature} protection rule.",
                [f"plan/{plan}"],
            )
    if reviewers > MOST_REVIEWERS or not 0 <= wait <= LONGEST_WAIT:
        raise protection.invalid("at most 6 reviewers, and a wait_timer of 0 to 43200 minutes")


def known_reviewer(call: Call, reviewer: tuple[str, int]) -> tuple[str, int]:
    """Refuse a reviewer who does not exist."""
    reviewer_details(call, *reviewer)
    return reviewer


def reviewer_details(call: Call, kind: str, number: int) -> dict[str, Any]:
    """Show a reviewer of an environment."""
    if kind == "Team":
        teams = {team.id: team for team in call.organization.teams.values()}
        if number in teams:
            return show_team(call.organization, teams[number])
    users = {user.id: user for user in call.github.users.values()}
    if kind == "User" and number in users:
        return show_user(users[number])
    raise protection.invalid(f"reviewers: no {kind} {number}")


def get_environment(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/environments/{environment}`."""
    return Answer(show_environment(call, environment_of(call)))


def environment_of(call: Call) -> Environment:
    """The environment that the path names."""
    return found(call.repository.environments, call.path["environment"].casefold())


def show_environment(call: Call, environment: Environment) -> dict[str, Any]:
    """An environment; its protection is a list of rules, each only where it is set."""
    rules: list[dict[str, Any]] = []
    if environment.wait_timer:
        rules.append({"id": 1, "type": "wait_timer", "wait_timer": environment.wait_timer})
    if environment.reviewers or environment.prevent_self_review:
        rules.append(
            {
                "id": 2,
                "type": "required_reviewers",
                "prevent_self_review": environment.prevent_self_review,
                "reviewers": [
                    {"type": kind, "reviewer": reviewer_details(call, kind, number)}
                    for kind, number in environment.reviewers
                ],
            }
        )
    if environment.branch_policy:
        rules.append({"id": 3, "type": "branch_policy"})
    return {
        "id": environment.id,
        "name": environment.name,
        "can_admins_bypass": environment.can_admins_bypass,
        "protection_rules": rules,
        "deployment_branch_policy": environment.branch_policy,
    }


def delete_environment(call: Call) -> Answer:
    """`DELETE /repos/{owner}/{repo}/environments/{environment}`."""
    repository = call.administered()
    del repository.environments[environment_of(call).name.casefold()]
    return Answer(None, 204)


def create_policy(call: Call) -> Answer:
    """`POST .../deployment-branch-policies`: only where custom policies are chosen."""
    call.administered()
    environment = environment_of(call)
    if not environment.branch_policy or not environment.branch_policy["custom_branch_policies"]:
        raise access.not_found()
    policy = DeploymentPolicy(
        call.github.next_id(), call.body["name"], call.body.get("type", "branch")
    )
    if any(
        (policy.name, policy.type) == (each.name, each.type)
        for each in environment.policies.values()
    ):
        raise Refused(303, "See Other: a policy of this name exists")
    environment.policies[policy.id] = policy
    return Answer(show_policy(policy))


def show_policy(policy: DeploymentPolicy) -> dict[str, Any]:
    """A deployment policy as REST shows it."""
    return {"id": policy.id, "name": policy.name, "type": policy.type}


def get_policy(call: Call) -> Answer:
    """`GET .../deployment-branch-policies/{policy_id}`."""
    return Answer(show_policy(found(environment_of(call).policies, call.path["policy_id"])))


def list_policies(call: Call) -> Answer:
    """`GET .../deployment-branch-policies`."""
    shown = [show_policy(each) for each in environment_of(call).policies.values()]
    return Answer({"total_count": len(shown), "branch_policies": shown})


def update_policy(call: Call) -> Answer:
    """`PUT .../deployment-branch-policies/{policy_id}`."""
    call.administered()
    policies = environment_of(call).policies
    before = found(policies, call.path["policy_id"])
    policies[before.id] = DeploymentPolicy(before.id, call.body["name"], before.type)
    return Answer(show_policy(policies[before.id]))


def delete_policy(call: Call) -> Answer:
    """`DELETE .../deployment-branch-policies/{policy_id}`."""
    call.administered()
    policies = environment_of(call).policies
    del policies[found(policies, call.path["policy_id"]).id]
    return Answer(None, 204)


# --- subject claims -----------------------------------------------------------------------


def get_subject(call: Call) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/oidc/customization/sub`."""
    keys = call.repository.oidc_claim_keys
    if keys is None:
        return Answer({"use_default": True})
    return Answer({"use_default": False, "include_claim_keys": list(keys)})


def put_subject(call: Call) -> Answer:
    """`PUT .../actions/oidc/customization/sub`: repository admins, or an App's ``actions``."""
    repository = call.repository
    access.demand(call.actor, repository, Role.ADMIN, "actions")
    keys = tuple(call.body.get("include_claim_keys") or ())
    if any(not key.replace("_", "").isalnum() for key in keys):
        raise protection.invalid("claim keys hold only letters, digits and underscores")
    repository.oidc_claim_keys = None if call.body["use_default"] else keys
    return Answer({}, 201)


Handler = Callable[[Call], Answer]

REPO = "/repos/<owner>/<repo>"
PROTECTION = f"{REPO}/branches/<path:branch>/protection"
POLICIES = f"{REPO}/environments/<environment>/deployment-branch-policies"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/rate_limit", rate_limit),
    ("GET", "/user", get_authenticated),
    ("GET", "/users/<username>", get_user),
    ("GET", "/users/<username>/keys", get_keys),
    ("GET", "/users/<username>/gpg_keys", get_keys),
    ("GET", "/orgs/<org>", get_organization),
    ("GET", "/orgs/<org>/installations", get_installation),
    ("GET", "/orgs/<org>/teams/<slug>", get_team),
    ("GET", "/orgs/<org>/teams/<slug>/members", get_team_members),
    ("GET", "/orgs/<org>/teams/<slug>/repos", get_team_repositories),
    ("GET", "/orgs/<org>/audit-log", get_audit_log),
    ("GET", "/orgs/<org>/rulesets/rule-suites", list_suites),
    ("GET", "/orgs/<org>/rulesets", list_rulesets),
    ("POST", "/orgs/<org>/rulesets", create_ruleset),
    ("GET", "/orgs/<org>/rulesets/<int:ruleset_id>", get_ruleset),
    ("PUT", "/orgs/<org>/rulesets/<int:ruleset_id>", update_ruleset),
    ("DELETE", "/orgs/<org>/rulesets/<int:ruleset_id>", delete_ruleset),
    ("GET", REPO, get_repository),
    ("GET", f"{REPO}/branches/<path:branch>", get_branch),
    ("GET", PROTECTION, get_protection),
    ("DELETE", PROTECTION, delete_protection),
    ("GET", f"{PROTECTION}/enforce_admins", get_enforce_admins),
    ("POST", f"{PROTECTION}/enforce_admins", set_enforce_admins),
    ("DELETE", f"{PROTECTION}/enforce_admins", delete_enforce_admins),
    ("GET", f"{REPO}/rules/branches/<path:branch>", get_rules_of_branch),
    ("GET", f"{REPO}/git/ref/heads/<path:branch>", get_ref),
    ("POST", f"{REPO}/git/refs", create_ref),
    ("PATCH", f"{REPO}/git/refs/heads/<path:branch>", update_ref),
    ("DELETE", f"{REPO}/git/refs/heads/<path:branch>", delete_ref),
    ("PUT", f"{REPO}/contents/<path:path>", put_contents),
    ("POST", f"{REPO}/statuses/<sha>", create_status),
    ("GET", f"{REPO}/commits/<sha>/statuses", get_statuses),
    ("POST", f"{REPO}/check-runs", create_check_run),
    ("GET", f"{REPO}/commits/<sha>/check-runs", get_check_runs),
    ("POST", f"{REPO}/pulls", create_pull),
    ("GET", f"{REPO}/pulls/<int:number>", get_pull),
    ("GET", f"{REPO}/pulls/<int:number>/files", get_pull_files),
    ("GET", f"{REPO}/pulls/<int:number>/reviews", get_reviews),
    ("POST", f"{REPO}/pulls/<int:number>/reviews", create_review),
    ("PUT", f"{REPO}/pulls/<int:number>/merge", merge_pull),
    ("GET", f"{REPO}/rulesets", list_rulesets),
    ("POST", f"{REPO}/rulesets", create_ruleset),
    ("GET", f"{REPO}/rulesets/<int:ruleset_id>", get_ruleset),
    ("PUT", f"{REPO}/rulesets/<int:ruleset_id>", update_ruleset),
    ("DELETE", f"{REPO}/rulesets/<int:ruleset_id>", delete_ruleset),
    ("GET", f"{REPO}/rulesets/rule-suites", list_suites),
    ("GET", f"{REPO}/rulesets/rule-suites/<int:suite_id>", get_suite),
    ("GET", f"{REPO}/environments/<environment>", get_environment),
    ("PUT", f"{REPO}/environments/<environment>", put_environment),
    ("DELETE", f"{REPO}/environments/<environment>", delete_environment),
    ("GET", POLICIES, list_policies),
    ("POST", POLICIES, create_policy),
    ("GET", f"{POLICIES}/<int:policy_id>", get_policy),
    ("PUT", f"{POLICIES}/<int:policy_id>", update_policy),
    ("DELETE", f"{POLICIES}/<int:policy_id>", delete_policy),
    ("GET", f"{REPO}/actions/oidc/customization/sub", get_subject),
    ("PUT", f"{REPO}/actions/oidc/customization/sub", put_subject),
)
"""Method, path and handler of every call that is spoken."""
