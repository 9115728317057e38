"""A program that nobody of the kit wrote: two accounts, a vault, a way to break the glass, a gate.

It is plain pulumi_aws and pulumi_github. Its documents are long, so it reads them from a file.
"""

import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from breakglass.checking import CheckReport
from breakglass.documents import entry, trust, vault

KEEPING, WORKING = "222222222222", "555555555555"
REGION = "eu-west-1"
DEPLOYER = f"arn:aws:iam::{KEEPING}:role/terraform"
VAULT = "acme-audit-logs"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{KEEPING}:trail/acme-audit"
WORK_TRAIL = f"arn:aws:cloudtrail:{REGION}:{WORKING}:trail/acme-work"
ENTRY = f"arn:aws:iam::{WORKING}:role/on-call-entry-break-glass"
EMERGENCY = f"arn:aws:iam::{WORKING}:role/break-glass-failover"
USER = f"arn:aws:iam::{WORKING}:user/ada"

Checked = Callable[..., CheckReport]
"""Checks a program, given as its text."""

PROJECT = "name: acme\nruntime: python\n"

SOUND = textwrap.dedent(f"""
    import json
    from pathlib import Path

    import pulumi
    import pulumi_aws as aws
    import pulumi_github as github

    documents = json.loads(Path("documents.json").read_text())


    def provider(name, account, role):
        return aws.Provider(
            name,
            region="{REGION}",
            allowed_account_ids=[account],
            assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role)],
        )


    keeping = pulumi.ResourceOptions(provider=provider("keeping", "{KEEPING}", "{DEPLOYER}"))
    working = pulumi.ResourceOptions(
        provider=provider("working", "{WORKING}", "arn:aws:iam::{WORKING}:role/terraform")
    )

    logs = aws.s3.Bucket("logs", bucket="{VAULT}", object_lock_enabled=True, opts=keeping)
    aws.s3.BucketObjectLockConfiguration(
        "lock",
        bucket=logs.id,
        rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
            default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                mode="COMPLIANCE", days=365
            )
        ),
        opts=keeping,
    )
    aws.s3.BucketPolicy("policy", bucket=logs.id, policy=documents["vault"], opts=keeping)
    for name, where in (("audit", keeping), ("work", working)):
        aws.cloudtrail.Trail(
            f"acme-{{name}}",
            name=f"acme-{{name}}",
            s3_bucket_name=logs.bucket,
            is_multi_region_trail=True,
            enable_log_file_validation=True,
            opts=where,
        )

    entry = aws.iam.Role(
        "entry", name="on-call-entry-break-glass", assume_role_policy=documents["entry_trust"],
        max_session_duration=3600, opts=working,
    )
    aws.iam.RolePolicy("onward", role=entry.id, policy=documents["onward"], opts=working)
    boundary = aws.iam.Policy("boundary", policy=documents["runbook"], opts=working)
    emergency = aws.iam.Role(
        "emergency",
        name="break-glass-failover",
        assume_role_policy=documents["emergency_trust"],
        permissions_boundary=boundary.arn,
        opts=working,
    )
    aws.iam.RolePolicy("runbook", role=emergency.name, policy=documents["runbook"], opts=working)

    repository = github.Repository("shop", name="shop")
    github.BranchProtection(
        "protection",
        repository_id=repository.node_id,
        pattern="main",
        enforce_admins=True,
        required_pull_request_reviews=[
            github.BranchProtectionRequiredPullRequestReviewArgs(required_approving_review_count=0)
        ],
    )
    queue = aws.sqs.Queue("orders", opts=working)
""").lstrip()

DOCUMENTS: Mapping[str, object] = {
    "vault": vault.locked_bucket(
        vault.LockedBucket(f"arn:aws:s3:::{VAULT}", DEPLOYER, [], compliance=True),
        [vault.Delivery(TRAIL, [KEEPING]), vault.Delivery(WORK_TRAIL, [WORKING])],
    ),
    "entry_trust": trust.iam_user_entry([USER], [REGION]),
    "onward": entry.assume_break_glass_roles([EMERGENCY]),
    "emergency_trust": trust.break_glass([ENTRY], trust.ActivationTags("INC-", ["SEV1"]), [REGION]),
    "runbook": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "FailOver",
                "Effect": "Allow",
                "Action": "rds:FailoverDBCluster",
                "Resource": "*",
            }
        ],
    },
}


def written(
    folder: Path, program: str, files: Mapping[str, str] | None = None, **documents: object
) -> Path:
    """Write a project; ``documents`` take the place of the sound ones."""
    folder.mkdir(exist_ok=True)
    texts = {name: json.dumps(one) for name, one in {**DOCUMENTS, **documents}.items()}
    content = {
        "Pulumi.yaml": PROJECT,
        "__main__.py": program,
        "documents.json": json.dumps(texts),
        **(files or {}),
    }
    for name, text in content.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def changed(old: str, new: str) -> str:
    """The sound program with one thing other."""
    assert SOUND.count(old) == 1, f"{old!r} stands there {SOUND.count(old)} times"
    return SOUND.replace(old, new)
