"""An activation as STS sees it: the context of the second hop, and the one thing wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from breakglass.proof import declared
from breakglass.proof.declared import Caller, Declared, Keys
from breakglass.proof.graph import Entry, Facts, Scope
from breakglass.proof.model import ContextValue

PERSON = "ada@example.com"
"""A source identity that an entry may have set."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What a responder sends with AssumeRole, and what his session carries."""

    region: str
    tags: Mapping[str, str]
    transitive: Sequence[str]
    identity: str | None
    """The source identity; None for a session without one."""
    workflow: bool = False
    """Whether this call sets the identity, as a workflow's does; else the chain carries it."""

    def otherwise_than(self, good: "Activation") -> Keys:
        """The condition keys in which it differs from a proper one; None for one that it lacks."""
        own, proper = self.request(), good.request()
        differing = [key for key in {**proper, **own} if own.get(key) != proper.get(key)]
        return {key: own.get(key) for key in differing}

    def request(self) -> dict[str, ContextValue]:
        """The condition keys of the request, what the chain carries among them."""
        return {**self.context(), **self._carried()}

    def context(self) -> dict[str, ContextValue]:
        """The condition keys that it sends (IAM User Guide, "Pass session tags in AWS STS")."""
        keys: dict[str, ContextValue] = {"aws:RequestedRegion": self.region}
        keys |= {f"aws:RequestTag/{key}": value for key, value in self.tags.items()}
        if self.tags:
            keys["aws:TagKeys"] = list(self.tags)
        if self.transitive:
            keys["sts:TransitiveTagKeys"] = list(self.transitive)
        if self.workflow and self.identity is not None:
            keys["sts:SourceIdentity"] = self.identity
        return keys

    def caller(self, policies: Declared, entry: Entry) -> Caller:
        """The session of the entry role, with the policies that it really has."""
        return policies.session(entry.role_arn, f"A session of {entry.name}", **self._carried())

    def _carried(self) -> dict[str, ContextValue]:
        """The source identity, where the chain carries it."""
        if self.workflow or self.identity is None:
            return {}
        return {"aws:SourceIdentity": self.identity}


def proper(facts: Facts, scope: Scope, entry: Entry) -> Activation:
    """What must be let in: an incident, a reason, a gate, a severity, and who it is."""
    tags = {
        "IncidentId": f"{facts.incident_prefix}2041",
        "Reason": "checkout is down",
        "Gate": scope.gate,
        "Severity": scope.severities[0],
    }
    identity = entry.workflow_identity or PERSON
    return Activation(
        facts.home_region, tags, tuple(tags), identity, workflow=entry.workflow_identity is not None
    )


def improper(facts: Facts, good: Activation) -> Iterator[tuple[str, Activation]]:
    """Yield what must be kept out, each with the one thing that is wrong, in plain words."""
    yield "without any tag", replace(good, tags={}, transitive=())
    yield "with tags of which none is transitive", replace(good, transitive=())
    for key in good.tags:
        others = {name: value for name, value in good.tags.items() if name != key}
        kept = [name for name in good.transitive if name != key]
        yield f"without the tag {key}", replace(good, tags=others, transitive=kept)
        yield f"with {key} not transitive", replace(good, transitive=kept)
        yield f"with {key} alone", replace(good, tags={key: good.tags[key]}, transitive=[key])
        yield f"with {key} transitive and not given", replace(good, tags=others)
    for key, value, what in _wrong_values(facts):
        yield f"with {key} {what}", replace(good, tags={**good.tags, key: value})
    extra = {**good.tags, "team": "admin"}
    yield "with another tag besides", replace(good, tags=extra)
    yield "with another transitive tag besides", replace(good, tags=extra, transitive=(*extra,))
    yield "with another transitive tag that is none", replace(good, transitive=(*good.tags, "team"))
    for region in unwatched(facts):
        yield f"in {region}, where no rule watches", replace(good, region=region)
    yield "without a source identity", replace(good, identity=None)
    yield "with neither tag nor identity", replace(good, tags={}, transitive=(), identity=None)
    yield "with a source identity of one letter", replace(good, identity="a")
    if good.workflow:
        yield "from the workflow under a person's name", replace(good, identity=PERSON)


Named = Mapping[str, Sequence[str]]
"""Values of a trust policy by condition key, in lower case, with no wildcard left."""


def as_named(
    facts: Facts, scope: Scope, good: Activation, named: Named
) -> Iterator[tuple[str, Activation]]:
    """Yield what must be kept out though the trust policy names it: values that are not ours."""
    for region in named.get("aws:requestedregion", ()):
        if region not in facts.regions:
            yield f"in {region}", replace(good, region=region)
    yield from _other_tags(good, named)
    for key, fine in (
        ("IncidentId", lambda value: value.startswith(facts.incident_prefix)),
        ("Reason", lambda value: len(value) >= _SHORTEST_REASON),
        ("Gate", lambda value: len(value) >= _SHORTEST),
        ("Severity", lambda value: value in scope.severities),
    ):
        for value in named.get(f"aws:requesttag/{key.lower()}", ()):
            if not fine(value):
                yield f"with {key} {value!r}", replace(good, tags={**good.tags, key: value})
    for value in (*named.get("aws:sourceidentity", ()), *named.get("sts:sourceidentity", ())):
        if len(value) < _SHORTEST or (good.workflow and value != good.identity):
            yield f"as {value!r}", replace(good, identity=value)


_SHORTEST: Final = 2
"""Characters of a source identity and a gate at least; STS takes no shorter identity."""

_SHORTEST_REASON: Final = 12


def _other_tags(good: Activation, named: Named) -> Iterator[tuple[str, Activation]]:
    for key in (*named.get("aws:tagkeys", ()), *named.get("sts:transitivetagkeys", ())):
        if key not in good.tags:
            tags = {**good.tags, key: "x"}
            yield f"with the tag {key} besides", replace(good, tags=tags, transitive=(*tags,))
            yield f"with the tag {key} besides, for itself", replace(good, tags=tags)
            more = (*good.transitive, key)
            yield f"with {key} transitive, and no tag", replace(good, transitive=more)


def _wrong_values(facts: Facts) -> Iterator[tuple[str, str, str]]:
    prefix = facts.incident_prefix
    for value in ("", "x", prefix, f"{prefix}204", "2041", f"x{prefix}2041"):
        yield "IncidentId", value, f"{value!r}"
    for value in ("", "x", "eleven char"):
        yield "Reason", value, f"{value!r}"
    for value in ("", "x"):
        yield "Gate", value, f"{value!r}"
    for value in ("", "x", "SEV9"):
        yield "Severity", value, f"{value!r}"


_ELSEWHERE = ("ap-southeast-7", "us-east-1", "eu-west-1", "eu-central-2")


def unwatched(facts: Facts) -> Sequence[str]:
    """Regions without rules."""
    return [region for region in _ELSEWHERE if region not in facts.regions]


def strangers(policies: Declared, account: str) -> Iterator[Caller]:
    """Yield who must not assume a kit role of ``account`` whatever he sends, but for who may."""
    facts = policies.facts
    for one in facts.accounts:
        yield from declared.administrators(one.id, f"An administrator of {one.name}")
        yield declared.role(one.deployer, f"The deployer of {one.name}")
    for side, arn in facts.pipelines.items():
        yield declared.principal(arn, f"The {side} side's pipeline")
    for entry in facts.entries:
        name = entry.role_arn.partition(":role")[2]
        for place in {account, declared.OUTSIDE} - {entry.account}:
            arn = f"arn:aws:iam::{place}:role{name}"
            yield declared.role(arn, f"A role of {place} named like the entry role {entry.name}")
    for place in (account, declared.OUTSIDE):
        yield declared.root(place, f"The root user of {place}")
    yield from declared.administrators(declared.OUTSIDE, "An administrator of an account outside")
    yield declared.nobody()
