"""A small organisation, and people who would like to pass its rules."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from breakglass.rehearsal.github.client import GitHubCloud, GitHubRefused
from breakglass.rehearsal.github.state import (
    GitHub,
    Organization,
    PullRequest,
    Repository,
    Team,
)

SCANNER, APP = 4001, 4002
MERGE_APP = {"contents": "write", "pull_requests": "write", "metadata": "read"}
MAIN = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}


@dataclass
class World:
    """One organisation, `acme`, with one repository, `shop`, and a pull request."""

    github: GitHub
    base_url: str
    acme: Organization
    shop: Repository
    owners: Team
    clouds: dict[str, GitHubCloud] = field(default_factory=dict)

    def as_(self, who: str) -> GitHubCloud:
        """The client of a person, or of an App by its slug."""
        if who not in self.clouds:
            apps = {each.app.slug: each for each in self.acme.installations.values()}
            actor = apps.get(who) or self.github.users[who]
            token = self.github.token_of(actor)
            self.clouds[who] = GitHubCloud("acme", token, self.base_url)
        return self.clouds[who]

    def refusal(self, who: str, method: str, path: str, **body: object) -> GitHubRefused:
        """Call what must be refused."""
        with pytest.raises(GitHubRefused) as caught:
            self.as_(who).rest(method, path, body)
        assert not any(rule.startswith("emulation/") for rule in caught.value.rules)
        return caught.value

    def pull(self, files: dict[str, str | None] | None = None) -> PullRequest:
        """A pull request by dora."""
        branch = f"change-{len(self.shop.pulls)}"
        self.github.push(self.shop, branch, files or {"app.py": "fixed"}, "dora")
        return self.github.open_pull(self.shop, branch, "dora")

    def head(self, pull: PullRequest) -> str:
        """The commit that a pull request would merge."""
        return self.shop.branches[pull.head]

    def merge(self, who: str, pull: PullRequest, **body: object) -> dict[str, Any]:
        """Merge pinned to the head."""
        path = f"/repos/acme/shop/pulls/{pull.number}/merge"
        return dict(self.as_(who).rest("PUT", path, {"sha": self.head(pull)} | body))

    def merge_refused(self, who: str, pull: PullRequest, **body: object) -> GitHubRefused:
        """Try to merge what must not go."""
        path = f"/repos/acme/shop/pulls/{pull.number}/merge"
        refused = self.refusal(who, "PUT", path, **({"sha": self.head(pull)} | body))
        assert pull.state == "open"
        return refused

    def approve(self, who: str, pull: PullRequest) -> None:
        """Approve."""
        path = f"/repos/acme/shop/pulls/{pull.number}/reviews"
        self.as_(who).rest("POST", path, {"event": "APPROVE"})

    def check(self, who: str, pull: PullRequest, name: str, conclusion: str = "success") -> None:
        """Report a check run as an App."""
        body = {"name": name, "head_sha": self.head(pull), "conclusion": conclusion}
        self.as_(who).rest("POST", "/repos/acme/shop/check-runs", body)

    def status(self, who: str, pull: PullRequest, context: str, state: str = "success") -> None:
        """Report a status."""
        path = f"/repos/acme/shop/statuses/{self.head(pull)}"
        self.as_(who).rest("POST", path, {"context": context, "state": state})

    def ruleset(self, name: str, rules: list[dict[str, Any]], *bypass: dict[str, Any]) -> int:
        """Make an active ruleset on the default branch."""
        body = {
            "name": name,
            "target": "branch",
            "enforcement": "active",
            "conditions": MAIN,
            "rules": rules,
            "bypass_actors": list(bypass),
        }
        return int(self.as_("olga").rest("POST", "/repos/acme/shop/rulesets", body)["id"])

    def protect(self, pattern: str = "main", **settings: object) -> str:
        """Make a classic rule."""
        made = self.as_("olga").graphql(
            "mutation ($input: CreateBranchProtectionRuleInput!) {"
            " createBranchProtectionRule(input: $input) { branchProtectionRule { id } } }",
            {"input": {"repositoryId": self.shop.node_id, "pattern": pattern} | settings},
        )
        return str(made["createBranchProtectionRule"]["branchProtectionRule"]["id"])

    def audited(self, action: str) -> list[Any]:
        """The audit entries of one action."""
        return [each for each in self.acme.audit_log if each["action"] == action]


def checks(*contexts: tuple[str, int | None], strict: bool = False) -> dict[str, Any]:
    """A ruleset's rule of required checks, pinned where an App is given."""
    required = [{"context": name, "integration_id": app} for name, app in contexts]
    parameters = {
        "required_status_checks": required,
        "strict_required_status_checks_policy": strict,
    }
    return {"type": "required_status_checks", "parameters": parameters}


def reviewed(count: int = 1, **more: object) -> dict[str, Any]:
    """A ruleset's rule of reviews."""
    parameters = {"required_approving_review_count": count} | more
    return {"type": "pull_request", "parameters": parameters}


def app_by(mode: str, app_id: int = APP) -> dict[str, Any]:
    """The kit's App on a bypass list."""
    return {"actor_type": "Integration", "actor_id": app_id, "bypass_mode": mode}
