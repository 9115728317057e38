"""Direct pushes, force pushes and deletions."""

import pytest
from acme import World, app_by, reviewed

MAIN_REF = "/repos/acme/shop/git/refs/heads/main"


def rewritten(world: World) -> str:
    """A commit that does not build on main."""
    return world.github.commit(world.shop, (), {"app.py": "rewritten"}, "olga").sha


def forward(world: World) -> str:
    """A commit on top of main."""
    tip = world.shop.branches["main"]
    return world.github.commit(world.shop, (tip,), {"app.py": "next"}, "olga").sha


def test_an_owner_cannot_force_push_under_enforce_admins(world: World) -> None:
    world.protect(isAdminEnforced=True)
    refused = world.refusal("olga", "PATCH", MAIN_REF, sha=rewritten(world), force=True)
    assert (refused.status, refused.rules) == (422, ("branch_protection:main/allow_force_pushes",))


def test_an_owner_cannot_force_push_even_where_admins_are_not_enforced(world: World) -> None:
    world.protect()
    refused = world.refusal("olga", "PATCH", MAIN_REF, sha=rewritten(world), force=True)
    assert refused.rules == ("branch_protection:main/allow_force_pushes",)


def test_an_owner_force_pushes_where_force_pushes_are_allowed(world: World) -> None:
    world.protect(isAdminEnforced=True, allowsForcePushes=True)
    world.as_("olga").rest("PATCH", MAIN_REF, {"sha": rewritten(world), "force": True})


def test_who_is_listed_force_pushes_and_others_do_not(world: World) -> None:
    listed = [world.github.users["adam"].node_id]
    world.protect(isAdminEnforced=True, bypassForcePushActorIds=listed)
    world.refusal("olga", "PATCH", MAIN_REF, sha=rewritten(world), force=True)
    world.as_("adam").rest("PATCH", MAIN_REF, {"sha": rewritten(world), "force": True})


def test_a_rewritten_history_without_force_is_no_fast_forward(world: World) -> None:
    refused = world.refusal("dora", "PATCH", MAIN_REF, sha=rewritten(world))
    assert refused.message == "Update is not a fast forward"
    world.as_("dora").rest("PATCH", MAIN_REF, {"sha": rewritten(world), "force": True})


def test_a_direct_push_is_refused_where_a_pull_request_is_required(world: World) -> None:
    world.protect(isAdminEnforced=True, requiresApprovingReviews=True)
    refused = world.refusal("olga", "PATCH", MAIN_REF, sha=forward(world))
    assert refused.message == "Changes must be made through a pull request."
    other = world.github.push(world.shop, "topic", {"a": "1"}, "dora")
    path = "/repos/acme/shop/git/refs/heads/topic"
    tip = world.github.commit(world.shop, (other.sha,), {"a": "2"}, "dora").sha
    world.as_("dora").rest("PATCH", path, {"sha": tip})


def test_a_file_written_straight_to_the_branch_is_a_push_like_any(world: World) -> None:
    world.ruleset("gate", [reviewed(0)])
    path = "/repos/acme/shop/contents/app.py"
    refused = world.refusal("adam", "PUT", path, branch="main", content="x")
    assert refused.rules == ("ruleset:gate/pull_request",)
    world.github.push(world.shop, "topic", {"a": "1"}, "dora")
    world.as_("adam").rest("PUT", path, {"branch": "topic", "content": "x"})


def test_an_app_in_pull_request_mode_cannot_push(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("pull_request"))
    refused = world.refusal("glassbreaker", "PATCH", MAIN_REF, sha=forward(world))
    assert refused.rules == ("ruleset:gate/pull_request",)


def test_an_app_in_always_mode_pushes_and_the_rule_suite_says_bypass(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("always"))
    world.as_("glassbreaker").rest("PATCH", MAIN_REF, {"sha": forward(world)})
    assert [suite.result for suite in world.shop.suites] == ["bypass"]


@pytest.mark.parametrize("rule", ["deletion", "classic"])
def test_a_protected_branch_is_not_deleted_and_a_free_one_is(world: World, rule: str) -> None:
    for branch in ("release", "topic"):
        world.github.push(world.shop, branch, {"a": branch}, "dora")
    if rule == "classic":
        world.protect("release")
    else:
        body = {
            "name": "floor",
            "enforcement": "active",
            "conditions": {"ref_name": {"include": ["refs/heads/rel*"], "exclude": []}},
            "rules": [{"type": "deletion"}],
        }
        world.as_("olga").rest("POST", "/repos/acme/shop/rulesets", body)
    refused = world.refusal("olga", "DELETE", "/repos/acme/shop/git/refs/heads/release")
    assert refused.rules[0].endswith(("/deletion", "/allow_deletions"))
    world.as_("dora").rest("DELETE", "/repos/acme/shop/git/refs/heads/topic")
    assert set(world.shop.branches) == {"main", "release"}


def test_non_fast_forward_refuses_the_owner_and_update_refuses_every_push(world: World) -> None:
    world.ruleset("floor", [{"type": "non_fast_forward"}])
    refused = world.refusal("olga", "PATCH", MAIN_REF, sha=rewritten(world), force=True)
    assert refused.rules == ("ruleset:floor/non_fast_forward",)
    world.as_("olga").rest("PATCH", MAIN_REF, {"sha": forward(world)})
    world.ruleset("closed", [{"type": "update"}])
    assert world.refusal("olga", "PATCH", MAIN_REF, sha=forward(world)).rules == (
        "ruleset:closed/update",
    )


def test_a_new_branch_is_refused_where_creation_is_restricted(world: World) -> None:
    tip = world.shop.branches["main"]
    body = {
        "name": "names",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/release/*"], "exclude": []}},
        "rules": [{"type": "creation"}],
    }
    world.as_("olga").rest("POST", "/repos/acme/shop/rulesets", body)
    path = "/repos/acme/shop/git/refs"
    refused = world.refusal("dora", "POST", path, ref="refs/heads/release/1", sha=tip)
    assert refused.rules == ("ruleset:names/creation",)
    world.as_("dora").rest("POST", path, {"ref": "refs/heads/topic", "sha": tip})


def test_restricted_pushes_let_the_listed_and_administrators_in(world: World) -> None:
    listed = [world.github.users["rene"].node_id]
    world.protect(isAdminEnforced=True, restrictsPushes=True, pushActorIds=listed)
    refused = world.refusal("dora", "PATCH", MAIN_REF, sha=forward(world))
    assert refused.rules == ("branch_protection:main/restrict_pushes",)
    world.as_("rene").rest("PATCH", MAIN_REF, {"sha": forward(world)})
    world.as_("adam").rest("PATCH", MAIN_REF, {"sha": forward(world)})


def test_an_outsider_sees_nothing_and_a_reader_pushes_nothing(world: World) -> None:
    assert world.refusal("eve", "PATCH", MAIN_REF, sha=forward(world)).status == 404
    assert world.refusal("nora", "GET", "/repos/acme/none").status == 404
    world.shop.team_roles.clear()
    assert world.refusal("nora", "PATCH", MAIN_REF, sha=forward(world)).status == 403
