"""What the roles of the path say by themselves: who enters, with what, to do what."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from breakglass import names
from breakglass.checking.belonging import ROLE
from breakglass.checking.trusts import ANYBODY, Trust
from breakglass.errors import BreakGlassError
from breakglass.proof.declared import OUTSIDE, Declared, resources_in, statements_of
from breakglass.proof.graph import Entry, Grant, Graph, Resource, Scope, Unread

_REGION: Final = "aws:requestedregion"
_TAG: Final = re.compile(r"aws:PrincipalTag/([\w.:/=+@-]+)", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_IDENTITY: Final = "sts:SourceIdentity"
_SEVERITIES: Final = ("SEV1",)


def paths(
    roles: Sequence[Resource], policies: Declared
) -> tuple[list[Entry], list[Scope], list[Unread]]:
    """Return the ways in, the break-glass roles, and the roles that cannot be read.

    A way in is a role whose name says ``entry``, or that another role of the path trusts.
    """
    entries: list[Entry] = []
    scopes: list[Scope] = []
    unread: list[Unread] = []
    trusts: list[Trust] = []
    for role in roles:
        try:
            trusts.append(Trust(role))
            _ = role.arn
        except BreakGlassError as error:
            unread.append(Unread(role.name, role.source, f"{error}"))
    unread += [Unread(one.role.name, one.role.source, _ASSERTED) for one in trusts if _by_saml(one)]
    trusted = {arn for trust in trusts for arn in trust.principals("AWS")}
    identities = [name for trust in trusts for name in trust.asked(_IDENTITY) if "${" not in name]
    for trust in filter(_lets_people_in, trusts):
        arn, name = trust.role.arn, str(trust.role.get("name"))
        if "entry" in name.lower() or arn in trusted:
            entries += _entries(trust, identities)
        else:
            scopes.append(_scope(trust, policies))
    return entries, scopes, unread


def _by_saml(trust: Trust) -> bool:
    return any(_SAML_PROVIDER in one for one in trust.principals("Federated"))


SAML: Final = "saml"
"""The kind of a way in by an assertion of a SAML provider."""
_SAML_PROVIDER: Final = ":saml-provider/"
_ASSERTED: Final = "Whom a SAML provider lets in, and with what, no invariant reads"


def _lets_people_in(trust: Trust) -> bool:
    """Not a role that a service or a job of the kit acts through."""
    return str(trust.role.get("name")) not in _JOBS and not trust.serves()


_JOBS: Final = frozenset({names.role("deployer"), names.role("witness")})


def ways_in(role: Resource) -> list[Entry]:
    """Return a break-glass role as the way in that it is where no other stands before it."""
    return _entries(Trust(role), ())


def roles_elsewhere(graph: Graph) -> set[str]:
    """Return the roles of the path that policies name and the program does not declare."""
    found: set[str] = set()
    for one in graph.resources:
        if one.type in _HOLDS_POLICIES:
            texts = [one.inputs.get(key) for key in _HOLDS_POLICIES[one.type]]
            named = {arn for text in texts if isinstance(text, str) for arn in _ROLE.findall(text)}
            found |= {arn for arn in named if _NAME.search(arn)}
    return found - {one.outputs.get("arn") for one in graph.of(ROLE)}


_HOLDS_POLICIES: Final = {
    ROLE: ("assumeRolePolicy",),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:iam/policy:Policy": ("policy",),
}
_ROLE: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_NAME: Final = re.compile("break[-_]?glass", re.IGNORECASE)


def regions(roles: Sequence[Resource]) -> list[str]:
    """Return the regions that trust policies are pinned to."""
    found: dict[str, None] = {}
    for role in roles:
        try:
            found |= dict.fromkeys(Trust(role).asked(_REGION))
        except BreakGlassError:  # told as unread
            continue
    return [region for region in found if "*" not in region]


def incident_prefix(roles: Sequence[Resource]) -> str:
    """Return what incidents begin with, by the first trust policy that asks for one."""
    for role in roles:
        try:
            for value in Trust(role).asked("aws:RequestTag/IncidentId"):
                return re.split(r"[*?]", value)[0]
        except BreakGlassError:  # told as unread
            continue
    return "INC-"


def _entries(trust: Trust, identities: Sequence[str]) -> list[Entry]:
    """A role is a way in for each kind of people that it trusts.

    ``identities`` are the source identities that trust policies of the path ask for by name: the
    one of a workflow is among them.
    """
    role = trust.role
    name, account, arn = str(role.get("name")), role.account, role.arn
    found = []
    for provider in trust.principals("Federated"):
        if _SAML_PROVIDER in provider:
            found.append(Entry(name, SAML, account, arn, principals=[provider]))
            continue
        claims = _claims(trust, provider)
        workflow = next(iter(identities), None)
        found.append(
            Entry(
                name,
                "github-oidc",
                account,
                arn,
                principals=[provider],
                claims=claims,
                workflow_identity=workflow,
            )
        )
    users = [who for who in trust.principals("AWS") if ":user/" in who]
    users += [f"arn:aws:iam::{OUTSIDE}:user/anybody"] * (ANYBODY in trust.principals("AWS"))
    anybody = [m[1] for who in trust.principals("AWS") if (m := _ACCOUNT.fullmatch(who))]
    center = [p for p in trust.asked("aws:PrincipalArn") if "/aws-reserved/sso" in p]
    tag = next((m[1] for pair in trust.conditions() for m in _TAG.finditer(" ".join(pair))), None)
    if center:
        listed = [who for who in trust.asked(f"aws:PrincipalTag/{tag}") if not _GLOB & set(who)]
        found.append(
            Entry(
                name,
                "identity-center",
                account,
                arn,
                principals=center,
                principal_tag=tag,
                identities=listed,
            )
        )
    elif anybody:
        users += [f"arn:aws:iam::{one}:user/somebody" for one in anybody]
    if users:
        found.append(Entry(name, "iam-user", account, arn, principals=users))
    return found or [Entry(name, "iam-user", account, arn)]


_GLOB: Final = frozenset("*?")


def _claims(trust: Trust, provider: str) -> Mapping[str, Sequence[str]]:
    host = provider.partition("oidc-provider/")[2]
    found: dict[str, list[str]] = {}
    for key, value in trust.conditions():
        if host and key.lower().startswith(f"{host.lower()}:"):
            found.setdefault(key[len(host) + 1 :], []).append(re.sub(r"[*?]", "x", value))
    return found


def _scope(trust: Trust, policies: Declared) -> Scope:
    role = trust.role
    gate = next(iter(trust.asked("aws:RequestTag/Gate")), "gate")
    severities = trust.asked("aws:RequestTag/Severity") or _SEVERITIES
    return Scope(
        name=str(role.get("name")),
        gate=re.sub(r"[*?]", "x", gate),
        severities=severities,
        grants=[*_grants(role, policies)],
        roles={role.account: role.arn},
    )


def _grants(role: Resource, policies: Declared) -> Iterator[Grant]:
    """Yield what the role's own policies let it do, everything but "everything"."""
    try:
        written = [*policies.identity(role)]
    except BreakGlassError:  # the invariant that asks for it tells
        return
    for one in written:
        for statement in statements_of(one):
            actions = _listed(statement.get("Action"))
            if statement.get("Effect") == "Allow" and actions and "*" not in actions:
                yield Grant(actions, resources_in(statement))


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - an element of a statement
    return [value] if isinstance(value, str) else list(value or ())
