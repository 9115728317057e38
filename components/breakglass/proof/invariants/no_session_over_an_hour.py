"""No session of the path lasts longer than an hour, from the console neither.

Entry and break-glass roles are limited to 3,600 seconds, IAM's least. A break-glass role is only
ever assumed by a role's session: AWS caps a chained session at one hour, whatever the role would
take, and its console federation endpoint wants long-term credentials for more (IAM User Guide,
"Roles terms and concepts", "Enabling custom identity broker access to the AWS console").

The twin: each entry role is let in with the proper activation.
"""

from breakglass.proof.activation import proper
from breakglass.proof.declared import Declared, policies_of, principals_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Graph, Scope

NAME = "no_session_over_an_hour"

_HOUR = 3600


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for entry in graph.facts.entries:
        _limited(look, policies, entry.role_arn)
    for scope in graph.facts.scopes:
        for arn in scope.roles.values():
            if _limited(look, policies, arn):
                _chained(look, policies, scope, arn)
    return look.finding("Every session of the path ends within the hour.")


def _limited(look: Examination, policies: Declared, arn: str) -> bool:
    role = policies.role(arn)
    if not look.must(role, f"The role {arn} is not declared"):
        return False
    # IAM's own limit, where none is declared (CreateRole, MaxSessionDuration)
    seconds = (role and role.get("maxSessionDuration")) or _HOUR
    look.must(int(seconds) <= _HOUR, f"A session may last {seconds} seconds", role)
    return True


def _chained(look: Examination, policies: Declared, scope: Scope, arn: str) -> None:
    """Its trust policy names entry roles alone, by full ARN: whoever comes holds a role session."""
    role, entries = policies.role(arn), {entry.role_arn for entry in policies.facts.entries}
    for kind, named in principals_of(policies.trust(arn).policy):
        chained = kind == "AWS" and named in entries
        look.must(chained, f"It can be assumed by {named}, who is no entry role", role)
    for entry in policies.facts.entries:
        if policies.role(entry.role_arn):
            good = proper(policies.facts, scope, entry)
            caller = good.caller(policies, entry)
            verdict = policies.assume(caller, arn, good.context())
            look.must_allow(verdict, f"{caller.title} opens {arn}")
