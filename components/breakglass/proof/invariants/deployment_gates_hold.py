"""A deployment waits for somebody else, and reviews go stale when the change does.

Each declared environment takes only the protected branch, asks its declared reviewers, and lets
neither an administrator nor the author himself through. Each ruleset that asks for reviews drops an
approval when somebody pushes again, and wants one from another person than the last pusher. The
subject of a repository's tokens is GitHub's own, which names the environment. Where a workflow is a
way in, its environment is such a gate: STS sees the job, and the reviewers alone who started it.

An environment declared a second time counts too, in whatever letters: GitHub takes it for the same
one ("Managing environments for deployment": "Environment names are not case sensitive").
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breakglass.errors import Undecided
from breakglass.proof.branches import DEFAULT, example_of, matches
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Gate, Graph, Repository, Resource
from breakglass.proof.model import Unknown

NAME = "deployment_gates_hold"

ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment"
BRANCH = "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"
RULESET = "github:index/repositoryRuleset:RepositoryRuleset"
_CLAIMS = "ActionsRepositoryOidcSubjectClaimCustomizationTemplate"
CLAIMS = f"github:index/{_CLAIMS[0].lower()}{_CLAIMS[1:]}:{_CLAIMS}"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    look = Examination(NAME)
    for name, branches in _by_name(graph).items():
        for gate in branches[0].gates:
            if gate.kind == "deployment":
                _waits(look, graph, branches, gate)
        _reviews_go_stale(look, graph, name)
        claims = list(_of(graph, CLAIMS, repository=name))
        look.must(claims, f"{name}: nothing says what its tokens claim")
        for one in claims:
            look.must(one.get("useDefault") is True, "Its tokens' subject is customised", one)
    for entry in graph.facts.entries:
        if entry.repository is not None:
            reviewed = any(
                gate.environment == entry.environment
                for one in graph.facts.repositories
                if one.name == entry.repository.rpartition("/")[2]
                for gate in one.gates
                if gate.kind == "deployment"
            )
            look.must(reviewed, f"{entry.name}: nobody reviews who enters by {entry.environment}")
    return look.finding("Deployments wait for somebody else, and approvals go stale.")


def _by_name(graph: Graph) -> Mapping[str, Sequence[Repository]]:
    """The protected branches of each repository: what deploys is the same for all of them."""
    found: dict[str, list[Repository]] = {}
    for one in graph.facts.repositories:
        found.setdefault(one.name, []).append(one)
    return found


def _waits(look: Examination, graph: Graph, protected: Sequence[Repository], gate: Gate) -> None:
    name = protected[0].name
    where = f"{name}: the environment {gate.environment}"
    called = {"repository": name, "environment": str(gate.environment)}
    found = list(_of(graph, ENVIRONMENT, **called))
    look.must(found, f"{where} is not declared")
    for one in found:
        look.must(one.get("canAdminsBypass") is False, "An administrator goes past it", one)
        look.must(one.get("preventSelfReview") is True, "Whoever deploys may approve it", one)
        asked = _asked(one, gate)
        look.must(asked, "Nobody is asked", one)
        if gate.reviewers is not None:
            who = {int(id_) for id_ in asked}
            meant = who == gate.reviewers
            look.must(meant, f"Others are asked than should be: {sorted(who)}", one)
        waits = one.get("waitTimer")
        look.must_be_possible(not waits, "an emergency waits, whoever approves it", one)
        policy = one.get("deploymentBranchPolicy") or {}
        custom = policy.get("customBranchPolicies") and not policy.get("protectedBranches")
        look.must(custom, "Any branch, or any protected one, may be deployed", one)
    taken = _of(graph, BRANCH, **called)
    patterns = sorted(str(b.get("branchPattern") or f"tag {b.get('tagPattern')}") for b in taken)
    branches = [one.branch for one in protected]
    only = patterns and all(_is_one_of(branches, pattern) for pattern in patterns)
    if patterns and not only and DEFAULT in branches:
        look.doubts(f"{where} takes {patterns}: is one the default branch, which nothing names?")
    else:
        look.must(only, f"{where} takes {patterns}, not {' or '.join(branches)} alone")


def _asked(environment: Resource, gate: Gate) -> list[Any]:
    """Ids of who approves. Where nothing tells who it should be, they need not be known."""
    if gate.reviewers is not None:
        given = environment.get("reviewers")
    else:
        given = environment.inputs.get("reviewers")
    known = () if isinstance(given, Unknown) else given or ()
    lists = [one.get(kind) or () for one in known for kind in ("teams", "users")]
    if any(isinstance(ids, Unknown) for ids in (given, *lists)):
        raise Undecided("reviewers", str(environment))
    return [id_ for ids in lists for id_ in ids]


def _is_one_of(branches: Sequence[str], pattern: str) -> bool:
    """Whether a pattern takes protected branches alone: it is one of theirs, or within one."""
    return pattern in branches or any(matches(one, example_of(pattern)) for one in branches)


def _reviews_go_stale(look: Examination, graph: Graph, repository: str) -> None:
    for ruleset in _of(graph, RULESET, repository=repository):
        rule = ruleset.get("rules", "pullRequest") or {}
        if rule.get("requiredApprovingReviewCount"):
            stale = rule.get("dismissStaleReviewsOnPush") is True
            look.must(stale, "An approval outlives the change that it was for", ruleset)
            other = rule.get("requireLastPushApproval") is True
            look.must(other, "The last pusher's own approval counts", ruleset)


def _of(graph: Graph, type_: str, **named: str) -> Iterator[Resource]:
    """Yield what is declared under some names, in whatever letters."""
    for one in graph.of(type_):
        if all(str(one.get(key)).casefold() == name.casefold() for key, name in named.items()):
            yield one
