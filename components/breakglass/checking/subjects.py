"""Whether something that no invariant reads touches what the invariants speak of.

A program declares much that has nothing to do with the record, the alarms or the way in. Only what
names one of these, or is about a keeper's account, an entry's user or a protected repository, is
told as unreadable. So is what names something that nothing tells of before it is applied.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from breakglass.checking.belonging import is_called_like_it
from breakglass.proof.graph import KEEPER, Facts, Graph, Resource, has_unknown, texts_in
from breakglass.proof.model import Unknown

_GITHUB: Final = "github:"
_HANDLES: Final = ("bucket", "name")
_OWN: Final = ("arn", "url")
_LONG_ENOUGH: Final = 8
"""Letters of a name that is looked for within a text; a shorter one must be the whole of it."""
_COMMAND: Final = re.compile(r"\b(aws|gh)\s")
_REVIEWS: Final = ("pull", "triage")
"""Roles on a repository that change nothing in it (GitHub docs, "Repository roles")."""


class Subjects:
    """What the invariants speak of in a graph."""

    def __init__(self, graph: Graph, read: frozenset[str]) -> None:
        self.facts: Facts = graph.facts
        self._resources = [one for one in graph.resources if one.type in read]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names, ARNs and addresses of what is read."""
        found = {self.facts.vault, self.facts.witness}
        for one in self._resources:
            if not one.type.startswith(_GITHUB):
                found |= {one.inputs.get(key) for key in _HANDLES}
                found |= {one.outputs.get(key) for key in _OWN}
        return frozenset(text for text in found if isinstance(text, str) and text)

    @cached_property
    def users(self) -> frozenset[str]:
        """Names of the IAM users who may enter."""
        facts = self.facts
        arns = [arn for entry in facts.entries for arn in entry.principals if ":user/" in arn]
        return frozenset(arn.rpartition("/")[2] for arn in arns) | {
            one.iam_user for one in facts.people if one.iam_user
        }

    def are_named(self, value: object) -> bool:
        """Whether a value names what is read, or is not known.

        What is not known within a value is no name of theirs: these follow from what is declared.
        """
        return isinstance(value, Unknown) or any(map(self._is_named, texts_in(value)))

    def _is_named(self, text: str) -> bool:
        return text in self.names or any(
            len(name) >= _LONG_ENOUGH and name in text for name in self.names
        )


Touches = Callable[[Resource, Subjects], bool]


def whatever(_: Resource, __: Subjects) -> bool:
    """It is about everything."""
    return True


def names(*keys: str) -> Touches:
    """Whether one of some inputs names what is read."""
    return lambda one, of: any(of.are_named(one.inputs.get(key)) for key in keys)


def names_a_user(*keys: str) -> Touches:
    """Whether one of some inputs names a user who may enter."""

    def touches(one: Resource, of: Subjects) -> bool:
        values = [one.inputs.get(key) for key in keys]
        return has_unknown(values) or not of.users.isdisjoint(texts_in(values))

    return touches


def breaks_the_glass(one: Resource, of: Subjects) -> bool:
    """Whether it is called a break-glass one, and no way in is known to begin with it."""
    return is_called_like_it(one) and one.inputs.get("name") not in of.users


def is_in_a_keepers_account(one: Resource, of: Subjects) -> bool:
    """Whether its target is an account of the keepers."""
    target = one.inputs.get("targetId")
    keeping = {account.id for account in of.facts.accounts if account.side == KEEPER}
    return has_unknown(target) or target in keeping


def is_a_region_more(one: Resource, of: Subjects) -> bool:
    """Whether it switches a region on that is not among those that settings have watched."""
    on = one.inputs.get("enabled") is not False
    watched = of.facts.lacks or one.inputs.get("regionName") in of.facts.regions
    return on and not watched


def lends_the_root_user(one: Resource, _: Subjects) -> bool:
    """Whether it lets management have sessions of its members' root users."""
    features = one.inputs.get("enabledFeatures")
    return has_unknown(features) or "RootSessions" in texts_in(features)


def is_listed_nowhere(_: Resource, of: Subjects) -> bool:
    """Whether settings list the accounts there are: then another one is not among them."""
    return not of.facts.lacks


def binds_less(one: Resource, of: Subjects) -> bool:
    """Whether it leaves off a type of policy that some guardrail has."""
    types = one.inputs.get("enabledPolicyTypes") or ()
    return has_unknown(types) or any(
        policy.inputs.get("type", "SERVICE_CONTROL_POLICY") not in types
        for policy in of._resources  # noqa: SLF001 - they are a part of the subjects
        if policy.type == "aws:organizations/policy:Policy"
    )


def templates(one: Resource, of: Subjects) -> bool:
    """Whether a template names what is read, or cannot be seen."""
    return one.inputs.get("templateBody") is None or of.are_named(one.inputs)


def runs_on_it(one: Resource, of: Subjects) -> bool:
    """Whether a command names what is read, or calls AWS or GitHub."""
    said = [one.inputs.get(key) for key in ("create", "update", "delete")]
    unsaid = any(isinstance(text, Unknown) for text in said)
    named = of.are_named([said, one.inputs.get("environment")])
    return unsaid or named or any(map(_COMMAND.search, texts_in(said)))


def is_of_a_kind(services: frozenset[str]) -> Touches:
    """Whether it is of a service whose resources are read (``AWS::S3::Bucket``)."""
    return lambda one, _: _service(one.inputs.get("typeName")) in {*services, ""}


def _service(name: object) -> str:
    return name.lower().split("::")[1] if isinstance(name, str) and "::" in name else ""


# --- GitHub ---------------------------------------------------------------------------------------


def opens_a_keepers_repository(one: Resource, of: Subjects) -> bool:
    """Whether it lets somebody write to a repository of the keepers."""
    kept = {repository.name.casefold() for repository in of.facts.repositories if repository.keeper}
    reads = one.inputs.get("permission") in _REVIEWS or one.inputs.get("readOnly") is True
    return _repository(one) in kept and not reads


def approves_in_a_protected_one(one: Resource, of: Subjects) -> bool:
    """Whether workflows may approve what a protected repository wants approved."""
    may = one.inputs.get("canApprovePullRequestReviews")
    return may not in {None, False} and (_repository(one) == "" or bool(_protected(one, of)))


def has_another_branch(one: Resource, of: Subjects) -> bool:
    """Whether another branch than the protected one becomes the default."""
    branches = _protected(one, of)
    return bool(branches) and one.inputs.get("branch") not in branches


def _protected(one: Resource, of: Subjects) -> Sequence[str]:
    """The protected branches of a resource's repository; none where nothing protects it."""
    name = _repository(one)
    return [each.branch for each in of.facts.repositories if each.name.casefold() == name]


def _repository(one: Resource) -> str:
    name = one.inputs.get("repository")
    return name.casefold() if isinstance(name, str) else ""
