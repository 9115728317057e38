"""The same question put to an evaluator that somebody else wrote.

Reach (https://pypi.org/project/reach-security, AGPL-3.0-or-later) is a tool of development: nothing
of the package imports it, and the tests that use it are skipped where it is not installed.
"""

from collections.abc import Sequence
from types import ModuleType

from breakglass.proof.model import Decision, Layers, Policy, Principal, Request

_ANSWERS = {True: Decision.ALLOWED, False: Decision.DENIED, None: Decision.UNKNOWN}
_TRUSTED = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity")


class Outside:
    """Reach's concrete evaluator behind our own words."""

    def __init__(self, engine: ModuleType, policy: ModuleType, reference: ModuleType) -> None:
        self._engine, self._policy, self._reference = engine, policy, reference

    def decide(self, request: Request, layers: Layers) -> Decision:
        """Reach's answer, UNKNOWN where it says that it does not model something."""
        answer = self._reference.evaluate(
            self._principal(request.principal, layers),
            request.action,
            request.resource,
            dict(request.context),
            self._engine.Environment(
                scp_layers=[
                    (f"level {n}", self._read(level)) for n, level in enumerate(layers.scps)
                ],
                session_policies=self._read(layers.session),
                rcps=[policy for level in layers.rcps for policy in self._read(level)],
            ),
            self._of_resource(request, layers.resource),
        )
        return _ANSWERS[answer]

    def _principal(self, principal: Principal, layers: Layers) -> object:
        boundary = self._read([layers.boundary])[0] if layers.boundary else None
        return self._engine.Principal(principal.arn, self._read(layers.identity), boundary)

    def _of_resource(self, request: Request, policy: Policy | None) -> object:
        action = request.action.lower()
        required = action.startswith(_TRUSTED) or ":key/" in request.resource
        across = request.principal.account != request.resource_account
        if policy is None and not required and not across:
            return None
        read = self._read([policy])[0] if policy else self._policy.Policy("none", ())
        return self._engine.ResourcePolicy(read, request.resource_account, required)

    def _read(self, policies: Sequence[Policy]) -> list[object]:
        return [self._policy.parse_policy(dict(one.document), one.name) for one in policies]
