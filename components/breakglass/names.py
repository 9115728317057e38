"""Every name and ARN of the kit, as a pure function of plain values.

The sides never reference each other's resources: each can compute what the other will be called.
All names share one prefix, all principals one path, so that a policy can match "the kit's own"
without knowing what exists.

Length and alphabet rules are AWS's: S3 "Bucket naming rules"; IAM "IAM and AWS STS quotas";
CloudTrail "Naming requirements"; EventBridge, SNS, SQS and Pipes API references.
"""

import re

from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota

PREFIX = "break-glass"
"""First words of every name that the kit gives."""

PATH = "/breakglass/"
"""IAM path of every principal and policy of the kit."""

KEY_TAG = "break-glass"
"""Tag key that marks a KMS key as the kit's; its value is the side that owns it."""

GITHUB_OIDC_ISSUER = "token.actions.githubusercontent.com"
"""Host of GitHub's OIDC issuer (GitHub docs, "OpenID Connect reference")."""


def _checked(kind: str, name: str, pattern: str, quota: Quota) -> str:
    """Return ``name`` if AWS would take it as the name of a ``kind``."""
    longest = QUOTAS.limit(quota)
    if len(name) > longest or not re.fullmatch(pattern, name, re.ASCII):
        raise InvalidInput(
            f"{kind} name", name, f"at most {longest} characters that match {pattern}"
        )
    return name


def named(*parts: str) -> str:
    """``break-glass-<parts>``: the form of every name of the kit."""
    return "-".join((PREFIX, *parts))


# --- IAM ---------------------------------------------------------------------------------------


def role(*parts: str) -> str:
    """Name of a role of the kit, within IAM's 64 characters."""
    return _checked("role", named(*parts), r"[\w+=,.@-]+", Quota.ROLE_NAME)


def role_arn(account: str, *parts: str) -> str:
    """ARN of a role of the kit, path included."""
    return f"arn:aws:iam::{account}:role{PATH}{role(*parts)}"


def policy(*parts: str) -> str:
    """Name of a managed policy of the kit, within IAM's 128 characters."""
    return _checked("policy", named(*parts), r"[\w+=,.@-]+", Quota.POLICY_NAME)


def policy_arn(account: str, *parts: str) -> str:
    """ARN of a managed policy of the kit, path included."""
    return f"arn:aws:iam::{account}:policy{PATH}{policy(*parts)}"


def entry_role_arn(account: str, entry: str) -> str:
    """ARN of the entry role of the path called ``entry``."""
    return role_arn(account, "entry", entry)


def break_glass_role_arn(account: str, scope: str) -> str:
    """ARN of the break-glass role of a scope."""
    return role_arn(account, "scope", scope)


def boundary_arn(account: str, scope: str) -> str:
    """ARN of the permissions boundary of a scope's break-glass role."""
    return policy_arn(account, "boundary", scope)


def deployer_arn(account: str) -> str:
    """ARN of the one role that may write the kit's principals in an account."""
    return role_arn(account, "deployer")


def forwarder_arn(account: str) -> str:
    """ARN of the role with which an account's rules put events on the hub."""
    return role_arn(account, "forwarder")


def identity_center_role_pattern(account: str, region: str, permission_set: str) -> str:
    """ARN pattern of the role that Identity Center makes for a permission set; AWS appends a hash.

    Identity Center leaves the Region out of the path when its home is us-east-1
    (IAM Identity Center user guide, "Referencing permission sets in resource policies").
    """
    home = "" if region == "us-east-1" else f"{region}/"
    path = f"aws-reserved/sso.amazonaws.com/{home}"
    return f"arn:aws:iam::{account}:role/{path}AWSReservedSSO_{permission_set}_*"


def oidc_provider_arn(account: str) -> str:
    """ARN of GitHub's OIDC provider in an account."""
    return f"arn:aws:iam::{account}:oidc-provider/{GITHUB_OIDC_ISSUER}"


# --- records -----------------------------------------------------------------------------------


def bucket(noun: str, organisation: str, account: str) -> str:
    """Name of a bucket. S3 names are global, so they carry the organisation and the account."""
    return _checked(
        "bucket",
        named(noun, organisation, account),
        r"[a-z0-9][a-z0-9-]+[a-z0-9]",
        Quota.BUCKET_NAME,
    )


def bucket_arn(noun: str, organisation: str, account: str) -> str:
    """ARN of a bucket."""
    return f"arn:aws:s3:::{bucket(noun, organisation, account)}"


def trail(noun: str) -> str:
    """Name of a trail, within CloudTrail's 128 characters."""
    return _checked("trail", named(noun), r"[A-Za-z0-9][\w.-]+[A-Za-z0-9]", Quota.TRAIL_NAME)


def trail_arn(noun: str, region: str, account: str) -> str:
    """ARN of a trail in its home region."""
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{trail(noun)}"


# --- alarms ------------------------------------------------------------------------------------


def rule(*parts: str) -> str:
    """Name of a rule, within EventBridge's 64 characters."""
    return _checked("rule", named(*parts), r"[.\-_A-Za-z0-9]+", Quota.RULE_NAME)


def rule_arn(region: str, account: str, name: str) -> str:
    """ARN of the rule called ``name`` on an account's default bus."""
    return f"arn:aws:events:{region}:{account}:rule/{name}"


def hub_rule_arn(region: str, account: str, name: str) -> str:
    """ARN of the rule called ``name`` on the hub bus."""
    return f"arn:aws:events:{region}:{account}:rule/{bus()}/{name}"


def bus() -> str:
    """Name of the hub bus."""
    return named("hub")


def bus_arn(region: str, account: str) -> str:
    """ARN of the hub bus."""
    return f"arn:aws:events:{region}:{account}:event-bus/{bus()}"


def queue(*parts: str) -> str:
    """Name of a queue, within SQS's 80 characters."""
    return _checked("queue", named(*parts), r"[\w-]+", Quota.QUEUE_NAME)


def queue_arn(region: str, account: str, *parts: str) -> str:
    """ARN of a queue."""
    return f"arn:aws:sqs:{region}:{account}:{queue(*parts)}"


def topic(*parts: str) -> str:
    """Name of a topic, within SNS's 256 characters."""
    return _checked("topic", named(*parts), r"[\w-]+", Quota.TOPIC_NAME)


def topic_arn(region: str, account: str, *parts: str) -> str:
    """ARN of a topic."""
    return f"arn:aws:sns:{region}:{account}:{topic(*parts)}"


def pipe(*parts: str) -> str:
    """Name of a pipe, within 64 characters."""
    return _checked("pipe", named(*parts), r"[.\-_A-Za-z0-9]+", Quota.PIPE_NAME)


def alarm(*parts: str) -> str:
    """Name of a CloudWatch alarm, within 255 characters."""
    return _checked("alarm", named(*parts), r"[ -~]+", Quota.ALARM_NAME)


# --- organisation ------------------------------------------------------------------------------


def organization_policy(*parts: str) -> str:
    """Name of an SCP or RCP, within 128 characters."""
    return _checked(
        "organization policy", named(*parts), r"[\s\S]+", Quota.ORGANIZATION_POLICY_NAME
    )
