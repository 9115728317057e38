"""Quotas, enumerations and "cannot … while …" of the services, which moto does not check.

Each rule raises the error that AWS would raise. Only calls that the program or a drill can make
are here; ``docs`` of the rehearsal say what is not.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from breakglass.errors import InvalidInput
from breakglass.patterns import Pattern
from breakglass.proof.model import Verdict
from breakglass.quotas import Quota, Quotas
from breakglass.rehearsal.aws import identities, store
from breakglass.rehearsal.aws.attempts import Attempt, Rule, Rules

RULE_STATES: Final = frozenset(
    {"ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
)
"""EventBridge API reference, PutRule."""
_PATTERNS: Final = 1024
"""So many event patterns are remembered as checked."""


def _within(attempt: Attempt, quota: Quota, size: int, code: str) -> None:
    """Refuse what is larger or more than ``quota``, with the service's error code."""
    limit = attempt.quotas.limit(quota)
    if size > limit:
        raise attempt.refusal(
            code, f"{quota.value}: {size}, at most {limit}", rule=f"quota: {quota.value}"
        )


def _document_within(parameter: str, quota: Quota, code: str) -> Rule:
    """Return the rule that the document in ``parameter`` is JSON and within ``quota``."""

    def rule(attempt: Attempt) -> None:
        text = attempt.params.get(parameter)
        if text is None:
            return
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            message = f"{parameter}: {error}"
            raise attempt.refusal(code, message, rule="documents are JSON") from error
        _within(attempt, quota, attempt.quotas.size(quota, text), code)

    return rule


# --- EventBridge -------------------------------------------------------------------------------


def check_rule(attempt: Attempt) -> None:
    """Refuse a rule with an unknown state, a pattern that AWS would not take, or one too many."""
    state = attempt.params.get("State", "ENABLED")
    if state not in RULE_STATES:
        raise attempt.refusal(
            "ValidationException",
            f"State {state!r} is not one of {', '.join(sorted(RULE_STATES))}",
            rule="rule state: an enumeration",
        )
    pattern = attempt.params.get("EventPattern")
    if pattern is not None:
        _check_pattern(attempt, pattern)
    bus = store.event_bus(
        attempt.caller.account, attempt.region, attempt.params.get("EventBusName")
    )
    if bus is not None and attempt.params["Name"] not in bus.rules:
        _within(attempt, Quota.RULES_PER_BUS, len(bus.rules) + 1, "LimitExceededException")


def _check_pattern(attempt: Attempt, text: str) -> None:
    _within(attempt, Quota.EVENT_PATTERN, len(text), "LimitExceededException")
    try:
        _checked(text, attempt.quotas)
    except InvalidInput as fault:
        raise attempt.refusal(
            "InvalidEventPatternException",
            f"Event pattern is not valid. Reason: {fault}",
            rule="event patterns: only documented operators",
        ) from fault


@lru_cache(maxsize=_PATTERNS)
def _checked(text: str, quotas: Quotas) -> None:
    """Raise InvalidInput for a pattern that AWS would not take; the same one goes everywhere."""
    Pattern.load(text, quotas)


def check_targets(attempt: Attempt) -> None:
    """Refuse a sixth target."""
    bus = store.event_bus(
        attempt.caller.account, attempt.region, attempt.params.get("EventBusName")
    )
    rule = None if bus is None else bus.rules.get(attempt.params["Rule"])
    present = set() if rule is None else {target["Id"] for target in rule.targets}
    ids = present | {target["Id"] for target in attempt.params["Targets"]}
    _within(attempt, Quota.TARGETS_PER_RULE, len(ids), "LimitExceededException")


def check_sources(attempt: Attempt) -> None:
    """Refuse an event that says it comes from AWS (EventBridge API reference, PutEvents).

    AWS answers with a failed entry; here the call fails.
    """
    for entry in attempt.params["Entries"]:
        if str(entry.get("Source", "")).startswith("aws."):
            raise attempt.refusal(
                "NotAuthorizedForSourceException",
                f"Not authorized for the source {entry['Source']}.",
                rule="EventBridge: nobody speaks for AWS",
            )


def keep_bus_with_rules(attempt: Attempt) -> None:
    """Refuse to delete a bus that has rules."""
    bus = store.event_bus(attempt.caller.account, attempt.region, attempt.params["Name"])
    if bus is not None and bus.rules:
        raise attempt.refusal(
            "ValidationException",
            f"Cannot delete event bus {bus.name} because it has {len(bus.rules)} rules.",
            rule="a bus with rules is not deleted",
        )


# --- IAM ---------------------------------------------------------------------------------------


def check_inline_policies(attempt: Attempt) -> None:
    """Refuse inline policies that together are larger than a role may have."""
    account, name = attempt.caller.account, attempt.params["RoleName"]
    policies = store.inline_policies(account, name)
    policies[attempt.params["PolicyName"]] = attempt.params["PolicyDocument"]
    quota = Quota.ROLE_INLINE_POLICIES
    size = sum(attempt.quotas.size(quota, text) for text in policies.values())
    _within(attempt, quota, size, "LimitExceeded")


def check_attached_policies(attempt: Attempt) -> None:
    """Refuse one managed policy too many on a role."""
    role = store.role_named(attempt.caller.account, attempt.params["RoleName"])
    if role is None or attempt.params["PolicyArn"] in role.managed_policies:
        return
    count = len(role.managed_policies) + 1
    _within(attempt, Quota.MANAGED_POLICIES_PER_ROLE, count, "LimitExceeded")


def check_trusted_principals(attempt: Attempt) -> None:
    """Refuse a trust policy that names a role or user which does not exist, as IAM does."""
    text = attempt.params.get("AssumeRolePolicyDocument", attempt.params.get("PolicyDocument"))
    for arn in _named_principals(json.loads(text or "{}")):
        kind = arn.rsplit(":", 1)[-1].split("/", 1)[0]
        known = {"role": store.role, "user": store.user}.get(kind)
        if known is not None and known(arn) is None:
            raise attempt.refusal(
                "MalformedPolicyDocument",
                f'Invalid principal in policy: "AWS":"{arn}"',
                rule="trust policies: principals exist",
            )


def _named_principals(document: Mapping[str, Any]) -> list[str]:
    """Return the ARNs under ``Principal.AWS`` of a policy."""
    statements = document.get("Statement", [])
    named: list[str] = []
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal")
        entries = principal.get("AWS", []) if isinstance(principal, dict) else []
        named += [entries] if isinstance(entries, str) else entries
    return [entry for entry in named if entry.startswith("arn:")]


# --- Organizations -----------------------------------------------------------------------------


_POLICY_QUOTAS: Final = {
    "SERVICE_CONTROL_POLICY": (Quota.SCP, Quota.SCPS_PER_TARGET),
    "RESOURCE_CONTROL_POLICY": (Quota.RCP, Quota.RCPS_PER_TARGET),
}


def only_management(attempt: Attempt) -> None:
    """Refuse a member's attempt to govern its own organisation."""
    management = store.management_account(attempt.caller.account)
    if management is None:
        raise attempt.refusal(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
            rule="Organizations: in use",
        )
    if management != attempt.caller.account:
        raise attempt.refusal(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
            rule="Organizations: the management account only",
        )


def check_organization_policy(attempt: Attempt) -> None:
    """Refuse a policy that is no JSON or larger than its type allows."""
    type_ = attempt.params.get("Type")
    if type_ is None:
        policy = store.organization_policy(attempt.caller.account, attempt.params["PolicyId"])
        type_ = policy.type if policy is not None else None
    if type_ not in _POLICY_QUOTAS:
        return
    code = "MalformedPolicyDocumentException"
    _document_within("Content", _POLICY_QUOTAS[type_][0], code)(attempt)


def check_attachment(attempt: Attempt) -> None:
    """Refuse a policy whose type is not enabled, or one too many on a target."""
    organization = store.organization(attempt.caller.account)
    policy = store.organization_policy(attempt.caller.account, attempt.params["PolicyId"])
    if organization is None or policy is None or policy.type not in _POLICY_QUOTAS:
        return
    root = next(unit for unit in organization.ou if unit.id.startswith("r-"))
    if not any(enabled["Type"] == policy.type for enabled in root.policy_types):
        raise attempt.refusal(
            "PolicyTypeNotEnabledException",
            "This operation can be performed only for enabled policy types.",
            rule="Organizations: the policy type is enabled on the root",
        )
    entities = [*organization.ou, *organization.accounts]
    target = next((e for e in entities if e.id == attempt.params["TargetId"]), None)
    if target is None or policy in target.attached_policies:
        return
    attached = sum(1 for other in target.attached_policies if other.type == policy.type)
    _within(
        attempt,
        _POLICY_QUOTAS[policy.type][1],
        attached + 1,
        "ConstraintViolationException",
    )


def keep_attached_policy(attempt: Attempt) -> None:
    """Refuse to delete a policy that is attached somewhere."""
    policy = store.organization_policy(attempt.caller.account, attempt.params["PolicyId"])
    if policy is not None and policy.attachments:
        raise attempt.refusal(
            "PolicyInUseException",
            "The policy is attached to one or more entities. Detach it first.",
            rule="an attached policy is not deleted",
        )


# --- CloudTrail --------------------------------------------------------------------------------


def in_home_region(attempt: Attempt) -> None:
    """Refuse to change a trail from another region than its own, or from another account."""
    name = str(attempt.params.get("Name") or attempt.params.get("TrailName"))
    if not name.startswith("arn:"):
        return
    _, _, _, region, account, _ = name.split(":", 5)
    if account != attempt.caller.account:
        raise attempt.refusal(
            "AccessDeniedException",
            f"the trail belongs to account {account}; a member cannot change an organisation trail",
            rule="CloudTrail: the trail's own account only",
        )
    if region != attempt.region:
        raise attempt.refusal(
            "InvalidHomeRegionException",
            f"The trail's home region is {region}, not {attempt.region}",
            rule="CloudTrail: home region only",
        )


def trail_exists(attempt: Attempt) -> None:
    """Refuse to delete a trail that is not there; moto says nothing to it."""
    name = str(attempt.params["Name"]).rsplit("/", 1)[-1]
    homes = {t.region_name for t in store.trails(attempt.caller.account) if t.trail_name == name}
    if not homes:
        raise attempt.refusal(
            "TrailNotFoundException",
            f"Unknown trail: {name} for the user: {attempt.caller.account}",
            rule="the trail exists",
        )
    if attempt.region not in homes:
        raise attempt.refusal(
            "InvalidHomeRegionException",
            f"The trail's home region is {', '.join(sorted(homes))}, not {attempt.region}",
            rule="CloudTrail: home region only",
        )


def bucket_takes_delivery(attempt: Attempt) -> None:
    """Refuse a trail whose bucket would not take CloudTrail's log files, as CreateTrail does."""
    params = attempt.params
    if not attempt.caller.guarded or "S3BucketName" not in params:
        return
    account, name = attempt.caller.account, params["Name"].rsplit("/", 1)[-1]
    trail = f"arn:aws:cloudtrail:{attempt.region}:{account}:trail/{name}"
    prefix = f"{params['S3KeyPrefix']}/" if params.get("S3KeyPrefix") else ""
    owners = [account]
    organization = store.organization(account)
    if params.get("IsOrganizationTrail") and organization is not None:
        owners.append(organization.org.id)
    for owner in owners:
        key = f"{prefix}AWSLogs/{owner}/CloudTrail/{attempt.region}/probe.json.gz"
        verdict = _delivery(attempt, trail, params["S3BucketName"], key)
        if not verdict.allowed:
            raise attempt.refusal(
                "InsufficientS3BucketPolicyException",
                f"Incorrect S3 bucket policy is detected for bucket {params['S3BucketName']}: "
                f"{verdict.reason}",
                rule="CloudTrail: the bucket takes its log files",
            )


def _delivery(attempt: Attempt, trail: str, bucket: str, key: str) -> Verdict:
    """Return whether CloudTrail may write ``key`` for ``trail``."""
    cloudtrail = identities.service("cloudtrail.amazonaws.com", source_arn=trail)
    params = {"Bucket": bucket, "Key": key, "ACL": "bucket-owner-full-control"}
    return attempt.guard.decide(cloudtrail, "s3", "PutObject", params, attempt.region)


_GOVERNING: Final = (
    "CreatePolicy",
    "UpdatePolicy",
    "DeletePolicy",
    "AttachPolicy",
    "DetachPolicy",
    "EnablePolicyType",
    "DisablePolicyType",
    "CreateAccount",
    "CloseAccount",
    "MoveAccount",
    "RemoveAccountFromOrganization",
    "EnableAWSServiceAccess",
    "DisableAWSServiceAccess",
    "RegisterDelegatedAdministrator",
    "DeregisterDelegatedAdministrator",
)
_TRAIL_CHANGES: Final = (
    "UpdateTrail",
    "DeleteTrail",
    "StartLogging",
    "StopLogging",
    "PutEventSelectors",
    "PutInsightSelectors",
)

RULES: Final[Rules] = {
    ("events", "PutEvents"): [check_sources],
    ("events", "PutRule"): [check_rule],
    ("events", "PutTargets"): [check_targets],
    ("events", "DeleteEventBus"): [keep_bus_with_rules],
    ("events", "PutPermission"): [
        _document_within("Policy", Quota.BUS_POLICY, "PolicyLengthExceededException")
    ],
    ("iam", "CreateRole"): [
        _document_within("AssumeRolePolicyDocument", Quota.TRUST_POLICY, "LimitExceeded"),
        check_trusted_principals,
    ],
    ("iam", "UpdateAssumeRolePolicy"): [
        _document_within("PolicyDocument", Quota.TRUST_POLICY, "LimitExceeded"),
        check_trusted_principals,
    ],
    ("iam", "PutRolePolicy"): [check_inline_policies],
    ("iam", "AttachRolePolicy"): [check_attached_policies],
    ("iam", "CreatePolicy"): [
        _document_within("PolicyDocument", Quota.MANAGED_POLICY, "LimitExceeded")
    ],
    ("iam", "CreatePolicyVersion"): [
        _document_within("PolicyDocument", Quota.MANAGED_POLICY, "LimitExceeded")
    ],
    ("s3", "PutBucketPolicy"): [_document_within("Policy", Quota.BUCKET_POLICY, "PolicyTooLarge")],
    ("kms", "CreateKey"): [_document_within("Policy", Quota.KEY_POLICY, "LimitExceededException")],
    ("kms", "PutKeyPolicy"): [
        _document_within("Policy", Quota.KEY_POLICY, "LimitExceededException")
    ],
    ("cloudtrail", "CreateTrail"): [bucket_takes_delivery],
    **{("organizations", operation): [only_management] for operation in _GOVERNING},
    ("organizations", "CreatePolicy"): [only_management, check_organization_policy],
    ("organizations", "UpdatePolicy"): [only_management, check_organization_policy],
    ("organizations", "AttachPolicy"): [only_management, check_attachment],
    ("organizations", "DeletePolicy"): [only_management, keep_attached_policy],
    **{("cloudtrail", operation): [in_home_region] for operation in _TRAIL_CHANGES},
    ("cloudtrail", "UpdateTrail"): [in_home_region, bucket_takes_delivery],
    ("cloudtrail", "DeleteTrail"): [in_home_region, trail_exists],
}
