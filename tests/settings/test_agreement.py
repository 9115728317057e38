"""Each thing that must agree across an organisation file: its fault by name, and its twin."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from shipped import GONE, shipped

from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.settings import Organisation, parse
from breakglass.settings.agreement import RULES, Rule
from breakglass.settings.load import _sound_sections

KIT_ROLE = "arn:aws:iam::555555555555:role/breakglass/break-glass-deployer"
APP_ROLE = "arn:aws:iam::555555555555:role/app/task"
REASON = "The whole account is one throw-away cluster"


@dataclass(frozen=True, slots=True)
class Case:
    """A change that is refused at a place of the file, and one close to it that is taken."""

    says: str
    refused: Mapping[str, Any]
    at: str
    accepted: str
    taken: Mapping[str, Any]
    file: str = field(default="example", kw_only=True)


def scope_of(*actions: str, **more: object) -> dict[str, object]:
    grants = [{"actions": list(actions), "resources": ["*"]}]
    return {"name": "extra", "runbook": "r.md", "accounts": ["shop"], "grants": grants, **more}


def entry_of(kind: str, **more: object) -> dict[str, object]:
    return {"name": "extra", "kind": kind, "account": "broker", **more}


def check_of(context: str = "lint", **more: object) -> dict[str, object]:
    return {"id": "extra", "kind": "check", "context": context, "skippable": True, **more}


def deployment_of(**more: object) -> dict[str, object]:
    gate = {"id": "extra", "kind": "deployment", "environment": "stage", "skippable": True}
    return {**gate, "reviewer_teams": [31]} | more


GITHUB_JOB = {
    "repository": "example-org/security",
    "repository_id": 7,
    "workflow": ".github/workflows/b.yml@refs/heads/main",
    "environment": "break-glass",
}
SHOP_GATES = "github.repositories.0.gates.+"
SHOP_GATE = "github.repositories[shop].gates[extra]"

CASES = [
    # --- words and accounts
    Case(
        "two accounts of one name",
        {"accounts.5.name": "shop", "scopes.0.accounts": ["shop"], "scopes.1.accounts": ["shop"]},
        "accounts[].name",
        "each value once; it stands 2 times",
        {
            "accounts.5.name": "billing",
            "scopes.0.accounts": ["billing"],
            "scopes.1.accounts": ["shop"],
        },
    ),
    Case(
        "one account on both sides",
        {"accounts.4.id": "222222222222"},
        "accounts[].id",
        "each value once",
        {"accounts.4.id": "777777777777"},
    ),
    Case(
        "two people of one name",
        {"people.3.name": "ada"},
        "people[].name",
        "each value once",
        {"people.3.name": "hedy"},
    ),
    Case(
        "two entries of one name",
        {"entries.2.name": "sso"},
        "entries[].name",
        "each value once",
        {"entries.2.name": "job"},
    ),
    Case(
        "two scopes of one name",
        {"scopes.1.name": "prod-deploy"},
        "scopes[].name",
        "each value once",
        {"scopes.1.name": "failover"},
    ),
    Case(
        "no logging account",
        {"accounts.1.role": "workload"},
        "accounts[role=logging]",
        "exactly one",
        {"accounts.1.role": "logging"},
    ),
    Case(
        "two logging accounts",
        {"accounts.2.role": "logging"},
        "accounts[role=logging]",
        "exactly one",
        {"accounts.2.role": "witness"},
    ),
    Case(
        "two witnesses",
        {"accounts.+": {"name": "other", "role": "witness", "id": "777777777777"}},
        "accounts[role=witness]",
        "at most one",
        {"accounts.+": {"name": "other", "role": "workload", "id": "777777777777"}},
    ),
    Case(
        "no workload",
        {"accounts.1.role": "broker", "entries.0.account": "app"},
        "accounts[role=workload]",
        "at least one",
        {"accounts.+": {"name": "edge", "role": "broker", "id": "777777777777"}},
        file="minimal",
    ),
    Case(
        "an organisation without its management account",
        {"accounts.0.role": "workload"},
        "accounts[role=management]",
        "one, since organizations is given",
        {"accounts.0.role": "management"},
    ),
    Case(
        "a management account without its organisation",
        {"organizations": GONE},
        "organizations",
        "id and root_id",
        {"organizations": GONE, "accounts.0.role": "workload"},
    ),
    # --- deployers
    Case(
        "a deployer outside the kit's path",
        {"accounts.4.deployer_role_arn": "arn:aws:iam::555555555555:role/deployer"},
        "accounts[shop].deployer_role_arn",
        "a role under arn:aws:iam::555555555555:role/breakglass/",
        {"accounts.4.deployer_role_arn": "arn:aws:iam::555555555555:role/breakglass/ci"},
    ),
    Case(
        "a deployer of another account",
        {"accounts.4.deployer_role_arn": "arn:aws:iam::666666666666:role/breakglass/ci"},
        "accounts[shop].deployer_role_arn",
        "a role under arn:aws:iam::555555555555:role/breakglass/",
        {"accounts.5.deployer_role_arn": "arn:aws:iam::666666666666:role/breakglass/ci"},
    ),
    Case(
        "a break-glass role as deployer",
        {
            "accounts.4.deployer_role_arn": (
                "arn:aws:iam::555555555555:role/breakglass/break-glass-scope-prod-deploy"
            )
        },
        "accounts[shop].deployer_role_arn",
        "whose name does not begin with break-glass",
        {"accounts.4.deployer_role_arn": KIT_ROLE},
    ),
    Case(
        "one principal over both sides",
        {"deployers.edge": "arn:aws:iam::222222222222:role/ci-keeper"},
        "deployers",
        "another principal for each side",
        {"deployers.edge": "arn:aws:iam::555555555555:role/ci-keeper"},
    ),
    Case(
        "one principal over both sides of a team that is not small",
        {"small": False},
        "deployers",
        "or small: true",
        {"small": True},
        file="minimal",
    ),
    Case(
        "the keeper's pipeline in a workload account",
        {"deployers.keeper": "arn:aws:iam::555555555555:role/ci-keeper"},
        "deployers.keeper",
        "outside the other side's accounts",
        {"deployers.keeper": "arn:aws:iam::999999999999:role/ci-keeper"},
    ),
    Case(
        "the edge's pipeline in the witness",
        {"deployers.edge": "arn:aws:iam::333333333333:role/ci-edge"},
        "deployers.edge",
        "outside the other side's accounts",
        {"deployers.edge": "arn:aws:iam::999999999999:role/ci-edge"},
    ),
    # --- quotas and regions
    Case(
        "a quota that nobody knows",
        {"quotas": {"patience": 3}},
        "quotas.patience",
        "one of event_pattern",
        {"quotas": {"trust_policy": 4096}},
    ),
    Case(
        "more than AWS grants of a quota",
        {"quotas": {"trust_policy": 4097}},
        "quotas.trust_policy",
        "1 to 4096",
        {"quotas": {"trust_policy": 4096}},
    ),
    Case(
        "a home region that is not enabled",
        {"regions": ["us-east-1", "eu-central-1"]},
        "regions",
        "a list with eu-west-1",
        {"regions": ["us-east-1", "eu-west-1"]},
    ),
    Case(
        "no rules where the global services log",
        {"regions": ["eu-west-1"]},
        "regions",
        "a list with us-east-1",
        {"regions": ["eu-west-1", "us-east-1"]},
    ),
    Case(
        "a region twice",
        {"regions.+": "eu-west-1"},
        "regions[]",
        "each value once",
        {"regions.+": "ap-south-1"},
    ),
    Case(
        "a region of another partition",
        {"regions.+": "us-gov-west-1"},
        "regions",
        "one of af-south-1, ap-east-1",
        {"regions.+": "us-west-1"},
    ),
    Case(
        "a region that is misspelt",
        {"regions.1": "eu-cental-1"},
        "regions",
        "eu-central-1, or another one of",
        {"regions.1": "eu-central-2"},
    ),
    Case(
        "Identity Center where nothing watches it",
        {"identity_center.region": "eu-central-1"},
        "identity_center.region",
        "eu-west-1 or us-east-1",
        {"identity_center.region": "us-east-1"},
    ),
    # --- people and entries
    Case(
        "a person with two mappings of one IAM user",
        {"people.2.iam_user": "ADA"},
        "people[source_identity]",
        "each value once",
        {"people.2.iam_user": "linus"},
    ),
    Case(
        "an actor who is a keeper in Identity Center",
        {"people.3.identity_center": "ada@example.com"},
        "people[source_identity]",
        "each value once",
        {"people.3.identity_center": "kate@example.com"},
    ),
    Case(
        "a keeper whom Identity Center calls as IAM calls an actor",
        {"people.3.identity_center": "ada"},
        "people[source_identity]",
        "each value once",
        {"people.0.identity_center": "ada"},
    ),
    Case(
        "two actors of one source identity",
        {"people.2.identity_center": "Grace"},
        "people[source_identity]",
        "each value once",
        {"people.2.identity_center": "linus"},
    ),
    Case(
        "a person who is called as workflows are",
        {"people.2.iam_user": "github-workflow"},
        "people[source_identity]",
        "another name: workflows enter by this",
        {"people.2.iam_user": "github-workflows"},
    ),
    Case(
        "an actor who is a keeper on GitHub",
        {"people.3.github": "Ada-Example"},
        "people[].github",
        "each value once",
        {"people.3.github": "kate-example"},
    ),
    Case(
        "nobody who keeps the record",
        {"people.1.side": "edge"},
        "people[side=keeper]",
        "at least one person to keep the record",
        {"people.1.name": "kate"},
        file="minimal",
    ),
    Case(
        "nobody who may break the glass",
        {"people": [{"name": "joan", "side": "keeper"}], "entries": [entry_of("github-oidc")]},
        "people[side=edge]",
        "at least one person to break the glass",
        {"people.+": {"name": "jean", "side": "edge"}},
    ),
    Case(
        "an entry in a keeper's account",
        {"entries.0.account": "logging"},
        "entries[hardware-key].account",
        "the name of a broker or workload account",
        {"entries.0.account": "shop"},
    ),
    Case(
        "an entry in an account that is not listed",
        {"entries.0.account": "nowhere"},
        "entries[hardware-key].account",
        "the name of a broker or workload account",
        {"entries.0.account": "payments"},
    ),
    Case(
        "an entry for a stranger",
        {"entries.0.people": ["mallory"]},
        "entries[hardware-key].people",
        "the name of a listed person",
        {"entries.0.people": ["grace"]},
    ),
    Case(
        "an entry for a keeper",
        {"entries.1.people": ["joan"]},
        "entries[sso].people",
        "an actor: a keeper never breaks the glass",
        {"entries.1.people": ["linus"]},
    ),
    Case(
        "an entry for a user who has no IAM user",
        {"entries.0.people": ["linus"]},
        "entries[hardware-key].people",
        "a person with an iam_user",
        {"entries.0.people": ["ada"]},
    ),
    Case(
        "an entry by Identity Center for a person whom it does not know",
        {"people.2": {"name": "linus", "side": "edge", "iam_user": "linus"}},
        "entries[sso].people",
        "a person with an identity_center",
        {"people.2": {"name": "linus", "side": "edge", "identity_center": "linus"}},
    ),
    Case(
        "a permission set that lets nobody in",
        {"entries.1.people": []},
        "entries[sso].people",
        "at least one person",
        {"entries.1.people": ["linus"]},
    ),
    Case(
        "people at a workflow, whose reviewers decide",
        {"entries.2.people": ["ada"]},
        "entries[workflow].people",
        "nothing, since kind is github-oidc",
        {"entries.2.people": []},
    ),
    Case(
        "a person twice at one entry",
        {"entries.0.people": ["ada", "ada"]},
        "entries[hardware-key].people[]",
        "each value once",
        {"entries.0.people": ["ada", "grace"]},
    ),
    Case(
        "an entry for IAM users without users",
        {"entries.+": entry_of("iam-user")},
        "entries[extra].people",
        "at least one person",
        {"entries.+": entry_of("iam-user", people=["ada"])},
    ),
    Case(
        "Identity Center without a permission set",
        {"entries.1.permission_set": GONE},
        "entries[sso].permission_set",
        "a value, since kind is identity-center",
        {"entries.1.permission_set": "Emergency"},
    ),
    Case(
        "an entry from an Identity Center that is not given",
        {"identity_center": GONE},
        "identity_center",
        "its region, since entries[sso] uses it",
        {"identity_center": {"region": "eu-west-1"}},
    ),
    *(
        Case(
            f"a workflow whose {claim} is not pinned",
            {"entries.+": entry_of("github-oidc", **{**GITHUB_JOB, claim: None})},
            f"entries[extra].{claim}",
            "a value, since kind is github-oidc",
            {"entries.+": entry_of("github-oidc", **GITHUB_JOB)},
        )
        for claim in GITHUB_JOB
    ),
    *(
        Case(
            f"a workflow of {whose}",
            {"entries.2.repository": repository},
            "entries[workflow].repository",
            "a repository with keeper: true (example-org/security)",
            {"entries.2.repository": "example-org/security"},
        )
        for whose, repository in (
            ("a repository whose gates can be skipped", "example-org/shop"),
            ("a repository that is not listed", "example-org/tools"),
            ("another organisation", "other-org/security"),
        )
    ),
    Case(
        "a workflow of a repository that was the keepers'",
        {"github.repositories.2.keeper": False},
        "entries[workflow].repository",
        "a repository with keeper: true (list one in github.repositories)",
        {"github.repositories.2.keeper": True},
    ),
    Case(
        "a workflow of a branch that nothing protects",
        {"entries.2.workflow": ".github/workflows/b.yml@refs/heads/mine"},
        "entries[workflow].workflow",
        "a file at refs/heads/main",
        {
            "entries.2.workflow": ".github/workflows/b.yml@refs/heads/trunk",
            "github.repositories.2.default_branch": "trunk",
        },
    ),
    Case(
        "a workflow in an environment without reviewers",
        {"entries.2.environment": "emergency"},
        "entries[workflow].environment",
        "the environment of a deployment gate of security",
        {
            "entries.2.environment": "emergency",
            "github.repositories.2.gates.2.environment": "emergency",
        },
    ),
    Case(
        "a permission set that nothing uses",
        {"entries.0.permission_set": "BreakGlass"},
        "entries[hardware-key].permission_set",
        "nothing, since kind is iam-user",
        {"entries.1.permission_set": "BreakGlass"},
    ),
    Case(
        "a workflow that nothing uses",
        {"entries.1.workflow": GITHUB_JOB["workflow"]},
        "entries[sso].workflow",
        "nothing, since kind is identity-center",
        {"entries.2.owner_id": 5},
    ),
    # --- scopes
    Case(
        "a scope in an account without workload",
        {"scopes.1.accounts": ["broker"]},
        "scopes[rds-failover].accounts",
        "the name of a workload account",
        {"scopes.1.accounts": ["shop"]},
    ),
    Case(
        "a scope twice in an account",
        {"scopes.1.accounts": ["shop", "shop"]},
        "scopes[rds-failover].accounts[]",
        "each value once",
        {"scopes.1.accounts": ["shop", "payments"]},
    ),
    Case(
        "an action that AWS does not know",
        {"scopes.+": scope_of("ecs:RestartService")},
        "scopes[extra].grants",
        "an IAM action that exists",
        {"scopes.+": scope_of("ecs:UpdateService")},
    ),
    Case(
        "a glob that stands for nothing",
        {"scopes.+": scope_of("ecs:Restart*")},
        "scopes[extra].grants",
        "an IAM action that exists",
        {"scopes.+": scope_of("ecs:Describe*")},
    ),
    Case(
        "AdministratorAccess without saying so",
        {"scopes.+": scope_of("*")},
        "scopes[extra].grants",
        "named actions, or an administrator_reason",
        {"scopes.+": scope_of("*", administrator_reason=REASON)},
    ),
    *(
        Case(
            f"a role handed on by {action}",
            {"scopes.+": scope_of(action)},
            "scopes[extra].grants",
            "pass_roles or assume_roles, which list the targets",
            {"scopes.+": scope_of("ecs:RunTask", pass_roles=[APP_ROLE], assume_roles=[APP_ROLE])},
        )
        for action in ("iam:PassRole", "iam:passrole", "iam:*", "sts:AssumeRole", "sts:Assume*")
    ),
    *(
        Case(
            f"the kit's own role among {field_}",
            {"scopes.+": scope_of("ecs:RunTask", **{field_: [KIT_ROLE]})},
            f"scopes[extra].{field_}",
            "a role outside /breakglass/",
            {"scopes.+": scope_of("ecs:RunTask", **{field_: [APP_ROLE]})},
        )
        for field_ in ("pass_roles", "assume_roles")
    ),
    # --- pager
    Case(
        "nobody who is paged",
        {"pager": [{"protocol": "email", "endpoint": "a@b.example", "tier": "ticket"}]},
        "pager[tier=page]",
        "at least one endpoint",
        {"pager": [{"protocol": "email", "endpoint": "a@b.example"}]},
    ),
    Case(
        "an endpoint twice",
        {"pager.+": {"protocol": "email", "endpoint": "security-oncall@example.com"}},
        "pager[].endpoint",
        "each value once",
        {"pager.+": {"protocol": "email", "endpoint": "second@example.com"}},
    ),
    Case(
        "an endpoint that is nowhere",
        {"pager.+": {"protocol": "https"}},
        "pager[3]",
        "either endpoint or secret",
        {"pager.+": {"protocol": "https", "secret": "pager-url"}},
    ),
    Case(
        "an endpoint in two places",
        {"pager.+": {"protocol": "https", "endpoint": "https://p.example", "secret": "pager-url"}},
        "pager[3]",
        "either endpoint or secret",
        {"pager.+": {"protocol": "https", "endpoint": "https://p.example"}},
    ),
    Case(
        "an endpoint for what is only kept",
        {"pager.+": {"protocol": "email", "endpoint": "a@b.example", "tier": "record"}},
        "pager[3].tier",
        "page or ticket",
        {"pager.+": {"protocol": "email", "endpoint": "a@b.example", "tier": "ticket"}},
    ),
    *(
        Case(
            f"an address that {protocol} cannot reach",
            {"pager.+": {"protocol": protocol, "endpoint": wrong}},
            "pager[3].endpoint",
            accepted,
            {"pager.+": {"protocol": protocol, "endpoint": right}},
        )
        for protocol, wrong, right, accepted in (
            ("https", "http://p.example", "https://p.example", "an https:// address"),
            ("email", "https://p.example", "p@example", "a mail address"),
            ("sms", "030 123456", "+4930123456", "a number with country code"),
        )
    ),
    # --- the lock
    Case(
        "a lock in production that can be bypassed",
        {"retention.mode": "GOVERNANCE"},
        "retention.mode",
        "COMPLIANCE, since production is true",
        {"retention.mode": "COMPLIANCE"},
    ),
    Case(
        "a trial that can never be undone",
        {"retention.mode": "COMPLIANCE"},
        "retention.mode",
        "GOVERNANCE, since production is false",
        {"retention.mode": "GOVERNANCE"},
        file="minimal",
    ),
    Case(
        "a trial whose lock is not spelled",
        {"retention": GONE},
        "retention.mode",
        "GOVERNANCE, since production is false",
        {"retention": {"mode": "GOVERNANCE"}},
        file="minimal",
    ),
    # --- GitHub
    Case(
        "a repository twice",
        {"github.repositories.1.name": "Shop"},
        "github.repositories[].name",
        "each value once",
        {"github.repositories.1.name": "shop-2"},
    ),
    Case(
        "Actions' own App as the kit's",
        {"github.app.id": 15368},
        "github.app.id",
        "an App of yours",
        {"github.app.id": 15369},
    ),
    Case(
        "a gate twice",
        {SHOP_GATES: check_of() | {"id": "review"}},
        "github.repositories[shop].gates[].id",
        "each value once",
        {SHOP_GATES: check_of()},
    ),
    Case(
        "a check in both floor and gate",
        {SHOP_GATES: check_of("secret-scan")},
        "github.repositories[shop].gates[].context",
        "each value once",
        {SHOP_GATES: check_of("licences")},
    ),
    Case(
        "an environment behind two gates",
        {SHOP_GATES: deployment_of(environment="production")},
        "github.repositories[shop].gates[].environment",
        "each value once",
        {SHOP_GATES: deployment_of()},
    ),
    Case(
        "a keeper's repository with a gate to skip",
        {"github.repositories.2.gates.0.skippable": True},
        "github.repositories[security].gates[review].skippable",
        "false: nobody breaks the glass on the glass",
        {"github.repositories.2.gates.0.skippable": False},
    ),
    Case(
        "a gate to skip without an App that could",
        {"github.app": GONE},
        "github.app",
        "the App that passes github.repositories[app].gates[review]",
        {
            "github.app": GONE,
            "github.repositories.0.gates.0.skippable": False,
            "github.repositories.0.gates.1": {"id": "unit", "kind": "review", "skippable": False},
        },
        file="minimal",
    ),
    Case(
        "a private repository on the free plan",
        {"github.repositories.0.visibility": "private"},
        "github.repositories[app].visibility",
        "public on the free plan, or a team plan",
        {"github.repositories.0.visibility": "private", "github.plan": "team"},
        file="minimal",
    ),
    Case(
        "an internal repository on the team plan",
        {"github.repositories.0.visibility": "internal", "github.plan": "team"},
        "github.repositories[app].visibility",
        "private, or an enterprise plan",
        {"github.repositories.0.visibility": "internal", "github.plan": "enterprise"},
        file="minimal",
    ),
    Case(
        "reviewers of a private repository's environment on the team plan",
        {
            "github.repositories.0.visibility": "private",
            "github.plan": "team",
            SHOP_GATES: deployment_of(),
        },
        "github.repositories[app].gates[extra]",
        "a public repository or the enterprise plan; this is team",
        {SHOP_GATES: deployment_of()},
        file="minimal",
    ),
    Case(
        "a check without a name",
        {SHOP_GATES: check_of() | {"context": None}},
        f"{SHOP_GATE}.context",
        "the name of the check",
        {SHOP_GATES: check_of()},
    ),
    *(
        Case(
            f"a floor check that {who} can forge",
            {SHOP_GATES: check_of(skippable=False, integration_id=app)},
            f"{SHOP_GATE}.integration_id",
            "the id of a dedicated App",
            {SHOP_GATES: check_of(skippable=False, integration_id=900004)},
        )
        for who, app in (("anybody", None), ("any workflow", 15368), ("the kit's App", 900001))
    ),
    Case(
        "a review that may be skipped beside one that may not",
        {SHOP_GATES: {"id": "extra", "kind": "review", "skippable": False}},
        "github.repositories[shop].gates[kind=review].skippable",
        "one review, skippable or not",
        {SHOP_GATES: {"id": "extra", "kind": "review", "skippable": True}},
    ),
    Case(
        "a deployment gate without environment",
        {SHOP_GATES: deployment_of(environment=None)},
        f"{SHOP_GATE}.environment",
        "the environment that the gate guards",
        {SHOP_GATES: deployment_of()},
    ),
    *(
        Case(
            f"{count} reviewers of a deployment",
            {
                SHOP_GATES: deployment_of(
                    reviewer_teams=list(teams), reviewer_users=list(range(2, count + 1))
                )
            },
            f"{SHOP_GATE}.reviewers",
            "one to 6 teams and users",
            {SHOP_GATES: deployment_of(reviewer_users=[1, 2, 3, 4, 5])},
        )
        for count, teams, users in ((0, [], []), (7, [31], [1, 2, 3, 4, 5, 6]))
    ),
    *(
        Case(
            f"a {kind} gate with {field_}",
            {SHOP_GATES: {"id": "extra", "kind": kind, "skippable": True, field_: value}},
            f"{SHOP_GATE}.{field_}",
            f"nothing, since kind is {kind}",
            {SHOP_GATES: {"id": "extra", "kind": "review", "skippable": True, "approvals": 2}},
        )
        for kind, field_, value in (
            ("review", "context", "unit"),
            ("review", "reviewer_teams", [31]),
            ("check", "approvals", 2),
            ("check", "environment", "stage"),
            ("deployment", "integration_id", 900004),
            ("deployment", "code_owners", True),
        )
    ),
]


def faults_of(data: dict[str, Any]) -> list[InvalidInput]:
    with pytest.raises(InvalidInputs) as caught:
        parse(data)
    return list(caught.value.faults)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_fault_is_told_by_its_place_and_what_would_do(case: Case) -> None:
    faults = faults_of(shipped(case.file, case.refused))
    assert any(fault.name == case.at and case.accepted in fault.accepted for fault in faults)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_its_twin_is_taken(case: Case) -> None:
    assert isinstance(parse(shipped(case.file, case.taken)), Organisation)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_refuses_one_of_these(rule: Rule) -> None:
    def refuses(case: Case) -> bool:
        sections = _sound_sections(shipped(case.file, case.refused))
        wanted = inspect.signature(rule).parameters
        return any(rule(**{name: sections[name] for name in wanted}))

    assert any(refuses(case) for case in CASES)
