"""Adding a rule never makes a refused merge possible; taking a way past away neither."""

import dataclasses
from typing import Any

from acme import APP, SCANNER
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass.rehearsal.github.rules import RULES, Change, Kind, decide
from breakglass.rehearsal.github.state import (
    Actor,
    BranchProtectionRule,
    BypassActor,
    GitHub,
    Organization,
    Report,
    Repository,
    Review,
    Role,
    Ruleset,
)

KINDS = st.sampled_from(list(Kind))
PARAMETERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "pull_request": st.fixed_dictionaries(
        {
            "required_approving_review_count": st.integers(0, 2),
            "require_last_push_approval": st.booleans(),
            "require_code_owner_review": st.booleans(),
        }
    ),
    "required_status_checks": st.fixed_dictionaries(
        {
            "required_status_checks": st.lists(
                st.fixed_dictionaries(
                    {
                        "context": st.sampled_from(["unit", "scan"]),
                        "integration_id": st.sampled_from([None, SCANNER]),
                    }
                ),
                max_size=2,
            ),
            "strict_required_status_checks_policy": st.booleans(),
        }
    ),
    "required_deployments": st.just({"required_deployment_environments": ["staging"]}),
    "file_path_restriction": st.just({"restricted_file_paths": ["app.*"]}),
    "commit_message_pattern": st.just({"operator": "contains", "pattern": "change"}),
    "branch_name_pattern": st.just({"operator": "regex", "pattern": "^main$"}),
}
RULE = st.sampled_from(sorted(RULES)).flatmap(
    lambda kind: st.tuples(st.just(kind), PARAMETERS.get(kind, st.just({})))
)
BYPASS = st.builds(
    BypassActor,
    st.just("Integration"),
    st.just(APP),
    st.sampled_from(["always", "pull_request", "exempt"]),
)
RULESETS = st.builds(
    Ruleset,
    id=st.integers(1, 10**6),
    name=st.sampled_from(["floor", "gate"]),
    source=st.just("acme/shop"),
    source_type=st.just("Repository"),
    target=st.just("branch"),
    enforcement=st.sampled_from(["active", "active", "evaluate", "disabled"]),
    conditions=st.just({"ref_name": {"include": ["~ALL"], "exclude": []}}),
    rules=st.lists(RULE, max_size=3).map(dict),
    bypass_actors=st.lists(BYPASS, max_size=1).map(tuple),
)
FLAGS = sorted(
    field.name
    for field in dataclasses.fields(BranchProtectionRule)
    if field.type is bool and not field.name.startswith(("allows_", "blocks_"))
)
PROTECTION: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(FLAGS), st.just(value=True), max_size=4
)


def world() -> tuple[GitHub, Organization, Repository]:
    """An organisation with a repository, outside any server."""
    github = GitHub()
    acme = github.add_organization("acme")
    for login in ("dora", "rene"):
        github.add_user(login, acme)
    shop = github.add_repository(acme, "shop", files={"app.py": "1", "CODEOWNERS": "*.py @rene"})
    shop.collaborators |= {"dora": Role.ADMIN, "rene": Role.WRITE}
    permissions = {"contents": "write", "pull_requests": "write"}
    github.install(github.add_app("glassbreaker", APP), acme, permissions)
    return github, acme, shop


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Some change of main under some rules."""
    github, acme, shop = world()
    tip = github.push(shop, "topic", {"app.py": "2"}, "dora").sha
    pull = github.open_pull(shop, "topic", "dora")
    pull.reviews += [Review(1, "rene", "APPROVED", tip)] * draw(st.integers(0, 1))
    app_id = draw(st.sampled_from([None, SCANNER]))
    state = draw(st.sampled_from(["success", "failure"]))
    shop.reports[tip] = [Report(1, "unit", state, "check_run", app_id, "somebody")]
    rule = BranchProtectionRule("BPR", 1, "main", **draw(PROTECTION))
    shop.protections = {"BPR": rule} if draw(st.booleans()) else {}
    shop.rulesets = {each.id: each for each in draw(st.lists(RULESETS, max_size=2))}
    actors: list[Actor] = [github.users["dora"], acme.installations[APP]]
    actor = draw(st.sampled_from(actors))
    kind = draw(KINDS)
    seen = pull if kind == Kind.MERGE else None
    return Change(kind, actor, shop, "main", shop.branches["main"], tip, seen)


@settings(max_examples=150)
@given(changes(), RULESETS)
def test_one_more_ruleset_makes_no_refused_change_possible(change: Change, more: Ruleset) -> None:
    before = decide(change)
    change.repository.rulesets[10**7] = more
    after = decide(change)
    assert before.allowed or not after.allowed
    assert set(before.refusals) <= set(after.refusals)


@settings(max_examples=150)
@given(changes(), PROTECTION)
def test_one_more_classic_setting_makes_no_refused_change_possible(
    change: Change, more: dict[str, Any]
) -> None:
    before = decide(change)
    rules = change.repository.protections
    rule = rules.get("BPR", BranchProtectionRule("BPR", 1, "main"))
    rules["BPR"] = dataclasses.replace(rule, **more)
    after = decide(change)
    assert before.allowed or not after.allowed


@settings(max_examples=150)
@given(changes())
def test_an_emptied_bypass_list_makes_no_refused_change_possible(change: Change) -> None:
    before = decide(change)
    rulesets = change.repository.rulesets
    for number, ruleset in rulesets.items():
        rulesets[number] = dataclasses.replace(ruleset, bypass_actors=())
    assert before.allowed or not decide(change).allowed


@settings(max_examples=100)
@given(changes())
def test_the_order_of_rulesets_does_not_matter(change: Change) -> None:
    before = decide(change)
    rulesets = change.repository.rulesets
    change.repository.rulesets = dict(reversed(rulesets.items()))
    assert set(decide(change).refusals) == set(before.refusals)
