"""Each branch that a foreign program protects is judged, and what its gates demand."""

from collections.abc import Sequence

import pytest
from foreign import Checked

from breakglass.checking import CheckReport
from breakglass.proof.branches import DEFAULT, binds, example_of, matches
from breakglass.proof.finding import Finding
from breakglass.proof.graph import Repository, Resource
from breakglass.rehearsal.github.globs import matches as emulated

PROTECTION, RULESET, ENVIRONMENT = (
    "enforce_admins_holds",
    "the_app_is_the_only_bypass",
    "deployment_gates_hold",
)
IMPORTS = "import pulumi_github as github\n"


def protection(name: str, pattern: str, more: str = "", *, admins: bool = True) -> str:
    return f"""
github.BranchProtection(
    "{name}", repository_id="app", pattern="{pattern}", enforce_admins={admins}, {more}
    required_pull_request_reviews=[
        github.BranchProtectionRequiredPullRequestReviewArgs(required_approving_review_count=0)
    ],
)
"""


def ruleset(
    name: str,
    includes: Sequence[str],
    excludes: Sequence[str] = (),
    enforcement: str = "active",
    approvals: int = 1,
) -> str:
    return f"""
github.RepositoryRuleset(
    "{name}", name="{name}", repository="app", target="branch", enforcement="{enforcement}",
    conditions=github.RepositoryRulesetConditionsArgs(
        ref_name=github.RepositoryRulesetConditionsRefNameArgs(
            includes={[*includes]!r}, excludes={[*excludes]!r}
        )
    ),
    rules=github.RepositoryRulesetRulesArgs(
        deletion=True, non_fast_forward=True,
        pull_request=github.RepositoryRulesetRulesPullRequestArgs(
            required_approving_review_count={approvals},
            dismiss_stale_reviews_on_push=True, require_last_push_approval=True,
        ),
    ),
)
"""


def default_branch(name: str) -> str:
    return f'github.BranchDefault("default", repository="app", branch="{name}")\n'


def environment(name: str, more: str = "") -> str:
    return f"""
github.RepositoryEnvironment(
    "deploy", repository="app", environment="{name}", {more}
)
"""


def sound_environment(name: str, more: str = "", branch: str = "main") -> str:
    return (
        environment(
            name,
            f"""can_admins_bypass=False, prevent_self_review=True, {more}
    reviewers=[github.RepositoryEnvironmentReviewerArgs(teams=[7])],
    deployment_branch_policy=github.RepositoryEnvironmentDeploymentBranchPolicyArgs(
        protected_branches=False, custom_branch_policies=True
    ),""",
        )
        + f"""
github.RepositoryEnvironmentDeploymentPolicy(
    "branch", repository="app", environment="{name}", branch_pattern="{branch}"
)
"""
    )


def found(report: CheckReport, invariant: str) -> Finding:
    return next(one for one in report.findings if one.name == invariant)


def verdict(report: CheckReport, invariant: str) -> str:
    return found(report, invariant).verdict.value


# --- every branch -------------------------------------------------------------------------------


@pytest.mark.parametrize("weak", ["main", "production", "release/*"])
@pytest.mark.parametrize("sound", ["release/1", "*", "a"])
@pytest.mark.parametrize("first", ["sound", "weak"])
def test_a_weak_protection_is_found_beside_a_sound_one_whatever_they_are_called(
    checked: Checked, weak: str, sound: str, first: str
) -> None:
    second = "weak" if first == "sound" else "sound"
    names = {first: "a", second: "b"}
    report = checked(
        IMPORTS
        + protection(names["sound"], sound)
        + protection(names["weak"], weak, "allows_force_pushes=True,", admins=False)
    )
    assert verdict(report, PROTECTION) == "BROKEN"
    assert all(f": {names['weak']} in " in line for line in found(report, PROTECTION).evidence)


def test_several_sound_protections_hold(checked: Checked) -> None:
    report = checked(IMPORTS + protection("a", "main") + protection("b", "release/*"))
    assert verdict(report, PROTECTION) == "HOLDS"
    assert not report.falls_short


def test_a_branch_that_a_pattern_protects_has_no_need_of_its_own_rule(checked: Checked) -> None:
    two = ruleset("floor", ["refs/heads/release/1"]) + protection("b", "release/*")
    assert verdict(checked(IMPORTS + two), PROTECTION) == "HOLDS"
    other = ruleset("floor", ["refs/heads/main"]) + protection("b", "release/*")
    assert (
        "app:main has no classic protection" in found(checked(IMPORTS + other), PROTECTION).evidence
    )


def test_a_ruleset_that_is_switched_off_is_found_beside_one_in_force(checked: Checked) -> None:
    two = ruleset("a", ["refs/heads/develop"]) + ruleset(
        "b", ["refs/heads/release/*"], enforcement="disabled"
    )
    report = checked(IMPORTS + two)
    assert "app:release/* has no ruleset in force" in found(report, RULESET).reason
    report = checked(IMPORTS + two.replace("disabled", "active"))
    assert verdict(report, RULESET) == "HOLDS"


def test_which_branch_is_the_default_one_is_asked_where_nothing_tells(checked: Checked) -> None:
    two = ruleset("a", ["refs/heads/develop"]) + ruleset("b", [DEFAULT], enforcement="disabled")
    assert verdict(checked(IMPORTS + two), RULESET) == "UNKNOWN"
    told = checked(IMPORTS + two + default_branch("next"))
    assert "app:next has no ruleset in force" in found(told, RULESET).reason
    told = checked(IMPORTS + two + default_branch("develop"))
    assert verdict(told, RULESET) == "HOLDS"
    assert verdict(checked(IMPORTS + two.replace("disabled", "active")), RULESET) == "HOLDS"


def test_a_ruleset_of_tags_protects_no_branch(checked: Checked) -> None:
    tags = ruleset("t", ["refs/tags/*"], enforcement="disabled").replace('"branch"', '"tag"')
    assert verdict(checked(IMPORTS + ruleset("a", ["~ALL"]) + tags), RULESET) == "HOLDS"


# --- patterns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("excluded", "seen"),
    [
        ("refs/heads/dependabot/**", "HOLDS"),
        ("refs/heads/dependabot/**/*", "HOLDS"),
        ("refs/heads/ma*", "BROKEN"),
        ("refs/heads/**/*", "BROKEN"),
        (DEFAULT, "BROKEN"),
        ("refs/heads/[m]ain", "UNKNOWN"),
    ],
)
def test_what_a_ruleset_leaves_out_is_matched_against_the_branch(
    checked: Checked, excluded: str, seen: str
) -> None:
    report = checked(IMPORTS + ruleset("floor", ["~ALL"], [excluded]))
    assert verdict(report, RULESET) == seen


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("main", "main", True),
        ("main", "maintenance", False),
        ("rel?", "rel1", True),
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/**/*", "release/1/2", True),
        ("release/**/*", "release/1", True),
        ("**/*", "main", True),
        ("release/**", "release/1", True),
        ("release/**", "release/1/2", None),
        ("release/**", "main", False),
        ("[a-m]*", "main", None),
        ("{a,b}", "a", None),
    ],
)
def test_a_pattern_is_read_as_github_does_or_not_at_all(
    pattern: str,
    name: str,
    meant: bool | None,  # noqa: FBT001 - the answer
) -> None:
    assert matches(pattern, name) is meant
    if meant is not None:
        assert emulated(pattern, name) is meant


@pytest.mark.parametrize("pattern", ["main", "release/*", "**/*", "v?/**/x*", "a/**"])
def test_the_example_of_a_pattern_is_meant_by_it(pattern: str) -> None:
    assert matches(pattern, example_of(pattern))


def test_a_branch_without_a_name_may_be_any_that_is_named() -> None:
    nameless = Repository("app", DEFAULT, keeper=False, gates=())

    def meant(ref: str) -> bool | None:
        names = {"conditions": {"refName": {"includes": [ref]}}, "target": "branch"}
        return binds(Resource("", "", "", "", names), nameless)

    assert [meant(ref) for ref in (DEFAULT, "refs/heads/trunk", "refs/heads/release/*")] == [
        True,
        None,
        False,
    ]


# --- what is demanded ---------------------------------------------------------------------------


def test_no_deployment_and_no_approval_is_no_pass(checked: Checked) -> None:
    nothing = checked(IMPORTS + protection("p", "main") + ruleset("r", ["~ALL"], approvals=0))
    assert verdict(nothing, ENVIRONMENT) == "NOT PROVIDED"
    assert "no environment for production" in found(nothing, ENVIRONMENT).reason
    only_one = checked(IMPORTS + ruleset("r", ["~ALL"], approvals=0) + sound_environment("prod"))
    assert "no ruleset of the program asks for an approval" in found(only_one, ENVIRONMENT).reason
    both = checked(IMPORTS + ruleset("r", ["~ALL"]) + sound_environment("prod"))
    assert verdict(both, ENVIRONMENT) == "HOLDS"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("pr-preview", "NOT PROVIDED"),
        ("staging", "NOT PROVIDED"),
        ("production", "BROKEN"),
        ("production/test", "BROKEN"),
        ("eu-west", "BROKEN"),
    ],
)
def test_an_environment_whose_name_says_that_it_is_no_production_asks_nobody(
    checked: Checked, name: str, seen: str
) -> None:
    assert verdict(checked(IMPORTS + environment(name)), ENVIRONMENT) == seen


def test_any_protected_branch_may_be_deployed(checked: Checked) -> None:
    two = ruleset("r", ["refs/heads/main", "refs/heads/release/*"])
    for branch in ("main", "release/*", "release/1"):
        report = checked(IMPORTS + two + sound_environment("prod", branch=branch))
        assert verdict(report, ENVIRONMENT) == "HOLDS"
    report = checked(IMPORTS + two + sound_environment("prod", branch="develop"))
    assert "takes ['develop'], not main or release/* alone" in found(report, ENVIRONMENT).reason


def test_a_tag_of_a_branchs_name_is_no_branch(checked: Checked) -> None:
    tag = sound_environment("prod").replace("branch_pattern", "tag_pattern")
    report = checked(IMPORTS + ruleset("r", ["refs/heads/main"]) + tag)
    assert "takes ['tag main']" in found(report, ENVIRONMENT).reason


# --- stricter than asked ------------------------------------------------------------------------

RESTRICTED = """restrict_pushes=[github.BranchProtectionRestrictPushArgs(
    blocks_creations=True, push_allowances=["/release-bot"])],"""


@pytest.mark.parametrize(
    ("program", "invariant"),
    [
        (protection("p", "main", RESTRICTED), PROTECTION),
        (protection("p", "main", "lock_branch=True,"), PROTECTION),
        (ruleset("r", ["~ALL"]) + sound_environment("prod", "wait_timer=10,"), ENVIRONMENT),
    ],
)
def test_what_is_stricter_than_asked_is_asked_about_and_not_broken(
    checked: Checked, program: str, invariant: str
) -> None:
    report = checked(IMPORTS + program)
    assert verdict(report, invariant) == "UNKNOWN"
    assert found(report, invariant).reason.startswith("Is it meant to be so?")
    for more in (RESTRICTED, "lock_branch=True,", "wait_timer=10,"):
        program = program.replace(more, "")
    assert found(checked(IMPORTS + program), invariant).verdict.value == "HOLDS"


# --- what is not known --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        protection("p", "main").replace('repository_id="app"', "repository_id=SECRET"),
        protection("p", "main").replace('pattern="main"', "pattern=SECRET"),
        ruleset("r", ["~ALL"]).replace('repository="app"', "repository=SECRET"),
        environment("prod").replace('environment="prod"', "environment=SECRET"),
    ],
)
def test_what_protects_something_unknown_is_no_pass(checked: Checked, program: str) -> None:
    unknown = 'SECRET = github.get_repository(name="app").node_id\n'
    report = checked(IMPORTS + unknown + program)
    assert verdict(report, "everything_can_be_read") == "UNKNOWN"
    assert "What it protects is not known" in found(report, "everything_can_be_read").reason


@pytest.mark.parametrize(
    ("reviewers", "seen"),
    [
        ("[github.RepositoryEnvironmentReviewerArgs(teams=[TEAM.id])]", "HOLDS"),
        ("[github.RepositoryEnvironmentReviewerArgs(teams=[])]", "BROKEN"),
        ("[github.RepositoryEnvironmentReviewerArgs(teams=IDS)]", "UNKNOWN"),
    ],
)
def test_who_approves_need_not_be_known_but_that_somebody_does(
    checked: Checked, reviewers: str, seen: str
) -> None:
    made = """
TEAM = github.Team("deployers")
IDS = TEAM.members_count.apply(lambda count: [count])
"""
    sound = "[github.RepositoryEnvironmentReviewerArgs(teams=[7])]"
    program = sound_environment("prod").replace(sound, reviewers)
    report = checked(IMPORTS + made + ruleset("r", ["~ALL"]) + program)
    assert verdict(report, ENVIRONMENT) == seen
