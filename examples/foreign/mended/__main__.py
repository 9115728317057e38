"""The production stack of the same shop: record, emergency role and repository are mended."""

import pulumi
import pulumi_aws as aws
import pulumi_github as github
from shop import shop

from breakglass import (
    AuditTrail,
    AuditTrailArgs,
    BreakGlassRole,
    BreakGlassRoleArgs,
    EntryRole,
    EntryRoleArgs,
    EntryRoleKind,
    GateKind,
    GitHubGate,
    GitHubGateArgs,
    LogVault,
    LogVaultArgs,
)

PRODUCTION, LOGGING = "777777777777", "888888888888"
HOME, REGIONS = "eu-west-1", ["eu-west-1", "us-east-1"]
ON_CALL = ["ada@harbour.example", "grace@harbour.example"]


def deployer(account: str) -> str:
    """The role as which this program is applied."""
    return f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer"


def of(account: str) -> pulumi.ResourceOptions:
    """In an account, as its deployer, and in no other by mistake."""
    return pulumi.ResourceOptions(
        provider=aws.Provider(
            f"in-{account}",
            region=HOME,
            assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=deployer(account))],
            allowed_account_ids=[account],
        )
    )


production, logging = of(PRODUCTION), of(LOGGING)
shop(production)

# --- the audit trail ------------------------------------------------------------------------------

vault = LogVault(
    "vault",
    LogVaultArgs(
        account_id=LOGGING,
        organisation="harbour",
        region=HOME,
        trails=[
            {
                "arn": f"arn:aws:cloudtrail:{HOME}:{account}:trail/break-glass-audit",
                "owners": [account],
            }
            for account in (PRODUCTION, LOGGING)
        ],
        recorded_accounts=[PRODUCTION, LOGGING],
        recorded_regions=REGIONS,
        deployer_arn=deployer(LOGGING),
    ),
    logging,
)
for name, where in {"production": production, "logging": logging}.items():
    AuditTrail(
        f"audit-{name}",
        AuditTrailArgs(trail="audit", bucket_name=vault.bucket_name, home_region=HOME),
        where,
    )

# --- the emergency role ---------------------------------------------------------------------------

role_arn = f"arn:aws:iam::{PRODUCTION}:role/breakglass/break-glass-scope-redrive-orders"
entry = EntryRole(
    "entry",
    EntryRoleArgs(
        account_id=PRODUCTION,
        entry="on-call",
        kind=EntryRoleKind.IDENTITY_CENTER,
        identity_center={"region": HOME, "permission_set": "OnCall", "people": ON_CALL},
        regions=REGIONS,
        break_glass_role_arns=[role_arn],
    ),
    production,
)
role = BreakGlassRole(
    "redrive-orders",
    BreakGlassRoleArgs(
        account_id=PRODUCTION,
        scope="redrive-orders",
        grants=[
            {
                "actions": ["sqs:StartMessageMoveTask", "sqs:GetQueueAttributes"],
                "resources": ["arn:aws:sqs:*:{account}:orders-*"],
            }
        ],
        entry_role_arns=[f"arn:aws:iam::{PRODUCTION}:role/breakglass/break-glass-entry-on-call"],
        regions=REGIONS,
    ),
    pulumi.ResourceOptions.merge(production, pulumi.ResourceOptions(depends_on=[entry])),
)

# --- the repository -------------------------------------------------------------------------------

github.Repository("shop", name="shop", visibility="private")
GitHubGate(
    "shop",
    GitHubGateArgs(
        repository="shop",
        default_branch="main",
        gates=[
            {"id": "review", "kind": GateKind.REVIEW, "skippable": True, "approvals": 1},
            {
                "id": "tests",
                "kind": GateKind.CHECK,
                "context": "tests",
                "integration_id": 900002,
                "skippable": False,
            },
            {
                "id": "production",
                "kind": GateKind.DEPLOYMENT,
                "environment": "production",
                "reviewer_teams": [4711],
                "skippable": False,
            },
        ],
        app_id=900001,
    ),
)

pulumi.export("emergencyRole", role.role_arn)
