"""A trail of this account into a vault of another one."""

import pulumi

from breakglass import AuditTrail, AuditTrailArgs

trail = AuditTrail(
    "trail",
    AuditTrailArgs(
        trail="example",
        # The vault's policy must name this trail already: see examples/log_vault.
        bucket_name="break-glass-vault-acme-222222222222",
        home_region="eu-west-1",
    ),
)

pulumi.export("trailArn", trail.trail_arn)
