"""Classic protection and rulesets add up over a merge; who may pass what."""

import pytest
from acme import SCANNER, World, app_by, checks, reviewed


def test_a_reviewed_and_green_pull_request_is_merged_by_a_writer(world: World) -> None:
    world.ruleset("gate", [reviewed(), checks(("unit", SCANNER))])
    pull = world.pull()
    world.approve("rene", pull)
    world.check("scanner", pull, "unit")
    assert world.merge("dora", pull)["merged"]
    assert world.shop.tree(world.shop.branches["main"])["app.py"] == "fixed"


def test_an_unreviewed_pull_request_is_refused_by_name(world: World) -> None:
    world.ruleset("gate", [reviewed(), checks(("unit", SCANNER))])
    refused = world.merge_refused("dora", world.pull())
    assert refused.status == 405
    assert refused.rules == ("ruleset:gate/pull_request", "ruleset:gate/required_status_checks")
    assert refused.message.startswith("Repository rule violations found")
    assert "At least 1 approving review is required" in refused.message


def test_an_app_on_the_gates_bypass_list_merges_past_a_red_skippable_check(world: World) -> None:
    world.ruleset("gate", [reviewed(), checks(("unit", SCANNER))], app_by("pull_request"))
    pull = world.pull()
    world.check("scanner", pull, "unit", "failure")
    assert world.merge("glassbreaker", pull)["merged"]
    assert [suite.result for suite in world.shop.suites] == ["bypass"]


def test_an_app_on_the_gates_bypass_list_cannot_merge_past_the_floor(world: World) -> None:
    world.ruleset("floor", [checks(("secret-scan", SCANNER))])
    world.ruleset("gate", [reviewed()], app_by("pull_request"))
    pull = world.pull()
    world.check("scanner", pull, "secret-scan", "failure")
    refused = world.merge_refused("glassbreaker", pull)
    assert refused.rules == ("ruleset:floor/required_status_checks",)
    assert [suite.result for suite in world.shop.suites] == ["fail"]


def test_classic_protection_still_binds_an_app_that_a_ruleset_lets_pass(world: World) -> None:
    world.protect(
        isAdminEnforced=True, requiresStatusChecks=True, requiredStatusCheckContexts=["unit"]
    )
    world.ruleset("gate", [reviewed()], app_by("always"))
    refused = world.merge_refused("glassbreaker", world.pull())
    assert refused.rules == ("branch_protection:main/required_status_checks",)
    assert refused.message == 'Required status check "unit" is expected.'


def test_an_app_that_a_ruleset_lets_pass_merges_where_classic_protection_is_content(
    world: World,
) -> None:
    world.protect(isAdminEnforced=True, requiresApprovingReviews=True)
    world.ruleset("gate", [reviewed()], app_by("pull_request"))
    assert world.merge("glassbreaker", world.pull())["merged"]


def test_an_app_that_is_on_no_list_is_refused(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("pull_request", SCANNER))
    assert world.merge_refused("glassbreaker", world.pull()).rules == ("ruleset:gate/pull_request",)


def test_the_moved_head_is_refused_and_the_seen_head_merged(world: World) -> None:
    pull = world.pull()
    seen = world.head(pull)
    world.github.push(world.shop, pull.head, {"app.py": "sly"}, "dora")
    refused = world.merge_refused("dora", pull, sha=seen)
    assert (refused.status, refused.rules) == (409, ("pull_request/sha",))
    assert world.merge("dora", pull, sha=world.head(pull))["merged"]


def test_an_owner_merges_past_classic_protection_that_is_not_enforced_for_him(world: World) -> None:
    world.protect(requiresApprovingReviews=True, requiredApprovingReviewCount=1)
    assert world.merge("olga", world.pull())["merged"]
    (entry,) = world.audited("protected_branch.policy_override")
    assert entry["actor"] == "olga"
    assert entry["overridden_codes"] == ["required_pull_request_reviews"]


@pytest.mark.parametrize("who", ["olga", "adam", "dora", "glassbreaker"])
def test_nobody_merges_past_classic_protection_enforced_for_admins(world: World, who: str) -> None:
    world.protect(
        isAdminEnforced=True, requiresApprovingReviews=True, requiredApprovingReviewCount=1
    )
    refused = world.merge_refused(who, world.pull())
    assert refused.rules == ("branch_protection:main/required_pull_request_reviews",)
    assert len(world.audited("protected_branch.rejected_ref_update")) == 1
    assert world.audited("protected_branch.policy_override") == []


def test_an_admin_who_is_on_no_bypass_list_does_not_pass_a_ruleset(world: World) -> None:
    world.ruleset("gate", [reviewed()])
    assert world.merge_refused("olga", world.pull()).rules == ("ruleset:gate/pull_request",)


@pytest.mark.parametrize(
    ("entry", "who", "other"),
    [
        ({"actor_type": "OrganizationAdmin", "bypass_mode": "pull_request"}, "olga", "adam"),
        ({"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}, "adam", "dora"),
        ({"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "always"}, "dora", None),
    ],
)
def test_a_bypass_entry_means_those_it_names_and_no_others(
    world: World, entry: dict[str, object], who: str, other: str | None
) -> None:
    world.ruleset("gate", [reviewed()], entry)
    if other:
        assert world.merge_refused(other, world.pull()).rules == ("ruleset:gate/pull_request",)
    assert world.merge(who, world.pull())["merged"]


def test_a_team_and_a_person_on_the_bypass_list_pass_and_others_do_not(world: World) -> None:
    team = {"actor_type": "Team", "actor_id": world.owners.id, "bypass_mode": "pull_request"}
    rene = world.github.users["rene"].id
    person = {"actor_type": "User", "actor_id": rene, "bypass_mode": "pull_request"}
    world.ruleset("gate", [reviewed()], team, person)
    assert world.merge("nora", world.pull())["merged"]
    assert world.merge("rene", world.pull())["merged"]
    assert world.merge_refused("dora", world.pull()).status == 405


def test_an_exempt_app_merges_and_leaves_no_rule_suite(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("exempt"))
    assert world.merge("glassbreaker", world.pull())["merged"]
    assert world.shop.suites == []


def test_a_ruleset_in_evaluate_mode_is_recorded_and_refuses_nothing(world: World) -> None:
    ruleset = world.ruleset("gate", [reviewed()])
    path = f"/repos/acme/shop/rulesets/{ruleset}"
    world.as_("olga").rest("PUT", path, {"enforcement": "evaluate"})
    assert world.merge("dora", world.pull())["merged"]
    (suite,) = world.shop.suites
    assert (suite.result, suite.evaluations[0].result) == ("pass", "fail")


def test_a_disabled_ruleset_is_not_looked_at(world: World) -> None:
    ruleset = world.ruleset("gate", [reviewed()])
    path = f"/repos/acme/shop/rulesets/{ruleset}"
    world.as_("olga").rest("PUT", path, {"enforcement": "disabled"})
    assert world.merge("dora", world.pull())["merged"]
    assert world.shop.suites == []


def test_the_organisations_ruleset_binds_its_repositories_and_spares_the_excluded(
    world: World,
) -> None:
    names = {"include": ["~ALL"], "exclude": []}
    body = {
        "name": "everywhere",
        "enforcement": "active",
        "conditions": {
            "ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []},
            "repository_name": names,
        },
        "rules": [reviewed()],
    }
    made = world.as_("olga").rest("POST", "/orgs/acme/rulesets", body)
    pull = world.pull()
    assert world.merge_refused("dora", pull).rules == ("ruleset:everywhere/pull_request",)
    spared = body | {
        "conditions": {
            "ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []},
            "repository_name": names | {"exclude": ["shop"]},
        }
    }
    world.as_("olga").rest("PUT", f"/orgs/acme/rulesets/{made['id']}", spared)
    assert world.merge("dora", pull)["merged"]


def test_an_exact_classic_rule_takes_the_place_of_a_stricter_pattern(world: World) -> None:
    world.protect("m*", requiresApprovingReviews=True, requiredApprovingReviewCount=1)
    pull = world.pull()
    assert world.merge_refused("dora", pull).status == 405
    world.protect("main")
    assert world.merge("dora", pull)["merged"]


def test_a_draft_and_a_closed_pull_request_are_refused(world: World) -> None:
    pull = world.pull()
    pull.draft = True
    assert world.merge_refused("dora", pull).rules == ("pull_request/draft",)
    pull.draft = False
    world.merge("dora", pull)
    again = world.refusal("dora", "PUT", f"/repos/acme/shop/pulls/{pull.number}/merge")
    assert (again.status, again.rules) == (405, ("pull_request/state",))


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_only_the_allowed_merge_methods_pass(world: World, method: str) -> None:
    world.ruleset("gate", [reviewed(0, allowed_merge_methods=["squash"])])
    pull = world.pull()
    if method == "squash":
        assert world.merge("dora", pull, merge_method=method)["merged"]
    else:
        assert world.merge_refused("dora", pull, merge_method=method).status == 405


def test_a_linear_history_takes_a_squash_and_no_merge_commit(world: World) -> None:
    world.ruleset("gate", [{"type": "required_linear_history"}])
    pull = world.pull()
    refused = world.merge_refused("dora", pull)
    assert refused.rules == ("ruleset:gate/required_linear_history",)
    assert world.merge("dora", pull, merge_method="squash")["merged"]


def test_a_strict_check_wants_the_head_up_to_date(world: World) -> None:
    world.ruleset("gate", [checks(("unit", SCANNER), strict=True)])
    stale, fresh = world.pull(), world.pull()
    for pull in (stale, fresh):
        world.check("scanner", pull, "unit")
    assert world.merge("dora", fresh)["merged"]
    assert "not up to date" in world.merge_refused("dora", stale).message


def test_a_deployment_must_come_before_the_merge_where_one_is_required(world: World) -> None:
    parameters = {"required_deployment_environments": ["staging"]}
    world.ruleset("gate", [{"type": "required_deployments", "parameters": parameters}])
    pull = world.pull()
    assert "staging" in world.merge_refused("dora", pull).message
    world.shop.deployments.add(("staging", world.head(pull)))
    assert world.merge("dora", pull)["merged"]


def test_unsigned_commits_are_refused_and_signed_ones_merged(world: World) -> None:
    world.protect(requiresCommitSignatures=True)
    pull = world.pull()
    tip = world.head(pull)
    forged = world.github.commit(world.shop, (tip,), {"x": "1"}, "dora", verified=False)
    world.shop.move(pull.head, forged.sha, "dora")
    assert world.merge_refused("dora", pull).rules == (
        "branch_protection:main/required_signatures",
    )
    world.shop.move(pull.head, tip, "dora")
    assert world.merge("dora", pull)["merged"]


def test_a_locked_branch_takes_no_merge(world: World) -> None:
    world.protect(lockBranch=True, isAdminEnforced=True)
    assert world.merge_refused("adam", world.pull()).rules == (
        "branch_protection:main/lock_branch",
    )


def test_an_app_changes_workflows_only_with_the_permission(world: World) -> None:
    pull = world.pull({".github/workflows/ci.yml": "on: push"})
    refused = world.merge_refused("glassbreaker", pull)
    assert (refused.status, refused.rules) == (403, ("access/workflows",))
    app = world.github.apps[4002]
    permissions = {"contents": "write", "workflows": "write"}
    token = world.github.token_of(world.github.install(app, world.acme, permissions), "wide")
    assert token
    world.clouds.pop("glassbreaker").close()
    assert world.merge("glassbreaker", pull)["merged"]


def test_a_restricted_path_is_refused_and_another_merged(world: World) -> None:
    parameters = {"restricted_file_paths": [".github/**/*"]}
    world.ruleset("floor", [{"type": "file_path_restriction", "parameters": parameters}])
    refused = world.merge_refused("dora", world.pull({".github/CODEOWNERS": "*"}))
    assert refused.rules == ("ruleset:floor/file_path_restriction",)
    assert world.merge("dora", world.pull())["merged"]
