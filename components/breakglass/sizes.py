"""How large is what follows from an organisation, measured before anything of it is made.

Each policy, pattern, name and count is made here as the components make it, and held against the
table of quotas with the organisation's own values. So all that AWS would refuse in the middle of a
`pulumi up` is told at once, by the field of the organisation file that makes it so large.

A component measures again when it is made: it may stand in a program that has no such file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from breakglass import names, tamper
from breakglass.documents import Document, entry, guardrails, scope, trust, vault, watch
from breakglass.errors import InvalidInput, QuotaExceeded
from breakglass.patterns import Pattern
from breakglass.quotas import QUOTAS, Quota, Quotas, compact
from breakglass.settings import AccountRole, Entry, EntryKind, Organisation, Scope
from breakglass.tamper import rules
from breakglass.topology import Topology, Trail

TIERS: Final = ("page", "ticket")

Causes = Mapping[str, Sequence[str]]
"""Field of the organisation file to what it puts into a document."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One size or count, its limit, and what makes it so large."""

    what: str
    size: int
    limit: int
    quota: str
    """Its name in the settings; empty for a limit of the kit's own."""
    causes: Causes

    def fault(self) -> InvalidInput:
        """Say which field to change, and to what end."""
        if not self.quota:
            return InvalidInput(self._field, self.size, f"less: {self.what} may be {self.limit}")
        default = QUOTAS.limit(Quota[self.quota.upper()])
        if self.limit < default and self.size <= default:
            enough = f"at least {self.size}, for the {self.what}"
            return InvalidInput(f"quotas.{self.quota}", self.limit, enough)
        return InvalidInput(
            self._field,
            self.size,
            f"less: the {self.what} may be {self.limit} (quotas.{self.quota})",
        )

    @property
    def _field(self) -> str:
        """The field that puts most into it."""
        longest = max(self.causes, key=lambda field: len("".join(self.causes[field])), default="")
        return longest or f"quotas.{self.quota}"


def exceeded(organisation: Organisation) -> list[InvalidInput]:
    """Give a fault for everything that AWS would refuse for its size or number."""
    return [one.fault() for one in measured(organisation) if one.size > one.limit]


def measured(organisation: Organisation) -> Iterator[Measured]:
    """Measure whatever the kit makes of an organisation, and varies with its settings."""
    measure = _Measure(Topology(organisation), QUOTAS.override(organisation.quotas))
    yield from measure.of_names()
    yield from measure.of_entries()
    yield from measure.of_scopes()
    yield from measure.of_records()
    yield from measure.of_alarms()
    yield from measure.of_rules()
    yield from measure.of_guardrails()


@dataclass(frozen=True, slots=True)
class _Measure:
    """The measures of one organisation against one table."""

    topology: Topology
    quotas: Quotas

    @property
    def organisation(self) -> Organisation:
        return self.topology.organisation

    @property
    def regions(self) -> Sequence[str]:
        return self.organisation.watched_regions

    def count(self, quota: Quota, what: str, count: int, causes: Causes) -> Measured:
        limit = self.quotas.limit(quota)
        return Measured(what, count, limit, quota.name.lower(), causes)

    def document(self, quota: Quota, what: str, document: Document, causes: Causes) -> Measured:
        return self.count(quota, what, self.quotas.size(quota, document), causes)

    # --- names ---------------------------------------------------------------------------------

    def of_names(self) -> Iterator[Measured]:
        """The longest of each kind; slugs are short enough for all by default."""
        organisation = self.organisation
        entries = [one.name for one in organisation.entries]
        scopes = [one.name for one in organisation.scopes]
        boundaries = [names.policy("boundary", name) for name in scopes]
        logging = organisation.logging.id
        results = names.bucket("athena-results", organisation.name, logging)
        buckets = [self.topology.vault_name, results]
        if self.topology.witness:
            buckets.append(self.topology.witness_name)
        trails = [names.trail(trail.noun) for trail in self.topology.trails]
        roles = [
            *(names.role("entry", name) for name in entries),
            *(names.role("scope", name) for name in scopes),
        ]
        for quota, longest, causes in (
            (Quota.ROLE_NAME, roles, {"entries[].name": entries, "scopes[].name": scopes}),
            (Quota.POLICY_NAME, boundaries, {"scopes[].name": scopes}),
            (Quota.PATH, [names.PATH], {}),
            (Quota.BUCKET_NAME, buckets, {"name": [organisation.name]}),
            (Quota.TRAIL_NAME, trails, {}),
            (Quota.QUEUE_NAME, [names.queue(f"{tier}-dead-letters") for tier in TIERS], {}),
            (Quota.TOPIC_NAME, [names.topic(tier) for tier in TIERS], {}),
            (Quota.PIPE_NAME, [names.pipe(tier) for tier in TIERS], {}),
            (Quota.ALARM_NAME, [names.alarm(tier, "dead-letters") for tier in TIERS], {}),
        ):
            name = max(longest, key=len)
            yield self.count(quota, f"length of {name}", len(name), causes)
        yield self.count(Quota.SESSION_TAGS, "number of session tags", len(trust.TAG_KEYS), {})

    # --- who enters ----------------------------------------------------------------------------

    def of_entries(self) -> Iterator[Measured]:
        """The policies of each entry role."""
        roles = self.topology.break_glass_role_arns
        for one in self.organisation.entries:
            name = names.role("entry", one.name)
            people = [*self.topology.entry_users(one), *self.topology.entry_identities(one)]
            causes = {f"entries[{one.name}].people": people, "regions": self.regions}
            yield self.document(Quota.TRUST_POLICY, f"trust of {name}", self._trust(one), causes)
            onward = entry.assume_break_glass_roles(
                roles, workflow=one.kind is EntryKind.GITHUB_OIDC
            )
            causes = {"scopes[].accounts": roles}
            yield self.document(Quota.ROLE_INLINE_POLICIES, f"policy of {name}", onward, causes)

    def _trust(self, one: Entry) -> Document:
        center = self.organisation.identity_center
        account = self.organisation.account(one.account).id
        principals = self.topology.entry_principals(one)
        if one.kind is EntryKind.IAM_USER:
            return trust.iam_user_entry(principals, self.regions)
        if one.kind is EntryKind.IDENTITY_CENTER and center:
            people = self.topology.entry_identities(one)
            tag, regions = center.principal_tag, self.regions
            return trust.identity_center_entry(account, principals[0], tag, people, regions)
        claims = trust.WorkflowClaims(
            one.repository or "",
            one.repository_id or 0,
            one.workflow or "",
            one.environment or "",
            one.owner_id,
        )
        return trust.github_oidc_entry(names.oidc_provider_arn(account), claims, self.regions)

    def of_scopes(self) -> Iterator[Measured]:
        """The policies of each break-glass role, which are alike in all of a scope's accounts."""
        for one in self.organisation.scopes:
            yield from self._scope(one)

    def _scope(self, one: Scope) -> Iterator[Measured]:
        path, name = f"scopes[{one.name}]", names.role("scope", one.name)
        people = self.topology.entry_role_arns(EntryKind.IAM_USER, EntryKind.IDENTITY_CENTER)
        workflows = self.topology.entry_role_arns(EntryKind.GITHUB_OIDC)
        tags = trust.ActivationTags(self.organisation.incident_prefix, one.severities)
        entered = trust.break_glass(people, tags, self.regions, workflow_role_arns=workflows)
        causes: Causes = {"entries": [*people, *workflows] * 2, "regions": self.regions}
        yield self.document(Quota.TRUST_POLICY, f"trust of {name}", entered, causes)
        reach = scope.Reach(
            self.topology.scope_accounts(one)[0].id,
            [scope.GrantOn(grant.actions, grant.resources) for grant in one.grants],
            one.pass_roles,
            one.assume_roles,
        )
        actions = [action for grant in one.grants for action in grant.actions]
        resources = [resource for grant in one.grants for resource in grant.resources]
        roles = {f"{path}.pass_roles": one.pass_roles, f"{path}.assume_roles": one.assume_roles}
        causes = {f"{path}.grants": [*actions, *resources], **roles}
        granted = scope.permissions(reach)
        yield self.document(Quota.ROLE_INLINE_POLICIES, f"scope of {name}", granted, causes)
        causes = {f"{path}.grants": actions, **roles}
        boundary = scope.boundary(reach, tamper.blinding_actions())
        yield self.document(Quota.MANAGED_POLICY, f"boundary of {name}", boundary, causes)

    # --- records -------------------------------------------------------------------------------

    def of_records(self) -> Iterator[Measured]:
        """The policies of vault and witness."""
        topology, readers = self.topology, self.organisation.readers
        logging = self.organisation.logging.deployer
        yield self._bucket(topology.vault_name, logging, topology.vault_readers, topology.trails)
        if witness := topology.witness:
            trails = topology.second_trails
            yield self._bucket(topology.witness_name, witness.deployer, readers, trails)

    def _bucket(
        self, name: str, deployer: str, readers: Sequence[str], trails: Sequence[Trail]
    ) -> Measured:
        bucket = vault.LockedBucket(
            f"arn:aws:s3:::{name}", deployer, readers, compliance=self.topology.locked
        )
        policy = vault.locked_bucket(
            bucket, [vault.Delivery(trail.arn, trail.owners) for trail in trails]
        )
        causes = {"accounts": [trail.arn for trail in trails] * 2, "readers": readers}
        return self.document(Quota.BUCKET_POLICY, f"policy of {name}", policy, causes)

    # --- alarms --------------------------------------------------------------------------------

    def of_alarms(self) -> Iterator[Measured]:
        """The policies of hub and topics."""
        account, region = self.organisation.logging.id, self.organisation.home_region
        forwarders = self.topology.forwarder_arns
        hub = watch.hub(self.topology.hub_arn, forwarders)
        yield self.document(Quota.BUS_POLICY, "policy of the hub", hub, {"accounts": forwarders})
        own = f"arn:aws:cloudwatch:{region}:{account}:alarm:{names.PREFIX}-*"
        for tier, alarms in zip(TIERS, (own, None), strict=True):
            topic, pager = (
                names.topic_arn(region, account, tier),
                names.role_arn(account, "pager", tier),
            )
            policy = watch.topic(topic, pager, alarms)
            yield self.document(Quota.TOPIC_POLICY, f"policy of the {tier} topic", policy, {})

    def of_rules(self) -> Iterator[Measured]:
        """The rules of each class of regions, and the policy of the queue for what they lose."""
        home = self.organisation.home_region
        longest_last = sorted(self.regions, key=len)
        regions = {rules.region_class(region, home): region for region in longest_last}
        for where, region in regions.items():
            yield from self._rules(where, region)

    def _rules(self, where: rules.RegionClass, region: str) -> Iterator[Measured]:
        users, sets = self.topology.users, self.topology.permission_sets
        causes: Causes = {"entries[].people": users, "entries[].permission_set": sets}
        try:
            packed = rules.pack(where, entry_users=users, permission_sets=sets, quotas=self.quotas)
        except QuotaExceeded as fault:
            yield Measured(fault.what, fault.size, fault.limit, fault.quota, causes)
            return
        buses = f"rules on the bus of {region}"
        yield self.count(Quota.RULES_PER_BUS, buses, len(packed), causes)
        wild = sum(Pattern(rule.pattern, self.quotas).wildcards for rule in packed)
        yield self.count(Quota.WILDCARD_RULES_PER_BUS, f"{buses} that have wildcards", wild, causes)
        for rule in packed:
            size = len(compact(rule.pattern))
            yield self.count(Quota.EVENT_PATTERN, f"pattern of {rule.name}", size, causes)
            yield self.count(Quota.RULE_NAME, f"length of {rule.name}", len(rule.name), {})
        account = self.organisation.logging.id
        arns = [names.rule_arn(region, account, rule.name) for rule in packed]
        policy = watch.queue(names.queue_arn(region, account, "undelivered"), arns)
        yield self.document(Quota.QUEUE_POLICY, f"policy of a queue in {region}", policy, {})

    # --- guardrails ----------------------------------------------------------------------------

    def of_guardrails(self) -> Iterator[Measured]:
        """The policies of an AWS organisation, and how many there are where they are attached."""
        if self.organisation.organizations is None:
            return
        deployers = self.topology.deployer_arns
        control = guardrails.service_control(
            guardrails.Guarded(
                deployers,
                self.regions,
                self.organisation.logging.id,
                compliance=self.topology.locked,
            )
        )
        causes = {"accounts": [*deployers, *deployers], "regions": self.regions}
        for noun, document in control.items():
            yield self.document(Quota.SCP, names.organization_policy(noun), document, causes)
        attached = len(control) + guardrails.ATTACHED_BY_AWS
        yield self.count(Quota.SCPS_PER_TARGET, "SCPs at the root", attached, {})
        yield from self._resource_control(deployers)

    def _resource_control(self, deployers: Sequence[str]) -> Iterator[Measured]:
        """The RCPs, one for who enters an account and one for what is recorded there."""
        for account in self.topology.closed_accounts:
            entrants = self.topology.entrants(account)
            name = names.organization_policy("entrants", account.id)
            document, causes = guardrails.only_keepers_enter(entrants), {"entries": entrants}
            yield self.document(Quota.RCP, name, document, causes)
            yield self.count(Quota.ORGANIZATION_POLICY_NAME, f"length of {name}", len(name), {})
        keepers = self.organisation.of(AccountRole.LOGGING, AccountRole.WITNESS)
        own = guardrails.of_accounts(deployers, [account.id for account in keepers])
        records = guardrails.keep_the_records(self.topology.record_bucket_arns, own)
        name = names.organization_policy("records")
        yield self.document(Quota.RCP, name, records, {"accounts": own})
        attached = 2 + guardrails.ATTACHED_BY_AWS
        yield self.count(Quota.RCPS_PER_TARGET, "RCPs at the logging account", attached, {})
