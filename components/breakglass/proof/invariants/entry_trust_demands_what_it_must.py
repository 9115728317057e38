"""An entry role lets in whom the settings name, as himself, with what his kind can prove.

IAM users: a second factor at most 15 minutes old (IAM User Guide, "Configuring MFA-protected API
access"), and the source identity that is the user's own name. Identity Center: the one permission
set of the one account, the listed people of those that have it, and the source identity that their
principal tag says. GitHub: each claim of the token. All: in a region with rules, without session
tags, and nobody else. All of it by the trust policy itself, as if there were no guardrails; and
where one of these is wrong, whatever else he sends, so that no second statement lets him in by
another key.

The twin: each of them gets in, in every watched region.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from breakglass.proof import declared
from breakglass.proof.activation import PERSON, strangers, unwatched
from breakglass.proof.declared import (
    Caller,
    Context,
    Declared,
    Keys,
    filled,
    policies_of,
    principals_of,
    values_in,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Entry, Graph

NAME = "entry_trust_demands_what_it_must"

_REGION = "aws:RequestedRegion"
_IDENTITY = "sts:SourceIdentity"
_FACTOR, _AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
_TOO_OLD = "901"
_ONE_LETTER = "a"
_UNLISTED = "mallory@example.org"

_VARIABLE = re.compile(r"\$\{([^{},]+)\}")

Named = Mapping[str, Sequence[str]]
"""Values of a trust policy by condition key, in lower case."""

PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"


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
        verdict = policies.assume(caller, entry.role_arn, {**proper, _REGION: region})
        look.must_allow(verdict, f"{caller.title} enters {entry.name} in {region}")
    likely: Context = {**proper, _REGION: regions[0]}
    tag = f"aws:PrincipalTag/{entry.principal_tag}"
    for who in entry.identities:
        same = declared.role(caller.principal.arn, caller.title, **{tag: who})
        verdict = policies.assume(same, entry.role_arn, {**likely, _IDENTITY: who})
        look.must_allow(verdict, f"{caller.title} enters {entry.name} as {who}")
    trust = policies.trust(entry.role_arn).policy
    named = values_in(trust) if trust else {}
    for what, wrong in _wrong(policies, entry, caller, named):
        verdict = policies.assume_somehow(caller, entry.role_arn, wrong, likely)
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")
    for what, other, wrong in _wrong_callers(policies, entry, caller, named):
        verdict = policies.assume_somehow(other, entry.role_arn, wrong, likely)
        look.must_deny(verdict, f"{caller.title} enters {entry.name} {what}")


def _wrong(
    policies: Declared, entry: Entry, caller: Caller, named: Named
) -> Iterator[tuple[str, Keys]]:
    """Yield what is wrong in a request; ``named`` is what the trust policy itself takes."""
    yield from _wrong_of(entry.kind)
    for region in unwatched(policies.facts):
        yield f"in {region}, where no rule watches", {_REGION: region}
    yield "with session tags", {"aws:RequestTag/team": "admin", "aws:TagKeys": ["team"]}
    for region in named.get(_REGION.lower(), ()):
        if region not in policies.facts.regions:
            yield f"in {region}", {_REGION: region}
    for text in named.get(_AGE.lower(), ()):
        for age in _too_old(text):
            yield f"with a second factor of {age} seconds", {_AGE: age}
    own = _resolved("${aws:username}", caller) or _listed(entry)
    for text in named.get(_IDENTITY.lower(), ()):
        identity = _resolved(text, caller)
        if identity != own:
            yield f"as {identity}", {_IDENTITY: identity}


def _too_old(text: str) -> Iterator[str]:
    """A named age and the next one, where they are over 15 minutes."""
    if text.isdecimal():
        yield from (str(age) for age in (int(text), int(text) + 1) if age >= int(_TOO_OLD))


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


def _resolved(text: str, caller: Caller) -> str:
    """A value with the policy variables of its caller put in."""
    known = {key.lower(): str(value) for key, value in caller.context.items()}
    return _VARIABLE.sub(lambda found: known.get(found[1].lower(), ""), text)


def _who(entry: Entry, principal: str) -> tuple[Caller, Context]:
    """Who enters, and what he sends when all is well."""
    if entry.kind == "iam-user":
        name = principal.rpartition("/")[2]
        return declared.user(principal, principal), {_FACTOR: "true", _AGE: "60", _IDENTITY: name}
    if entry.kind == "identity-center":
        tag = f"aws:PrincipalTag/{entry.principal_tag}"
        who = _listed(entry)
        return declared.role(filled(principal), principal, **{tag: who}), {_IDENTITY: who}
    claims = {_claim(principal, claim): values[0] for claim, values in entry.claims.items()}
    return declared.bearer(principal, {}, "A job of the workflow"), claims


def _listed(entry: Entry) -> str:
    """The first who may enter by Identity Center; anybody where nothing tells."""
    return next(iter(entry.identities), PERSON)


def _claim(provider_arn: str, claim: str) -> str:
    """The condition key of a claim."""
    return f"{provider_arn.partition('oidc-provider/')[2]}:{claim}"


def _wrong_of(kind: str) -> Iterator[tuple[str, Keys]]:
    """Yield what is wrong in a request, by what a kind can prove."""
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
    policies: Declared, entry: Entry, caller: Caller, named: Named
) -> Iterator[tuple[str, Caller, Keys]]:
    """Yield what is wrong with who he is: a claim, or the attribute that says it.

    ``named`` is what the trust policy names by condition key.
    """
    for claim, wanted in entry.claims.items():
        key = _claim(caller.principal.arn, claim)
        yield f"without the claim {claim}", caller, {key: None}
        odd = [value for value in named.get(key.lower(), ()) if value not in wanted]
        for value in ("", "other", f"{wanted[0]}x", *odd):
            yield f"with the claim {claim} {value!r}", caller, {key: value}
    if entry.kind == "identity-center":
        yield from _wrong_attributes(policies, entry, caller.principal.arn, named)
        yield from _wrong_sessions(entry, caller.principal.arn, named)


def _wrong_attributes(
    policies: Declared, entry: Entry, arn: str, named: Named
) -> Iterator[tuple[str, Caller, Keys]]:
    """Yield what is wrong with the attribute of somebody who has the permission set."""
    key, nameless = f"aws:PrincipalTag/{entry.principal_tag}", declared.role(arn, "")
    said = named.get(key.lower(), ())
    yield "without the attribute that says who he is", nameless, {key: None}
    other = {key: "somebody-else", _IDENTITY: _listed(entry)}
    yield "with another's attribute", nameless, other
    for value in (_ONE_LETTER, *said):
        if len(value) == 1:
            yield f"with the attribute {value}", nameless, {key: value}
    if entry.identities:
        people = [one.identity_center for one in policies.facts.people if one.identity_center]
        for who in dict.fromkeys((*people, *said, _UNLISTED)):
            if who not in entry.identities:
                yield f"as {who}", nameless, {key: who}


def _wrong_sessions(entry: Entry, arn: str, named: Named) -> Iterator[tuple[str, Caller, Keys]]:
    """Yield whose session it is not to be."""
    elsewhere = arn.replace(entry.account, declared.OUTSIDE)
    yield "from another account", declared.role(elsewhere, ""), {}
    for other in (
        *named.get("aws:principalarn", ()),
        f"arn:aws:iam::{entry.account}:role/{arn.rpartition('/')[2]}",
        f"arn:aws:iam::{entry.account}:role/aws-reserved/sso.amazonaws.com/x",
    ):
        if other != arn:
            yield f"as {other}", declared.role(other, ""), {}


def _asked_by_strangers(look: Examination, policies: Declared, entry: Entry) -> None:
    """Whatever they send: every condition key is left open."""
    provider = f"arn:aws:iam::{entry.account}:oidc-provider/issuer.example.com"
    for caller in (
        *strangers(policies, entry.account),
        declared.bearer(provider, {}, "Whoever has a token of another issuer"),
    ):
        verdict = policies.assume_somehow(caller, entry.role_arn)
        look.must_deny(verdict, f"{caller.title} enters {entry.name}")
