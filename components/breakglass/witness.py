"""The second keeper: a locked copy in another account, which survives the first one's closure."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import iam

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of, chosen, rendered
from breakglass._locked_bucket import locked_bucket
from breakglass.documents import trust, vault
from breakglass.log_vault import DEFAULT_DAYS, DeliveringTrail, LockMode
from breakglass.quotas import QUOTAS, Quota


class WitnessArgs(TypedDict):
    """Arguments of Witness."""

    account_id: str
    """Account of the witness, twelve digits: that of the provider. Never the logging account."""
    organisation: str
    """Short name of the organisation, part of the bucket's name."""
    region: str
    """Region of the bucket."""
    trails: Sequence[DeliveringTrail]
    """The second trails, one an account."""
    vault_arn: str
    """ARN of the vault, which the witness reads."""
    deployer_arn: str
    """The one role that may change the bucket's settings."""
    lock: NotRequired[LockMode]
    """COMPLIANCE when omitted. It cannot be undone."""
    days: NotRequired[int]
    """Days that a record is locked; 400 when omitted."""
    reader_arns: NotRequired[Sequence[str]]
    """Roles that may read the records; nobody when omitted."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


class Witness(pulumi.ComponentResource):
    """A locked bucket for the second trails, and the role that pulls copies from the vault.

    It pulls: nobody in the logging account can write to it, or stop it. Make it with the provider
    of the witness account.
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once its policy lets CloudTrail write."""
    pull_role_arn: pulumi.Output[str]
    """ARN of the role that reads the vault."""

    def __init__(
        self, name: str, args: WitnessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:Witness", name, {}, opts)
        check(WitnessArgs, args)
        account = args["account_id"]
        bucket_name = names.bucket("witness", args["organisation"], account)
        lock = chosen(LockMode, "lock", args.get("lock", LockMode.COMPLIANCE))
        quotas = QUOTAS.override(args.get("quotas", {}))

        _, policy = locked_bucket(
            self,
            f"{name}-bucket",
            bucket_name,
            region=args["region"],
            mode=lock.value,
            days=args.get("days", DEFAULT_DAYS),
            policy=vault.LockedBucket(
                f"arn:aws:s3:::{bucket_name}",
                args["deployer_arn"],
                args.get("reader_arns", []),
                compliance=lock is LockMode.COMPLIANCE,
            ),
            deliveries=[vault.Delivery(trail["arn"], trail["owners"]) for trail in args["trails"]],
            quotas=quotas,
        )
        pull = iam.Role(
            f"{name}-pull",
            name=names.role("witness"),
            path=names.PATH,
            description="Reads the vault for the witness; it writes nowhere else",
            assume_role_policy=rendered(
                trust.service("lambda.amazonaws.com", account),
                Quota.TRUST_POLICY,
                "trust of the witness",
                quotas,
            ),
            opts=child_of(self),
        )
        iam.RolePolicy(
            f"{name}-pull-policy",
            name=names.policy("pull"),
            role=pull.name,
            policy=rendered(
                vault.read_records(args["vault_arn"]),
                Quota.ROLE_INLINE_POLICIES,
                "policy of the witness",
                quotas,
            ),
            opts=child_of(self),
        )

        self.bucket_name, self.pull_role_arn = policy.bucket, pull.arn
        self.register_outputs({"bucketName": self.bucket_name, "pullRoleArn": self.pull_role_arn})
