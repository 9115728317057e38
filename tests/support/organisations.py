"""Organisations of any size, for tests and benchmarks."""

from typing import Any, Final

Plain = dict[str, Any]

HOME: Final = "eu-west-1"
REGIONS: Final = (
    HOME,
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "eu-north-1",
    "us-east-2",
    "eu-west-2",
    "ap-southeast-2",
    "eu-west-3",
    "ap-northeast-1",
    "ca-central-1",
    "us-west-1",
    "ap-southeast-1",
    "ap-south-1",
    "sa-east-1",
    "ap-northeast-2",
    "ap-northeast-3",
)
"""The Regions that a new account has enabled (AWS Account Management guide, "Enable or disable AWS
Regions"), home and us-east-1 first: no organisation does without those two."""

FEWEST_ACCOUNTS: Final = 4
"""Management, logging, broker and a workload; the witness comes fifth."""

_GITHUB: Final = "generated-org"
_SECRET_SCAN: Final = {
    "id": "secret-scan",
    "kind": "check",
    "context": "secret-scan",
    "integration_id": 900002,
    "skippable": False,
}
_APPROVAL: Final = {
    "id": "break-glass-approval",
    "kind": "deployment",
    "environment": "break-glass",
    "reviewer_teams": [31],
    "skippable": False,
}
_RUNBOOKS: Final = {
    "drain": (
        ["sqs:PurgeQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
        "arn:aws:sqs:*:{account}:*",
    ),
    "deploy": (["ssm:GetParameter", "ssm:PutParameter"], "arn:aws:ssm:*:{account}:parameter/app/*"),
    "failover": (["rds:FailoverDBCluster"], "arn:aws:rds:*:{account}:cluster:*"),
}
"""What each scope grants. Queues come first: a rehearsal follows the first runbook, and what it
loads for queues is there anyway."""


def generate(accounts: int, regions: int, repositories: int, actors: int = 2) -> Plain:
    """Give what a file of an organisation of this size would hold, for ``breakglass.settings``.

    At least `FEWEST_ACCOUNTS` accounts, two Regions (home and us-east-1), one repository and one
    actor, each with an IAM user; the same sizes give the same organisation. The workloads take
    turns in the scopes.
    """
    responders = [f"firstname-name{number:02}" for number in range(1, actors + 1)]
    members = _accounts(accounts)
    named = [f"service-{number:03}" for number in range(1, repositories)] + ["security"]
    return {
        "name": f"generated-{accounts}",
        "production": True,
        "home_region": HOME,
        "regions": list(REGIONS[:regions]),
        "organizations": {"id": "o-generated001", "root_id": "r-gene"},
        "accounts": members,
        "identity_center": {"region": HOME},
        "deployers": {
            "keeper": f"arn:aws:iam::{_id(members, 'logging')}:role/ci-keeper",
            "edge": f"arn:aws:iam::{_id(members, 'broker')}:role/ci-edge",
        },
        "people": [
            *(_person(name, "edge") for name in responders),
            _person("joan", "keeper"),
        ],
        "entries": _entries(responders),
        "scopes": _scopes([m["name"] for m in members if m["role"] == "workload"]),
        "pager": [{"protocol": "email", "endpoint": "oncall@example.com"}],
        "retention": {"mode": "COMPLIANCE", "days": 400},
        "github": {
            "organization": _GITHUB,
            "plan": "enterprise",
            "app": {"id": 900001, "slug": "generated-break-glass"},
            "repositories": [_repository(name) for name in named],
        },
    }


def _accounts(count: int) -> list[Plain]:
    single = ["management", "logging", "broker"]
    if count > FEWEST_ACCOUNTS:
        single.insert(2, "witness")
    workloads = [f"workload-{number:03}" for number in range(1, count - len(single) + 1)]
    roles = [(name, name) for name in single] + [(name, "workload") for name in workloads]
    return [
        {"name": name, "role": role, "id": f"{100_000_000_000 + number}"}
        for number, (name, role) in enumerate(roles, 1)
    ]


def _id(members: list[Plain], name: str) -> str:
    return next(str(member["id"]) for member in members if member["name"] == name)


def _person(name: str, side: str) -> Plain:
    identities = {"identity_center": f"{name}@example.com", "github": f"{name}-generated"}
    return (
        {"name": name, "side": side}
        | ({"iam_user": name.replace("-", ".")} if side == "edge" else {})
        | identities
    )


def _entries(responders: list[str]) -> list[Plain]:
    return [
        {
            "name": "hardware-key",
            "kind": "iam-user",
            "account": "broker",
            "people": responders,
        },
        {
            "name": "sso",
            "kind": "identity-center",
            "account": "broker",
            "permission_set": "BreakGlass",
            "people": responders,
        },
        {
            "name": "workflow",
            "kind": "github-oidc",
            "account": "broker",
            "repository": f"{_GITHUB}/security",
            "repository_id": 700000001,
            "workflow": ".github/workflows/break-glass.yml@refs/heads/main",
            "environment": "break-glass",
        },
    ]


def _scopes(workloads: list[str]) -> list[Plain]:
    """Deal the workloads out to the scopes, one each; a scope without any is left out."""
    dealt = {
        name: workloads[place :: len(_RUNBOOKS)]
        for place, name in enumerate(_RUNBOOKS)
        if workloads[place :: len(_RUNBOOKS)]
    }
    return [
        {
            "name": name,
            "runbook": f"docs/runbooks/{name}.md",
            "accounts": among,
            "grants": [{"actions": _RUNBOOKS[name][0], "resources": [_RUNBOOKS[name][1]]}],
        }
        for name, among in dealt.items()
    ]


def _repository(name: str) -> Plain:
    keeper = name == "security"
    review = {"id": "review", "kind": "review", "skippable": not keeper}
    tests = {"id": "unit-tests", "kind": "check", "context": "unit", "skippable": True}
    gates = [review, _SECRET_SCAN, _APPROVAL] if keeper else [review, tests, _SECRET_SCAN]
    return {"name": name, "keeper": keeper, "gates": gates}
