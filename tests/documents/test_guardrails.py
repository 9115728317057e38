"""What binds whole accounts: nobody but a deployer touches the kit, and nobody ends the record."""

import pytest
from deciding import (
    ADMIN,
    BROKER,
    HOME,
    LOGGING,
    MANAGEMENT,
    NONE,
    OUTSIDE,
    REGIONS,
    SHOP,
    WITNESS,
    Context,
    decide,
    kit_role,
    on,
    role,
    root,
    service,
    sid,
    user,
)

from breakglass import names
from breakglass.documents import guardrails
from breakglass.documents.statement import allow, document
from breakglass.proof.model import Layers, Policy, Principal, Verdict

ACCOUNTS = (MANAGEMENT, LOGGING, WITNESS, BROKER, SHOP)
DEPLOYERS = [names.deployer_arn(account) for account in ACCOUNTS]
SHOP_ADMIN, SHOP_DEPLOYER = role("admin", SHOP), kit_role("deployer", SHOP)
FULL = Policy("FullAWSAccess", guardrails.full_access())
KIT_KEY = {"aws:ResourceTag/break-glass": "edge"}


def ask(  # noqa: PLR0913 - what a request has
    who: Principal,
    action: str,
    resource: str,
    keys: Context = NONE,
    *,
    compliance: bool = True,
    layers: Layers = ADMIN,
) -> Verdict:
    """Decide under every SCP of the kit, attached at the root beside AWS's own."""
    guarded = guardrails.Guarded(DEPLOYERS, REGIONS, LOGGING, compliance=compliance)
    documents = {
        "path": guardrails.protect_the_path(guarded),
        "record": guardrails.protect_the_record(guarded),
        "trails": guardrails.protect_the_trails(guarded),
        "keys": guardrails.protect_the_keys(guarded),
        "sight": guardrails.stay_in_sight(guarded),
    }
    at_root = [FULL, *(Policy(name, made) for name, made in documents.items())]
    scps = [at_root, [FULL]]
    whole = Layers(identity=layers.identity, resource=layers.resource, scps=scps)
    return decide(whole, who, action, resource, who.account, keys)


# --- the path -------------------------------------------------------------------------------------

KIT_ROLE = f"arn:aws:iam::{SHOP}:role/breakglass/break-glass-scope-deploy"
KIT_POLICY = f"arn:aws:iam::{SHOP}:policy/breakglass/break-glass-boundary-deploy"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateRole", KIT_ROLE),
        ("iam:DeleteRole", KIT_ROLE),
        ("iam:UpdateAssumeRolePolicy", KIT_ROLE),
        ("iam:UpdateRole", KIT_ROLE),
        ("iam:AttachRolePolicy", KIT_ROLE),
        ("iam:DetachRolePolicy", KIT_ROLE),
        ("iam:PutRolePolicy", KIT_ROLE),
        ("iam:DeleteRolePolicy", KIT_ROLE),
        ("iam:PutRolePermissionsBoundary", KIT_ROLE),
        ("iam:DeleteRolePermissionsBoundary", KIT_ROLE),
        ("iam:TagRole", KIT_ROLE),
        ("iam:PassRole", KIT_ROLE),
        ("iam:CreatePolicy", KIT_POLICY),
        ("iam:CreatePolicyVersion", KIT_POLICY),
        ("iam:SetDefaultPolicyVersion", KIT_POLICY),
        ("iam:DeletePolicy", KIT_POLICY),
    ],
)
def test_only_the_deployer_writes_under_the_kits_path(action: str, resource: str) -> None:
    assert ask(SHOP_DEPLOYER, action, resource).allowed
    for who in (SHOP_ADMIN, root(SHOP), kit_role("scope-deploy", SHOP)):
        assert sid(ask(who, action, resource)) == "OnlyTheDeployerWritesKitPrincipals"
    assert ask(SHOP_ADMIN, action, resource.replace("/breakglass/", "/app/")).allowed


@pytest.mark.parametrize("who", [kit_role("deployer", OUTSIDE), role("break-glass-deployer", SHOP)])
def test_a_role_named_like_the_deployer_elsewhere_is_no_deployer(who: Principal) -> None:
    target = f"arn:aws:iam::{who.account}:role/breakglass/break-glass-entry-x"
    assert not ask(who, "iam:CreateRole", target).allowed


# --- the kit's resources --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("events:DisableRule", f"arn:aws:events:{HOME}:{SHOP}:rule/break-glass-page-1"),
        ("events:PutTargets", f"arn:aws:events:{HOME}:{SHOP}:rule/break-glass-page-1"),
        ("events:DeleteEventBus", f"arn:aws:events:{HOME}:{SHOP}:event-bus/break-glass-hub"),
        ("sns:SetTopicAttributes", f"arn:aws:sns:{HOME}:{SHOP}:break-glass-page"),
        ("sns:Subscribe", f"arn:aws:sns:{HOME}:{SHOP}:break-glass-page"),
        ("sqs:PurgeQueue", f"arn:aws:sqs:{HOME}:{SHOP}:break-glass-page"),
        ("sqs:SendMessage", f"arn:aws:sqs:{HOME}:{SHOP}:break-glass-undelivered"),
        ("sqs:CancelMessageMoveTask", f"arn:aws:sqs:{HOME}:{SHOP}:break-glass-undelivered"),
        ("sqs:SetQueueAttributes", f"arn:aws:sqs:{HOME}:{SHOP}:break-glass-page"),
        ("pipes:StopPipe", f"arn:aws:pipes:{HOME}:{SHOP}:pipe/break-glass-page"),
        ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HOME}:{SHOP}:alarm:break-glass-x"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::break-glass-vault-acme-222222222222"),
        ("s3:PutLifecycleConfiguration", "arn:aws:s3:::break-glass-vault-acme-222222222222"),
        ("cloudtrail:UpdateTrail", f"arn:aws:cloudtrail:{HOME}:{SHOP}:trail/break-glass-account"),
        (
            "cloudtrail:PutEventSelectors",
            f"arn:aws:cloudtrail:{HOME}:{SHOP}:trail/break-glass-account",
        ),
    ],
)
def test_only_the_deployer_changes_the_kits_resources(action: str, resource: str) -> None:
    assert ask(SHOP_DEPLOYER, action, resource).allowed
    assert not ask(SHOP_ADMIN, action, resource).allowed
    assert not ask(root(SHOP), action, resource).allowed
    assert ask(SHOP_ADMIN, action, resource.replace("break-glass", "shop")).allowed


@pytest.mark.parametrize(
    "action", ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
)
def test_nobody_but_the_pager_takes_a_message(action: str) -> None:
    waiting = f"arn:aws:sqs:{HOME}:{SHOP}:break-glass-undelivered"
    for caller in (SHOP_DEPLOYER, SHOP_ADMIN, root(SHOP)):
        assert not ask(caller, action, waiting).allowed
    assert ask(SHOP_ADMIN, action, waiting.replace("break-glass", "shop")).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("events:PutEvents", f"arn:aws:events:{HOME}:{SHOP}:event-bus/break-glass-hub"),
        ("s3:PutObject", "arn:aws:s3:::break-glass-athena-results-acme-222222222222/x"),
    ],
)
def test_the_kits_own_traffic_passes(action: str, resource: str) -> None:
    assert ask(kit_role("forwarder", SHOP), action, resource).allowed


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage"])
def test_only_the_pager_takes_from_the_hubs_queues(action: str) -> None:
    queue = names.queue_arn(HOME, LOGGING, "page")
    assert ask(kit_role("pager-page", LOGGING), action, queue).allowed
    assert ask(kit_role("pager-ticket", LOGGING), action, queue).allowed
    for who in (role("admin", LOGGING), kit_role("forwarder", LOGGING), root(LOGGING)):
        assert sid(ask(who, action, queue)) == "OnlyThePagerTakesMessages"


@pytest.mark.parametrize("action", ["events:PutPermission", "events:RemovePermission"])
def test_only_the_deployer_opens_the_hub(action: str) -> None:
    bus = names.bus_arn(HOME, LOGGING)
    assert ask(kit_role("deployer", LOGGING), action, bus).allowed
    assert not ask(role("admin", LOGGING), action, bus).allowed
    assert sid(ask(role("admin", LOGGING), action, "*")) == "OnlyTheDeployerOpensTheHub"
    assert ask(SHOP_ADMIN, action, f"arn:aws:events:{HOME}:{SHOP}:event-bus/default").allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{HOME}:{SHOP}:trail/break-glass-account"),
        ("cloudtrail:DeleteTrail", f"arn:aws:cloudtrail:{HOME}:{SHOP}:trail/break-glass-account"),
        ("s3:DeleteBucketPolicy", "arn:aws:s3:::break-glass-vault-acme-222222222222"),
        ("s3:BypassGovernanceRetention", "arn:aws:s3:::break-glass-vault-acme-222222222222/x"),
    ],
)
def test_nobody_ends_the_record_and_in_a_trial_only_the_deployer(
    action: str, resource: str
) -> None:
    assert sid(ask(SHOP_DEPLOYER, action, resource)) == "NobodyEndsTheRecord"
    assert not ask(SHOP_ADMIN, action, resource).allowed
    assert ask(SHOP_DEPLOYER, action, resource, compliance=False).allowed
    assert not ask(SHOP_ADMIN, action, resource, compliance=False).allowed
    assert ask(SHOP_ADMIN, action, resource.replace("break-glass", "shop")).allowed


# --- keys -----------------------------------------------------------------------------------------

KEY = f"arn:aws:kms:{HOME}:{SHOP}:key/11111111-2222-3333-4444-555555555555"
OPEN_KEY = document(allow("All", "kms:*", "*", principal={"AWS": f"arn:aws:iam::{SHOP}:root"}))


def on_key(who: Principal, action: str, keys: Context, *, compliance: bool = True) -> Verdict:
    return ask(who, action, KEY, keys, compliance=compliance, layers=on(OPEN_KEY))


@pytest.mark.parametrize("action", ["kms:PutKeyPolicy", "kms:CreateGrant", "kms:UntagResource"])
def test_only_the_deployer_shares_a_key_of_the_kit(action: str) -> None:
    assert on_key(SHOP_DEPLOYER, action, KIT_KEY).allowed
    assert sid(on_key(SHOP_ADMIN, action, KIT_KEY)) == "OnlyTheDeployerChangesKeys"
    assert on_key(SHOP_ADMIN, action, NONE).allowed


@pytest.mark.parametrize("action", ["kms:DisableKey", "kms:ScheduleKeyDeletion"])
def test_nobody_ends_a_key_of_the_kit_and_in_a_trial_only_the_deployer(action: str) -> None:
    assert sid(on_key(SHOP_DEPLOYER, action, KIT_KEY)) == "NobodyEndsAKey"
    assert on_key(SHOP_DEPLOYER, action, KIT_KEY, compliance=False).allowed
    assert not on_key(SHOP_ADMIN, action, KIT_KEY, compliance=False).allowed
    assert on_key(SHOP_ADMIN, action, NONE).allowed


# --- in sight -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    ["organizations:LeaveOrganization", "account:CloseAccount", "account:EnableRegion"],
)
def test_nobody_leaves_not_even_a_deployer(action: str) -> None:
    assert sid(ask(SHOP_DEPLOYER, action, "*")) == "NobodyLeaves"
    assert sid(ask(SHOP_ADMIN, action, "*")) == "NobodyLeaves"
    assert ask(SHOP_ADMIN, "organizations:DescribeOrganization", "*").allowed


@pytest.mark.parametrize("action", ["ec2:RunInstances", "s3:CreateBucket", "lambda:CreateFunction"])
def test_nothing_happens_in_a_region_without_rules(action: str) -> None:
    elsewhere = {"aws:RequestedRegion": "ap-south-1"}
    assert sid(ask(SHOP_ADMIN, action, "*", elsewhere)) == "OnlyWatchedRegions"
    assert ask(SHOP_ADMIN, action, "*").allowed
    assert ask(SHOP_ADMIN, action, "*", {"aws:RequestedRegion": "us-east-1"}).allowed


def test_global_services_work_from_anywhere() -> None:
    elsewhere = {"aws:RequestedRegion": "ap-south-1"}
    assert ask(SHOP_ADMIN, "iam:ListRoles", "*", elsewhere).allowed
    assert ask(SHOP_ADMIN, "route53:ListHostedZones", "*", elsewhere).allowed


# --- resource control -----------------------------------------------------------------------------

CI = role("ci-keeper", LOGGING)
PERMISSION_SET = names.identity_center_role_pattern(BROKER, HOME, "Emergency")


def entering(who: Principal, account: str) -> Verdict:
    """Assume a role that trusts whoever asks, in a closed account."""
    rcp = guardrails.only_keepers_enter([CI.arn, user("ada").arn, PERMISSION_SET])
    principal = {"Service": who.arn} if who.arn.endswith(".com") else "*"
    trust = document(allow("Anybody", "sts:AssumeRole", principal=principal))
    target = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    layers = Layers(
        identity=ADMIN.identity if who.account else (),
        resource=Policy("trust", trust),
        rcps=[[Policy("entrants", rcp)]],
    )
    return decide(layers, who, "sts:AssumeRole", target, account)


@pytest.mark.parametrize(
    "who",
    [role("admin", MANAGEMENT), role("admin", LOGGING), user("bob"), role("ci-keeper", OUTSIDE)],
)
def test_nobody_else_enters_a_closed_account_even_where_the_role_trusts_him(
    who: Principal,
) -> None:
    assert sid(entering(who, LOGGING)) == "OnlyKeepersEnter"


@pytest.mark.parametrize(
    "who",
    [
        CI,
        user("ada"),
        role(PERMISSION_SET.partition(":role/")[2].replace("*", "0123456789abcdef"), BROKER),
        service("lambda"),
    ],
)
def test_the_listed_and_aws_own_services_enter(who: Principal) -> None:
    assert entering(who, LOGGING).allowed


VAULT = f"arn:aws:s3:::break-glass-vault-acme-{LOGGING}"
KEEPERS = [names.deployer_arn(LOGGING), names.deployer_arn(WITNESS)]


def on_vault(who: Principal, action: str, resource: str = VAULT) -> Verdict:
    """Under the RCP alone, as if the bucket's own policy had been dropped."""
    rcp = Policy("records", guardrails.keep_the_records([VAULT], KEEPERS))
    opened = document(allow("Anybody", "s3:*", [VAULT, f"{VAULT}/*"], principal="*"))
    layers = Layers(identity=ADMIN.identity, resource=Policy("open", opened), rcps=[[rcp]])
    return decide(layers, who, action, resource, LOGGING)


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:PutObjectRetention"])
def test_records_hold_even_without_the_buckets_own_policy(action: str) -> None:
    for who in (role("admin", LOGGING), root(LOGGING), kit_role("deployer", LOGGING)):
        assert sid(on_vault(who, action, f"{VAULT}/x")) == "OnlyServicesWriteRecords"
    assert on_vault(role("auditor", LOGGING), "s3:GetObject", f"{VAULT}/x").allowed


@pytest.mark.parametrize("action", ["s3:PutLifecycleConfiguration", "s3:PutBucketVersioning"])
def test_only_a_keepers_deployer_sets_the_bucket_up(action: str) -> None:
    assert on_vault(kit_role("deployer", LOGGING), action).allowed
    for who in (role("admin", LOGGING), root(LOGGING), kit_role("deployer", SHOP)):
        assert sid(on_vault(who, action)) == "OnlyTheDeployerSetsUp"


def test_cloudtrail_still_delivers() -> None:
    cloudtrail = service("cloudtrail")
    rcp = Policy("records", guardrails.keep_the_records([VAULT], KEEPERS))
    opened = document(
        allow("Trail", "s3:PutObject", f"{VAULT}/*", principal={"Service": cloudtrail.arn})
    )
    layers = Layers(resource=Policy("open", opened), rcps=[[rcp]])
    assert decide(layers, cloudtrail, "s3:PutObject", f"{VAULT}/x", LOGGING).allowed
