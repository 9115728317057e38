"""What follows from an organisation's settings: who delivers where, who may enter what.

Pure: both sides compute it alone, so neither needs the other's outputs, and each can be planned
first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from breakglass import names
from breakglass.errors import NotProvided
from breakglass.settings import (
    Account,
    AccountRole,
    Entry,
    EntryKind,
    LockMode,
    Organisation,
    Scope,
    Side,
)

ORGANIZATION_TRAIL = "organization"
ACCOUNT_TRAIL = "account"
SECOND_TRAIL = "witness"


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail: the account that has it, its name, and what stands below ``AWSLogs/``."""

    account: Account
    noun: str
    arn: str
    owners: tuple[str, ...]
    watched_bucket_arns: tuple[str, ...] = ()

    @property
    def organization(self) -> bool:
        """Whether it records every account of the organisation."""
        return self.noun == ORGANIZATION_TRAIL


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that both sides must agree on, computed from the settings."""

    organisation: Organisation

    # --- records -------------------------------------------------------------------------------

    @property
    def vault_name(self) -> str:
        """Name of the vault."""
        return names.bucket("vault", self.organisation.name, self.organisation.logging.id)

    @property
    def vault_arn(self) -> str:
        """ARN of the vault."""
        return f"arn:aws:s3:::{self.vault_name}"

    @property
    def witness(self) -> Account | None:
        """The witness account, where there is one."""
        return self.organisation.one(AccountRole.WITNESS)

    @property
    def witness_name(self) -> str:
        """Name of the witness' bucket. Raises NotProvided where there is no witness."""
        if self.witness is None:
            raise NotProvided(f"{self.organisation.name} has no account with the role witness")
        return names.bucket("witness", self.organisation.name, self.witness.id)

    @property
    def record_bucket_arns(self) -> Sequence[str]:
        """ARNs of the locked buckets."""
        witness = [f"arn:aws:s3:::{self.witness_name}"] if self.witness else []
        return [self.vault_arn, *witness]

    @property
    def vault_readers(self) -> Sequence[str]:
        """Who reads the vault: the listed readers, and the role that pulls for the witness."""
        pull = [names.role_arn(self.witness.id, "witness")] if self.witness else []
        return [*self.organisation.readers, *pull]

    @property
    def trails(self) -> Sequence[Trail]:
        """The trails into the vault: the organisation's, or one an account where there is none."""
        management = self.organisation.one(AccountRole.MANAGEMENT)
        if management and self.organisation.organizations:
            owners = (management.id, self.organisation.organizations.id)
            return [self._trail(management, ORGANIZATION_TRAIL, owners)]
        return [self._trail(a, ACCOUNT_TRAIL, (a.id,)) for a in self.organisation.accounts]

    @property
    def second_trails(self) -> Sequence[Trail]:
        """The trails into the witness. The logging account's also records every call on the vault.

        Not the witness' own: a trail that records the bucket it delivers to feeds itself.
        """
        if self.witness is None:
            return []
        return [
            self._trail(account, SECOND_TRAIL, (account.id,))
            for account in self.organisation.accounts
            if account.role is not AccountRole.WITNESS
        ]

    def _trail(self, account: Account, noun: str, owners: tuple[str, ...]) -> Trail:
        watched: tuple[str, ...] = ()
        if noun == SECOND_TRAIL and account.role is AccountRole.LOGGING:
            watched = (self.vault_arn,)
        arn = names.trail_arn(noun, self.organisation.home_region, account.id)
        return Trail(account, noun, arn, owners, watched)

    @property
    def locked(self) -> bool:
        """Whether the records, and the calls that end them, are beyond the deployers' reach too."""
        return self.organisation.retention.mode is LockMode.COMPLIANCE

    # --- alarms --------------------------------------------------------------------------------

    @property
    def hub_arn(self) -> str:
        """ARN of the hub."""
        return names.bus_arn(self.organisation.home_region, self.organisation.logging.id)

    @property
    def forwarder_arns(self) -> Sequence[str]:
        """The role of each account that puts events on the hub."""
        return [names.forwarder_arn(account.id) for account in self.organisation.accounts]

    # --- principals ----------------------------------------------------------------------------

    @property
    def deployer_arns(self) -> Sequence[str]:
        """The one deployer of each account that guardrails bind: all but management's."""
        accounts = self.organisation.accounts
        return [one.deployer for one in accounts if one.role is not AccountRole.MANAGEMENT]

    def entrants(self, account: Account) -> Sequence[str]:
        """Who may assume a role in an account that is closed to everybody else."""
        deployers = self.organisation.deployers
        keeper = account.role.side is Side.KEEPER
        arns = [deployers.keeper if keeper else deployers.edge]
        for entry in self.organisation.entries:
            if entry.account == account.name:
                arns += self.entry_principals(entry)
        return arns

    def entry_principals(self, entry: Entry) -> Sequence[str]:
        """The AWS principals before an entry: users, or a permission set's role by pattern."""
        account = self.organisation.account(entry.account)
        if entry.kind is EntryKind.IAM_USER:
            return [f"arn:aws:iam::{account.id}:user/{user}" for user in self.entry_users(entry)]
        center = self.organisation.identity_center
        if entry.kind is EntryKind.IDENTITY_CENTER and center and entry.permission_set:
            return [
                names.identity_center_role_pattern(account.id, center.region, entry.permission_set)
            ]
        return []

    def entry_users(self, entry: Entry) -> Sequence[str]:
        """The IAM users before an entry."""
        people = [self.organisation.person(name) for name in entry.people]
        return [person.iam_user for person in people if person.iam_user is not None]

    def entry_identities(self, entry: Entry) -> Sequence[str]:
        """Who enters by Identity Center: the values of the attribute that says who somebody is."""
        people = [self.organisation.person(name) for name in entry.people]
        return [person.identity_center for person in people if person.identity_center is not None]

    @property
    def workflow_accounts(self) -> Sequence[Account]:
        """The accounts that workflows enter, each once: there GitHub is an identity provider."""
        kinds = {(entry.account, entry.kind) for entry in self.organisation.entries}
        accounts = self.organisation.accounts
        return [one for one in accounts if (one.name, EntryKind.GITHUB_OIDC) in kinds]

    @property
    def users(self) -> Sequence[str]:
        """Every IAM user before an entry, each once."""
        users = (user for entry in self.organisation.entries for user in self.entry_users(entry))
        return sorted(set(users))

    @property
    def permission_sets(self) -> Sequence[str]:
        """Every permission set before an entry, each once."""
        return sorted({e.permission_set for e in self.organisation.entries if e.permission_set})

    def entry_role_arns(self, *kinds: EntryKind) -> Sequence[str]:
        """The entry roles of some kinds."""
        return [
            names.entry_role_arn(self.organisation.account(entry.account).id, entry.name)
            for entry in self.organisation.entries
            if entry.kind in kinds
        ]

    @property
    def break_glass_role_arns(self) -> Sequence[str]:
        """Every break-glass role."""
        return [
            names.break_glass_role_arn(account.id, scope.name)
            for scope in self.organisation.scopes
            for account in self.scope_accounts(scope)
        ]

    def scope_accounts(self, scope: Scope) -> Sequence[Account]:
        """The accounts that a scope has a role in."""
        return [self.organisation.account(name) for name in scope.accounts]

    @property
    def closed_accounts(self) -> Sequence[Account]:
        """Accounts that only the listed principals enter."""
        return self.organisation.of(AccountRole.LOGGING, AccountRole.WITNESS, AccountRole.BROKER)
