"""What exists before the program runs: organisation, deployers, pipelines, people, Identity Center.

In a real organisation somebody has made these by hand or with another stack; ``docs`` list them as
what must exist first. Everything is made by the emulation's own hand, so nothing here is decided by
the guard; from the first call of the program on, everything is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from moto.organizations import utils as moto_organizations

from breakglass import names
from breakglass.documents import Document, deployer
from breakglass.documents.statement import allow, document
from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota
from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.settings import AccountRole, EntryKind, Organisation
from breakglass.topology import Topology

_GLOBAL: Final = "us-east-1"
_POLICY_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


@dataclass(frozen=True, slots=True)
class ExistingAccount:
    """One account of the topology."""

    id: str
    """Twelve digits."""
    name: str
    """Name in the organisation."""
    side: str
    """``keeper`` or ``edge``."""
    hub: bool = False
    """Whether the hub and the pager will be kept here."""
    trails: bool = False
    """Whether a trail will be made here."""
    records: bool = False
    """Whether a vault or a witness bucket will be kept here."""
    tables: bool = False
    """Whether the table over the vault will be kept here."""
    scopes: bool = False
    """Whether break-glass roles will be made here."""
    workflows: bool = False
    """Whether GitHub's OIDC provider will be kept here."""
    deployer_arn: str | None = None
    """Role that the program assumes; the kit's own deployer when None."""

    @property
    def deployer(self) -> str:
        """ARN of the role that the program assumes in this account."""
        return self.deployer_arn or names.deployer_arn(self.id)


@dataclass(frozen=True, slots=True)
class ExistingOrganization:
    """The AWS organisation: its management account, id (``o-…``) and root id (``r-…``)."""

    management: str
    id: str
    root_id: str


@dataclass(frozen=True, slots=True)
class EntryUser:
    """A person's IAM user, with a second factor."""

    account: str
    name: str

    @property
    def arn(self) -> str:
        """ARN of the user."""
        return f"arn:aws:iam::{self.account}:user/{self.name}"

    @property
    def mfa(self) -> str:
        """Serial number of the user's virtual MFA device."""
        return f"arn:aws:iam::{self.account}:mfa/{self.name}"


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set of Identity Center, assigned in one account.

    ``region`` is the home Region of Identity Center.
    """

    account: str
    name: str
    region: str

    @property
    def arn(self) -> str:
        """ARN of the role that Identity Center makes for it.

        AWS appends 16 hex digits; here they follow from the name. The path leaves out us-east-1
        (Identity Center user guide, "Referencing permission sets in resource policies").
        """
        home = "" if self.region == _GLOBAL else f"{self.region}/"
        suffix = sha256(f"{self.account}/{self.name}".encode()).hexdigest()[:16]
        path = f"role/aws-reserved/sso.amazonaws.com/{home}"
        return f"arn:aws:iam::{self.account}:{path}AWSReservedSSO_{self.name}_{suffix}"


@dataclass(frozen=True, slots=True)
class BeforeTheProgram:
    """All that must exist first.

    ``disposable`` is for a stack that may be torn down: its deployers may end what they made.
    ``organization`` is None where accounts stand alone.
    """

    accounts: Sequence[ExistingAccount]
    ci: Mapping[str, str]
    """Side to the ARN of the role or user that runs its ``pulumi up``."""
    organization: ExistingOrganization | None = None
    users: Sequence[EntryUser] = ()
    permission_sets: Sequence[PermissionSet] = ()
    disposable: bool = False


@dataclass(frozen=True, slots=True)
class Prelude:
    """What was made, by ARN."""

    ci: Mapping[str, str] = field(default_factory=dict)
    """Side to the role or user of its pipeline."""
    deployers: Mapping[str, str] = field(default_factory=dict)
    """Account id to its deployer."""


def prelude(emulator: Emulator, world: BeforeTheProgram) -> Prelude:
    """Make the world before ``pulumi up``.

    Raises `InvalidInput` for an account twice or a management account that is not among the
    accounts, and `QuotaExceeded` for a deployer's policy that AWS would refuse.
    """
    _check(world)
    if world.organization is not None:
        _make_organization(emulator, world.organization, world.accounts)
    made = Prelude(
        ci=dict(world.ci),
        deployers={account.id: account.deployer for account in world.accounts},
    )
    for arn in dict.fromkeys(world.ci.values()):
        _make_pipeline(
            emulator, arn, [a.deployer for a in world.accounts if world.ci[a.side] == arn]
        )
    for account in world.accounts:
        _make_deployer(emulator, account, made.ci[account.side], world)
    for user in world.users:
        _make_user(emulator, user)
    for permission_set in world.permission_sets:
        _make_permission_set_role(emulator, permission_set)
    return made


def before(organisation: Organisation) -> BeforeTheProgram:
    """Return what must exist before the program of an organisation file."""
    topology = Topology(organisation)
    trails = {trail.account.id for trail in (*topology.trails, *topology.second_trails)}
    scopes = {one.id for scope in organisation.scopes for one in topology.scope_accounts(scope)}
    workflows = {account.id for account in topology.workflow_accounts}
    accounts = [
        ExistingAccount(
            account.id,
            account.name,
            account.role.side.value,
            hub=account.role is AccountRole.LOGGING,
            trails=account.id in trails,
            records=account.role in {AccountRole.LOGGING, AccountRole.WITNESS},
            tables=account.role is AccountRole.LOGGING,
            scopes=account.id in scopes,
            workflows=account.id in workflows,
            deployer_arn=account.deployer_role_arn,
        )
        for account in organisation.accounts
    ]
    return BeforeTheProgram(
        accounts,
        {"keeper": organisation.deployers.keeper, "edge": organisation.deployers.edge},
        _organization(organisation),
        users=list(dict.fromkeys(_users(organisation))),
        permission_sets=list(dict.fromkeys(_permission_sets(organisation))),
        disposable=not organisation.production,
    )


def _organization(organisation: Organisation) -> ExistingOrganization | None:
    management = organisation.one(AccountRole.MANAGEMENT)
    if organisation.organizations is None or management is None:
        return None
    ids = organisation.organizations
    return ExistingOrganization(management.id, ids.id, ids.root_id)


def _users(organisation: Organisation) -> Iterator[EntryUser]:
    for entry in organisation.entries:
        for name in entry.people if entry.kind is EntryKind.IAM_USER else ():
            user = organisation.person(name).iam_user
            if user is not None:
                yield EntryUser(organisation.account(entry.account).id, user)


def _permission_sets(organisation: Organisation) -> Iterator[PermissionSet]:
    center = organisation.identity_center
    for entry in organisation.entries:
        if entry.permission_set is not None and center is not None:
            account = organisation.account(entry.account).id
            yield PermissionSet(account, entry.permission_set, center.region)


def deployer_policy(account: ExistingAccount, world: BeforeTheProgram) -> Document:
    """The stated policy of an account's deployer."""
    organization = world.organization
    return deployer.permissions(
        deployer.Deployed(
            account.id,
            account.deployer,
            management=organization is not None and organization.management == account.id,
            hub=account.hub,
            trails=account.trails,
            records=account.records,
            tables=account.tables,
            scopes=account.scopes,
            workflows=account.workflows,
            disposable=world.disposable,
        )
    )


def _check(world: BeforeTheProgram) -> None:
    ids = [account.id for account in world.accounts]
    for account in ids:
        if ids.count(account) > 1:
            raise InvalidInput("accounts", account, "each account once")
    organization = world.organization
    if organization is not None and organization.management not in ids:
        raise InvalidInput("organization.management", organization.management, f"one of {ids}")


def _iam(emulator: Emulator, account: str) -> Client:
    return emulator.client(emulator.root(account), "iam", _GLOBAL)


# --- organisation ------------------------------------------------------------------------------


def _make_organization(
    emulator: Emulator, organization: ExistingOrganization, accounts: Sequence[ExistingAccount]
) -> None:
    """Make the organisation with its ids and members, and enable SCPs and RCPs."""
    members = {a.name: a.id for a in accounts if a.id != organization.management}
    with _organization_ids(organization):
        emulator.create_organization(organization.management, members)
    client = emulator.client(emulator.root(organization.management), "organizations", _GLOBAL)
    for kind in _POLICY_TYPES:
        client.enable_policy_type(RootId=organization.root_id, PolicyType=kind)


@contextmanager
def _organization_ids(organization: ExistingOrganization) -> Iterator[None]:
    """Let moto take the ids of the organisation file where it would draw them at random."""
    drawn = moto_organizations.make_random_org_id, moto_organizations.make_random_root_id
    moto_organizations.make_random_org_id = lambda: organization.id
    moto_organizations.make_random_root_id = lambda: organization.root_id
    try:
        yield
    finally:
        moto_organizations.make_random_org_id, moto_organizations.make_random_root_id = drawn


# --- deployers and pipelines -------------------------------------------------------------------


def _path(arn: str) -> str:
    """Return the path in the ARN of a role or user: ``/breakglass/``, or ``/``."""
    return "/".join(["", *arn.split("/")[1:-1], ""])


def _make_role(client: Client, arn: str, trust: Document) -> str:
    """Make the role of exactly this ARN, path included; return its name."""
    name = arn.rpartition("/")[2]
    client.create_role(
        RoleName=name,
        Path=_path(arn),
        AssumeRolePolicyDocument=json.dumps(trust),
        MaxSessionDuration=3600,
    )
    return name


def _make_pipeline(emulator: Emulator, arn: str, deployer_arns: Sequence[str]) -> None:
    """Make the role or user that runs a pipeline; all it may do is become the deployers.

    A role is a CodeBuild project's, so that no second OIDC provider of GitHub's is needed.
    """
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    client = _iam(emulator, account)
    policy = {
        "PolicyName": names.policy("deploys"),
        "PolicyDocument": json.dumps(deployer.assume_deployers(deployer_arns)),
    }
    if ":user/" in arn:
        client.create_user(UserName=name, Path=_path(arn))
        client.put_user_policy(UserName=name, **policy)
        return
    trust = allow(
        "ThisAccountsBuilds",
        "sts:AssumeRole",
        principal={"Service": "codebuild.amazonaws.com"},
        when={"StringEquals": {"aws:SourceAccount": account}},
    )
    _make_role(client, arn, document(trust))
    client.put_role_policy(RoleName=name, **policy)


def _make_deployer(
    emulator: Emulator, account: ExistingAccount, ci: str, world: BeforeTheProgram
) -> None:
    """Make an account's deployer with its managed policy."""
    client = _iam(emulator, account.id)
    text = json.dumps(deployer_policy(account, world), separators=(",", ":"))
    policy_name = names.policy("deployer")
    QUOTAS.check_size(Quota.MANAGED_POLICY, policy_name, text)
    policy = client.create_policy(PolicyName=policy_name, Path=names.PATH, PolicyDocument=text)[
        "Policy"
    ]["Arn"]
    role = _make_role(client, account.deployer, deployer.trust(ci))
    client.attach_role_policy(RoleName=role, PolicyArn=policy)


# --- people ------------------------------------------------------------------------------------


def _make_user(emulator: Emulator, user: EntryUser) -> None:
    """Make a user who may do nothing but enter, as himself, and his virtual MFA device."""
    client = _iam(emulator, user.account)
    client.create_user(UserName=user.name)
    client.create_virtual_mfa_device(VirtualMFADeviceName=user.name)
    client.enable_mfa_device(
        UserName=user.name,
        SerialNumber=user.mfa,
        AuthenticationCode1="000000",
        AuthenticationCode2="000001",
    )
    client.put_user_policy(
        UserName=user.name,
        PolicyName=names.policy("enter"),
        PolicyDocument=json.dumps(_enter("${aws:username}")),
    )


def _make_permission_set_role(emulator: Emulator, permission_set: PermissionSet) -> None:
    """Make the role that Identity Center would have made; its trust policy is AWS's own."""
    client = _iam(emulator, permission_set.account)
    provider = f"arn:aws:iam::{permission_set.account}:saml-provider/AWSSSO_DO_NOT_DELETE"
    trust = document(
        allow(
            "IdentityCenter",
            ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            principal={"Federated": provider},
            when={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        )
    )
    client.put_role_policy(
        RoleName=_make_role(client, permission_set.arn, trust),
        PolicyName=names.policy("enter"),
        PolicyDocument=json.dumps(_enter("?*")),
    )


def _enter(source_identity: str) -> Document:
    """What a person's own identity may do: enter entry roles, with a source identity."""
    return document(
        allow(
            "EnterEntryRoles",
            ["sts:AssumeRole", "sts:SetSourceIdentity"],
            f"arn:aws:iam::*:role{names.PATH}{names.PREFIX}-entry-*",
            when={"StringLike": {"sts:SourceIdentity": source_identity}},
        )
    )
