"""What binds whole accounts, and what it protects: the path, a record, the rules of an account."""

from kit import AuditTrail, BreakGlassRole, EntryRole, Forwarding, Guardrails, LogVault
from places import HOME, LOGGING, MANAGEMENT, REGIONS, WORK, deployer, of

ENTRY = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-entry-on-call"
SCOPE = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-scope-restart"
work = of(WORK)

EntryRole(
    "entry",
    {
        "account_id": WORK,
        "entry": "on-call",
        "kind": "iam-user",
        "user_names": ["ada"],
        "regions": REGIONS,
        "break_glass_role_arns": [SCOPE],
    },
    work,
)
BreakGlassRole(
    "restart",
    {
        "account_id": WORK,
        "scope": "restart",
        "grants": [{"actions": ["ecs:UpdateService"], "resources": ["*"]}],
        "entry_role_arns": [ENTRY],
        "regions": REGIONS,
    },
    work,
)
vault = LogVault(
    "vault",
    {
        "account_id": LOGGING,
        "organisation": "acme",
        "region": HOME,
        "trails": [
            {
                "arn": f"arn:aws:cloudtrail:{HOME}:{WORK}:trail/break-glass-account",
                "owners": [WORK],
            }
        ],
        "recorded_accounts": [WORK],
        "recorded_regions": REGIONS,
        "deployer_arn": deployer(LOGGING),
    },
    of(LOGGING),
)
AuditTrail(
    "account",
    {"trail": "account", "bucket_name": vault.bucket_name, "home_region": HOME},
    work,
)
Forwarding(
    "forwarding",
    {
        "account_id": WORK,
        "home_region": HOME,
        "regions": REGIONS,
        "bus_arn": f"arn:aws:events:{HOME}:{LOGGING}:event-bus/break-glass-hub",
    },
    work,
)
Guardrails(
    "guardrails",
    {
        "root_id": "r-exam",
        "deployer_arns": [deployer(WORK), deployer(LOGGING)],
        "regions": REGIONS,
        "closed_accounts": [{"account_id": LOGGING, "entrant_arns": [deployer(LOGGING)]}],
        "hub_account": LOGGING,
        "record_accounts": [LOGGING],
        "record_bucket_arns": [f"arn:aws:s3:::break-glass-vault-acme-{LOGGING}"],
    },
    of(MANAGEMENT),
)
