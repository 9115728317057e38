"""What an attack is, what it needs, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from breakglass.rehearsal.attacks.scene import Scene
from breakglass.settings import Organisation

Act = Callable[[Scene], object]
"""Something that somebody does; it returns when it went through and raises when it was refused."""


class AttackVerdict(StrEnum):
    """What came of an attack; only ``DENIED`` and ``NOT_PROVIDED`` leave no work to do."""

    DENIED = "denied"
    SUCCEEDED = "succeeded"
    UNKNOWN = "unknown"
    NOT_PROVIDED = "not provided"


class Actor(StrEnum):
    """Who attacks."""

    RESPONDER = "responder"
    """Holds a break-glass role, taken by the way in."""
    ENTRANT = "somebody at the way in"
    WORKLOAD_ADMIN = "workload admin"
    LOGGING_ADMIN = "logging admin"
    WITNESS_ADMIN = "witness admin"
    MANAGEMENT_ADMIN = "management admin"
    EDGE_DEPLOYER = "edge deployer"
    KEEPER_DEPLOYER = "keeper deployer"
    CLOUDTRAIL = "CloudTrail, for somebody"
    OUTSIDER = "outsider"
    WORKFLOW = "GitHub workflow"
    WRITER = "GitHub writer"
    REPOSITORY_ADMIN = "GitHub repository admin"
    OWNER = "GitHub organisation owner"
    APP = "the kit's App"


@dataclass(frozen=True, slots=True)
class Need:
    """What an organisation must have for an attack to say anything."""

    met: Callable[[Organisation], bool]
    lacking: str
    """Why nothing holds without it, as the report says it."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The legitimate act next to an attack: were it refused too, the denial would prove nothing."""

    title: str
    """What is done, as a sentence that begins with who does it."""
    act: Act


@dataclass(frozen=True, slots=True)
class Attack:
    """One try to do what the topology must not let anybody do."""

    name: str
    """Kebab-case, unique."""
    title: str
    """What is tried, in one sentence."""
    actor: Actor
    attempt: Act
    refused_by: str
    """What must refuse: ``<policy>#<Sid>``, what `unallowed` gives, a rule of the platform, or a
    rule of GitHub's. ``{vault}`` and the like are filled in from `places`."""
    twin: Twin
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What came of one attack and its twin."""

    name: str
    title: str
    actor: str
    verdict: AttackVerdict
    by: str
    """The statement, the rule of the platform or the rule of GitHub's that really refused."""
    expected_by: str
    reason: str
    """Why, in a sentence: the verdict's, AWS's or GitHub's words; what is lacking."""
    twin: str
    """The legitimate act."""
    twin_succeeded: bool
    error: str | None
    """What went wrong with the attack or its twin itself; None when nothing did."""

    @property
    def falls_short(self) -> bool:
        """Whether the topology does not hold here, or nothing can be said."""
        if self.verdict is AttackVerdict.NOT_PROVIDED:
            return False
        denied = self.verdict is AttackVerdict.DENIED and self.by == self.expected_by
        return not denied or not self.twin_succeeded or self.error is not None
