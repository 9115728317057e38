"""What a rehearsal hands to the proof: the resources as recorded, the settings as plain facts."""

from collections.abc import Iterable, Mapping, Sequence

from breakglass import names
from breakglass.documents import trust
from breakglass.errors import InvalidInput
from breakglass.proof import graph as plain
from breakglass.proof.graph import Facts, Graph, Resource
from breakglass.rehearsal.engine.monitor import PROVIDER, Registration
from breakglass.rehearsal.stage import Stage
from breakglass.settings import Entry, EntryKind, Organisation, Repository, Side
from breakglass.topology import Topology


def graph(stage: Stage) -> Graph:
    """Return what the program declared on a stage, for the sides that were applied."""
    return graph_of(stage.organisation, stage.records, stage.runs.keys())


def graph_of(
    organisation: Organisation, records: Mapping[str, Registration], sides: Iterable[Side]
) -> Graph:
    """Return the graph of recorded resources, by URN, and of the settings that they came from.

    Raises `InvalidInput` for a resource of which it cannot be told whose account it is in.
    """
    resources = [
        _resource(record, records)
        for record in records.values()
        if record.custom and not record.type.startswith("pulumi:")
    ]
    return Graph(facts(organisation, sides), tuple(resources))


# --- resources ------------------------------------------------------------------------------------


def _resource(record: Registration, records: Mapping[str, Registration]) -> Resource:
    provider = _provider(record, records)
    region = record.inputs.get("region") or provider.inputs.get("region") or ""
    return Resource(
        type=record.type,
        name=record.name,
        account=_account(record, provider),
        region=region,
        inputs=record.inputs,
        outputs=record.outputs,
        id=record.id,
        source=record.source,
    )


def _provider(record: Registration, records: Mapping[str, Registration]) -> Registration:
    provider = records.get(record.provider.rpartition("::")[0])
    if provider is None:
        accepted = "a provider that the program makes, so that its account is known"
        raise InvalidInput(f"{record.name}: provider", record.provider, accepted)
    return provider


def _account(record: Registration, provider: Registration) -> str:
    """The account that the provider is bound to; of GitHub's the owner."""
    if provider.type == f"{PROVIDER}github":
        return str(provider.inputs.get("owner") or "")
    roles = provider.inputs.get("assumeRoles") or ()
    allowed = provider.inputs.get("allowedAccountIds") or ()
    accounts = {str(role["roleArn"]).split(":")[4] for role in roles[-1:]} or set(allowed)
    if len(accounts) != 1:
        accepted = "assumeRoles, or one id in allowedAccountIds"
        raise InvalidInput(f"provider of {record.name}", dict(provider.inputs), accepted)
    return str(accounts.pop())


# --- facts ----------------------------------------------------------------------------------------


def facts(organisation: Organisation, sides: Iterable[Side]) -> Facts:
    """Return the settings as plain values, as far as an invariant asks for them."""
    topology = Topology(organisation)
    organizations, github = organisation.organizations, organisation.github
    return Facts(
        name=organisation.name,
        production=organisation.production,
        small=organisation.small,
        sides=_sides(sides),
        home_region=organisation.home_region,
        regions=organisation.watched_regions,
        organization=organizations.id if organizations else None,
        root=organizations.root_id if organizations else None,
        accounts=[
            plain.Account(one.id, one.name, one.role.value, one.role.side.value, one.deployer)
            for one in organisation.accounts
        ],
        pipelines={
            plain.KEEPER: organisation.deployers.keeper,
            plain.EDGE: organisation.deployers.edge,
        },
        people=[
            plain.Person(one.name, one.side.value, one.iam_user, one.identity_center, one.github)
            for one in organisation.people
        ],
        entries=[_entry(entry, topology) for entry in organisation.entries],
        scopes=_scopes(topology),
        incident_prefix=organisation.incident_prefix,
        pager=[
            plain.Endpoint(one.protocol.value, one.endpoint, one.tier.value)
            for one in organisation.pager
        ],
        repositories=[_repository(repository) for repository in github.repositories],
        app=github.app.id if github.app else None,
        lock_mode=organisation.retention.mode.value,
        retention_days=organisation.retention.days,
        vault=topology.vault_name,
        witness=topology.witness_name if topology.witness else None,
    )


def _sides(sides: Iterable[Side]) -> Sequence[str]:
    """The sides of the stacks that were applied; a stack of both stands for each."""
    given = set(sides)
    both = Side.ALL in given
    return [side.value for side in (Side.KEEPER, Side.EDGE) if both or side in given]


def _entry(entry: Entry, topology: Topology) -> plain.Entry:
    organisation = topology.organisation
    account = organisation.account(entry.account).id
    center = organisation.identity_center
    oidc = entry.kind is EntryKind.GITHUB_OIDC
    return plain.Entry(
        name=entry.name,
        kind=entry.kind.value,
        account=account,
        role_arn=names.entry_role_arn(account, entry.name),
        people=entry.people,
        principals=(
            [names.oidc_provider_arn(account)] if oidc else topology.entry_principals(entry)
        ),
        principal_tag=(
            center.principal_tag if center and entry.kind is EntryKind.IDENTITY_CENTER else None
        ),
        claims=_claims(entry) if oidc else {},
        workflow_identity=trust.WORKFLOW_IDENTITY if oidc else None,
    )


def _claims(entry: Entry) -> Mapping[str, Sequence[str]]:
    """What a token must say; settings of this kind have every one of the values."""
    repository, subject = str(entry.repository), f":environment:{entry.environment}"
    subjects = [f"repo:{repository}{subject}"]
    if entry.owner_id is not None:
        owner, _, name = repository.partition("/")
        subjects.append(f"repo:{owner}@{entry.owner_id}/{name}@{entry.repository_id}{subject}")
    return {
        "aud": ["sts.amazonaws.com"],
        "sub": subjects,
        "repository_id": [str(entry.repository_id)],
        "job_workflow_ref": [f"{repository}/{entry.workflow}"],
    }


def _scopes(topology: Topology) -> Sequence[plain.Scope]:
    return [
        plain.Scope(
            name=scope.name,
            gate=scope.gate,
            severities=[severity.value for severity in scope.severities],
            grants=[plain.Grant(grant.actions, grant.resources) for grant in scope.grants],
            roles={
                account.id: names.break_glass_role_arn(account.id, scope.name)
                for account in topology.scope_accounts(scope)
            },
            pass_roles=scope.pass_roles,
            assume_roles=scope.assume_roles,
        )
        for scope in topology.organisation.scopes
    ]


def _repository(repository: Repository) -> plain.Repository:
    return plain.Repository(
        name=repository.name,
        branch=repository.default_branch,
        keeper=repository.keeper,
        gates=[
            plain.Gate(
                id=gate.id,
                kind=gate.kind.value,
                skippable=gate.skippable,
                context=gate.context,
                integration_id=gate.integration_id,
                approvals=gate.approvals,
                environment=gate.environment,
            )
            for gate in repository.gates
        ],
    )
