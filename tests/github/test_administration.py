"""Who may change the rules, what a plan lacks, and what is written down."""

import pytest
from acme import APP, SCANNER, World, app_by, checks, reviewed

from breakglass.rehearsal.github.client import GitHubCloud, GitHubRefused
from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import Plan

ADMINS = "/repos/acme/shop/branches/main/protection/enforce_admins"


@pytest.mark.parametrize("who", ["dora", "glassbreaker", "github-actions"])
def test_who_is_no_administrator_lifts_no_protection(world: World, who: str) -> None:
    world.protect(isAdminEnforced=True)
    ruleset = world.ruleset("gate", [reviewed()])
    for method, path in (
        ("DELETE", ADMINS),
        ("DELETE", "/repos/acme/shop/branches/main/protection"),
        ("PUT", f"/repos/acme/shop/rulesets/{ruleset}"),
        ("DELETE", f"/repos/acme/shop/rulesets/{ruleset}"),
        ("POST", "/repos/acme/shop/rulesets"),
        ("PUT", "/repos/acme/shop/environments/production"),
    ):
        assert world.refusal(who, method, path, enforcement="disabled").status == 403
    assert len(world.shop.protections) == len(world.shop.rulesets) == 1


@pytest.mark.parametrize("who", ["olga", "adam"])
def test_an_administrator_lifts_protection_and_the_audit_log_tells(world: World, who: str) -> None:
    world.protect(isAdminEnforced=True)
    world.as_(who).rest("DELETE", ADMINS)
    assert world.as_("olga").rest("GET", ADMINS) == {"enabled": False}
    (entry,) = world.audited("protected_branch.update_admin_enforced")
    assert (entry["actor"], entry["admin_enforced"]) == (who, False)
    world.as_(who).rest("DELETE", "/repos/acme/shop/branches/main/protection")
    assert len(world.audited("protected_branch.destroy")) == 1


def test_an_app_with_administration_lifts_protection(world: World) -> None:
    world.protect(isAdminEnforced=True)
    app = world.github.apps[SCANNER]
    world.github.install(app, world.acme, {"administration": "write"})
    world.as_("scanner").rest("DELETE", ADMINS)


def test_an_app_that_is_not_installed_here_sees_no_private_repository(world: World) -> None:
    app = world.github.apps[APP]
    world.github.install(app, world.acme, {"administration": "write"}, ["other"])
    assert world.refusal("glassbreaker", "DELETE", ADMINS).status == 404


def test_graphql_refuses_who_may_not_administer(world: World) -> None:
    rule = world.protect(isAdminEnforced=True)
    mutation = (
        "mutation ($input: DeleteBranchProtectionRuleInput!) "
        "{ deleteBranchProtectionRule(input: $input) { clientMutationId } }"
    )
    variables = {"input": {"branchProtectionRuleId": rule}}
    with pytest.raises(GitHubRefused, match="Must have admin rights") as refused:
        world.as_("dora").graphql(mutation, variables)
    assert refused.value.rules == ("access/admin",)
    with pytest.raises(GitHubRefused, match="Could not resolve to a node"):
        world.as_("eve").graphql(mutation, variables)
    world.as_("adam").graphql(mutation, variables)
    assert world.shop.protections == {}


def test_widening_a_bypass_list_is_written_down(world: World) -> None:
    ruleset = world.ruleset("gate", [reviewed()], app_by("pull_request"))
    path = f"/repos/acme/shop/rulesets/{ruleset}"
    world.as_("adam").rest("PUT", path, {"bypass_actors": [app_by("always")]})
    (entry,) = world.audited("repository_ruleset.update")
    assert entry["actor"] == "adam"
    assert [each["bypass_mode"] for each in entry["ruleset_bypass_actors_added"]] == ["always"]
    assert [each["bypass_mode"] for each in entry["ruleset_bypass_actors_deleted"]] == [
        "pull_request"
    ]


def test_a_writer_reads_a_ruleset_without_its_bypass_list(world: World) -> None:
    ruleset = world.ruleset("gate", [reviewed()], app_by("pull_request"))
    path = f"/repos/acme/shop/rulesets/{ruleset}"
    assert "bypass_actors" not in world.as_("dora").rest("GET", path)
    assert world.as_("adam").rest("GET", path)["bypass_actors"][0]["actor_id"] == APP


def test_an_app_that_is_not_installed_is_no_bypass_actor(world: World) -> None:
    world.github.add_app("stranger", 4999)
    body = {"name": "gate", "enforcement": "active", "bypass_actors": [app_by("always", 4999)]}
    refused = world.refusal("olga", "POST", "/repos/acme/shop/rulesets", **body)
    assert (refused.status, "must be part of" in refused.message) == (422, True)
    body["bypass_actors"] = [app_by("always")]
    world.as_("olga").rest("POST", "/repos/acme/shop/rulesets", body)


def test_a_tag_ruleset_takes_no_pull_request_mode(world: World) -> None:
    body = {"name": "tags", "enforcement": "active", "target": "tag"}
    bypass = [app_by("pull_request")]
    path = "/repos/acme/shop/rulesets"
    assert world.refusal("olga", "POST", path, **body, bypass_actors=bypass).status == 422
    world.as_("olga").rest("POST", path, body | {"bypass_actors": [app_by("always")]})


def test_rule_suites_are_for_administrators_and_name_each_rule(world: World) -> None:
    world.ruleset("gate", [reviewed(), checks(("unit", SCANNER))], app_by("pull_request"))
    world.merge("glassbreaker", world.pull())
    path = "/repos/acme/shop/rulesets/rule-suites"
    assert world.refusal("dora", "GET", path).status == 403
    (suite,) = world.as_("adam").rest("GET", f"{path}?rule_suite_result=bypass")
    assert suite["actor_name"] == "glassbreaker[bot]"
    detail = world.as_("adam").rest("GET", f"{path}/{suite['id']}")
    assert [each["result"] for each in detail["rule_evaluations"]] == ["fail", "fail"]
    assert world.as_("adam").rest("GET", f"{path}?rule_suite_result=fail") == []
    assert len(world.as_("olga").rest("GET", "/orgs/acme/rulesets/rule-suites")) == 1


def test_the_audit_log_is_for_owners_on_enterprise(world: World) -> None:
    world.protect()
    path = "/orgs/acme/audit-log?phrase=action:protected_branch"
    assert len(world.as_("olga").rest("GET", path)) == 1
    assert world.refusal("adam", "GET", path).status == 403
    world.acme.plan = Plan.TEAM
    assert world.refusal("olga", "GET", path).status == 404


def test_a_free_plan_protects_public_repositories_only(world: World) -> None:
    world.acme.plan = Plan.FREE
    with pytest.raises(GitHubRefused, match="Upgrade to GitHub Pro") as refused:
        world.protect()
    assert refused.value.rules == ("plan/free",)
    with pytest.raises(GitHubRefused, match="Upgrade to GitHub Pro"):
        world.ruleset("gate", [reviewed()])
    world.shop.private = False
    world.protect()
    world.ruleset("gate", [reviewed()])


def test_reviewers_on_a_private_environment_need_enterprise(world: World) -> None:
    path = "/repos/acme/shop/environments/production"
    rene = world.github.users["rene"].id
    body = {"reviewers": [{"type": "User", "id": rene}], "prevent_self_review": True}
    world.acme.plan = Plan.TEAM
    refused = world.refusal("olga", "PUT", path, **body)
    assert (refused.status, refused.rules) == (422, ("plan/team",))
    assert "required reviewers" in refused.message
    world.shop.private = False
    world.as_("olga").rest("PUT", path, body)
    world.acme.plan, world.shop.private = Plan.ENTERPRISE, True
    world.as_("olga").rest("PUT", path, body)


def test_an_environment_in_other_letters_is_the_same_one(world: World) -> None:
    there = "/repos/acme/shop/environments"
    rene = world.github.users["rene"].id
    olga = world.as_("olga")
    olga.rest("PUT", f"{there}/production", {"reviewers": [{"type": "User", "id": rene}]})
    olga.rest("PUT", f"{there}/Production", {"can_admins_bypass": True})
    seen = olga.rest("GET", f"{there}/production")
    assert (seen["name"], seen["protection_rules"]) == ("production", [])
    olga.rest("PUT", f"{there}/staging", {"reviewers": [{"type": "User", "id": rene}]})
    assert olga.rest("GET", f"{there}/staging")["protection_rules"]
    olga.rest("DELETE", f"{there}/PRODUCTION")
    assert world.refusal("olga", "GET", f"{there}/production").status == 404


def test_evaluate_mode_needs_enterprise(world: World) -> None:
    path = "/repos/acme/shop/rulesets"
    body = {"name": "gate", "enforcement": "evaluate"}
    world.acme.plan = Plan.TEAM
    assert world.refusal("olga", "POST", path, **body).status == 422
    world.acme.plan = Plan.ENTERPRISE
    world.as_("olga").rest("POST", path, body)


def test_a_deployment_policy_wants_an_environment_that_chose_custom_policies(world: World) -> None:
    path = "/repos/acme/shop/environments/production"
    world.as_("olga").rest("PUT", path)
    policies = f"{path}/deployment-branch-policies"
    assert world.refusal("olga", "POST", policies, name="main").status == 404
    custom = {"protected_branches": False, "custom_branch_policies": True}
    world.as_("olga").rest("PUT", path, {"deployment_branch_policy": custom})
    world.as_("olga").rest("POST", policies, {"name": "main"})
    assert world.as_("olga").rest("GET", policies)["total_count"] == 1


def test_a_token_that_nobody_has_is_refused_and_a_persons_is_not(world: World) -> None:
    with (
        GitHubCloud("acme", "ghp_guess", world.base_url) as stranger,
        pytest.raises(GitHubRefused, match="401: Bad credentials"),
    ):
        stranger.rest("GET", "/user")
    assert world.as_("dora").rest("GET", "/user")["login"] == "dora"


def test_what_the_emulation_does_not_speak_is_said_and_is_no_refusal_of_githubs(
    world: World,
) -> None:
    with pytest.raises(GitHubRefused, match="does not speak") as refused:
        world.as_("olga").rest("GET", "/repos/acme/shop/hooks")
    assert (refused.value.status, refused.value.rules) == (501, ("emulation/route",))
    with pytest.raises(GitHubRefused, match="does not decide rules of type 'merge_queue'"):
        world.ruleset("gate", [{"type": "merge_queue"}])
    with pytest.raises(GitHubRefused, match="does not read"):
        world.ruleset("gate", [reviewed(surprise=True)])


def test_a_body_without_what_is_needed_is_a_422_that_names_it(world: World) -> None:
    path = "/repos/acme/shop/git/refs"
    assert '"ref" wasn\'t supplied' in world.refusal("dora", "POST", path).message


def test_a_fault_of_the_emulation_reaches_the_caller(world: World) -> None:
    world.shop.branches.clear()
    with pytest.raises(GitHubRefused, match="emulated GitHub failed") as refused:
        world.as_("dora").rest("POST", "/repos/acme/shop/git/refs", {"ref": "x", "sha": "y"})
    assert (refused.value.status, refused.value.rules) == (500, ("emulation/fault",))


def test_long_lists_come_in_pages(world: World) -> None:
    for number in range(31):
        world.ruleset(f"gate-{number}", [])
    path = "/repos/acme/shop/rulesets"
    assert len(world.as_("olga").rest("GET", path)) == 30
    assert len(world.as_("olga").rest("GET", f"{path}?page=2")) == 1


def test_two_servers_run_side_by_side_and_end_with_their_block(world: World) -> None:
    with Server(world.github) as second:
        assert second.base_url != world.base_url
        token = world.github.token_of(world.github.users["dora"])
        with GitHubCloud("acme", token, second.base_url) as cloud:
            assert cloud.rest("GET", "/orgs/acme")["login"] == "acme"
    with pytest.raises(RuntimeError, match="inside its with block"):
        _ = second.base_url
