"""What an attack is, what it needs, and what came of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import Organisation
from breakglass.tamper import Tier

Act = Callable[[Scene], object]
"""Something that somebody does; it returns when it went through and raises when it was refused."""

Change = Callable[[Client, Any], object]
"""What somebody does to a thing, by its name or ARN, with the service's client."""

Own = Callable[[Scene, str], AbstractContextManager[Any]]
"""Makes an ordinary thing of the same kind in an account."""


class AttackVerdict(StrEnum):
    """What came of an attack; ``SUCCEEDED`` and ``UNKNOWN`` leave work to do."""

    DENIED = "denied"
    DETECTED = "detected"
    """It went through, which the design allows, and a deployed rule takes it to the pager."""
    RESIDUAL = "residual"
    """It went through, which the design cannot help, and nothing tells of it."""
    SUCCEEDED = "succeeded"
    UNKNOWN = "unknown"
    NOT_PROVIDED = "not provided"


@dataclass(frozen=True, slots=True)
class Need:
    """What an organisation must have for an attack to say anything."""

    met: Callable[[Organisation], bool]
    lacking: str
    """Why nothing holds without it, as the report says it."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The legitimate act next to an attack: were it refused too, the denial would prove nothing.

    It makes the call that is refused, on what its caller may touch or as whoever is meant to make
    it, so that only what is refused differs. Beside an attack that is only detected it is the
    ordinary act that rings nobody: a rule that rings for everything would tell nothing.
    """

    title: str
    """What is done, as a sentence that begins with who does it."""
    act: Act
    unlike: str = ""
    """Why it does not make the refused call, in a sentence; empty where it does."""
    each_scope: bool = False
    """Whether it is the responder's, and so is done with every scope's role where the attack is."""


@dataclass(frozen=True, slots=True)
class Detected:
    """Said of an act that nothing refuses, by design, and that must be seen."""

    reason: str
    """Why nothing refuses it, in a sentence."""
    tier: Tier = Tier.PAGE
    """How loud the rule must be that sees it."""


@dataclass(frozen=True, slots=True)
class Residual:
    """Said of an act that nothing refuses and nothing sees."""

    reason: str
    """Why, and what must stand in its place, in a sentence."""


Expected = str | Detected | Residual
"""What must come of an attack. A text is what must refuse it: ``<policy>#<Sid>``, what `unallowed`
gives, a rule of the platform, or a rule of GitHub's; ``{vault}`` and the like are filled in from
`places`."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One try to do what the topology must not let anybody do, or must see."""

    name: str
    """Kebab-case, unique."""
    title: str
    """What is tried, in one sentence."""
    attacker: Attacker
    attempt: Act
    expected: Expected
    twin: Twin
    needs: tuple[Need, ...] = ()
    each_scope: bool = False
    """Whether it is tried with every scope's role, since the answer could differ."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A deployed rule that matches the record of an attempt."""

    account: str
    """Id of the account in which the record appears."""
    region: str
    name: str
    tier: Tier
    """Where its events end up: with the pager, or as a ticket."""


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What came of one attack and its twin."""

    name: str
    """The attack's; with ``@<scope>`` behind it where it is tried with a further scope's role."""
    title: str
    attacker: str
    """Key of an `Attacker`."""
    verdict: AttackVerdict
    by: str
    """The statement, the rule of the platform or the rule of GitHub's that really refused."""
    expected_by: str
    """What should have; empty where nothing refuses by design."""
    reason: str
    """Why, in a sentence: the verdict's, AWS's or GitHub's words; what is lacking."""
    twin: str
    """The legitimate act."""
    twin_succeeded: bool
    error: str | None
    """What went wrong with the attack or its twin itself; None when nothing did."""
    rules: tuple[Rule, ...] = ()
    """Deployed rules that match what CloudTrail would record of the attempt."""
    unseen: str = ""
    """Why no rule matches, in a sentence; empty where one does."""
    event: Mapping[str, Any] = field(default_factory=dict)
    """The least that CloudTrail would record of the attempt; empty where it records nothing."""

    @property
    def falls_short(self) -> bool:
        """Whether the topology does not hold here, or nothing can be said."""
        match self.verdict:
            case AttackVerdict.NOT_PROVIDED:
                return False
            case AttackVerdict.DENIED:
                as_expected = self.by == self.expected_by
            case AttackVerdict.DETECTED | AttackVerdict.RESIDUAL:
                as_expected = True
            case _:
                as_expected = False
        return not as_expected or not self.twin_succeeded or self.error is not None
