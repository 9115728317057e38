"""Every GitHub type comes back as it was given, changes, and goes."""

from typing import Any

import pytest
from acme import APP, World

from breakglass import errors
from breakglass.rehearsal.github.client import GitHubRefused
from breakglass.rehearsal.resources.handlers.github import HANDLERS, INVOKES, GitHubHandler

PROTECTION = {
    "repositoryId": "shop",
    "pattern": "main",
    "enforceAdmins": True,
    "allowsDeletions": False,
    "lockBranch": True,
    "requiredLinearHistory": True,
    "requireSignedCommits": True,
    "requireConversationResolution": True,
    "forcePushBypassers": ["/adam", "acme/owners"],
    "requiredPullRequestReviews": [
        {
            "requiredApprovingReviewCount": 2,
            "dismissStaleReviews": True,
            "requireCodeOwnerReviews": True,
            "requireLastPushApproval": True,
            "restrictDismissals": True,
            "dismissalRestrictions": ["/rene"],
            "pullRequestBypassers": ["A_kwDO00004002"],
        }
    ],
    "requiredStatusChecks": [{"strict": True, "contexts": ["unit", "lint"]}],
    "restrictPushes": [{"blocksCreations": False, "pushAllowances": ["acme/owners"]}],
}
RULESET = {
    "repository": "shop",
    "name": "gate",
    "target": "branch",
    "enforcement": "active",
    "bypassActors": [
        {"actorType": "Integration", "actorId": APP, "bypassMode": "pull_request"},
        {"actorType": "OrganizationAdmin", "bypassMode": "always"},
    ],
    "conditions": {"refName": {"includes": ["~DEFAULT_BRANCH"], "excludes": ["refs/heads/x"]}},
    "rules": {
        "creation": True,
        "deletion": True,
        "nonFastForward": True,
        "requiredLinearHistory": True,
        "requiredSignatures": True,
        "update": True,
        "updateAllowsFetchAndMerge": True,
        "pullRequest": {
            "requiredApprovingReviewCount": 1,
            "dismissStaleReviewsOnPush": True,
            "requireCodeOwnerReview": True,
            "requireLastPushApproval": True,
            "requiredReviewThreadResolution": True,
            "allowedMergeMethods": ["squash"],
        },
        "requiredStatusChecks": {
            "requiredChecks": [{"context": "unit", "integrationId": 4001}],
            "strictRequiredStatusChecksPolicy": True,
            "doNotEnforceOnCreate": True,
        },
        "requiredDeployments": {"requiredDeploymentEnvironments": ["staging"]},
        "filePathRestriction": {"restrictedFilePaths": [".github/**/*"]},
        "commitMessagePattern": {"operator": "starts_with", "pattern": "INC-", "negate": False},
    },
}
ENVIRONMENT = {
    "repository": "shop",
    "environment": "production",
    "canAdminsBypass": False,
    "preventSelfReview": True,
    "waitTimer": 30,
    "deploymentBranchPolicy": {"protectedBranches": False, "customBranchPolicies": True},
}
SUBJECT = {"repository": "shop", "useDefault": False, "includeClaimKeys": ["repo", "ref"]}


def handler_of(name: str) -> GitHubHandler:
    return next(each for each in HANDLERS if each.token.endswith(f":{name}"))


def test_every_given_input_is_read_back(world: World) -> None:
    cloud = world.as_("olga")
    people = {"teams": [world.owners.id], "users": [world.github.users["rene"].id]}
    environment = ENVIRONMENT | {"reviewers": [people]}
    for name, inputs in (
        ("BranchProtection", PROTECTION),
        ("RepositoryRuleset", RULESET),
        ("RepositoryEnvironment", environment),
        ("RepositoryEnvironmentDeploymentPolicy", policy("main")),
        ("ActionsRepositoryOidcSubjectClaimCustomizationTemplate", SUBJECT),
    ):
        handler = handler_of(name)
        seen = handler.read(cloud, handler.create(cloud, inputs), inputs)
        assert seen is not None
        assert {key: seen[key] for key in inputs} == inputs


def policy(pattern: str, kind: str = "branchPattern") -> dict[str, Any]:
    return {"repository": "shop", "environment": "production", kind: pattern}


@pytest.mark.parametrize(
    ("name", "inputs", "change"),
    [
        ("BranchProtection", PROTECTION, {"requiredStatusChecks": [], "enforceAdmins": False}),
        ("BranchProtection", PROTECTION, {"requiredPullRequestReviews": [], "restrictPushes": []}),
        ("RepositoryRuleset", RULESET, {"bypassActors": [], "rules": {"deletion": True}}),
        ("RepositoryEnvironment", ENVIRONMENT, {"waitTimer": 0, "canAdminsBypass": True}),
    ],
)
def test_a_change_is_read_back_and_a_deleted_thing_is_gone(
    world: World, name: str, inputs: dict[str, Any], change: dict[str, Any]
) -> None:
    cloud, handler = world.as_("olga"), handler_of(name)
    id_ = handler.create(cloud, inputs)
    handler.update(cloud, id_, inputs | change, inputs)
    seen = handler.read(cloud, id_, inputs | change)
    assert seen is not None
    assert {key: seen[key] or type(value)() for key, value in change.items()} == change
    handler.delete(cloud, id_, inputs)
    assert handler.read(cloud, id_, inputs) is None


def test_a_deployment_policy_changes_its_pattern_but_not_its_kind(world: World) -> None:
    cloud = world.as_("olga")
    handler_of("RepositoryEnvironment").create(cloud, ENVIRONMENT)
    handler = handler_of("RepositoryEnvironmentDeploymentPolicy")
    id_ = handler.create(cloud, policy("main"))
    handler.update(cloud, id_, policy("release/*"), policy("main"))
    seen = handler.read(cloud, id_, policy("release/*"))
    assert seen is not None
    assert (seen["branchPattern"], seen["tagPattern"]) == ("release/*", None)
    with pytest.raises(errors.RehearsalError, match="takes a replacement"):
        handler.update(cloud, id_, policy("v*", "tagPattern"), policy("main"))
    with pytest.raises(errors.InvalidInput, match="exactly one of the two"):
        handler.create(cloud, policy("main") | {"tagPattern": "v*"})


def test_the_default_subject_takes_no_claim_keys(world: World) -> None:
    cloud = world.as_("olga")
    handler = handler_of("ActionsRepositoryOidcSubjectClaimCustomizationTemplate")
    with pytest.raises(errors.InvalidInput, match="none with useDefault"):
        handler.create(cloud, SUBJECT | {"useDefault": True})
    handler.delete(cloud, handler.create(cloud, SUBJECT), SUBJECT)
    assert handler.read(cloud, "shop", SUBJECT) == {
        "repository": "shop",
        "useDefault": True,
        "includeClaimKeys": None,
    }


def test_a_repository_is_named_by_name_or_by_node_id(world: World) -> None:
    cloud, handler = world.as_("olga"), handler_of("BranchProtection")
    for named in ("shop", world.shop.node_id):
        inputs = {"repositoryId": named, "pattern": named}
        seen = handler.read(cloud, handler.create(cloud, inputs), inputs)
        assert seen is not None
        assert seen["repositoryId"] == named
    with pytest.raises(GitHubRefused, match="Could not resolve to a Repository"):
        handler.create(cloud, {"repositoryId": "shoop", "pattern": "main"})


def test_functions_find_repository_person_and_team(world: World) -> None:
    cloud = world.as_("olga")
    find = {token.rpartition(":")[2]: function for token, function in INVOKES.items()}
    repository = find["getRepository"](cloud, {"fullName": "acme/shop"})
    assert (repository["nodeId"], repository["id"]) == (world.shop.node_id, "shop")
    assert find["getUser"](cloud, {"username": "dora"})["id"] == str(world.github.users["dora"].id)
    team = find["getTeam"](cloud, {"slug": "owners"})
    assert (team["members"], team["repositories"]) == (["nora"], ["shop"])
    with pytest.raises(GitHubRefused, match="404"):
        find["getUser"](cloud, {"username": "nobody"})
