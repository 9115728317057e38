"""The repositories that a program protects, and the gates that it puts there."""

from collections.abc import Iterator, Sequence
from typing import Final

from breakglass.proof.graph import Gate, Repository, Resource

PROTECTION: Final = "github:index/branchProtection:BranchProtection"
RULESET: Final = "github:index/repositoryRuleset:RepositoryRuleset"
ENVIRONMENT: Final = "github:index/repositoryEnvironment:RepositoryEnvironment"

_OF: Final = {PROTECTION: "repositoryId", RULESET: "repository", ENVIRONMENT: "repository"}


def repository_names(found: Sequence[Resource]) -> list[str]:
    """Return the protected repositories by name."""
    named = (one.inputs.get(_OF[one.type]) for one in found if one.type in _OF)
    return list(dict.fromkeys(name for name in named if isinstance(name, str)))


def repositories_of(found: Sequence[Resource]) -> list[Repository]:
    """Return the protected repositories, each with its branch and gates."""
    return [
        Repository(name, _branch(name, found), keeper=False, gates=[*_gates(name, found)])
        for name in repository_names(found)
    ]


def declares(found: Sequence[Resource], type_: str, repository: str) -> bool:
    """Whether a repository has something of a type, or may have: not all names are known."""
    key = _OF[type_]
    return any(
        one.type == type_ and (key in one.unknown or one.inputs.get(key) == repository)
        for one in found
    )


def the_app(found: Sequence[Resource]) -> int | None:
    """Id of the App that may pass, where one alone is let past anything on pull requests."""
    passing = {
        actor.get("actorId")
        for one in found
        if one.type == RULESET and "bypassActors" not in one.unknown
        for actor in one.inputs.get("bypassActors") or ()
        if actor.get("actorType") == "Integration"
    }
    only = passing.pop() if len(passing) == 1 else None
    return only if isinstance(only, int) else None


def _branch(repository: str, found: Sequence[Resource]) -> str:
    """The branch that is protected: of the classic protection, of a ruleset, else ``main``."""
    for one in found:
        pattern = one.inputs.get("pattern")
        if (
            one.type == PROTECTION
            and one.inputs.get("repositoryId") == repository
            and isinstance(pattern, str)
        ):
            return pattern
    for one in found:
        if one.type == RULESET and one.inputs.get("repository") == repository:
            for ref in _included(one):
                if ref.startswith("refs/heads/"):
                    return ref.removeprefix("refs/heads/")
    return "main"


def _included(ruleset: Resource) -> Sequence[str]:
    if "conditions" in ruleset.unknown:
        return ()
    return ruleset.get("conditions", "refName", "includes") or ()


def _gates(repository: str, found: Sequence[Resource]) -> Iterator[Gate]:
    """Yield what a change waits for: skippable is what somebody may pass."""
    for one in found:
        if one.inputs.get("repository") != repository or one.unknown:
            continue
        if one.type == ENVIRONMENT:
            name = str(one.get("environment"))
            yield Gate(name, "deployment", skippable=False, environment=name)
        elif one.type == RULESET:
            skippable = bool(one.get("bypassActors"))
            for check in one.get("rules", "requiredStatusChecks", "requiredChecks") or ():
                context = check.get("context")
                app = check.get("integrationId")
                yield Gate(str(context), "check", skippable, context, app)
            count = one.get("rules", "pullRequest", "requiredApprovingReviewCount")
            if count:
                yield Gate("review", "review", skippable, approvals=int(count))
