"""An entry role lets in whom the settings name, as himself, with what his kind can prove.

IAM users: a second factor at most 15 minutes old (IAM User Guide, "Configuring MFA-protected API
access"), and the source identity that is the user's own name. Identity Center: the one permission
set of the one account, and the source identity that its principal tag says. GitHub: each claim of
the token. All: in a region with rules, without session tags, and nobody else. All of it by the
trust policy itself, as if there were no guardrails.

The twin: each of them gets in, in every watched region.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from breakglass.proof import declared
from breakglass.proof.activation import PERSON, strangers, unwatched
from breakglass.proof.declared import Caller, Declared, filled, policies_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Entry, Graph
from breakglass.proof.model import ContextValue

NAME = "entry_trust_demands_what_it_must"

_REGION = "aws:RequestedRegion"
_IDENTITY = "sts:SourceIdentity"
_FACTOR, _AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
_TOO_OLD = "901"

Keys = Mapping[str, ContextValue | None]
"""Condition keys of a request; None takes one away."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for entry in graph.facts.entries:
        if look.must(policies.role(entry.role_arn), f"No entry role {entry.role_arn}"):
            for principal in entry.principals:
                _asked(look, policies, entry, principal)
            _asked_by_strangers(look, policies, entry)
    return look.finding("Entry roles let in whom they should, as themselves.")


def _asked(look: Examination, policies: Declared, entry: Entry, principal: str) -> None:
    caller, proper = _who(entry, principal)
    regions = policies.facts.regions
    for region in regions:
        verdict = policies.assume(
            caller, entry.role_arn, _without_none({**proper, _REGION: region})
        )
        look.must_allow(verdict, f"{caller.title} enters {entry.name} in {region}")
    wrong: list[tuple[str, Keys]] = [
        *(
            (f"in {region}, where no rule watches", {_REGION: region})
            for region in unwatched(policies.facts)
        ),
        ("with session tags", {"aws:RequestTag/team": "admin", "aws:TagKeys": ["team"]}),
        *_wrong(entry.kind),
    ]
    for what, changes in wrong:
        context: Keys = {**proper, _REGION: regions[0], **changes}
        verdict = policies.assume_by_trust(caller, entry.role_arn, _without_none(context))
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")
    for what, other in _wrong_callers(entry, caller):
        sent = _without_none({**proper, _REGION: regions[0]})
        verdict = policies.assume_by_trust(other, entry.role_arn, sent)
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")


def _who(entry: Entry, principal: str) -> tuple[Caller, Keys]:
    """Who enters, and what he sends when all is well."""
    if entry.kind == "iam-user":
        user = declared.user(principal, principal)
        name = principal.rpartition("/")[2]
        return user, {_FACTOR: "true", _AGE: "60", _IDENTITY: name}
    if entry.kind == "identity-center":
        tag = f"aws:PrincipalTag/{entry.principal_tag}"
        return declared.role(filled(principal), principal, **{tag: PERSON}), {_IDENTITY: PERSON}
    claims = {claim: values[0] for claim, values in entry.claims.items()}
    return declared.bearer(principal, claims, "A job of the workflow"), {}


def _wrong(kind: str) -> Iterator[tuple[str, Keys]]:
    """Yield what is wrong in a request."""
    if kind == "github-oidc":
        return
    yield "under somebody else's name", {_IDENTITY: "somebody-else"}
    yield "under no name", {_IDENTITY: None}
    if kind == "iam-user":
        yield "without a second factor", {_FACTOR: "false", _AGE: None}
        yield "with plain access keys", {_FACTOR: None, _AGE: None}
        yield "with plain access keys, under no name", {_FACTOR: None, _AGE: None, _IDENTITY: None}
        yield "with a second factor older than 15 minutes", {_AGE: _TOO_OLD}


def _wrong_callers(entry: Entry, caller: Caller) -> Iterator[tuple[str, Caller]]:
    """Yield what is wrong with who he is: a claim, or the attribute that says it."""
    for claim in entry.claims:
        key = f"{caller.principal.arn.partition('oidc-provider/')[2]}:{claim}"
        lost = {name: value for name, value in caller.context.items() if name != key}
        yield f"without the claim {claim}", replace(caller, context=lost)
        for value in ("", "other", f"{caller.context[key]}x"):
            other = {**caller.context, key: value}
            yield f"with the claim {claim} {value!r}", replace(caller, context=other)
    if entry.kind == "identity-center":
        key = f"aws:PrincipalTag/{entry.principal_tag}"
        lost = {name: value for name, value in caller.context.items() if name != key}
        yield "without the attribute that says who he is", replace(caller, context=lost)
        other = {**caller.context, key: "somebody-else"}
        yield "with another's attribute", replace(caller, context=other)
        elsewhere = caller.principal.arn.replace(entry.account, declared.OUTSIDE)
        yield "from another account", declared.role(elsewhere, "", **{key: PERSON})
        for name in (
            f"role/{elsewhere.rpartition('/')[2]}",
            "role/aws-reserved/sso.amazonaws.com/x",
        ):
            arn = f"arn:aws:iam::{entry.account}:{name}"
            yield f"as {arn}", declared.role(arn, "", **{key: PERSON})


def _asked_by_strangers(look: Examination, policies: Declared, entry: Entry) -> None:
    """Whatever they send: every condition key is left open."""
    provider = f"arn:aws:iam::{entry.account}:oidc-provider/issuer.example.com"
    for caller in (
        *strangers(policies, entry.account),
        declared.bearer(provider, {}, "Whoever has a token of another issuer"),
    ):
        verdict = policies.assume_somehow(caller, entry.role_arn)
        look.must_deny(verdict, f"{caller.title} enters {entry.name}")


def _without_none(keys: Keys) -> dict[str, ContextValue]:
    return {key: value for key, value in keys.items() if value is not None}
