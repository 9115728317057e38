"""What binds whole accounts: the SCPs and RCPs of the organisation."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import organizations

from breakglass import names
from breakglass._component import PACKAGE, child_of, rendered
from breakglass.documents import Document, guardrails
from breakglass.quotas import QUOTAS, Quota

ATTACHED_BY_AWS = 1
"""Policies that AWS attaches itself and that count: FullAWSAccess, RCPFullAWSAccess."""


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
    """The one deployer of each account, by full ARN."""
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


class Guardrails(pulumi.ComponentResource):
    """Three SCPs at the root, and two RCPs at the accounts that keep the record.

    Make it with the provider of the management account. SCPs and RCPs must be enabled there.
    """

    policy_ids: pulumi.Output[Sequence[str]]
    """Ids of the policies."""

    def __init__(
        self, name: str, args: GuardrailsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:Guardrails", name, {}, opts)
        guarded = guardrails.Guarded(
            args["deployer_arns"],
            args["regions"],
            args["hub_account"],
            compliance=args.get("irreversible", True),
        )
        root = [args["root_id"]]
        _check_counts(scps=3, rcps=2)
        made = [
            self._attached(name, "path", guardrails.protect_the_path(guarded), Quota.SCP, root),
            self._attached(name, "record", guardrails.protect_the_record(guarded), Quota.SCP, root),
            self._attached(name, "sight", guardrails.stay_in_sight(guarded), Quota.SCP, root),
        ]
        for closed in args["closed_accounts"]:
            account = closed["account_id"]
            entrants = guardrails.only_keepers_enter(closed["entrant_arns"])
            made.append(self._attached(name, f"entrants-{account}", entrants, Quota.RCP, [account]))
        records = guardrails.keep_the_records(args["record_bucket_arns"], args["deployer_arns"])
        made.append(self._attached(name, "records", records, Quota.RCP, args["record_accounts"]))

        self.policy_ids = pulumi.Output.all(*(policy.id for policy in made))
        self.register_outputs({"policyIds": self.policy_ids})

    def _attached(
        self, name: str, noun: str, document: Document, quota: Quota, targets: Sequence[str]
    ) -> organizations.Policy:
        """One policy, attached to each target."""
        kind = "SERVICE_CONTROL_POLICY" if quota is Quota.SCP else "RESOURCE_CONTROL_POLICY"
        policy_name = names.organization_policy(noun)
        policy = organizations.Policy(
            f"{name}-{noun}",
            name=policy_name,
            type=kind,
            content=rendered(document, quota, policy_name),
            opts=child_of(self),
        )
        for target in targets:
            organizations.PolicyAttachment(
                f"{name}-{noun}-{target}",
                policy_id=policy.id,
                target_id=target,
                opts=child_of(self),
            )
        return policy


def _check_counts(*, scps: int, rcps: int) -> None:
    """Attachments at one target, the ones of AWS included."""
    QUOTAS.check_count(Quota.SCPS_PER_TARGET, "SCPs at the root", scps + ATTACHED_BY_AWS)
    QUOTAS.check_count(Quota.RCPS_PER_TARGET, "RCPs at an account", rcps + ATTACHED_BY_AWS)
