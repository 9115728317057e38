"""Classic protection binds administrators too, on every protected branch.

Rulesets and classic protection add up (GitHub docs, "About rulesets"), and only classic protection
binds whoever administers the repository: so ``enforce_admins``, no force push, no deletion, a pull
request always, and nobody who may go past one of these.

The twin: the branch is not locked, and classic protection demands no review and no check that an
emergency may skip, since an App on a ruleset's bypass list passes no classic rule.
"""

from collections.abc import Sequence

from breakglass.proof.branches import HEADS, means
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Graph, Repository, Resource

NAME = "enforce_admins_holds"

PROTECTION = "github:index/branchProtection:BranchProtection"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    look = Examination(NAME)
    for repository in graph.facts.repositories:
        for protection in _covering(look, graph, repository):
            _bound(look, protection)
            if not graph.facts.lacks:
                _leaves_the_rest_to_rulesets(look, protection)
            _passable(look, repository, protection)
    return look.finding("Administrators are bound like everybody else.")


def _covering(look: Examination, graph: Graph, repository: Repository) -> Sequence[Resource]:
    """The rules of a branch: the one of its name, else each whose pattern means it.

    GitHub takes the exact name first, then the oldest pattern (GitHub docs, "Managing a branch
    protection rule"): which that is no program tells.
    """
    where = f"{repository.name}:{repository.branch}"
    rules = list(graph.of(PROTECTION, repositoryId=repository.name))
    exact = [one for one in rules if one.get("pattern") == repository.branch]
    answers = [(one, means(f"{HEADS}{one.get('pattern')}", repository)) for one in rules]
    found = exact or [one for one, meant in answers if meant]
    unsure = [one for one, meant in answers if meant is None]
    if unsure and not found:
        look.doubts(f"Is {where} protected? Its name, or the pattern, leaves it open: {unsure[0]}")
    else:
        look.must(found, f"{where} has no classic protection")
    return found


def _bound(look: Examination, protection: Resource) -> None:
    look.must(protection.get("enforceAdmins") is True, "Administrators are exempt", protection)
    look.must(not protection.get("allowsForcePushes"), "History can be rewritten", protection)
    look.must(not protection.get("allowsDeletions"), "The branch can be deleted", protection)
    look.must(not protection.get("forcePushBypassers"), "Somebody may force-push", protection)
    reviews = protection.get("requiredPullRequestReviews") or ()
    look.must(reviews, "A push needs no pull request", protection)
    for review in reviews:
        none = not review.get("pullRequestBypassers")
        look.must(none, "Somebody needs no pull request", protection)


def _leaves_the_rest_to_rulesets(look: Examination, protection: Resource) -> None:
    """Rulesets hold reviews and checks: there they are pinned, and told from what may be skipped.

    How many approvals GitHub demands where nothing is said is its own to change.
    """
    look.must(not protection.get("requiredStatusChecks"), "Classic checks are demanded", protection)
    for review in protection.get("requiredPullRequestReviews") or ():
        none = review.get("requiredApprovingReviewCount") == 0
        owned = review.get("requireCodeOwnerReviews")
        look.must(none and not owned, "Classic reviews are demanded, or may be", protection)


def _passable(look: Examination, repository: Repository, protection: Resource) -> None:
    locked, narrowed = protection.get("lockBranch"), protection.get("restrictPushes")
    look.must_be_possible(not locked, "nothing can be merged at all", protection)
    look.must_be_possible(not narrowed, "only some can merge at all", protection)
    if not any(gate.skippable for gate in repository.gates):
        return
    for review in protection.get("requiredPullRequestReviews") or ():
        demanded = review.get("requiredApprovingReviewCount") or review.get(
            "requireCodeOwnerReviews"
        )
        look.must_be_possible(not demanded, "an emergency cannot skip a classic review", protection)
    skippable = {gate.context for gate in repository.gates if gate.skippable and gate.context}
    for checks in protection.get("requiredStatusChecks") or ():
        stuck = skippable & set(checks.get("contexts") or ())
        look.must_be_possible(
            not stuck, f"an emergency cannot skip the classic checks {stuck}", protection
        )
