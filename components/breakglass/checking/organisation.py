"""A graph whose facts are those of an organisation file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from breakglass import names
from breakglass.checking.accounts import account_of
from breakglass.checking.graphs import provider_of, resources_of
from breakglass.checking.normal import normal
from breakglass.documents import trust
from breakglass.errors import InvalidInput
from breakglass.proof import graph as plain
from breakglass.proof.graph import Facts, Graph, Resource, Unread
from breakglass.rehearsal.engine.registration import Registration
from breakglass.settings import Entry, EntryKind, Organisation, Repository, Side, load
from breakglass.topology import Topology


def graph_of(
    organisation: Organisation, records: Mapping[str, Registration], sides: Iterable[Side]
) -> Graph:
    """Return the graph of recorded resources, by URN, and of the settings that they came from.

    Raises `InvalidInput` for a resource of which it cannot be told whose account it is in.
    """
    resources = tuple(resources_of(records))
    _refuse_untold(records)
    return Graph(facts(organisation, sides), resources)


def of_file(
    file: Path,
    resources: Iterable[Resource],
    records: Mapping[str, Registration],
    unread: Iterable[Unread],
) -> Graph:
    """Return the graph of a program that need not be the kit's, with the facts of a file.

    It holds the sides in whose accounts the program manages something. Raises `InvalidInput` as
    `graph_of` does, and where that is no side at all.
    """
    _refuse_untold(records)
    organisation = load(file)
    found = normal(resources)
    there = {one.account for one in found}
    sides = {one.role.side for one in organisation.accounts if one.id in there}
    if not sides:
        accepted = "the file of the organisation in whose accounts the program stands"
        raise InvalidInput("--org", ", ".join(sorted(there)) or "no account", accepted)
    return Graph(facts(organisation, sides), tuple(found), tuple(unread))


def _refuse_untold(records: Mapping[str, Registration]) -> None:
    for record in records.values():
        if record.custom and record.type.startswith("aws:"):
            provider = provider_of(record, records)
            if not account_of(provider).told:
                accepted = "assumeRoles, or one id in allowedAccountIds"
                raise InvalidInput(f"provider of {record.name}", dict(provider.inputs), accepted)


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
        readers={
            topology.vault_name: topology.vault_readers,
            **({topology.witness_name: organisation.readers} if topology.witness else {}),
        },
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
    center_entry = entry.kind is EntryKind.IDENTITY_CENTER
    return plain.Entry(
        name=entry.name,
        kind=entry.kind.value,
        account=account,
        role_arn=names.entry_role_arn(account, entry.name),
        people=entry.people,
        principals=(
            [names.oidc_provider_arn(account)] if oidc else topology.entry_principals(entry)
        ),
        principal_tag=center.principal_tag if center and center_entry else None,
        identities=topology.entry_identities(entry) if center_entry else (),
        claims=_claims(entry) if oidc else {},
        repository=entry.repository,
        environment=entry.environment,
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
                code_owners=gate.code_owners,
                environment=gate.environment,
                reviewers=frozenset((*gate.reviewer_teams, *gate.reviewer_users)),
            )
            for gate in repository.gates
        ],
    )
