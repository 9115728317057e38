"""Nobody passes the floor; the kit's App alone passes the gate, on pull requests alone.

A ruleset bypass skips the whole ruleset (GitHub docs, "About rulesets"), so the unskippable gates
are in a ruleset without any bypass actor, each check pinned to the App that reports it: anybody who
may write statuses could forge an unpinned one. The skippable ones are where the only bypass actor
is the kit's App in ``pull_request`` mode: ``always`` could push, ``exempt`` leaves no audit entry,
and as the Actions App any workflow would pass. Keeper repositories have no bypass at all, and each
workflow that enters is in one of them: who could pass its review could rewrite it.

The twin: the App does pass each ruleset that holds a skippable gate.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from breakglass.proof.branches import binds
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Gate, Graph, Repository, Resource

NAME = "the_app_is_the_only_bypass"

RULESET = "github:index/repositoryRuleset:RepositoryRuleset"

_ACTIONS_APP = 15368
"""App id of GitHub Actions on github.com."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    look = Examination(NAME)
    look.must(graph.facts.app != _ACTIONS_APP, "The App is GitHub Actions' own: any workflow is it")
    for repository in graph.facts.repositories:
        _branch(look, graph, repository)
    for name, keeper in {one.name: one.keeper for one in graph.facts.repositories}.items():
        for ruleset in graph.of(RULESET, repository=name):
            _bypass(look, graph, ruleset, keeper=keeper)
    for entry in graph.facts.entries:
        if entry.repository is not None:
            _is_kept(look, graph, entry.name, entry.repository)
    return look.finding("The floor has no way round, and the gate one: the App by pull request.")


def _is_kept(look: Examination, graph: Graph, entry: str, full_name: str) -> None:
    """Whether the repository of a way in is the keepers', in the organisation that is protected."""
    owner, _, name = full_name.partition("/")
    kept = any(one.keeper for one in graph.facts.repositories if one.name == name)
    look.must(kept, f"{entry} is entered from {full_name}, which is no keeper repository")
    bound = any(one.account == owner for one in graph.of(RULESET, repository=name))
    look.must(bound, f"{entry} is entered from {full_name}, which has no ruleset")


def _branch(look: Examination, graph: Graph, repository: Repository) -> None:
    """Ask what is for a branch. What may be for it besides counts where the rest is not enough."""
    rulesets = list(graph.of(RULESET, repository=repository.name))
    here = [one for one in rulesets if binds(one, repository)]
    unsure = [one for one in rulesets if binds(one, repository) is None]
    if not unsure:
        _demands(look, repository, here)
        return
    trial = Examination(NAME, hasty=False)
    _demands(trial, repository, here)
    look.asked += trial.asked
    if trial.broken:
        look.doubts(
            f"Is a ruleset for {_where(repository)}? Its patterns leave it open: {unsure[0]}"
        )


def _demands(look: Examination, repository: Repository, rulesets: Sequence[Resource]) -> None:
    _floor(look, repository, [o for o in rulesets if _in_force(o) and not o.get("bypassActors")])
    _gate(look, repository, rulesets)


def _in_force(ruleset: Resource) -> bool:
    return bool(ruleset.get("enforcement") == "active")


def _where(repository: Repository) -> str:
    return f"{repository.name}:{repository.branch}"


def _floor(look: Examination, repository: Repository, floor: Sequence[Resource]) -> None:
    where = _where(repository)
    if not look.must(floor, f"{where} has no ruleset in force that nobody may pass"):
        return
    for rule in ("deletion", "nonFastForward"):
        look.must(
            any(one.get("rules", rule) for one in floor), f"The floor of {where} lacks {rule}"
        )
    look.must(
        any(one.get("rules", "pullRequest") is not None for one in floor),
        f"The floor of {where} lets pushes in",
    )
    for gate in repository.gates:
        if not gate.skippable and gate.kind != "deployment":
            held = any(_holds(one, gate) for one in floor)
            look.must(held, f"The floor of {where} does not hold {gate.id}")
    for one in floor:
        _lets_emergencies_through(look, repository, one)


def _lets_emergencies_through(look: Examination, repository: Repository, floor: Resource) -> None:
    """Nobody passes the floor, so it demands no review that an emergency may skip."""
    if any(gate.kind == "review" and not gate.skippable for gate in repository.gates):
        return
    review = floor.get("rules", "pullRequest") or {}
    for demand in (
        "requireCodeOwnerReview",
        "requireLastPushApproval",
        "requiredApprovingReviewCount",
        "requiredReviewThreadResolution",
    ):
        look.must_be_possible(not review.get(demand), f"an emergency cannot skip {demand}", floor)


def _holds(ruleset: Resource, gate: Gate) -> bool:
    """Whether a ruleset demands a gate: the check of its App, or the reviews."""
    if gate.kind == "check":
        return any(
            check.get("context") == gate.context
            and (gate.skippable or check.get("integrationId") == gate.integration_id)
            for check in ruleset.get("rules", "requiredStatusChecks", "requiredChecks") or ()
        )
    review = ruleset.get("rules", "pullRequest") or {}
    count = review.get("requiredApprovingReviewCount") or 0
    owned = not gate.code_owners or review.get("requireCodeOwnerReview") is True
    return bool(count >= gate.approvals and owned)


def _bypass(look: Examination, graph: Graph, ruleset: Resource, *, keeper: bool) -> None:
    merged = not ruleset.get("rules", "update")
    look.must_be_possible(merged, "nothing can be merged at all", ruleset)
    actors = ruleset.get("bypassActors") or ()
    if keeper:
        look.must(not actors, "A keeper repository has a way round", ruleset)
    for actor in actors:
        look.must(_is_the_app(actor, graph), f"{_words(actor)} passes a ruleset", ruleset)


def _is_the_app(actor: Mapping[str, Any], graph: Graph) -> bool:
    return (
        graph.facts.app is not None
        and actor.get("actorType") == "Integration"
        and actor.get("actorId") == graph.facts.app
        and actor.get("bypassMode") == "pull_request"
    )


def _words(actor: Mapping[str, Any]) -> str:
    kind, who, mode = (actor.get(key) for key in ("actorType", "actorId", "bypassMode"))
    return f"{kind} {who} ({mode})"


def _gate(look: Examination, repository: Repository, rulesets: Sequence[Resource]) -> None:
    """The skippable gates are demanded, and only where the App may pass."""
    for gate in repository.gates:
        if not gate.skippable or gate.kind == "deployment":
            continue
        holding = [one for one in rulesets if _holds(one, gate)]
        look.must(
            any(map(_in_force, holding)), f"No ruleset of {repository.name} demands {gate.id}"
        )
        for one in holding:
            passable = one.get("bypassActors")
            look.must_be_possible(passable, f"nobody can skip {gate.id}", one)
