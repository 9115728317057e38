"""Which branches a pattern of GitHub's means: of classic protection, of a ruleset, of a deployment.

Patterns are Ruby's ``File.fnmatch`` with ``FNM_PATHNAME`` (GitHub docs, "Managing a branch
protection rule", "Creating rulesets for a repository"): ``*`` and ``?`` stay within one segment,
``**/`` crosses them. Sets, escapes and braces are not decided, nor is ``**`` that no slash follows
where it matters: Ruby takes it for ``*``, and who wrote it seldom does.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from breakglass.proof.graph import Repository, Resource

ALL: Final = "~ALL"
DEFAULT: Final = "~DEFAULT_BRANCH"
HEADS: Final = "refs/heads/"

_WILD: Final = re.compile(r"(\*\*/|\*+|\?)")
_UNDECIDED: Final = frozenset("[]{}\\")
_ANY: Final = "breakglass-any"
"""Stands for what is wild in a pattern: no other pattern names it."""


def is_plain(pattern: str) -> bool:
    """Whether a pattern is the name of one branch."""
    return not _UNDECIDED.intersection(pattern) and _WILD.search(pattern) is None


def matches(pattern: str, name: str) -> bool | None:
    """Tell whether a pattern means a name; None where that is not decided."""
    if _UNDECIDED.intersection(pattern):
        return True if pattern == name else None
    answers = {one.fullmatch(name) is not None for one in _compiled(pattern)}
    return answers.pop() if len(answers) == 1 else None


def example_of(pattern: str) -> str:
    """Return a branch that a pattern means; the very one where it names one."""
    return _WILD.sub(lambda wild: "a" if wild[0] == "?" else _filled(wild[0]), pattern)


def binds(ruleset: Resource, repository: Repository) -> bool | None:
    """Tell whether a ruleset is for the branch; None where that is not decided.

    One that is switched off is for it too. Raises `breakglass.errors.Undecided` where its
    conditions are not known.
    """
    if ruleset.get("target") != "branch":
        return False
    included = _one_means(ruleset.get("conditions", "refName", "includes") or (), repository)
    excluded = _one_means(ruleset.get("conditions", "refName", "excludes") or (), repository)
    if included is False or excluded is True:
        return False
    return None if None in {included, excluded} else True


def _one_means(refs: Iterable[str], repository: Repository) -> bool | None:
    answers = {means(ref, repository) for ref in refs}
    return True if True in answers else None if None in answers else False


def means(ref: str, repository: Repository) -> bool | None:
    """Tell whether a ref, or a pattern, means the branch; None where that is not decided."""
    if ref in {ALL, f"{HEADS}{repository.branch}"}:
        return True
    if ref == DEFAULT:
        return repository.default
    if repository.branch == DEFAULT:  # nothing tells its name: any that is named may be it
        return None if is_plain(ref) else matches(ref, f"{HEADS}main")
    return matches(ref, f"{HEADS}{example_of(repository.branch)}")


def _filled(wild: str) -> str:
    return f"{_ANY}/" if wild.endswith("/") else _ANY


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The pattern as Ruby reads it, and as somebody does who takes ``**`` for everything."""
    return _read(pattern, "[^/]*"), _read(pattern, ".*")


def _read(pattern: str, stars: str) -> re.Pattern[str]:
    wild = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
    parts = _WILD.split(pattern)
    return re.compile(
        "".join(
            wild.get(part, stars) if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )
