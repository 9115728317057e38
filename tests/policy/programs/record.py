"""A vault, a witness, and from both accounts but the witness' a trail into each."""

from kit import AuditTrail, LogVault, Witness
from places import HOME, LOGGING, REGIONS, WITNESS, WORK, deployer, of

VAULT = f"break-glass-vault-acme-{LOGGING}"
recorded = {WORK: of(WORK), LOGGING: of(LOGGING)}


def delivering(noun: str) -> list[dict[str, object]]:
    """The trails of one kind."""
    start = f"arn:aws:cloudtrail:{HOME}"
    return [
        {"arn": f"{start}:{account}:trail/break-glass-{noun}", "owners": [account]}
        for account in recorded
    ]


vault = LogVault(
    "vault",
    {
        "account_id": LOGGING,
        "organisation": "acme",
        "region": HOME,
        "trails": delivering("account"),
        "recorded_accounts": [*recorded],
        "recorded_regions": REGIONS,
        "deployer_arn": deployer(LOGGING),
    },
    recorded[LOGGING],
)
witness = Witness(
    "witness",
    {
        "account_id": WITNESS,
        "organisation": "acme",
        "region": HOME,
        "trails": delivering("witness"),
        "vault_arn": f"arn:aws:s3:::{VAULT}",
        "deployer_arn": deployer(WITNESS),
    },
    of(WITNESS),
)
for account, where in recorded.items():
    AuditTrail(
        f"account-{account}",
        {"trail": "account", "bucket_name": vault.bucket_name, "home_region": HOME},
        where,
    )
    AuditTrail(
        f"witness-{account}",
        {
            "trail": "witness",
            "bucket_name": witness.bucket_name,
            "home_region": HOME,
            "watched_bucket_arns": [f"arn:aws:s3:::{VAULT}"],
        },
        where,
    )
