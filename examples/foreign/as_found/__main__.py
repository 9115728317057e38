"""The production stack of a shop: an audit trail, an emergency role, a protected repository."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_github as github
from shop import shop

account = aws.get_caller_identity().account_id
shop()

# --- the audit trail ------------------------------------------------------------------------------

logs = aws.s3.Bucket(
    "audit-logs",
    bucket="harbour-audit-logs",
    versioning={"enabled": True},
    lifecycle_rules=[{"enabled": True, "expiration": {"days": 90}}],
)
aws.s3.BucketPolicy(
    "audit-logs",
    bucket=logs.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": "s3:GetBucketAcl",
                    "Resource": logs.arn,
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": pulumi.Output.concat(logs.arn, "/AWSLogs/", account, "/*"),
                },
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "s3:*",
                    "Resource": [logs.arn, pulumi.Output.concat(logs.arn, "/*")],
                },
            ],
        }
    ),
)
aws.cloudtrail.Trail("audit", name="audit", s3_bucket_name=logs.id)

# --- the emergency role ---------------------------------------------------------------------------

role = aws.iam.Role(
    "break-glass-admin",
    name="break-glass-admin",
    max_session_duration=12 * 3600,
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                }
            ],
        }
    ),
)
aws.iam.RolePolicyAttachment(
    "break-glass-admin",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/AdministratorAccess",
)

# --- the repository -------------------------------------------------------------------------------

repository = github.Repository("shop", name="shop", visibility="private")
github.BranchProtection(
    "main",
    repository_id=repository.node_id,
    pattern="main",
    enforce_admins=False,  # "so that we can fix things at night"
    required_pull_request_reviews=[{"required_approving_review_count": 1}],
)
github.RepositoryRuleset(
    "checks",
    name="checks",
    repository=repository.name,
    target="branch",
    enforcement="active",
    conditions={"ref_name": {"includes": ["refs/heads/main"], "excludes": []}},
    bypass_actors=[{"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "always"}],
    rules={"required_status_checks": {"required_checks": [{"context": "tests"}]}},
)
github.RepositoryEnvironment(
    "production",
    repository=repository.name,
    environment="production",
    reviewers=[{"teams": [4711]}],
)

pulumi.export("emergencyRole", role.arn)
