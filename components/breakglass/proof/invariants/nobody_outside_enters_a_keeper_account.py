"""Nobody from outside assumes a role in the accounts that keep: the listed principals alone do.

Asked for a role with the widest trust that there is, so it holds for the default cross-account
administrator roles (``OrganizationAccountAccessRole``, ``AWSControlTowerExecution``,
``stacksets-exec-*``) and for whatever somebody adds, and of every administrator of another account,
management's included, since RCPs bind whoever calls (Organizations User Guide, "Resource control
policies"). Asked of logging, witness and broker; management's own roles no RCP reaches.

Not covered: federation with an identity provider that the account itself has, and root sessions
(``sts:AssumeRoot``), which management opens by a setting of the organisation and no policy.

NOT PROVIDED without AWS Organizations. The twin: the side's pipeline gets in, and AWS's services
assume the kit's service roles.
"""

from collections.abc import Iterator

from breakglass.proof import actors, declared
from breakglass.proof.declared import Caller, Declared, Target, Written, policies_of, principals_of
from breakglass.proof.finding import Examination, Finding, not_provided, without_a_side
from breakglass.proof.graph import BROKER, KEEPER, LOGGING, WITNESS, Account, Graph

NAME = "nobody_outside_enters_a_keeper_account"

_ANYBODY = Written(
    "a trust policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
)


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if graph.facts.organization is None:
        return not_provided(NAME, "Without AWS Organizations no policy binds those outside.")
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for account in graph.facts.of(LOGGING, WITNESS, BROKER):
        role = Target(f"arn:aws:iam::{account.id}:role/AnyRole", account.id, _ANYBODY)
        for caller in _outside(policies, account):
            verdict = policies.decide_open(caller, "sts:AssumeRole", role)
            look.must_deny(verdict, f"{caller.title} assumes a role in {account.name}")
        pipeline = declared.principal(graph.facts.pipelines[account.side], "The pipeline")
        verdict = policies.decide(pipeline, "sts:AssumeRole", role, _at_home(policies))
        look.must_allow(verdict, f"The {account.side} side's pipeline deploys {account.name}")
        _services(look, policies, account)
    return look.finding("Keeper accounts are closed to all but the listed principals.")


def _outside(policies: Declared, closed: Account) -> Iterator[Caller]:
    """Yield whoever belongs to another account, but for the account's own pipeline and entrants.

    Nobody calls AssumeRole without credentials (STS API Reference, AssumeRole).
    """
    facts = policies.facts
    invited = {facts.pipelines[closed.side]}
    invited |= {
        declared.filled(arn)
        for entry in facts.entries
        if entry.account == closed.id
        for arn in entry.principals
    }
    everybody = [
        *(
            caller
            for a in facts.accounts
            for caller in declared.administrators(a.id, f"An administrator of {a.name}")
        ),
        *(declared.role(a.deployer, f"The deployer of {a.name}") for a in facts.accounts),
        *(
            declared.principal(arn, f"The {side} side's pipeline")
            for side, arn in facts.pipelines.items()
        ),
        *actors.everybody(policies),
        *(declared.principal(arn, f"{arn}, whom a guardrail names,") for arn in _named(policies)),
    ]
    for caller in everybody:
        if caller.account not in {"", closed.id} and caller.principal.arn not in invited:
            yield caller


def _named(policies: Declared) -> Iterator[str]:
    """Users and roles that a guardrail names."""
    yield from (arn for arn in policies.exempt() if arn.startswith("arn:aws:iam::"))


def _services(look: Examination, policies: Declared, account: Account) -> None:
    """AWS's services still act through the roles that the program made for them."""
    for role in policies.graph.of("aws:iam/role:Role"):
        if role.account != account.id:
            continue
        for kind, name in principals_of(policies.trust(role.arn).policy):
            if kind == "Service":
                source = (
                    f"arn:aws:{name.partition('.')[0]}:{policies.facts.home_region}:{account.id}:x"
                )
                caller = declared.service(name, name, source_arn=source)
                verdict = policies.decide(
                    caller, "sts:AssumeRole", policies.trust(role.arn), _at_home(policies)
                )
                look.must_allow(verdict, f"{name} acts through {role}")


def _at_home(policies: Declared) -> dict[str, str]:
    return {"aws:RequestedRegion": policies.facts.home_region}
