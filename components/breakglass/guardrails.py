"""What binds whole accounts: the SCPs and RCPs of the organisation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import organizations

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of, rendered
from breakglass.documents import Document, guardrails
from breakglass.quotas import QUOTAS, Quota, Quotas

_TYPES = {Quota.SCP: "SERVICE_CONTROL_POLICY", Quota.RCP: "RESOURCE_CONTROL_POLICY"}
_PER_TARGET = {Quota.SCP: Quota.SCPS_PER_TARGET, Quota.RCP: Quota.RCPS_PER_TARGET}


class ClosedAccount(TypedDict):
    """An account that only some may enter."""

    account_id: str
    """The account, twelve digits."""
    entrant_arns: Sequence[str]
    """Who may assume a role there, by full ARN."""


class GuardrailsArgs(TypedDict):
    """Arguments of Guardrails."""

    root_id: str
    """Id of the organisation's root; the SCPs bind every account below it."""
    deployer_arns: Sequence[str]
    """The one deployer of each account that guardrails bind, by full ARN."""
    regions: Sequence[str]
    """Regions with rules; the others are closed."""
    closed_accounts: Sequence[ClosedAccount]
    """Logging, witness and broker."""
    hub_account: str
    """Account id of the hub, the logging account."""
    record_accounts: Sequence[str]
    """Account ids of logging and witness."""
    record_bucket_arns: Sequence[str]
    """Vault and witness."""
    irreversible: NotRequired[bool]
    """Whether no deployer is exempt from the irreversible calls; yes when omitted."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the organisation, by their name in ``breakglass.quotas``."""


class Guardrails(pulumi.ComponentResource):
    """Five SCPs at the root, and two RCPs at most at an account that is closed.

    Make it with the provider of the management account. SCPs and RCPs must be enabled there.
    """

    policy_ids: pulumi.Output[Sequence[str]]
    """Ids of the policies."""

    def __init__(
        self, name: str, args: GuardrailsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:Guardrails", name, {}, opts)
        check(GuardrailsArgs, args)
        quotas = QUOTAS.override(args.get("quotas", {}))
        planned = [*_service_control(args), *_resource_control(args)]
        _check_counts(planned, quotas)
        made = [self._attached(name, one, quotas) for one in planned]

        self.policy_ids = pulumi.Output.all(*(policy.id for policy in made))
        self.register_outputs({"policyIds": self.policy_ids})

    def _attached(self, name: str, planned: "_Planned", quotas: Quotas) -> organizations.Policy:
        """One policy, attached to each target."""
        policy_name = names.organization_policy(planned.noun)
        policy = organizations.Policy(
            f"{name}-{planned.noun}",
            name=policy_name,
            type=_TYPES[planned.quota],
            content=rendered(planned.document, planned.quota, policy_name, quotas),
            opts=child_of(self),
        )
        for target in planned.targets:
            organizations.PolicyAttachment(
                f"{name}-{planned.noun}-{target}",
                policy_id=policy.id,
                target_id=target,
                opts=child_of(self),
            )
        return policy


@dataclass(frozen=True, slots=True)
class _Planned:
    """A policy, the quota of its size, and what it is attached to."""

    noun: str
    document: Document
    quota: Quota
    targets: Sequence[str]


def _service_control(args: GuardrailsArgs) -> list[_Planned]:
    """The SCPs, at the root: what binds the principals of every account."""
    guarded = guardrails.Guarded(
        args["deployer_arns"],
        args["regions"],
        args["hub_account"],
        compliance=args.get("irreversible", True),
    )
    documents, root = guardrails.service_control(guarded), [args["root_id"]]
    return [_Planned(noun, made, Quota.SCP, root) for noun, made in documents.items()]


def _resource_control(args: GuardrailsArgs) -> list[_Planned]:
    """The RCPs, at single accounts: what binds whoever calls on their resources."""
    accounts = args["record_accounts"]
    records = guardrails.keep_the_records(
        args["record_bucket_arns"], guardrails.of_accounts(args["deployer_arns"], accounts)
    )
    entrants = [
        _Planned(
            f"entrants-{closed['account_id']}",
            guardrails.only_keepers_enter(closed["entrant_arns"]),
            Quota.RCP,
            [closed["account_id"]],
        )
        for closed in args["closed_accounts"]
    ]
    return [*entrants, _Planned("records", records, Quota.RCP, accounts)]


def _check_counts(planned: Sequence[_Planned], quotas: Quotas) -> None:
    """Attachments at each target, the one that AWS makes itself included."""
    counts = Counter((one.quota, target) for one in planned for target in one.targets)
    for (quota, target), count in counts.items():
        quotas.check_count(
            _PER_TARGET[quota], f"{_TYPES[quota]} at {target}", count + guardrails.ATTACHED_BY_AWS
        )
