"""No actor stops, narrows, re-aims, empties or mutes what records, forwards and rings.

Asked of every actor (`breakglass.proof.actors`), for every action of the dated catalogue that is no
read (`breakglass.proof.kit`), on each declared trail, rule, bus, queue, topic, pipe, alarm and key,
in every account and region, under all declared layers and with every condition key left open. Where
IAM knows no resource for an action, it is asked on all of them. The deployer of an account is let
through, but not to what ends a trail or a key where the lock is COMPLIANCE.

An administrator of the account itself may do what `EXCEPTIONS` lists, with the reason.

NOT PROVIDED without AWS Organizations: an administrator can then stop what his own account has.
The twin: its deployer can change each of them.
"""

from types import MappingProxyType
from typing import Final

from breakglass.proof import actors, kit
from breakglass.proof.declared import policies_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.touching import Exceptions, nobody_may_change

NAME = "actor_cannot_silence_the_alarms"

_NAME_IS_TAKEN = "the name is taken, so AWS refuses it or hands back what is there"
_NO_POLICY_READS_TAGS = "no policy of the kit reads a tag of it"

EXCEPTIONS: Exceptions = MappingProxyType(
    {
        "cloudtrail:CreateTrail": _NAME_IS_TAKEN,
        "cloudtrail:StartLogging": "it only switches on",
        "cloudwatch:EnableAlarmActions": "it only switches on",
        "cloudwatch:TagResource": _NO_POLICY_READS_TAGS,
        "cloudwatch:UntagResource": _NO_POLICY_READS_TAGS,
        "events:EnableRule": "it only switches on",
        "sqs:CreateQueue": _NAME_IS_TAKEN,
        "sqs:TagQueue": _NO_POLICY_READS_TAGS,
        "sqs:UntagQueue": _NO_POLICY_READS_TAGS,
    }
)
"""What is harmless, and why."""

_UNBOUND: Final = (
    "Without AWS Organizations nothing binds an administrator of an account: "
    "he can stop its own rules, trails and queues."
)


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    callers = actors.everybody(policies)
    for kind in kit.ALARMS:
        nobody_may_change(look, policies, kit.declared(policies, kind), callers, EXCEPTIONS)
    if graph.facts.organization is None:
        look.not_provided(_UNBOUND)
    return look.finding("No actor can stop or mute what records, forwards and rings.")
