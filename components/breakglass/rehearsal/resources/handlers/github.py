"""GitHub: the program's resources and functions, over REST and GraphQL as the provider sends them.

Requests and read-backs follow terraform-provider-github 6.13, which pulumi-github 6.15 wraps; names
are those of ``pulumi_github``. A test marked ``engine`` drives the real provider against the same
server.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from breakglass import errors
from breakglass.proof.graph import texts_in
from breakglass.rehearsal.github.client import GitHubCloud, GitHubRefused

Inputs = Mapping[str, Any]
Outputs = dict[str, Any]

FLAGS = {
    "allowsDeletions": "allowsDeletions",
    "allowsForcePushes": "allowsForcePushes",
    "enforceAdmins": "isAdminEnforced",
    "lockBranch": "lockBranch",
    "requireConversationResolution": "requiresConversationResolution",
    "requireSignedCommits": "requiresCommitSignatures",
    "requiredLinearHistory": "requiresLinearHistory",
}
"""Flags of ``BranchProtection``: Pulumi's name to GraphQL's."""

REVIEW_FLAGS = {
    "dismissStaleReviews": "dismissesStaleReviews",
    "requireCodeOwnerReviews": "requiresCodeOwnerReviews",
    "requireLastPushApproval": "requireLastPushApproval",
    "restrictDismissals": "restrictsReviewDismissals",
}

ACTORS = "nodes { actor { ... on App { id } ... on Team { id slug } ... on User { id login } } }"
READ_PROTECTION = f"""
query ($id: ID!) {{
  node(id: $id) {{
    ... on BranchProtectionRule {{
      pattern repository {{ id name }}
      {" ".join(FLAGS.values())} {" ".join(REVIEW_FLAGS.values())}
      requiresApprovingReviews requiredApprovingReviewCount
      requiresStatusChecks requiresStrictStatusChecks requiredStatusCheckContexts
      restrictsPushes blocksCreations
      pushAllowances(first: 100) {{ {ACTORS} }}
      reviewDismissalAllowances(first: 100) {{ {ACTORS} }}
      bypassForcePushAllowances(first: 100) {{ {ACTORS} }}
      bypassPullRequestAllowances(first: 100) {{ {ACTORS} }}
    }}
  }}
}}
"""
CREATE_PROTECTION = """
mutation ($input: CreateBranchProtectionRuleInput!) {
  createBranchProtectionRule(input: $input) { branchProtectionRule { id } }
}
"""
UPDATE_PROTECTION = """
mutation ($input: UpdateBranchProtectionRuleInput!) {
  updateBranchProtectionRule(input: $input) { branchProtectionRule { id } }
}
"""
DELETE_PROTECTION = """
mutation ($input: DeleteBranchProtectionRuleInput!) {
  deleteBranchProtectionRule(input: $input) { clientMutationId }
}
"""
NODE_OF_REPOSITORY = (
    "query ($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }"
)
NODE_OF_USER = "query ($login: String!) { user(login: $login) { id } }"
NODE_OF_TEAM = """
query ($org: String!, $slug: String!) { organization(login: $org) { team(slug: $slug) { id } } }
"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"

UNRESOLVED = "Could not resolve to a node"


class GitHubHandler(Protocol):
    """`breakglass.rehearsal.resources.handlers.base.Handler`, with a GitHub owner for a cloud."""

    token: ClassVar[str]
    name_property: ClassVar[str | None] = None
    replace_on: ClassVar[frozenset[str]] = frozenset()
    no_value: ClassVar[frozenset[str]] = frozenset()
    provider_only: ClassVar[Mapping[str, Any]] = {}
    shared: ClassVar[frozenset[str]] = frozenset()
    unordered: ClassVar[frozenset[str]] = frozenset()

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Make the resource; return the provider's id."""

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Return the properties as GitHub tells them, or None when the resource is gone."""

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Change the resource from ``before`` to ``inputs``."""

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Delete the resource."""

    def normal(self, name: str, value: object) -> object:  # noqa: ARG002 - the default does not look
        """Return ``value`` of input ``name`` in the one form in which it is compared."""
        return value


class BranchProtection(GitHubHandler):
    """Classic protection of the branches that a pattern means; its id is GraphQL's node id."""

    token = "github:index/branchProtection:BranchProtection"  # noqa: S105 - a type token
    replace_on = frozenset({"repositoryId"})
    unordered = frozenset({"forcePushBypassers"})

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Make the rule."""
        settings = protection_settings(cloud, inputs)
        settings["repositoryId"] = node_of_repository(cloud, inputs["repositoryId"])
        made = cloud.graphql(CREATE_PROTECTION, {"input": settings})
        return str(made["createBranchProtectionRule"]["branchProtectionRule"]["id"])

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Read it back; ``inputs`` say only by which names repository and actors go."""
        try:
            rule = cloud.graphql(READ_PROTECTION, {"id": id})["node"]
        except GitHubRefused as refused:
            if UNRESOLVED in refused.message:
                return None
            raise
        named = inputs.get("repositoryId", "")
        repository = rule["repository"]
        return {
            "repositoryId": named if named == repository["name"] else repository["id"],
            "pattern": rule["pattern"],
            **{name: rule[field] for name, field in FLAGS.items()},
            "forcePushBypassers": actors(cloud, rule["bypassForcePushAllowances"], inputs),
            "requiredPullRequestReviews": reviews(cloud, rule, inputs),
            "requiredStatusChecks": status_checks(rule),
            "restrictPushes": restrict_pushes(cloud, rule, inputs),
        }

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Set everything anew."""
        del before
        settings = protection_settings(cloud, inputs) | {"branchProtectionRuleId": id}
        cloud.graphql(UPDATE_PROTECTION, {"input": settings})

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Remove it."""
        del inputs
        cloud.graphql(DELETE_PROTECTION, {"input": {"branchProtectionRuleId": id}})


def protection_settings(cloud: GitHubCloud, inputs: Inputs) -> dict[str, Any]:
    """Give GraphQL's input, with everything said: what the program leaves out is off."""
    review = only(inputs, "requiredPullRequestReviews")
    checks = only(inputs, "requiredStatusChecks")
    restriction = only(inputs, "restrictPushes")
    forcers = inputs.get("forcePushBypassers") or []
    dismissers = (review or {}).get("dismissalRestrictions") or []
    settings = {field: bool(inputs.get(name)) for name, field in FLAGS.items()}
    settings |= {field: bool((review or {}).get(name)) for name, field in REVIEW_FLAGS.items()}
    if forcers:
        settings["allowsForcePushes"] = False
    if dismissers:
        settings["restrictsReviewDismissals"] = True
    count = (review or {}).get("requiredApprovingReviewCount", 1) if review is not None else 0
    return settings | {
        "pattern": inputs["pattern"],
        "requiresApprovingReviews": review is not None,
        "requiredApprovingReviewCount": count,
        "reviewDismissalActorIds": nodes(cloud, dismissers),
        "bypassPullRequestActorIds": nodes(cloud, (review or {}).get("pullRequestBypassers") or []),
        "requiresStatusChecks": checks is not None,
        "requiresStrictStatusChecks": bool((checks or {}).get("strict")),
        "requiredStatusCheckContexts": (checks or {}).get("contexts") or [],
        "restrictsPushes": restriction is not None,
        "blocksCreations": restriction is not None and restriction.get("blocksCreations", True),
        "pushActorIds": nodes(cloud, (restriction or {}).get("pushAllowances") or []),
        "bypassForcePushActorIds": nodes(cloud, forcers),
    }


def only(inputs: Inputs, name: str) -> Mapping[str, Any] | None:
    """Take the one element of a block that the schema makes a list."""
    blocks: Sequence[Mapping[str, Any]] = inputs.get(name) or []
    if len(blocks) > 1:
        raise errors.InvalidInput(name, blocks, "at most one block")
    return blocks[0] if blocks else None


def reviews(cloud: GitHubCloud, rule: Mapping[str, Any], inputs: Inputs) -> list[Any] | None:
    """The block of reviews, when reviews are required."""
    if not rule["requiresApprovingReviews"]:
        return None
    dismissers = actors(cloud, rule["reviewDismissalAllowances"], inputs)
    bypassers = actors(cloud, rule["bypassPullRequestAllowances"], inputs)
    block = {name: rule[field] for name, field in REVIEW_FLAGS.items()}
    block["requiredApprovingReviewCount"] = rule["requiredApprovingReviewCount"]
    return [block | {"dismissalRestrictions": dismissers, "pullRequestBypassers": bypassers}]


def status_checks(rule: Mapping[str, Any]) -> list[Any] | None:
    """The block of status checks, when some are required."""
    if not rule["requiresStatusChecks"]:
        return None
    strict, contexts = rule["requiresStrictStatusChecks"], rule["requiredStatusCheckContexts"]
    return [{"strict": strict, "contexts": contexts}]


def restrict_pushes(
    cloud: GitHubCloud, rule: Mapping[str, Any], inputs: Inputs
) -> list[Any] | None:
    """The block of who may push, when pushing is restricted."""
    if not rule["restrictsPushes"]:
        return None
    allowances = actors(cloud, rule["pushAllowances"], inputs)
    return [{"blocksCreations": rule["blocksCreations"], "pushAllowances": allowances}]


def node_of_repository(cloud: GitHubCloud, named: str) -> str:
    """Give a repository's node id from that id or from its name, as the provider does."""
    try:
        return str(cloud.graphql(NODE, {"id": named})["node"]["id"])
    except GitHubRefused as refused:
        if UNRESOLVED not in refused.message:
            raise
    found = cloud.graphql(NODE_OF_REPOSITORY, {"owner": cloud.owner, "name": named})
    return str(found["repository"]["id"])


def nodes(cloud: GitHubCloud, named: Iterable[str]) -> list[str]:
    """Give node ids of actors: ``/login`` a person, ``owner/slug`` a team, else a node id."""
    return [node_of(cloud, each) for each in named]


def node_of(cloud: GitHubCloud, named: str) -> str:
    """Give one actor's node id."""
    if named.startswith("/"):
        return str(cloud.graphql(NODE_OF_USER, {"login": named[1:]})["user"]["id"])
    if named.startswith(f"{cloud.owner}/"):
        slug = named.removeprefix(f"{cloud.owner}/")
        answer = cloud.graphql(NODE_OF_TEAM, {"org": cloud.owner, "slug": slug})
        team = answer["organization"]["team"]
        if team is None:
            raise errors.InvalidInput("actor", named, "a team of the organisation")
        return str(team["id"])
    return named


def actors(cloud: GitHubCloud, connection: Mapping[str, Any], inputs: Inputs) -> list[str]:
    """Name actors by node id where the inputs do, else as the provider does."""
    by_id = set(texts_in(inputs))
    return [named(cloud, node["actor"], by_id) for node in connection["nodes"]]


def named(cloud: GitHubCloud, actor: Mapping[str, Any], by_id: set[str]) -> str:
    """Name one actor."""
    if actor["id"] in by_id:
        return str(actor["id"])
    if "slug" in actor:
        return f"{cloud.owner}/{actor['slug']}"
    return f"/{actor['login']}" if "login" in actor else str(actor["id"])


# --- rulesets -------------------------------------------------------------------------------

RENAMED = {
    "excludes": "exclude",
    "includes": "include",
    "requiredChecks": "required_status_checks",
    "requiredCodeScanning": "code_scanning",
    "requiredCodeScanningTools": "code_scanning_tools",
}
"""Where Pulumi's name is not REST's in camel case."""
RENAMED_BACK = {
    "code_scanning": "requiredCodeScanning",
    "code_scanning_tools": "requiredCodeScanningTools",
    "exclude": "excludes",
    "include": "includes",
}


class RepositoryRuleset(GitHubHandler):
    """A ruleset of one repository; its id is the ruleset's number."""

    token = "github:index/repositoryRuleset:RepositoryRuleset"  # noqa: S105 - a type token
    name_property = "name"
    unordered = frozenset({"bypassActors"})

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Make the ruleset."""
        made = cloud.rest("POST", rulesets(cloud, inputs), ruleset_body(inputs))
        return str(made["id"])

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Read it back; ``inputs`` say only in which repository."""
        ruleset = cloud.find(f"{rulesets(cloud, inputs)}/{id}")
        if ruleset is None:
            return None
        return {
            "repository": inputs["repository"],
            "name": ruleset["name"],
            "target": ruleset["target"],
            "enforcement": ruleset["enforcement"],
            "bypassActors": [bypass_outputs(each) for each in ruleset.get("bypass_actors", [])],
            "conditions": camel_keys(ruleset["conditions"]) or None,
            "rules": rule_outputs(ruleset["rules"]),
            "rulesetId": ruleset["id"],
            "nodeId": ruleset["node_id"],
            "etag": "",
        }

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Set everything anew."""
        del before
        cloud.rest("PUT", f"{rulesets(cloud, inputs)}/{id}", ruleset_body(inputs))

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Remove it."""
        cloud.rest("DELETE", f"{rulesets(cloud, inputs)}/{id}")


def rulesets(cloud: GitHubCloud, inputs: Inputs) -> str:
    """Where a repository's rulesets are."""
    return f"/repos/{cloud.owner}/{inputs['repository']}/rulesets"


def ruleset_body(inputs: Inputs) -> dict[str, Any]:
    """Give the request body; an empty bypass list is said, or it would stay as it was."""
    return {
        "name": inputs["name"],
        "target": inputs["target"],
        "enforcement": inputs["enforcement"],
        "bypass_actors": [snake_keys(each) for each in inputs.get("bypassActors") or []],
        "conditions": snake_keys(inputs.get("conditions") or {}),
        "rules": list(rules_body(inputs["rules"])),
    }


def rules_body(rules: Inputs) -> Iterable[dict[str, Any]]:
    """Turn Pulumi's object of rules into REST's list of types and parameters."""
    for name, value in rules.items():
        if name == "updateAllowsFetchAndMerge" or value in (None, False):
            continue
        parameters = snake_keys(value) if isinstance(value, Mapping) else {}
        if name == "update":
            fetch = bool(rules.get("updateAllowsFetchAndMerge"))
            parameters = {"update_allows_fetch_and_merge": fetch}
        yield {"type": snake(name)} | ({"parameters": parameters} if parameters else {})


def rule_outputs(rules: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Turn REST's list of rules into Pulumi's object."""
    outputs: dict[str, Any] = {}
    for rule in rules:
        parameters = rule.get("parameters", {})
        if rule["type"] == "update":
            fetch = parameters.get("update_allows_fetch_and_merge", False)
            outputs |= {"update": True, "updateAllowsFetchAndMerge": fetch}
        else:
            outputs[camel(rule["type"])] = camel_keys(parameters) if parameters else True
    if checks := outputs.get("requiredStatusChecks"):
        checks["requiredChecks"] = checks.pop("requiredStatusChecks")
    return outputs


def bypass_outputs(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One bypass entry; kinds that need no id have none."""
    return {camel(name): value for name, value in entry.items() if value is not None}


def snake(name: str) -> str:
    """Give REST's name."""
    return RENAMED.get(name) or re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def camel(name: str) -> str:
    """Give Pulumi's name."""
    plain = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
    return RENAMED_BACK.get(name, plain)


def snake_keys(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Rename every key for REST; what is ``None`` is not sent."""
    if isinstance(value, Mapping):
        return {snake(key): snake_keys(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [snake_keys(each) for each in value]
    return value


def camel_keys(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Rename every key for Pulumi."""
    if isinstance(value, Mapping):
        return {camel(key): camel_keys(each) for key, each in value.items()}
    return [camel_keys(each) for each in value] if isinstance(value, list) else value


# --- environments ---------------------------------------------------------------------------


class RepositoryEnvironment(GitHubHandler):
    """A deployment environment; its id is ``repository:environment``."""

    token = "github:index/repositoryEnvironment:RepositoryEnvironment"  # noqa: S105 - a type token
    replace_on = frozenset({"environment", "repository"})

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Make it, or take it over: GitHub has one call for both."""
        cloud.rest("PUT", environment(cloud, inputs), environment_body(inputs))
        return f"{inputs['repository']}:{escaped(inputs['environment'])}"

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Read it back; ``inputs`` say only which."""
        del id
        seen = cloud.find(environment(cloud, inputs))
        if seen is None:
            return None
        rules = {rule["type"]: rule for rule in seen["protection_rules"]}
        review = rules.get("required_reviewers", {})
        return {
            "repository": inputs["repository"],
            "repositoryId": repository_number(cloud, inputs),
            "environment": seen["name"],
            "canAdminsBypass": seen["can_admins_bypass"],
            "preventSelfReview": review.get("prevent_self_review", False),
            "waitTimer": rules.get("wait_timer", {}).get("wait_timer", 0),
            "reviewers": reviewers_outputs(review.get("reviewers", [])),
            "deploymentBranchPolicy": camel_keys(seen["deployment_branch_policy"]),
        }

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Set everything anew."""
        del id, before
        cloud.rest("PUT", environment(cloud, inputs), environment_body(inputs))

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Remove it."""
        del id
        cloud.rest("DELETE", environment(cloud, inputs))


def environment(cloud: GitHubCloud, inputs: Inputs) -> str:
    """Where an environment is."""
    name = quote(inputs["environment"], safe="")
    return f"/repos/{cloud.owner}/{inputs['repository']}/environments/{name}"


def escaped(part: str) -> str:
    """Escape a part of an id as the provider does: a colon becomes two question marks."""
    return part.replace(":", "??")


def repository_number(cloud: GitHubCloud, inputs: Inputs) -> int:
    """Give the repository's number."""
    return int(cloud.rest("GET", f"/repos/{cloud.owner}/{inputs['repository']}")["id"])


def environment_body(inputs: Inputs) -> dict[str, Any]:
    """Give the request body."""
    blocks = inputs.get("reviewers") or []
    reviewers = [
        {"type": kind, "id": int(number)}
        for block in blocks
        for kind, name in (("Team", "teams"), ("User", "users"))
        for number in block.get(name) or []
    ]
    return {
        "wait_timer": inputs.get("waitTimer") or 0,
        "can_admins_bypass": inputs.get("canAdminsBypass", True),
        "prevent_self_review": bool(inputs.get("preventSelfReview")),
        "reviewers": reviewers,
        "deployment_branch_policy": snake_keys(inputs.get("deploymentBranchPolicy")),
    }


def reviewers_outputs(reviewers: Sequence[Mapping[str, Any]]) -> list[dict[str, list[int]]] | None:
    """The block of reviewers, when there are any."""
    if not reviewers:
        return None
    kinds = {"teams": "Team", "users": "User"}
    return [
        {
            name: [each["reviewer"]["id"] for each in reviewers if each["type"] == kind]
            for name, kind in kinds.items()
        }
    ]


class RepositoryEnvironmentDeploymentPolicy(GitHubHandler):
    """A pattern that may deploy; its id is ``repository:environment:number``."""

    token = (
        "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"  # noqa: S105 - a type token
    )
    replace_on = frozenset({"environment", "repository"})

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Make it; the environment must have chosen custom policies."""
        kind, pattern = deploying(inputs)
        body = {"name": pattern, "type": kind}
        made = cloud.rest("POST", policies(cloud, inputs), body)
        return f"{inputs['repository']}:{escaped(inputs['environment'])}:{made['id']}"

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Read it back; ``inputs`` say only where."""
        policy = cloud.find(f"{policies(cloud, inputs)}/{number_of(id)}")
        if policy is None:
            return None
        return {
            "repository": inputs["repository"],
            "repositoryId": repository_number(cloud, inputs),
            "environment": inputs["environment"],
            "policyId": policy["id"],
            "branchPattern": policy["name"] if policy["type"] == "branch" else None,
            "tagPattern": policy["name"] if policy["type"] == "tag" else None,
        }

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Change the pattern; between branch and tag the provider would replace."""
        kind, pattern = deploying(inputs)
        if kind != deploying(before)[0]:
            raise errors.RehearsalError(
                f"{self.token} {id}: from a branch to a tag pattern takes a replacement, "
                "which is not rehearsed; give the resource a new name"
            )
        cloud.rest("PUT", f"{policies(cloud, inputs)}/{number_of(id)}", {"name": pattern})

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Remove it."""
        cloud.rest("DELETE", f"{policies(cloud, inputs)}/{number_of(id)}")


def policies(cloud: GitHubCloud, inputs: Inputs) -> str:
    """Where an environment's policies are."""
    return f"{environment(cloud, inputs)}/deployment-branch-policies"


def number_of(policy_id: str) -> str:
    """The policy's own number, the last part of its id."""
    return policy_id.rpartition(":")[2]


def deploying(inputs: Inputs) -> tuple[str, str]:
    """Give kind and pattern; exactly one of the two must be there."""
    branch, tag = inputs.get("branchPattern"), inputs.get("tagPattern")
    if bool(branch) == bool(tag):
        raise errors.InvalidInput(
            "branchPattern, tagPattern", (branch, tag), "exactly one of the two"
        )
    return ("branch", str(branch)) if branch else ("tag", str(tag))


class SubjectClaimTemplate(GitHubHandler):
    """What a repository's ``sub`` claims are made of; its id is the repository."""

    token = (
        "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate:"  # noqa: S105 - a type token
        "ActionsRepositoryOidcSubjectClaimCustomizationTemplate"
    )
    replace_on = frozenset({"repository"})

    def create(self, cloud: GitHubCloud, inputs: Inputs) -> str:
        """Set it."""
        self.update(cloud, inputs["repository"], inputs, {})
        return str(inputs["repository"])

    def read(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> Outputs | None:  # noqa: A002 - Pulumi's word
        """Read it back."""
        del inputs
        template = cloud.find(subject(cloud, id))
        if template is None:
            return None
        return {
            "repository": id,
            "useDefault": template["use_default"],
            "includeClaimKeys": template.get("include_claim_keys"),
        }

    def update(self, cloud: GitHubCloud, id: str, inputs: Inputs, before: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Set it anew."""
        del before
        keys, default = inputs.get("includeClaimKeys"), inputs["useDefault"]
        if default and keys:
            raise errors.InvalidInput("includeClaimKeys", keys, "none with useDefault true")
        body = {"use_default": default} | ({"include_claim_keys": keys} if keys else {})
        cloud.rest("PUT", subject(cloud, id), body)

    def delete(self, cloud: GitHubCloud, id: str, inputs: Inputs) -> None:  # noqa: A002 - Pulumi's word
        """Go back to the default."""
        del inputs
        cloud.rest("PUT", subject(cloud, id), {"use_default": True})


def subject(cloud: GitHubCloud, repository: str) -> str:
    """Where a repository's template is."""
    return f"/repos/{cloud.owner}/{repository}/actions/oidc/customization/sub"


HANDLERS = (
    BranchProtection(),
    RepositoryRuleset(),
    RepositoryEnvironment(),
    RepositoryEnvironmentDeploymentPolicy(),
    SubjectClaimTemplate(),
)
"""One handler a type."""


# --- functions ------------------------------------------------------------------------------

SAME_IN_REST = (
    "allow_auto_merge",
    "allow_forking",
    "allow_merge_commit",
    "allow_rebase_merge",
    "allow_squash_merge",
    "allow_update_branch",
    "archived",
    "default_branch",
    "delete_branch_on_merge",
    "fork",
    "full_name",
    "has_discussions",
    "has_downloads",
    "has_issues",
    "has_projects",
    "has_wiki",
    "html_url",
    "is_template",
    "merge_commit_message",
    "merge_commit_title",
    "name",
    "node_id",
    "private",
    "squash_merge_commit_message",
    "squash_merge_commit_title",
    "svn_url",
    "topics",
    "visibility",
)


def get_repository(cloud: GitHubCloud, args: Inputs) -> Outputs:
    """`getRepository` by ``fullName`` or ``name``."""
    full_name = args.get("fullName") or f"{cloud.owner}/{args.get('name') or ''}"
    seen = cloud.rest("GET", f"/repos/{full_name}")
    return {camel(name): seen[name] for name in SAME_IN_REST} | {
        "id": seen["name"],
        "repoId": seen["id"],
        "description": seen["description"] or "",
        "homepageUrl": seen["homepage"] or "",
        "primaryLanguage": "",
        "sshCloneUrl": seen["ssh_url"],
        "gitCloneUrl": seen["git_url"],
        "httpCloneUrl": seen["clone_url"],
        "pages": [],
        "repositoryLicenses": [],
        "templates": [],
    }


def get_user(cloud: GitHubCloud, args: Inputs) -> Outputs:
    """`getUser`; what nobody here has set is empty."""
    seen = cloud.rest("GET", f"/users/{args['username']}")
    unset = ("avatarUrl", "bio", "blog", "company", "email", "gravatarId", "location", "name")
    times = ("createdAt", "suspendedAt", "updatedAt")
    counts = ("followers", "following", "publicGists", "publicRepos")
    return {
        **dict.fromkeys((*unset, *times), ""),
        **dict.fromkeys(counts, 0),
        "id": str(seen["id"]),
        "login": seen["login"],
        "username": args["username"],
        "nodeId": seen["node_id"],
        "siteAdmin": False,
        "gpgKeys": [],
        "sshKeys": [],
    }


def get_team(cloud: GitHubCloud, args: Inputs) -> Outputs:
    """`getTeam`, with members and repositories unless ``summaryOnly``."""
    home = f"/orgs/{cloud.owner}/teams/{args['slug']}"
    seen = cloud.rest("GET", home)
    summary = bool(args.get("summaryOnly"))
    members = [] if summary else cloud.rest("GET", f"{home}/members?per_page=100")
    repositories = [] if summary else cloud.rest("GET", f"{home}/repos?per_page=100")
    return {
        "id": str(seen["id"]),
        "slug": seen["slug"],
        "name": seen["name"],
        "nodeId": seen["node_id"],
        "description": seen["description"],
        "privacy": seen["privacy"],
        "notificationSetting": seen["notification_setting"],
        "permission": seen["permission"],
        "membershipType": args.get("membershipType", "all"),
        "resultsPerPage": args.get("resultsPerPage", 100),
        "summaryOnly": summary,
        "members": [each["login"] for each in members],
        "repositories": [each["name"] for each in repositories],
        "repositoriesDetaileds": [
            {"repoId": each["id"], "repoName": each["name"], "roleName": each["role_name"]}
            for each in repositories
        ],
    }


INVOKES: Mapping[str, Callable[[GitHubCloud, Inputs], Outputs]] = {
    "github:index/getRepository:getRepository": get_repository,
    "github:index/getTeam:getTeam": get_team,
    "github:index/getUser:getUser": get_user,
}
"""One function a token."""
