"""One API call as the rules of the platform see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from breakglass.proof.model import Verdict
from breakglass.quotas import QUOTAS, Quotas
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.refusals import PlatformRefusal


class Guard(Protocol):
    """What decides, from the policies in force, whether a call is allowed."""

    def decide(
        self,
        caller: Caller,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
    ) -> Verdict:
        """Return the verdict over all IAM actions that the call needs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that policies allow, before it happens."""

    caller: Caller
    service: str
    """As boto3 names it: ``events``."""
    operation: str
    """As the API names it: ``PutRule``."""
    region: str
    params: Mapping[str, Any]
    now: datetime
    guard: Guard
    quotas: Quotas = QUOTAS
    """What AWS grants these accounts."""

    def refusal(self, code: str, message: str, *, rule: str) -> PlatformRefusal:
        """Return AWS's refusal of this call, for the caller to raise."""
        return PlatformRefusal(self.operation, code, message, rule=rule)


Rule = Callable[[Attempt], None]
Answer = Callable[[Attempt], dict[str, Any]]
"""Does the call in moto's place and returns the API's answer; may raise AWS's refusal."""
Rules = Mapping[tuple[str, str], Sequence[Rule]]
"""(service, operation) to what AWS checks."""
