"""Attacks on a topology that stands, each with the legitimate act that must succeed beside it.

A denial proves little by itself: everything may be refused. So each attack names what must refuse
it, a statement of a policy, a rule of the platform or a rule of GitHub's, and has a twin as close
to it as can be that must go through. Battlefields are modules; `ATTACKS` is all of them in order.
They leave the stage as they found it, save that some more log files lie in vault and witness.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from breakglass.rehearsal.attacks import (
    activation,
    alarms,
    editing,
    entry,
    github_floor,
    github_gate,
    github_rules,
    governing,
    guardrails,
    keys,
    outside,
    principals,
    responder,
    trail,
    vault,
    witness,
)
from breakglass.rehearsal.attacks.attack import (
    Attack,
    AttackResult,
    AttackVerdict,
    Detected,
    Need,
    Residual,
    Rule,
    Twin,
)
from breakglass.rehearsal.attacks.attackers import ATTACKERS, Attacker
from breakglass.rehearsal.attacks.needs import ON_BOTH_SIDES
from breakglass.rehearsal.attacks.run import run
from breakglass.rehearsal.stage import Stage

__all__ = [
    "ATTACKERS",
    "ATTACKS",
    "Attack",
    "AttackResult",
    "AttackVerdict",
    "Attacker",
    "Detected",
    "Need",
    "Residual",
    "Rule",
    "Twin",
    "attack_all",
    "run",
]

_BATTLEFIELDS: Final = (
    vault,
    witness,
    trail,
    alarms,
    entry,
    activation,
    principals,
    responder,
    keys,
    outside,
    guardrails,
    governing,
    editing,
    github_floor,
    github_gate,
    github_rules,
)

_ON_GITHUB: Final = (github_floor, github_gate, github_rules)

ATTACKS: Final[tuple[Attack, ...]] = tuple(
    replace(attack, needs=(*ON_BOTH_SIDES, *attack.needs)) if field in _ON_GITHUB else attack
    for field in _BATTLEFIELDS
    for attack in field.ATTACKS
)
"""Every attack, in the order in which they are run."""


def attack_all(
    stage: Stage, progress: Callable[[str], None] = lambda _: None
) -> list[AttackResult]:
    """Run every attack on a stage; ``progress`` is told the title of each."""
    return run(ATTACKS, stage, progress)
