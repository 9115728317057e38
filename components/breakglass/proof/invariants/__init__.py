"""What must hold of every topology, one file an invariant, its name the file's.

Each module has a function ``check(graph)`` that answers with a `Finding`: one of four verdicts, a
sentence, and the counterexamples. A module's first sentence says what it holds.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import (
    actor_cannot_silence_the_alarms,
    actor_cannot_touch_the_kits_principals,
    actor_cannot_touch_the_vault,
    boundaries_hold_by_their_denials,
    break_glass_trust_demands_what_it_must,
    denials_of_the_record_stand_alone,
    deployment_gates_hold,
    each_part_is_with_its_whole,
    enforce_admins_holds,
    entry_trust_demands_what_it_must,
    every_account_is_recorded,
    every_activation_reaches_the_pager,
    every_page_call_reaches_the_pager,
    every_ticket_call_reaches_the_tickets,
    guardrails_bind_every_member,
    keepers_and_actors_are_disjoint,
    no_session_over_an_hour,
    nobody_outside_enters_a_keeper_account,
    ordinary_work_rings_nobody,
    resources_take_only_what_they_should,
    roles_do_only_what_they_are_for,
    second_trail_is_independent,
    the_alarms_way_is_watched,
    the_app_is_the_only_bypass,
    the_record_can_be_queried,
    the_record_is_opened_to_whom_it_is_for,
    vault_holds_in_its_own_account,
    vault_is_elsewhere_and_locked,
)

__all__ = ["INVARIANTS", "Check", "Finding", "Outcome", "check_all"]

Check = Callable[[Graph], Finding]

INVARIANTS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        module.NAME: module.check
        for module in (
            vault_is_elsewhere_and_locked,
            actor_cannot_touch_the_vault,
            actor_cannot_silence_the_alarms,
            actor_cannot_touch_the_kits_principals,
            vault_holds_in_its_own_account,
            denials_of_the_record_stand_alone,
            the_record_is_opened_to_whom_it_is_for,
            the_record_can_be_queried,
            every_account_is_recorded,
            second_trail_is_independent,
            entry_trust_demands_what_it_must,
            break_glass_trust_demands_what_it_must,
            roles_do_only_what_they_are_for,
            boundaries_hold_by_their_denials,
            no_session_over_an_hour,
            every_activation_reaches_the_pager,
            every_page_call_reaches_the_pager,
            every_ticket_call_reaches_the_tickets,
            ordinary_work_rings_nobody,
            resources_take_only_what_they_should,
            the_alarms_way_is_watched,
            enforce_admins_holds,
            the_app_is_the_only_bypass,
            deployment_gates_hold,
            keepers_and_actors_are_disjoint,
            nobody_outside_enters_a_keeper_account,
            guardrails_bind_every_member,
            each_part_is_with_its_whole,
        )
    }
)
"""Every invariant by its name, in the order in which a report tells them."""


def check_all(graph: Graph) -> list[Finding]:
    """Ask every invariant of a graph.

    Raises `breakglass.errors.InvalidInput` for what a graph holds and no invariant can read: that
    is no verdict.
    """
    return [check(graph) for check in INVARIANTS.values()]
