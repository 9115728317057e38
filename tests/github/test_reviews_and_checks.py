"""Whose approval and whose report counts."""

import pytest
from acme import SCANNER, World, checks, reviewed

from breakglass.rehearsal.github.state import Role


def test_the_authors_own_approval_is_refused_and_anothers_taken(world: World) -> None:
    pull = world.pull()
    path = f"/repos/acme/shop/pulls/{pull.number}/reviews"
    refused = world.refusal("dora", "POST", path, event="APPROVE")
    assert (refused.status, refused.message) == (422, "Can not approve your own pull request")
    world.approve("rene", pull)


def test_an_approval_without_write_access_does_not_count(world: World) -> None:
    world.ruleset("gate", [reviewed()])
    pull = world.pull()
    world.shop.collaborators["rene"] = Role.READ
    world.approve("rene", pull)
    assert world.merge_refused("dora", pull).status == 405
    world.approve("adam", pull)
    assert world.merge("dora", pull)["merged"]


def test_requested_changes_hold_until_the_reviewer_approves(world: World) -> None:
    world.ruleset("gate", [reviewed()])
    pull = world.pull()
    world.approve("rene", pull)
    path = f"/repos/acme/shop/pulls/{pull.number}/reviews"
    world.as_("adam").rest("POST", path, {"event": "REQUEST_CHANGES"})
    world.as_("adam").rest("POST", path, {"event": "COMMENT"})
    assert "Changes were requested" in world.merge_refused("dora", pull).message
    world.approve("adam", pull)
    assert world.merge("dora", pull)["merged"]


def test_a_push_takes_stale_approvals_back_where_the_rule_says_so(world: World) -> None:
    world.ruleset("gate", [reviewed(dismiss_stale_reviews_on_push=True)])
    pull = world.pull()
    world.approve("rene", pull)
    path = "/repos/acme/shop/contents/app.py"
    world.as_("dora").rest("PUT", path, {"branch": pull.head, "content": "later"})
    assert world.merge_refused("dora", pull).status == 405
    world.approve("rene", pull)
    assert world.merge("dora", pull)["merged"]


def test_a_push_leaves_approvals_where_no_rule_dismisses_them(world: World) -> None:
    world.ruleset("gate", [reviewed()])
    pull = world.pull()
    world.approve("rene", pull)
    path = "/repos/acme/shop/contents/app.py"
    world.as_("dora").rest("PUT", path, {"branch": pull.head, "content": "later"})
    assert world.merge("dora", pull)["merged"]


def test_the_last_push_wants_somebody_elses_approval(world: World) -> None:
    world.ruleset("gate", [reviewed(require_last_push_approval=True)])
    pull = world.pull()
    world.approve("rene", pull)
    path = "/repos/acme/shop/contents/app.py"
    world.as_("rene").rest("PUT", path, {"branch": pull.head, "content": "slipped in"})
    world.approve("rene", pull)
    assert "someone other than the last pusher" in world.merge_refused("dora", pull).message
    world.approve("adam", pull)
    assert world.merge("dora", pull)["merged"]


def test_a_code_owner_must_approve_what_his_team_owns(world: World) -> None:
    world.ruleset("gate", [reviewed(1, require_code_owner_review=True)])
    pull = world.pull({"infra/main.py": "x"})
    world.approve("rene", pull)
    assert "code owner review from @acme/owners" in world.merge_refused("dora", pull).message
    world.approve("nora", pull)
    assert world.merge("dora", pull)["merged"]


def test_a_file_that_the_last_line_frees_needs_no_owner(world: World) -> None:
    world.ruleset("gate", [reviewed(1, require_code_owner_review=True)])
    pull = world.pull({"infra/free.txt": "x"})
    world.approve("rene", pull)
    assert world.merge("dora", pull)["merged"]


def test_a_listed_team_must_approve_the_files_it_is_listed_for(world: World) -> None:
    reviewer = {"id": world.owners.id, "type": "Team"}
    entry = {"file_patterns": ["db/**"], "minimum_approvals": 1, "reviewer": reviewer}
    world.ruleset("gate", [reviewed(0, required_reviewers=[entry])])
    assert world.merge("dora", world.pull())["merged"]
    pull = world.pull({"db/schema.sql": "x"})
    assert "team owners" in world.merge_refused("dora", pull).message
    world.approve("nora", pull)
    assert world.merge("dora", pull)["merged"]


def test_an_open_conversation_holds_the_merge(world: World) -> None:
    world.ruleset("gate", [reviewed(0, required_review_thread_resolution=True)])
    pull = world.pull()
    pull.unresolved_threads = 1
    assert "conversation must be resolved" in world.merge_refused("dora", pull).message
    pull.unresolved_threads = 0
    assert world.merge("dora", pull)["merged"]


def test_a_forged_status_does_not_pass_a_pinned_check(world: World) -> None:
    world.ruleset("floor", [checks(("secret-scan", SCANNER))])
    pull = world.pull()
    world.status("dora", pull, "secret-scan")
    world.check("github-actions", pull, "secret-scan")
    refused = world.merge_refused("dora", pull)
    assert refused.message.count('Required status check "secret-scan" is expected.') == 1
    world.check("scanner", pull, "secret-scan")
    assert world.merge("dora", pull)["merged"]


def test_a_forged_status_passes_a_check_that_is_not_pinned(world: World) -> None:
    world.protect(requiresStatusChecks=True, requiredStatusCheckContexts=["secret-scan"])
    pull = world.pull()
    assert world.merge_refused("dora", pull).status == 405
    world.status("dora", pull, "secret-scan")
    assert world.merge("dora", pull)["merged"]


def test_a_red_check_is_not_painted_over_by_a_status_of_the_same_name(world: World) -> None:
    world.protect(requiresStatusChecks=True, requiredStatusCheckContexts=["secret-scan"])
    pull = world.pull()
    world.check("scanner", pull, "secret-scan", "failure")
    world.status("dora", pull, "secret-scan")
    assert "is failing" in world.merge_refused("dora", pull).message


@pytest.mark.parametrize("conclusion", ["success", "neutral", "skipped"])
def test_success_neutral_and_skipped_pass(world: World, conclusion: str) -> None:
    world.ruleset("floor", [checks(("unit", SCANNER))])
    pull = world.pull()
    world.check("scanner", pull, "unit", conclusion)
    assert world.merge("dora", pull)["merged"]


def test_a_running_check_does_not_pass_yet(world: World) -> None:
    world.ruleset("floor", [checks(("unit", SCANNER))])
    pull = world.pull()
    body = {"name": "unit", "head_sha": world.head(pull), "status": "in_progress"}
    world.as_("scanner").rest("POST", "/repos/acme/shop/check-runs", body)
    assert "is in progress" in world.merge_refused("dora", pull).message


def test_a_person_makes_no_check_run_and_an_app_does(world: World) -> None:
    pull = world.pull()
    body = {"name": "unit", "head_sha": world.head(pull), "conclusion": "success"}
    refused = world.refusal("olga", "POST", "/repos/acme/shop/check-runs", **body)
    assert (refused.status, refused.message) == (403, "You must authenticate via a GitHub App.")
    world.check("scanner", pull, "unit")


def test_an_app_without_the_permission_makes_neither_status_nor_check(world: World) -> None:
    pull = world.pull()
    path = f"/repos/acme/shop/statuses/{world.head(pull)}"
    refused = world.refusal("glassbreaker", "POST", path, state="success", context="unit")
    assert refused.message == "Resource not accessible by integration"
    body = {"name": "unit", "head_sha": world.head(pull), "conclusion": "success"}
    assert world.refusal("glassbreaker", "POST", "/repos/acme/shop/check-runs", **body).rules == (
        "access/checks",
    )
    world.status("github-actions", pull, "unit")
