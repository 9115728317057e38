"""What binds whole accounts: two of them, one of which keeps the record."""

import pulumi

from breakglass import Guardrails, GuardrailsArgs

logging, workload = "222222222222", "555555555555"

guardrails = Guardrails(
    "guardrails",
    GuardrailsArgs(
        root_id="r-exam",
        deployer_arns=[
            f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer"
            for account in (logging, workload)
        ],
        regions=["eu-west-1", "us-east-1"],
        closed_accounts=[
            {"account_id": logging, "entrant_arns": [f"arn:aws:iam::{logging}:role/ci-keeper"]}
        ],
        hub_account=logging,
        record_accounts=[logging],
        record_bucket_arns=[f"arn:aws:s3:::break-glass-vault-acme-{logging}"],
    ),
)

pulumi.export("policyIds", guardrails.policy_ids)
