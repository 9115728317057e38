"""What is declared beside the kit and touches what it holds is told, the rest is left alone."""

import pytest
from mutations import added

from breakglass.checking.types import UNREADABLE, unreadable_among
from breakglass.proof.graph import Graph

LOGGING, SHOP = "222222222222", "555555555555"
HERE = f"eu-west-1:{LOGGING}"
QUEUE = f"https://sqs.eu-west-1.amazonaws.com/{LOGGING}"
BOTH = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]

BESIDE = [
    (
        "aws:cloudwatch/alarmMuteRule:AlarmMuteRule",
        {"muteTargets": {"alarmNames": ["break-glass-page-waiting"]}},
        {"muteTargets": {"alarmNames": ["web-shop-errors"]}},
    ),
    (
        "aws:sns/dataProtectionPolicy:DataProtectionPolicy",
        {"arn": f"arn:aws:sns:{HERE}:break-glass-page"},
        {"arn": f"arn:aws:sns:{HERE}:orders"},
    ),
    (
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {"eventSourceArn": f"arn:aws:sqs:{HERE}:break-glass-page"},
        {"eventSourceArn": f"arn:aws:sqs:{HERE}:orders"},
    ),
    (
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        {"queueUrl": f"{QUEUE}/break-glass-page-dead-letters"},
        {"queueUrl": f"{QUEUE}/orders"},
    ),
    (
        "aws:account/region:Region",
        {"regionName": "ap-east-1", "enabled": True},
        {"regionName": "ap-east-1", "enabled": False},
    ),
    (
        "aws:organizations/organization:Organization",
        {"enabledPolicyTypes": BOTH[:1]},
        {"enabledPolicyTypes": BOTH},
    ),
    ("aws:ssoadmin/accountAssignment:AccountAssignment", {"targetId": LOGGING}, {"targetId": SHOP}),
    (
        "github:index/repositoryCollaborator:RepositoryCollaborator",
        {"repository": "security", "permission": "push"},
        {"repository": "security", "permission": "pull"},
    ),
    (
        "github:index/teamRepository:TeamRepository",
        {"repository": "Security", "permission": "admin"},
        {"repository": "shop", "permission": "admin"},
    ),
    (
        "github:index/repositoryDeployKey:RepositoryDeployKey",
        {"repository": "security", "readOnly": False},
        {"repository": "security", "readOnly": True},
    ),
]


def told(graph: Graph, token: str, **inputs: object) -> list[str]:
    more = added(token, "more", "vault-bucket", **inputs)(graph)
    return [one.why for one in unreadable_among(more.resources, more)]


@pytest.mark.parametrize(("token", "touching", "other"), BESIDE)
def test_what_touches_the_kit_is_told_and_its_twin_is_not(
    token: str, touching: dict[str, object], other: dict[str, object], example: Graph
) -> None:
    (why,) = told(example, token, **touching)
    assert why.startswith(UNREADABLE[token].what)
    assert told(example, token, **other) == []


def test_an_account_that_no_settings_list_is_told(example: Graph) -> None:
    (why,) = told(example, "aws:organizations/account:Account", email="a@example.org")
    assert "is watched" in why


def test_of_the_kit_itself_everything_is_read(example: Graph, minimal: Graph) -> None:
    for graph in (example, minimal):
        assert list(unreadable_among(graph.resources, graph)) == []
