"""What an invariant needs to be told before it can be asked, where no organisation file tells all.

A part that the program does not declare makes what needs it NOT PROVIDED: nothing speaks of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

VAULT: Final = "vault"
TRAIL: Final = "trail"
WITNESS: Final = "witness"
ELSEWHERE: Final = "vault of another program"
TELLING: Final = "accounts that can be told apart"
APART: Final = "accounts apart"
PLACES: Final = "accounts and regions by name"
DEPLOYERS: Final = "deployers"
ENTRIES: Final = "entries"
WAYS: Final = "ways in"
ROLES: Final = "break-glass roles"
PATH: Final = "any role of the path"
RUNBOOKS: Final = "runbooks"
RULES: Final = "rules"
HUB: Final = "hub"
WATCHED: Final = "watched accounts"
TIERS: Final = "tiers"
HOME: Final = "home"
ALARMS: Final = "alarms"
PEOPLE: Final = "people"
GUARDRAILS: Final = "guardrails"
PROTECTION: Final = "branch protection"
RULESETS: Final = "rulesets"
REPOSITORIES: Final = "repositories"
ENVIRONMENTS: Final = "environments"
APPROVALS: Final = "approvals"

_NO_ROLE: Final = (
    "The program declares no break-glass role: none is called so, and none lets anybody in."
)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        VAULT: "The program declares no bucket that CloudTrail delivers to.",
        ELSEWHERE: "The record goes to a bucket that another program declares.",
        TRAIL: "The program declares no trail.",
        WITNESS: "The program declares no second trail into a bucket of another account.",
        TELLING: (
            "Whether the record is kept in another account than it is of cannot be told: the"
            " program does not say which accounts these are (allowed_account_ids or assume_roles of"
            " its providers)."
        ),
        APART: (
            "Whether the record is kept apart is not told: the program does not name two accounts"
            " (allowed_account_ids or assume_roles of its providers)."
        ),
        PLACES: "Which accounts and regions the program is for is not told by its providers.",
        DEPLOYERS: (
            "As whom the program is applied is not told: no provider of the vault's account assumes"
            " a role."
        ),
        ENTRIES: "The program declares no role to enter by.",
        WAYS: "The program declares no way in to its break-glass roles.",
        ROLES: _NO_ROLE,
        PATH: _NO_ROLE,
        RUNBOOKS: "What a break-glass role is for is told by an organisation file alone.",
        RULES: "The program declares no rule on CloudTrail's events.",
        HUB: "The program declares no event bus of its own that alarms are forwarded to.",
        WATCHED: "Some account of the program has no rules here that forward its events.",
        HOME: "Where each thing should be is told by an organisation file alone.",
        TIERS: "Who is woken and who takes tickets is told by an organisation file alone.",
        ALARMS: "The program declares nothing that records calls or forwards them.",
        PEOPLE: "Who acts and who keeps is told by an organisation file alone.",
        GUARDRAILS: (
            "Whom the organisation's policies should bind is told by an organisation file alone."
        ),
        PROTECTION: "The program declares no branch protection.",
        RULESETS: "The program declares no ruleset of a repository.",
        REPOSITORIES: "The program declares neither rulesets nor environments.",
        ENVIRONMENTS: "No deployment waits: the program declares no environment for production.",
        APPROVALS: "No change waits: no ruleset of the program asks for an approval.",
    }
)
"""Why a part is not there."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one invariant needs."""

    first: tuple[str, ...]
    """Without one of these it is not asked."""
    besides: tuple[str, ...] = ()
    """Without one of these it is asked, and is NOT PROVIDED where it would hold: of a part it says
    nothing."""
    unsure: tuple[str, ...] = ()
    """Without one of these it is asked, and is UNKNOWN where it would hold."""
    guessed: bool = False
    """Whether the intended use is a guess from the program: that it is refused shows nothing."""


NEEDS: Final[Mapping[str, Need]] = MappingProxyType(
    {
        "vault_is_elsewhere_and_locked": Need((VAULT,), (APART,), (TELLING,)),
        "actor_cannot_touch_the_vault": Need((VAULT,), (APART,)),
        "actor_cannot_silence_the_alarms": Need((ALARMS,), (GUARDRAILS,)),
        "actor_cannot_touch_the_kits_principals": Need((PATH,), (GUARDRAILS,)),
        "vault_holds_in_its_own_account": Need((VAULT, DEPLOYERS)),
        "every_account_is_recorded": Need((TRAIL,)),
        "second_trail_is_independent": Need((WITNESS,)),
        "entry_trust_demands_what_it_must": Need((ENTRIES,), guessed=True),
        "break_glass_trust_demands_what_it_must": Need((ROLES,), (WAYS,), guessed=True),
        "roles_do_only_what_they_are_for": Need((PATH,), (RUNBOOKS,), guessed=True),
        "no_session_over_an_hour": Need((PATH,), guessed=True),
        "every_activation_reaches_the_pager": Need((HUB, ROLES)),
        "every_page_call_reaches_the_pager": Need((RULES,), (WATCHED,)),
        "every_ticket_call_reaches_the_tickets": Need((TIERS,)),
        "ordinary_work_rings_nobody": Need((HUB,), (WATCHED,)),
        "resources_take_only_what_they_should": Need((HUB,), guessed=True),
        "each_part_is_with_its_whole": Need((HOME,)),
        "the_alarms_way_is_watched": Need((HUB,)),
        "enforce_admins_holds": Need((PROTECTION,), guessed=True),
        "the_app_is_the_only_bypass": Need((RULESETS,), guessed=True),
        "deployment_gates_hold": Need((REPOSITORIES,), (ENVIRONMENTS, APPROVALS), guessed=True),
        "keepers_and_actors_are_disjoint": Need((PEOPLE,)),
        "nobody_outside_enters_a_keeper_account": Need((GUARDRAILS,)),
        "guardrails_bind_every_member": Need((GUARDRAILS,)),
        # who is meant to use what, and where, is told by an organisation file alone
        "boundaries_hold_by_their_denials": Need((RUNBOOKS,)),
        "denials_of_the_record_stand_alone": Need((PEOPLE,)),
        "the_record_can_be_queried": Need((PEOPLE,)),
        "the_record_is_opened_to_whom_it_is_for": Need((PEOPLE,)),
    }
)
"""By invariant. One that is not here is asked of organisation files alone."""

UNLISTED: Final = Need((PEOPLE,))
