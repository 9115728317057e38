"""The guard: one API call in, one verdict out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from breakglass.proof.model import Decision, Request, Verdict
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.guard import context
from breakglass.rehearsal.guard.operations import Need, Operations
from breakglass.rehearsal.guard.resolvers import Call
from breakglass.rehearsal.guard.world import World

_FREE: Final = Verdict(
    Decision.ALLOWED,
    "principal",
    None,
    "AWS asks for no permission: the operation cannot be denied.",
)


class Guard:
    """Decides every call that the emulation makes.

    Raises `RehearsalError` for an operation that the table does not map, and `InvalidInput` for a
    policy in force that AWS would not have taken.
    """

    def __init__(self, world: World | None = None, operations: Operations | None = None) -> None:
        self._world = world or World()
        self._operations = operations or Operations()

    def decide(
        self,
        caller: Caller,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
    ) -> Verdict:
        """Return the first verdict that is not ALLOWED among the needed actions, else the first.

        ``operation`` is the API's name (``PutBucketPolicy``), ``params`` what boto3 was given.
        """
        verdict = _FREE
        for number, request in enumerate(self.requests(caller, service, operation, params, region)):
            decided = self._ask(caller, request)
            if not decided.allowed:
                return _naming(decided, request.action)
            if number == 0:
                verdict = decided
        return verdict

    def may(self, caller: Caller, action: str, resource: str, region: str) -> Verdict:
        """Decide one action on one resource, whatever operation would ask for it."""
        service = action.partition(":")[0]
        call = Call(service, action, {}, caller.account, region, caller.principal.arn)
        is_global = self._operations.is_global(service)
        keys = context.of_request(caller, call, is_global=is_global)
        return self._ask(caller, self._request(caller, Need(action, resource), keys))

    def asked(  # noqa: PLR0913 - the parts of a call, and what came of it
        self,
        caller: Caller,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
        *,
        refused: bool,
    ) -> Request | None:
        """Return the question that decided a call: the refused one, else the operation's own.

        None for an operation that needs no permission.
        """
        requests = self.requests(caller, service, operation, params, region)
        if len(requests) > 1 and refused:
            questions = (one for one in requests if not self._ask(caller, one).allowed)
            return next(questions, requests[0])
        return requests[0] if requests else None

    def requests(
        self,
        caller: Caller,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
    ) -> list[Request]:
        """Return what IAM is asked for one call, the operation's own action first."""
        call = Call(service, operation, params, caller.account, region, caller.principal.arn)
        needs = self._operations.needs(call, self._world)
        if operation == "AssumeRole" and "aws:SourceIdentity" in caller.context:
            needs = _with_source_identity(needs)
        shared = context.of_request(caller, call, is_global=self._operations.is_global(service))
        return [self._request(caller, need, shared) for need in needs]

    def _request(self, caller: Caller, need: Need, shared: context.Keys) -> Request:
        owner = self._world.owner(need.resource, caller)
        keys = {
            **shared,
            **need.context,
            **context.of_resource(caller, need, owner, self._world),
        }
        return Request(caller.principal, need.action, need.resource, owner, keys)

    def _ask(self, caller: Caller, request: Request) -> Verdict:
        evaluator = self._world.evaluator(
            caller, request.action, request.resource, request.resource_account
        )
        return evaluator.decide(request)


def _naming(verdict: Verdict, action: str) -> Verdict:
    """Say which action lacks an Allow: a call asks for several, and then no statement tells it."""
    if verdict.statement is not None:
        return verdict
    return replace(verdict, reason=f"{action}: {verdict.reason}")


def _with_source_identity(needs: list[Need]) -> list[Need]:
    """Ask for ``sts:SetSourceIdentity`` on each hop of a chain that carries one.

    "you must ... grant permission to set the source identity ... in the trust policy of the target
    role" (IAM user guide, "Monitor and control actions taken with assumed roles", role chaining).
    """
    if any(need.action == "sts:SetSourceIdentity" for need in needs):
        return needs
    return [*needs, Need("sts:SetSourceIdentity", needs[0].resource, needs[0].context)]
