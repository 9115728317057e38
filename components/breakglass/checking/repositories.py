"""The repositories that a program protects, and the gates that it puts there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from breakglass.checking.production import is_production
from breakglass.proof.branches import DEFAULT, HEADS, binds, is_plain
from breakglass.proof.graph import Gate, Repository, Resource, Unread

PROTECTION: Final = "github:index/branchProtection:BranchProtection"
RULESET: Final = "github:index/repositoryRuleset:RepositoryRuleset"
ENVIRONMENT: Final = "github:index/repositoryEnvironment:RepositoryEnvironment"

_CHOOSES: Final = {
    "github:index/branchDefault:BranchDefault": ("repository", "branch"),
    "github:index/repository:Repository": ("name", "defaultBranch"),
}
_OF: Final = {PROTECTION: "repositoryId", RULESET: "repository", ENVIRONMENT: "repository"}
_WHERE: Final = {
    PROTECTION: ("repositoryId", "pattern"),
    RULESET: ("repository", "conditions", "target"),
    ENVIRONMENT: ("repository", "environment"),
}
_USUAL: Final = ("main", "master")
"""How a default branch is called: GitHub's own name since October 2020, and the one before it
(GitHub blog, "The default branch for newly-created repositories is now main")."""


def repository_names(found: Sequence[Resource]) -> list[str]:
    """Return the protected repositories by name."""
    named = (one.inputs.get(_OF[one.type]) for one in found if one.type in _OF)
    return list(dict.fromkeys(name for name in named if isinstance(name, str)))


def repositories_of(found: Sequence[Resource]) -> list[Repository]:
    """Return the protected repositories, once for each branch or pattern, with its gates."""
    return [one for name in repository_names(found) for one in _branches(name, found)]


def unplaced(found: Sequence[Resource]) -> Iterator[Unread]:
    """Yield what protects something that is not known before it is applied."""
    for one in found:
        for key in _WHERE.get(one.type, ()):
            if key in one.unknown:
                why = f"What it protects is not known before it is applied ({key})"
                yield Unread(one.name, one.source, why)


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


# --- branches -------------------------------------------------------------------------------------


def _branches(name: str, found: Sequence[Resource]) -> Iterator[Repository]:
    """Yield each branch that is protected: by the classic protection, or by a ruleset."""
    mine = [one for one in found if one.type in _OF and one.inputs.get(_OF[one.type]) == name]
    said = [branch for one in mine for branch in _named(one)]
    told = _told_default(name, found)
    default = told or _usual([one for one in said if one != DEFAULT and is_plain(one)])
    for branch in dict.fromkeys(default if one == DEFAULT else one for one in said or [DEFAULT]):
        unsure = default == DEFAULT and is_plain(branch)
        is_default = branch == default or (None if unsure else False)
        here = Repository(name, branch, keeper=False, gates=(), default=is_default)
        yield replace(here, gates=[*_gates(here, mine)])


def _named(one: Resource) -> Iterator[str]:
    """Yield the branches and patterns that something protects. All branches are the default one."""
    if one.type == PROTECTION and isinstance(pattern := one.inputs.get("pattern"), str):
        yield pattern
    if one.type == RULESET and one.inputs.get("target") == "branch":
        for ref in _included(one):
            named = ref.startswith(HEADS) and ref.strip("*/") != HEADS.strip("/")
            yield ref.removeprefix(HEADS) if named else DEFAULT


def _included(ruleset: Resource) -> Sequence[str]:
    if "conditions" in ruleset.unknown:
        return ()
    return ruleset.get("conditions", "refName", "includes") or ()


def _told_default(name: str, found: Sequence[Resource]) -> str | None:
    """How the program itself calls the default branch."""
    for one in found:
        of, branch = (one.inputs.get(key) for key in _CHOOSES.get(one.type, ("", "")))
        if of == name and isinstance(branch, str):
            return branch
    return None


def _usual(named: Sequence[str]) -> str:
    """How the default branch is called where a program names some: none of them may be it."""
    usual = [one for one in _USUAL if one in named]
    return usual[0] if usual else DEFAULT if named else _USUAL[0]


# --- gates ----------------------------------------------------------------------------------------


def _gates(repository: Repository, found: Sequence[Resource]) -> Iterator[Gate]:
    """Yield what a change waits for: skippable is what somebody may pass."""
    for one in found:
        if one.type == ENVIRONMENT and "environment" not in one.unknown:
            yield from _deployment(str(one.get("environment")))
        elif one.type == RULESET and not one.unknown and binds(one, repository):
            yield from _demanded(one)


def _deployment(environment: str) -> Iterator[Gate]:
    """Yield the gate of an environment, unless its name says that it is no production."""
    if is_production([environment.replace("/", "-")]) is not False:
        yield Gate(environment, "deployment", skippable=False, environment=environment)


def _demanded(ruleset: Resource) -> Iterator[Gate]:
    skippable = bool(ruleset.get("bypassActors"))
    for check in ruleset.get("rules", "requiredStatusChecks", "requiredChecks") or ():
        context = check.get("context")
        yield Gate(str(context), "check", skippable, context, check.get("integrationId"))
    if count := ruleset.get("rules", "pullRequest", "requiredApprovingReviewCount"):
        yield Gate("review", "review", skippable, approvals=int(count))
