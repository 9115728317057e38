"""Run attacks one after the other, and say of each what refused it and whether its twin passed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from breakglass.errors import BreakGlassError
from breakglass.proof.model import Decision
from breakglass.rehearsal.attacks.attack import Act, Attack, AttackResult, AttackVerdict
from breakglass.rehearsal.attacks.places import places
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws.refusals import GuardDenied, PlatformRefusal
from breakglass.rehearsal.github.client import GitHubRefused
from breakglass.rehearsal.stage import Stage

Progress = Callable[[str], None]

_EMULATION: Final = "emulation/"
"""How the fake GitHub's rules begin where it does not speak a call: GitHub refused nothing."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one act."""

    verdict: AttackVerdict
    by: str = ""
    reason: str = ""
    error: str | None = None


def run(attacks: Sequence[Attack], stage: Stage, progress: Progress) -> list[AttackResult]:
    """Run ``attacks`` in this order on one stage."""
    with Scene(stage) as scene:
        return [_attacked(attack, scene, progress) for attack in attacks]


def _attacked(attack: Attack, scene: Scene, progress: Progress) -> AttackResult:
    """Try one attack and its twin; neither is tried where the organisation lacks a need."""
    progress(attack.title)
    lacking = [need.lacking for need in attack.needs if not need.met(scene.organisation)]
    if lacking:
        outcome = _Outcome(AttackVerdict.NOT_PROVIDED, reason="; ".join(lacking))
        return _result(attack, "", outcome, None)
    expected = attack.refused_by.format_map(places(scene.topology))
    outcome = _outcome(attack.attempt, scene)
    return _result(attack, expected, outcome, _outcome(attack.twin.act, scene))


def _result(
    attack: Attack, expected: str, outcome: _Outcome, twin: _Outcome | None
) -> AttackResult:
    passed = twin is not None and twin.verdict is AttackVerdict.SUCCEEDED
    fault = twin.error or twin.reason if twin is not None and not passed else None
    errors = [outcome.error, f"twin: {fault}" if fault else None]
    return AttackResult(
        name=attack.name,
        title=attack.title,
        actor=attack.actor.value,
        verdict=outcome.verdict,
        by=outcome.by,
        expected_by=expected,
        reason=outcome.reason,
        twin=attack.twin.title,
        twin_succeeded=passed,
        error="; ".join(filter(None, errors)) or None,
    )


def _outcome(act: Act, scene: Scene) -> _Outcome:
    """Do something, and say what refused it. Any other fault of AWS or the emulation is UNKNOWN."""
    try:
        act(scene)
    except GuardDenied as denied:
        return _by_policy(denied)
    except PlatformRefusal as refused:
        reason = refused.response["Error"]["Message"]
        return _Outcome(AttackVerdict.DENIED, refused.platform_rule, reason)
    except GitHubRefused as refused:
        return _by_github(refused)
    except (ClientError, BreakGlassError) as fault:
        return _Outcome(AttackVerdict.UNKNOWN, error=f"{type(fault).__name__}: {fault}")
    return _Outcome(AttackVerdict.SUCCEEDED, reason="Nothing refused it.")


def _by_policy(denied: GuardDenied) -> _Outcome:
    """Name the statement, or what allows nothing where no statement denies."""
    verdict = denied.verdict
    if verdict.decision is Decision.UNKNOWN:
        return _Outcome(AttackVerdict.UNKNOWN, reason=verdict.reason)
    by = verdict.statement or verdict.reason.removesuffix(".")
    return _Outcome(AttackVerdict.DENIED, by, verdict.reason)


def _by_github(refused: GitHubRefused) -> _Outcome:
    """Name the first rule that refused: GitHub looks at classic protection before rulesets."""
    if not refused.rules or refused.rules[0].startswith(_EMULATION):
        return _Outcome(AttackVerdict.UNKNOWN, error=str(refused))
    return _Outcome(AttackVerdict.DENIED, refused.rules[0], " ".join(str(refused).split()))
