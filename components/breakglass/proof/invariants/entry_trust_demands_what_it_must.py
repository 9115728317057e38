"""An entry role lets in whom the settings name, as himself, with what his kind can prove.

IAM users: a second factor at most 15 minutes old (IAM User Guide, "Configuring MFA-protected API
access"), and the source identity that is the user's own name. Identity Center: the one permission
set of the one account, the listed people of those that have it, and the source identity that their
principal tag says. GitHub: each claim of the token. All: in a region with rules, without session
tags, and nobody else. All of it by the trust policy itself, as if there were no guardrails.

The twin: each of them gets in, in every watched region.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from breakglass.proof import declared
from breakglass.proof.activation import PERSON, strangers, unwatched
from breakglass.proof.declared import (
    Caller,
    Declared,
    filled,
    policies_of,
    principals_of,
    values_in,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Entry, Graph
from breakglass.proof.model import ContextValue

NAME = "entry_trust_demands_what_it_must"

_REGION = "aws:RequestedRegion"
_IDENTITY = "sts:SourceIdentity"
_FACTOR, _AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
_TOO_OLD = "901"
_ONE_LETTER = "a"
_UNLISTED = "mallory@example.org"

_VARIABLE = re.compile(r"\$\{([^{},]+)\}")

PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

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
            _names_nobody_else(look, policies, entry)
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
        *_wrong(entry.kind),
        *(
            (f"in {region}, where no rule watches", {_REGION: region})
            for region in unwatched(policies.facts)
        ),
        ("with session tags", {"aws:RequestTag/team": "admin", "aws:TagKeys": ["team"]}),
        *_as_named(policies, entry, caller),
    ]
    for what, changes in wrong:
        context: Keys = {**proper, _REGION: regions[0], **changes}
        verdict = policies.assume_by_trust(caller, entry.role_arn, _without_none(context))
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")
    tag = f"aws:PrincipalTag/{entry.principal_tag}"
    for who, listed in _by_attribute(entry, policies):
        same = declared.role(caller.principal.arn, caller.title, **{tag: who})
        sent = _without_none({**proper, _REGION: regions[0], _IDENTITY: who})
        verdict = policies.assume_by_trust(same, entry.role_arn, sent)
        must = look.must_allow if listed else look.must_deny
        must(verdict, f"{caller.title} enters {entry.name} as {who}")
    trust = policies.trust(entry.role_arn).policy
    for what, other in _wrong_callers(entry, caller, values_in(trust) if trust else {}):
        own = other.context.get(f"aws:PrincipalTag/{entry.principal_tag}")
        named = {_IDENTITY: own} if isinstance(own, str) and len(own) == 1 else {}
        sent = _without_none({**proper, _REGION: regions[0], **named})
        verdict = policies.assume_by_trust(other, entry.role_arn, sent)
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")


def _names_nobody_else(look: Examination, policies: Declared, entry: Entry) -> None:
    """By ARN, so that no condition stands alone between others and the entry.

    Identity Center's roles end in what nobody knows beforehand: their account is named.
    """
    account, role = f"arn:aws:iam::{entry.account}:root", policies.role(entry.role_arn)
    invited = {account} if entry.kind == "identity-center" else set(entry.principals)
    trust = policies.trust(entry.role_arn).policy
    for kind, named in principals_of(trust):
        by_arn = kind in {"AWS", "Federated"} and named in invited
        look.must(by_arn, f"The trust of {entry.name} names {named}", role)
    for named in values_in(trust).get("aws:principalarn", ()) if trust else ():
        meant = named in map(filled, entry.principals)
        look.must(meant, f"The trust of {entry.name} takes {named}", role)
    if entry.kind == "github-oidc" and not policies.facts.lacks:
        _has_a_provider(look, policies, entry)


def _has_a_provider(look: Examination, policies: Declared, entry: Entry) -> None:
    """GitHub's tokens are known to the account, for STS alone."""
    here = [one for one in policies.graph.of(PROVIDER) if one.account == entry.account]
    for arn in entry.principals:
        issuer = arn.partition("oidc-provider/")[2]
        fine = any(
            one.get("url") == f"https://{issuer}"
            and list(one.get("clientIdLists") or ()) == list(entry.claims.get("aud", ()))
            for one in here
        )
        look.must(fine, f"{entry.name}: {arn} is not declared for STS alone")


def _as_named(policies: Declared, entry: Entry, caller: Caller) -> Iterator[tuple[str, Keys]]:
    """Yield what the trust policy itself takes and should not."""
    trust = policies.trust(entry.role_arn).policy
    named = values_in(trust) if trust else {}
    for region in named.get(_REGION.lower(), ()):
        if region not in policies.facts.regions:
            yield f"in {region}", {_REGION: region}
    own = _resolved("${aws:username}", caller) or _listed(entry)
    for text in named.get(_IDENTITY.lower(), ()):
        identity = _resolved(text, caller)
        if identity != own:
            yield f"as {identity}", {_IDENTITY: identity}


def _resolved(text: str, caller: Caller) -> str:
    """A value with the policy variables of its caller put in."""
    known = {key.lower(): str(value) for key, value in caller.context.items()}
    return _VARIABLE.sub(lambda found: known.get(found[1].lower(), ""), text)


def _who(entry: Entry, principal: str) -> tuple[Caller, Keys]:
    """Who enters, and what he sends when all is well."""
    if entry.kind == "iam-user":
        user = declared.user(principal, principal)
        name = principal.rpartition("/")[2]
        return user, {_FACTOR: "true", _AGE: "60", _IDENTITY: name}
    if entry.kind == "identity-center":
        tag = f"aws:PrincipalTag/{entry.principal_tag}"
        who = _listed(entry)
        return declared.role(filled(principal), principal, **{tag: who}), {_IDENTITY: who}
    claims = {claim: values[0] for claim, values in entry.claims.items()}
    return declared.bearer(principal, claims, "A job of the workflow"), {}


def _by_attribute(entry: Entry, policies: Declared) -> Iterator[tuple[str, bool]]:
    """Yield who may enter by Identity Center, and who may not though he has the permission set."""
    if not entry.identities:
        return
    trust = policies.trust(entry.role_arn).policy
    key = f"aws:PrincipalTag/{entry.principal_tag}".lower()
    people = [one.identity_center for one in policies.facts.people if one.identity_center]
    named = values_in(trust).get(key, ()) if trust else ()
    for who in dict.fromkeys((*entry.identities, *people, *named, _UNLISTED)):
        yield who, who in entry.identities


def _listed(entry: Entry) -> str:
    """The first who may enter by Identity Center; anybody where nothing tells."""
    return next(iter(entry.identities), PERSON)


def _wrong(kind: str) -> Iterator[tuple[str, Keys]]:
    """Yield what is wrong in a request."""
    if kind == "github-oidc":
        return
    if kind == "iam-user":
        yield "without a second factor: no MFA", {_FACTOR: "false", _AGE: None}
        yield "with plain access keys: no MFA", {_FACTOR: None, _AGE: None}
        yield (
            "with plain access keys, under no name: no MFA",
            {_FACTOR: None, _AGE: None, _IDENTITY: None},
        )
        yield "with a second factor older than 15 minutes", {_AGE: _TOO_OLD}
        # neither is known without the other, so each is demanded by itself
        yield "with the age of a factor that was not used", {_FACTOR: None}
        yield "with a factor of no age", {_AGE: None}
    yield "under somebody else's name", {_IDENTITY: "somebody-else"}
    yield "under no name", {_IDENTITY: None}


def _wrong_callers(
    entry: Entry, caller: Caller, values: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Caller]]:
    """Yield what is wrong with who he is: a claim, or the attribute that says it.

    ``values`` are what the trust policy names by condition key.
    """
    for claim, wanted in entry.claims.items():
        key = f"{caller.principal.arn.partition('oidc-provider/')[2]}:{claim}"
        lost = {name: value for name, value in caller.context.items() if name != key}
        yield f"without the claim {claim}", replace(caller, context=lost)
        named = [value for value in values.get(key.lower(), ()) if value not in wanted]
        for value in ("", "other", f"{caller.context[key]}x", *named):
            other = {**caller.context, key: value}
            yield f"with the claim {claim} {value!r}", replace(caller, context=other)
    if entry.kind == "identity-center":
        key = f"aws:PrincipalTag/{entry.principal_tag}"
        lost = {name: value for name, value in caller.context.items() if name != key}
        yield "without the attribute that says who he is", replace(caller, context=lost)
        other = {**caller.context, key: "somebody-else"}
        yield "with another's attribute", replace(caller, context=other)
        for value in (_ONE_LETTER, *values.get(key.lower(), ())):
            if len(value) == 1:
                short = {**caller.context, key: value}
                yield f"with the attribute {value}", replace(caller, context=short)
        who = _listed(entry)
        for arn in values.get("aws:principalarn", ()):
            if arn != caller.principal.arn:
                yield f"as {arn}", declared.role(arn, "", **{key: who})
        elsewhere = caller.principal.arn.replace(entry.account, declared.OUTSIDE)
        yield "from another account", declared.role(elsewhere, "", **{key: who})
        for name in (
            f"role/{elsewhere.rpartition('/')[2]}",
            "role/aws-reserved/sso.amazonaws.com/x",
        ):
            arn = f"arn:aws:iam::{entry.account}:{name}"
            yield f"as {arn}", declared.role(arn, "", **{key: who})


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
