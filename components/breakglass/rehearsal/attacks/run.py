"""Run attacks one after the other, and say of each what refused it and whether its twin passed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from botocore.exceptions import ClientError

from breakglass.errors import BreakGlassError
from breakglass.proof.model import Decision, Request
from breakglass.rehearsal.attacks.attack import (
    Act,
    Attack,
    AttackResult,
    AttackVerdict,
    Detected,
    Expected,
    Residual,
    Twin,
)
from breakglass.rehearsal.attacks.attackers import ON_GITHUB
from breakglass.rehearsal.attacks.detection import Rules, Seen
from breakglass.rehearsal.attacks.places import places
from breakglass.rehearsal.attacks.records import Event, record_of
from breakglass.rehearsal.attacks.refused import Refused
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws import identities, store
from breakglass.rehearsal.aws.emulator import Call
from breakglass.rehearsal.aws.refusals import GuardDenied, PlatformRefusal
from breakglass.rehearsal.github.client import GitHubRefused
from breakglass.rehearsal.guard import Guard
from breakglass.rehearsal.stage import Stage
from breakglass.tamper import Tier

Progress = Callable[[str], None]

_SIGN_IN: Final = "signin"
"""The console's endpoint, which asks IAM nothing."""

_EMULATION: Final = "emulation/"
"""How the fake GitHub's rules begin where it does not speak a call: GitHub refused nothing."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one act."""

    verdict: AttackVerdict
    by: str = ""
    reason: str = ""
    error: str | None = None
    calls: tuple[str, ...] = ()
    """The calls to AWS that it made, as ``s3:PutObject``, in their order."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """What CloudTrail records of an act, and what the deployed rules make of it."""

    seen: Seen
    event: Event

    def rings(self, tier: Tier) -> bool:
        """Whether a rule of this tier takes it."""
        return any(rule.tier is tier for rule in self.seen.rules)


class _Field:
    """A scene, and the rules that watch it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._rules = Rules(scene.stage)
        self._guard = Guard()
        self._places: dict[str, Mapping[str, str]] = {}
        self._twins: dict[tuple[Act, str], tuple[_Outcome, _Sight]] = {}

    @property
    def places(self) -> Mapping[str, str]:
        """What the names in an expectation stand for."""
        scope = self.scene.scope
        if scope.name not in self._places:
            self._places[scope.name] = places(self.scene.topology, scope)
        return self._places[scope.name]

    def watch(self, act: Act, *, changes: bool) -> tuple[_Outcome, _Sight]:
        """Do something; say what came of it, and who saw its last call.

        An event travels when the call is over: rules that the act itself ``changes`` count as they
        are then.
        """
        before = len(self.scene.emulator.calls)
        try:
            outcome = _outcome(act, self.scene)
            made = self.scene.emulator.calls[before:]
            decisive = [call for call in made if call.by.guarded] or made
            if not decisive:
                return outcome, _UNRECORDED
            calls = tuple(f"{call.service}:{call.operation}" for call in decisive)
            rules = Rules(self.scene.stage) if changes else self._rules
            return replace(outcome, calls=calls), self._sight(decisive[-1], rules)
        finally:
            self.scene.put_back()

    def twin(self, twin: Twin) -> tuple[_Outcome, _Sight]:
        """Do what is legitimate; once only, where several attacks have the same next to them."""
        key = (twin.act, self.scene.scope.name if twin.each_scope else "")
        if key not in self._twins:
            self._twins[key] = self.watch(twin.act, changes=False)
        return self._twins[key]

    def _sight(self, call: Call, rules: Rules) -> _Sight:
        caller = identities.at(call.by, call.at)
        asked = None
        if call.service != _SIGN_IN:
            asked = self._guard.asked(
                caller,
                call.service,
                call.operation,
                call.params,
                call.region,
                refused=call.error is not None,
            )
        record = record_of(call, asked, named=_is_named(call, asked))
        return _Sight(rules.see(record), record.event)


def _is_named(call: Call, asked: Request | None) -> bool:
    """Tell whether a refusal names the resource: not S3's to a stranger."""
    if call.service != "s3" or asked is None or asked.resource_account == call.account:
        return True
    organisation = store.organization(call.account)
    return organisation is not None and organisation is store.organization(asked.resource_account)


_UNRECORDED: Final = _Sight(
    Seen((), "No caller makes a call to AWS, so CloudTrail records nothing."), {}
)
_UNHEARD: Final = _Sight(
    Seen((), "Nothing listens to GitHub before the receiver of its webhooks is provided."), {}
)


def run(attacks: Sequence[Attack], stage: Stage, progress: Progress) -> list[AttackResult]:
    """Run ``attacks`` in this order on one stage."""
    with Scene(stage) as scene:
        field = _Field(scene)
        return [result for attack in attacks for result in _each(attack, field, progress)]


def _each(attack: Attack, field: _Field, progress: Progress) -> Iterator[AttackResult]:
    """Try an attack once, or once with the role of every scope."""
    progress(attack.title)
    _, *further = field.scene.organisation.scopes
    yield _attacked(attack, field)
    for scope in further if attack.each_scope else ():
        with field.scene.entering(scope):
            yield replace(_attacked(attack, field), name=f"{attack.name}@{scope.name}")


def _attacked(attack: Attack, field: _Field) -> AttackResult:
    """Try one attack and its twin; neither is tried where the organisation lacks a need."""
    lacking = [need.lacking for need in attack.needs if not need.met(field.scene.organisation)]
    if lacking:
        return not_tried(attack, "; ".join(lacking))
    by_design = isinstance(attack.expected, Detected | Residual)
    outcome, sight = field.watch(attack.attempt, changes=by_design)
    if sight is _UNRECORDED and attack.attacker in ON_GITHUB:
        sight = _UNHEARD
    twin, twins_sight = field.twin(attack.twin)
    outcome = _as_designed(attack.expected, outcome, sight)
    passed = twin.verdict is AttackVerdict.SUCCEEDED
    faults = [
        outcome.error,
        _unseen_fault(attack.expected, outcome, sight),
        None if passed else f"twin: {twin.error or twin.reason}",
        _unlike(attack, outcome, twin),
        _noise(attack.expected, twins_sight),
    ]
    return AttackResult(
        name=attack.name,
        title=attack.title,
        attacker=attack.attacker.value,
        verdict=outcome.verdict,
        by=outcome.by,
        expected_by="" if by_design else str(attack.expected).format_map(field.places),
        reason=outcome.reason,
        twin=attack.twin.title,
        twin_succeeded=passed,
        error="; ".join(filter(None, faults)) or None,
        rules=sight.seen.rules,
        unseen=sight.seen.unseen,
        event=sight.event,
    )


def not_tried(attack: Attack, reason: str) -> AttackResult:
    """Say of an attack that it was not tried, and why."""
    return AttackResult(
        name=attack.name,
        title=attack.title,
        attacker=attack.attacker.value,
        verdict=AttackVerdict.NOT_PROVIDED,
        by="",
        expected_by="",
        reason=reason,
        twin=attack.twin.title,
        twin_succeeded=False,
        error=None,
    )


def _as_designed(expected: Expected, outcome: _Outcome, sight: _Sight) -> _Outcome:
    """Call an act that went through, as the design says that it may, by what then holds."""
    if outcome.verdict is not AttackVerdict.SUCCEEDED or isinstance(expected, str):
        return outcome
    if isinstance(expected, Detected) and sight.rings(expected.tier):
        return _Outcome(AttackVerdict.DETECTED, reason=expected.reason)
    if isinstance(expected, Residual) and not sight.seen.rules:
        return _Outcome(AttackVerdict.RESIDUAL, reason=expected.reason)
    return outcome


def _unseen_fault(expected: Expected, outcome: _Outcome, sight: _Sight) -> str | None:
    """Say what is wrong with what the deployed rules saw."""
    if outcome.verdict is AttackVerdict.DENIED and sight.seen.missed:
        return "the catalogue has this call paged, and no deployed rule takes its record to a page"
    if outcome.verdict is AttackVerdict.SUCCEEDED and isinstance(expected, Detected):
        return f"nothing refuses it and no rule sees it: {sight.seen.unseen or 'none that loud'}"
    if outcome.verdict is AttackVerdict.SUCCEEDED and isinstance(expected, Residual):
        rules = ", ".join(rule.name for rule in sight.seen.rules)
        return f"said to be seen by nothing, and {rules} sees it"
    return None


def _unlike(attack: Attack, outcome: _Outcome, twin: _Outcome) -> str | None:
    """Say that the twin does not make the call that is refused: then it proves little."""
    *_, refused = outcome.calls or ("",)
    if outcome.verdict is not AttackVerdict.DENIED or not refused or attack.twin.unlike:
        return None
    return None if refused in twin.calls else f"twin: it does not call {refused}"


def _noise(expected: Expected, twin: _Sight) -> str | None:
    """Say that an ordinary act rings too: then the rule tells nothing about the other."""
    if isinstance(expected, Detected) and twin.rings(expected.tier):
        return "twin: the ordinary act next to it rings as loud"
    return None


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
    except Refused as refused:
        return _Outcome(AttackVerdict.DENIED, refused.by, str(refused))
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
