"""One side of an organisation's topology: nothing but composition."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_github as github
from pulumi_aws import iam

from breakglass import names
from breakglass._component import PACKAGE
from breakglass.audit_trail import AuditTrail, AuditTrailArgs
from breakglass.break_glass_role import BreakGlassRole, BreakGlassRoleArgs
from breakglass.entry_role import EntryRole, EntryRoleArgs, EntryRoleKind
from breakglass.errors import InvalidInput
from breakglass.forwarding import Forwarding, ForwardingArgs
from breakglass.github_gate import GateKind, GitHubGate, GitHubGateArgs, RepositoryGate
from breakglass.guardrails import ClosedAccount, Guardrails, GuardrailsArgs
from breakglass.log_vault import DeliveringTrail, LockMode, LogVault, LogVaultArgs
from breakglass.settings import (
    Account,
    AccountRole,
    Entry,
    EntryKind,
    Gate,
    Organisation,
    Organizations,
    Repository,
    Scope,
    Side,
)
from breakglass.topology import Topology, Trail
from breakglass.watch import AlarmEndpoint, AlarmTier, Watch, WatchArgs
from breakglass.witness import Witness, WitnessArgs


@dataclass(frozen=True, slots=True)
class Providers:
    """Who acts where. The program makes them; a component never does."""

    accounts: Mapping[str, aws.Provider]
    """The provider of each account of this side, by the account's name."""
    github: github.Provider | None
    """The provider of the GitHub organisation; needed on the edge side."""


class BreakGlass(pulumi.ComponentResource):
    """All components of one side, or of both in a small organisation.

    It spans accounts, so it takes a provider for each and cannot be used from another language; the
    components that it is made of can.
    """

    outputs: dict[str, pulumi.Output[str]]
    """What an operator or another stack needs, by export name."""

    def __init__(  # noqa: PLR0913, PLR0917 - the settings, the side, and what only the program has
        self,
        name: str,
        organisation: Organisation,
        side: Side,
        providers: Providers,
        pager_secrets: Mapping[str, pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{PACKAGE}:index:BreakGlass", name, {}, opts)
        self._organisation, self._acting = organisation, providers
        self._topology = Topology(organisation)
        self._pager_secrets = pager_secrets or {}
        self._vault_ready: list[pulumi.Resource] = []
        self._entry_roles: list[pulumi.Resource] = []
        self.outputs = {}

        if side in (Side.KEEPER, Side.ALL):
            self._keeper_side()
        if side in (Side.EDGE, Side.ALL):
            self._edge_side()
        for account in organisation.on(side):
            self._forwarding(account)
        for trail in [*self._topology.trails, *self._topology.second_trails]:
            if trail.account in organisation.on(side):
                self._trail(trail)

        self.register_outputs(dict(self.outputs))

    # --- keeper side ---------------------------------------------------------------------------

    def _keeper_side(self) -> None:
        organisation = self._organisation
        self._vault(organisation.logging)
        self._watch(organisation.logging)
        if self._topology.witness:
            self._witness(self._topology.witness)
        management = organisation.one(AccountRole.MANAGEMENT)
        if management and organisation.organizations:
            self._guardrails(management, organisation.organizations)

    def _vault(self, logging: Account) -> None:
        organisation, topology = self._organisation, self._topology
        args = LogVaultArgs(
            account_id=logging.id,
            organisation=organisation.name,
            region=organisation.home_region,
            trails=[_delivering(trail) for trail in topology.trails],
            recorded_accounts=[account.id for account in organisation.accounts],
            recorded_regions=organisation.watched_regions,
            deployer_arn=logging.deployer,
            lock=LockMode(organisation.retention.mode),
            days=organisation.retention.days,
            reader_arns=topology.vault_readers,
            quotas=organisation.quotas,
        )
        if organisation.organizations:
            args["organization_id"] = organisation.organizations.id
        vault = LogVault("vault", args, self._in(logging))
        self._vault_ready.append(vault)
        self.outputs["vaultBucket"] = vault.bucket_name
        self.outputs["vaultArn"] = vault.bucket_arn
        self.outputs["athenaTable"] = vault.table

    def _watch(self, logging: Account) -> None:
        watch = Watch(
            "watch",
            WatchArgs(
                account_id=logging.id,
                region=self._organisation.home_region,
                forwarder_arns=self._topology.forwarder_arns,
                endpoints=self._endpoints(),
                entry_users=self._topology.users,
                permission_sets=self._topology.permission_sets,
                quotas=self._organisation.quotas,
            ),
            self._in(logging),
        )
        self.outputs["hubArn"] = watch.bus_arn
        self.outputs["pagerTopicArn"] = watch.pager_topic_arn
        self.outputs["ticketTopicArn"] = watch.ticket_topic_arn

    def _endpoints(self) -> list[AlarmEndpoint]:
        endpoints = []
        for index, endpoint in enumerate(self._organisation.pager):
            address = endpoint.endpoint
            endpoints.append(
                AlarmEndpoint(
                    name=f"{endpoint.protocol}-{index}",
                    protocol=endpoint.protocol.value,
                    endpoint=address or self._secret(endpoint.secret),
                    tier=AlarmTier(endpoint.tier),
                )
            )
        return endpoints

    def _secret(self, secret: str | None) -> pulumi.Input[str]:
        if secret is None or secret not in self._pager_secrets:
            raise InvalidInput(
                "pager[].secret",
                secret,
                f"one that `pulumi config set --secret breakglass:{secret}` has set",
            )
        return self._pager_secrets[secret]

    def _witness(self, account: Account) -> None:
        organisation, topology = self._organisation, self._topology
        witness = Witness(
            "witness",
            WitnessArgs(
                account_id=account.id,
                organisation=organisation.name,
                region=organisation.home_region,
                trails=[_delivering(trail) for trail in topology.second_trails],
                vault_arn=topology.vault_arn,
                deployer_arn=account.deployer,
                lock=LockMode(organisation.retention.mode),
                days=organisation.retention.days,
                reader_arns=organisation.readers,
                quotas=organisation.quotas,
            ),
            self._in(account),
        )
        self._vault_ready.append(witness)
        self.outputs["witnessBucket"] = witness.bucket_name
        self.outputs["witnessPullRole"] = witness.pull_role_arn

    def _guardrails(self, management: Account, organizations: Organizations) -> None:
        topology = self._topology
        record_accounts = self._organisation.of(AccountRole.LOGGING, AccountRole.WITNESS)
        Guardrails(
            "guardrails",
            GuardrailsArgs(
                root_id=organizations.root_id,
                deployer_arns=topology.deployer_arns,
                regions=self._organisation.watched_regions,
                closed_accounts=[
                    ClosedAccount(account_id=account.id, entrant_arns=topology.entrants(account))
                    for account in topology.closed_accounts
                ],
                hub_account=self._organisation.logging.id,
                record_accounts=[account.id for account in record_accounts],
                record_bucket_arns=topology.record_bucket_arns,
                irreversible=topology.locked,
                quotas=self._organisation.quotas,
            ),
            # last, so that the guardrails never stand in the way of what they guard
            pulumi.ResourceOptions.merge(
                self._in(management), pulumi.ResourceOptions(depends_on=self._vault_ready)
            ),
        )

    # --- edge side -----------------------------------------------------------------------------

    def _edge_side(self) -> None:
        for account in self._topology.workflow_accounts:
            self._oidc_provider(account)
        for entry in self._organisation.entries:
            self._entry(entry)
        for scope in self._organisation.scopes:
            for account in self._topology.scope_accounts(scope):
                self._scope(scope, account)
        for repository in self._organisation.github.repositories:
            self._repository(repository)

    def _entry(self, entry: Entry) -> None:
        account = self._organisation.account(entry.account)
        args = EntryRoleArgs(
            account_id=account.id,
            entry=entry.name,
            kind=EntryRoleKind(entry.kind),
            regions=self._organisation.watched_regions,
            break_glass_role_arns=self._topology.break_glass_role_arns,
            quotas=self._organisation.quotas,
        )
        self._fill_kind(args, entry)
        role = EntryRole(f"entry-{entry.name}", args, self._in(account))
        self._entry_roles.append(role)
        self.outputs[f"entryRole-{entry.name}"] = role.role_arn

    def _fill_kind(self, args: EntryRoleArgs, entry: Entry) -> None:
        """What only one kind of entry has; the settings have made sure that it is there."""
        center = self._organisation.identity_center
        if entry.kind is EntryKind.IAM_USER:
            args["user_names"] = self._topology.entry_users(entry)
        elif entry.kind is EntryKind.IDENTITY_CENTER and center and entry.permission_set:
            args["identity_center"] = {
                "region": center.region,
                "permission_set": entry.permission_set,
                "people": self._topology.entry_identities(entry),
                "principal_tag": center.principal_tag,
            }
        elif entry.repository and entry.repository_id and entry.workflow and entry.environment:
            args["workflow"] = {
                "repository": entry.repository,
                "repository_id": entry.repository_id,
                "workflow": entry.workflow,
                "environment": entry.environment,
            }
            if entry.owner_id:
                args["workflow"]["owner_id"] = entry.owner_id

    def _oidc_provider(self, account: Account) -> None:
        """GitHub as an identity provider; AWS checks its certificate by its own trust store."""
        iam.OpenIdConnectProvider(
            f"github-oidc-{account.name}",
            url=f"https://{names.GITHUB_OIDC_ISSUER}",
            client_id_lists=["sts.amazonaws.com"],
            opts=self._in(account),
        )

    def _scope(self, scope: Scope, account: Account) -> None:
        topology = self._topology
        args = BreakGlassRoleArgs(
            account_id=account.id,
            scope=scope.name,
            grants=[{"actions": g.actions, "resources": g.resources} for g in scope.grants],
            entry_role_arns=topology.entry_role_arns(EntryKind.IAM_USER, EntryKind.IDENTITY_CENTER),
            workflow_role_arns=topology.entry_role_arns(EntryKind.GITHUB_OIDC),
            regions=self._organisation.watched_regions,
            severities=[severity.value for severity in scope.severities],
            incident_prefix=self._organisation.incident_prefix,
            pass_role_arns=scope.pass_roles,
            assume_role_arns=scope.assume_roles,
            quotas=self._organisation.quotas,
        )
        if scope.administrator_reason:
            args["administrator_reason"] = scope.administrator_reason
        # IAM refuses a trust policy that names a role which does not exist yet
        entered = pulumi.ResourceOptions(depends_on=self._entry_roles)
        role = BreakGlassRole(
            f"scope-{scope.name}-{account.name}",
            args,
            pulumi.ResourceOptions.merge(self._in(account), entered),
        )
        self.outputs[f"breakGlassRole-{scope.name}-{account.name}"] = role.role_arn
        self.outputs[f"boundary-{scope.name}-{account.name}"] = role.boundary_arn

    def _repository(self, repository: Repository) -> None:
        args = GitHubGateArgs(
            repository=repository.name,
            default_branch=repository.default_branch,
            gates=[_gate(gate) for gate in repository.gates],
        )
        app = self._organisation.github.app
        if app and not repository.keeper:
            args["app_id"] = app.id
        GitHubGate(
            f"gate-{repository.name}",
            args,
            pulumi.ResourceOptions(parent=self, provider=self._acting.github),
        )

    # --- both sides ----------------------------------------------------------------------------

    def _forwarding(self, account: Account) -> None:
        Forwarding(
            f"forwarding-{account.name}",
            ForwardingArgs(
                account_id=account.id,
                home_region=self._organisation.home_region,
                regions=self._organisation.watched_regions,
                bus_arn=self._topology.hub_arn,
                entry_users=self._topology.users,
                permission_sets=self._topology.permission_sets,
                quotas=self._organisation.quotas,
            ),
            self._in(account),
        )

    def _trail(self, trail: Trail) -> None:
        second = trail in self._topology.second_trails
        bucket = self._topology.witness_name if second else self._topology.vault_name
        made = AuditTrail(
            f"trail-{trail.noun}-{trail.account.name}",
            AuditTrailArgs(
                trail=trail.noun,
                bucket_name=bucket,
                home_region=self._organisation.home_region,
                organization=trail.organization,
                watched_bucket_arns=trail.watched_bucket_arns,
            ),
            # CloudTrail looks at the bucket's policy before it makes a trail
            pulumi.ResourceOptions.merge(
                self._in(trail.account), pulumi.ResourceOptions(depends_on=self._vault_ready)
            ),
        )
        self.outputs[f"trail-{trail.noun}-{trail.account.name}"] = made.trail_arn

    def _in(self, account: Account) -> pulumi.ResourceOptions:
        """Options of a component that lives in ``account``."""
        return pulumi.ResourceOptions(parent=self, provider=self._acting.accounts[account.name])


def _delivering(trail: Trail) -> DeliveringTrail:
    return DeliveringTrail(arn=trail.arn, owners=trail.owners)


def _gate(gate: Gate) -> RepositoryGate:
    """A gate of the settings as the component's argument, without what is not given."""
    args = RepositoryGate(
        id=gate.id,
        kind=GateKind(gate.kind),
        skippable=gate.skippable,
        approvals=gate.approvals,
        code_owners=gate.code_owners,
        reviewer_teams=gate.reviewer_teams,
        reviewer_users=gate.reviewer_users,
    )
    if gate.context is not None:
        args["context"] = gate.context
    if gate.integration_id is not None:
        args["integration_id"] = gate.integration_id
    if gate.environment is not None:
        args["environment"] = gate.environment
    return args
