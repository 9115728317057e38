"""Rows of the table: branches, checks, bypasses, environments and workflows on GitHub."""

from collections.abc import Iterator

import pytest

from breakglass.rehearsal.github.client import GitHubRefused
from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import GitHub, Plan, Role
from tests.fidelity.row import row
from tests.github.acme import APP, MERGE_APP, SCANNER, World, app_by, checks, reviewed

AREA = "GitHub"
_DOCS = "https://docs.github.com/en/"
_BRANCHES = f"{_DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
CLASSIC = f"{_BRANCHES}managing-protected-branches/about-protected-branches"
RULESETS = f"{_BRANCHES}managing-rulesets/about-rulesets"
RULES = f"{_BRANCHES}managing-rulesets/available-rules-for-rulesets"
BYPASS = f"{_BRANCHES}managing-rulesets/creating-rulesets-for-a-repository"
ENVIRONMENTS = f"{_DOCS}actions/reference/workflows-and-actions/deployments-and-environments"
MAIN = "/repos/acme/shop/git/refs/heads/main"


@pytest.fixture
def world() -> Iterator[World]:
    github = GitHub()
    acme = github.add_organization("acme", Plan.ENTERPRISE)
    github.add_user("olga", acme, "owner")
    for login in ("dora", "rene", "adam"):
        github.add_user(login, acme)
    owners = github.add_team(acme, "owners", [])
    shop = github.add_repository(acme, "shop", files={"app.py": "first"})
    shop.collaborators |= {"dora": Role.WRITE, "rene": Role.WRITE, "adam": Role.ADMIN}
    github.install(github.add_app("scanner", SCANNER), acme, {"checks": "write"}, ["shop"])
    github.install(github.add_app("glassbreaker", APP), acme, MERGE_APP, ["shop"])
    with Server(github) as server:
        shown = World(github, server.base_url, acme, shop, owners)
        yield shown
        for cloud in shown.clouds.values():
            cloud.close()


@row(AREA, "classic protection and rulesets", "add up: the strictest of each rule holds", RULESETS)
def test_protection_and_rulesets_add_up(world: World) -> None:
    world.protect(
        isAdminEnforced=True, requiresStatusChecks=True, requiredStatusCheckContexts=["unit"]
    )
    world.ruleset("gate", [reviewed()])
    pull = world.pull()
    world.approve("rene", pull)
    refused = world.merge_refused("dora", pull)
    assert refused.rules == ("branch_protection:main/required_status_checks",)
    world.check("scanner", pull, "unit")
    assert world.merge("dora", pull)["merged"]


@row(AREA, "a bypass of a ruleset", "passes no classic rule", RULESETS)
def test_a_rulesets_bypass_passes_no_classic_rule(world: World) -> None:
    world.protect(
        isAdminEnforced=True, requiresStatusChecks=True, requiredStatusCheckContexts=["unit"]
    )
    world.ruleset("gate", [reviewed()], app_by("always"))
    pull = world.pull()
    world.merge_refused("glassbreaker", pull)
    world.check("scanner", pull, "unit")
    assert world.merge("glassbreaker", pull)["merged"]


@row(AREA, "a bypass of one ruleset", "passes the whole of it, and no other", BYPASS)
def test_a_bypass_is_of_one_ruleset(world: World) -> None:
    world.ruleset("floor", [checks(("secret-scan", SCANNER))])
    world.ruleset("gate", [reviewed(), checks(("unit", SCANNER))], app_by("pull_request"))
    pull = world.pull()
    refused = world.merge_refused("glassbreaker", pull)
    assert refused.rules == ("ruleset:floor/required_status_checks",)
    world.check("scanner", pull, "secret-scan")
    assert world.merge("glassbreaker", pull)["merged"]


@row(AREA, "a bypass for pull requests only", "merges, and does not push", BYPASS)
def test_a_bypass_for_pull_requests_does_not_push(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("pull_request"))
    tip = world.shop.branches["main"]
    sha = world.github.commit(world.shop, (tip,), {"app.py": "next"}, "olga").sha
    refused = world.refusal("glassbreaker", "PATCH", MAIN, sha=sha)
    assert refused.rules == ("ruleset:gate/pull_request",)
    assert world.merge("glassbreaker", world.pull())["merged"]


@row(AREA, "an administrator under enforced protection", "is bound as everybody is", CLASSIC)
def test_enforced_protection_binds_administrators(world: World) -> None:
    world.protect(
        isAdminEnforced=True, requiresApprovingReviews=True, requiredApprovingReviewCount=1
    )
    for who in ("adam", "olga"):
        world.merge_refused(who, world.pull())
    pull = world.pull()
    world.approve("rene", pull)
    assert world.merge("adam", pull)["merged"]


@row(AREA, "an administrator where it is not enforced", "merges past it", CLASSIC)
def test_protection_that_is_not_enforced_lets_owners_pass(world: World) -> None:
    world.protect(
        isAdminEnforced=False, requiresApprovingReviews=True, requiredApprovingReviewCount=1
    )
    world.merge_refused("dora", world.pull())
    assert world.merge("olga", world.pull())["merged"]


@row(AREA, "an administrator and a ruleset", "is bound unless the bypass list has him", BYPASS)
def test_a_ruleset_binds_administrators_who_are_not_listed(world: World) -> None:
    world.ruleset("gate", [reviewed()])
    for who in ("adam", "olga"):
        world.merge_refused(who, world.pull())


@row(AREA, "a check that is pinned to an App", "counts from that App alone", RULES)
def test_a_pinned_check_counts_from_its_app(world: World) -> None:
    world.ruleset("floor", [checks(("secret-scan", SCANNER))])
    pull = world.pull()
    world.status("dora", pull, "secret-scan")
    world.merge_refused("dora", pull)
    world.check("scanner", pull, "secret-scan")
    assert world.merge("dora", pull)["merged"]


@row(AREA, "a force push to a protected branch", "refused unless allowed", CLASSIC)
def test_a_force_push_is_refused(world: World) -> None:
    world.protect(isAdminEnforced=True)
    sha = world.github.commit(world.shop, (), {"app.py": "rewritten"}, "olga").sha
    refused = world.refusal("olga", "PATCH", MAIN, sha=sha, force=True)
    assert refused.rules == ("branch_protection:main/allow_force_pushes",)


@row(AREA, "a direct push where a pull request is required", "refused", CLASSIC)
def test_a_direct_push_is_refused(world: World) -> None:
    world.protect(isAdminEnforced=True, requiresApprovingReviews=True)
    tip = world.shop.branches["main"]
    sha = world.github.commit(world.shop, (tip,), {"app.py": "next"}, "olga").sha
    refused = world.refusal("olga", "PATCH", MAIN, sha=sha)
    assert refused.message == "Changes must be made through a pull request."


@row(
    AREA,
    "a bypass",
    "leaves a rule suite that says so",
    f"{_BRANCHES}managing-rulesets/managing-rulesets-for-a-repository",
)
def test_a_bypass_leaves_a_rule_suite(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("pull_request"))
    world.merge("glassbreaker", world.pull())
    assert [suite.result for suite in world.shop.suites] == ["bypass"]


@row(AREA, "a bypass that is exempt", "leaves none", BYPASS)
def test_an_exempt_bypass_leaves_nothing(world: World) -> None:
    world.ruleset("gate", [reviewed()], app_by("exempt"))
    world.merge("glassbreaker", world.pull())
    assert world.shop.suites == []


@row(
    AREA,
    "a head that has moved",
    "is not merged under the SHA that was seen",
    f"{_DOCS}rest/pulls/pulls",
)
def test_a_moved_head_is_not_merged(world: World) -> None:
    pull = world.pull()
    seen = world.head(pull)
    world.github.push(world.shop, pull.head, {"app.py": "else"}, "dora")
    world.merge_refused("dora", pull, sha=seen)
    assert world.merge("dora", pull)["merged"]


@row(AREA, "who lifts protection", "administrators, and the audit log tells", CLASSIC)
def test_lifting_protection_needs_an_administrator(world: World) -> None:
    number = world.ruleset("gate", [reviewed()])
    with pytest.raises(GitHubRefused):
        world.as_("dora").rest("DELETE", f"/repos/acme/shop/rulesets/{number}")
    world.as_("adam").rest("DELETE", f"/repos/acme/shop/rulesets/{number}")
    assert world.audited("repository_ruleset.destroy")


# --- where it differs --------------------------------------------------------------------------


@row(
    AREA,
    "a workflow and a webhook",
    "run on events, and are sent",
    f"{_DOCS}actions/reference/workflows-and-actions/events-that-trigger-workflows",
    "neither: a check is what somebody with that right reports",
    follows="That a required workflow runs has to be seen in the organisation.",
    gap="No workflow runs, and no webhook is sent.",
)
def test_no_check_reports_itself(world: World) -> None:
    world.ruleset("floor", [checks(("secret-scan", SCANNER))])
    pull = world.pull()
    world.merge_refused("dora", pull)
    assert not world.shop.suites or world.shop.suites[-1].result == "fail"


@row(
    AREA,
    "calls that the program does not make",
    "the whole of REST and GraphQL",
    f"{_DOCS}rest",
    "501, which fails the rehearsal",
    follows="A program of your own that makes other calls has to be rehearsed without them.",
    gap="Only the calls that the program and the attacks need are spoken.",
)
def test_another_call_is_an_error_of_the_emulation(world: World) -> None:
    with pytest.raises(GitHubRefused, match="does not speak") as refused:
        world.as_("olga").rest("GET", "/repos/acme/shop/hooks")
    assert (refused.value.status, refused.value.rules) == (501, ("emulation/route",))


@row(
    AREA,
    "single sign-on, enterprises, a server of one's own",
    "each has rules of its own",
    f"{_DOCS}enterprise-cloud@latest/admin",
    "not there",
    follows="What an enterprise forces on its organisations is not rehearsed.",
    gap="Single sign-on, enterprise policies and a GitHub Enterprise Server are not there.",
)
def test_there_is_no_enterprise(world: World) -> None:
    with pytest.raises(GitHubRefused) as refused:
        world.as_("olga").rest("GET", "/enterprises/acme/audit-log")
    assert refused.value.status == 501
