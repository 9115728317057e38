"""The real provider, built from its public source, takes the emulated GitHub for GitHub.

What it reads back must be what our handlers read back: so both are right, or both wrong together.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import GitHub, Plan, Role
from breakglass.rehearsal.resources.handlers.github import HANDLERS, INVOKES, GitHubHandler

PLUGIN = shutil.which("pulumi-resource-github")
SECONDS = 60
DORA, TEAM = 1003, 1004

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(PLUGIN is None, reason="no pulumi-resource-github on the PATH"),
]

PROTECTION = {
    "repositoryId": "shop",
    "pattern": "main",
    "enforceAdmins": True,
    "requireConversationResolution": True,
    "requiredPullRequestReviews": [
        {
            "requiredApprovingReviewCount": 2,
            "requireLastPushApproval": True,
            "pullRequestBypassers": ["acme/owners", "/dora"],
        }
    ],
    "requiredStatusChecks": [{"strict": True, "contexts": ["unit"]}],
}
RULESET = {
    "name": "gate",
    "repository": "shop",
    "target": "branch",
    "enforcement": "active",
    "bypassActors": [{"actorType": "Integration", "actorId": 4002, "bypassMode": "pull_request"}],
    "conditions": {"refName": {"includes": ["~DEFAULT_BRANCH"], "excludes": []}},
    "rules": {
        "nonFastForward": True,
        "deletion": True,
        "pullRequest": {"requiredApprovingReviewCount": 1, "requireCodeOwnerReview": True},
        "requiredStatusChecks": {
            "requiredChecks": [{"context": "unit", "integrationId": 4001}],
            "strictRequiredStatusChecksPolicy": True,
        },
    },
}
ENVIRONMENT = {
    "repository": "shop",
    "environment": "production",
    "canAdminsBypass": False,
    "preventSelfReview": True,
    "waitTimer": 5,
    "reviewers": [{"teams": [TEAM], "users": [DORA]}],
    "deploymentBranchPolicy": {"protectedBranches": False, "customBranchPolicies": True},
}
POLICY = {"repository": "shop", "environment": "production", "branchPattern": "main"}
SUBJECT = {
    "repository": "shop",
    "useDefault": False,
    "includeClaimKeys": ["repository_id", "job_workflow_ref"],
}


@dataclass
class Provider:
    """The plugin's gRPC stub, and the engine's manners."""

    stub: provider_pb2_grpc.ResourceProviderStub

    def urn(self, token: str) -> str:
        return f"urn:pulumi:dev::demo::{token}::it"

    def check(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        request = pb.CheckRequest(urn=self.urn(token), news=wire(inputs), randomSeed=b"1" * 32)
        answer = self.stub.Check(request, timeout=SECONDS)
        assert not answer.failures, [(each.property, each.reason) for each in answer.failures]
        return plain(answer.inputs)

    def create(self, token: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        properties = wire(self.check(token, inputs))
        request = pb.CreateRequest(urn=self.urn(token), properties=properties)
        answer = self.stub.Create(request, timeout=SECONDS)
        return answer.id, plain(answer.properties)

    def read(self, token: str, id_: str, state: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        request = pb.ReadRequest(urn=self.urn(token), id=id_, properties=wire(state))
        answer = self.stub.Read(request, timeout=SECONDS)
        return answer.id, plain(answer.properties)

    def update(
        self, token: str, id_: str, state: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        news = wire(self.check(token, inputs))
        request = pb.UpdateRequest(urn=self.urn(token), id=id_, olds=wire(state), news=news)
        return plain(self.stub.Update(request, timeout=SECONDS).properties)

    def differs(
        self, token: str, id_: str, state: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> list[str]:
        news = wire(self.check(token, inputs))
        request = pb.DiffRequest(urn=self.urn(token), id=id_, olds=wire(state), news=news)
        return sorted(self.stub.Diff(request, timeout=SECONDS).diffs)

    def delete(self, token: str, id_: str, state: Mapping[str, Any]) -> None:
        request = pb.DeleteRequest(urn=self.urn(token), id=id_, properties=wire(state))
        self.stub.Delete(request, timeout=SECONDS)

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.stub.Invoke(pb.InvokeRequest(tok=token, args=wire(args)), timeout=SECONDS)
        return plain(getattr(answer, "return"))


def wire(value: Mapping[str, Any]) -> Struct:
    struct = Struct()
    struct.update({name: each for name, each in value.items() if each is not None})
    return struct


def plain(struct: Struct) -> dict[str, Any]:
    """Values with ints; ``__meta`` stays, the provider wants it back."""
    return dict(whole(MessageToDict(struct)))


def whole(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture(scope="module")
def github() -> GitHub:
    github = GitHub()
    acme = github.add_organization("acme", Plan.ENTERPRISE)
    for login, role in (("olga", "owner"), ("dora", "member")):
        github.add_user(login, acme, role)
    github.add_team(acme, "owners", ["dora"])
    github.install(github.add_app("scanner", 4001), acme, {"checks": "write"})
    github.install(github.add_app("glassbreaker", 4002), acme, {"contents": "write"})
    shop = github.add_repository(acme, "shop")
    shop.collaborators["dora"] = Role.WRITE
    shop.team_roles["owners"] = Role.WRITE
    assert (github.users["dora"].id, acme.teams["owners"].id) == (DORA, TEAM)
    return github


@pytest.fixture(scope="module")
def server(github: GitHub) -> Iterator[Server]:
    with Server(github) as server:
        yield server


@pytest.fixture(scope="module")
def provider(
    github: GitHub, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    home = tmp_path_factory.mktemp("home")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PULUMI_HOME": str(home)}
    assert PLUGIN is not None
    process = subprocess.Popen(  # noqa: S603 - the plugin under test
        [Path(PLUGIN)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        unlimited = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=unlimited) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            configure(stub, server.base_url, github.token_of(github.users["olga"]))
            yield Provider(stub)
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


def configure(stub: provider_pb2_grpc.ResourceProviderStub, base_url: str, token: str) -> None:
    settings = {"owner": "acme", "token": token, "baseUrl": base_url, "writeDelayMs": "1"}
    urn = "urn:pulumi:dev::demo::pulumi:providers:github::it"
    checked = stub.CheckConfig(pb.CheckRequest(urn=urn, news=wire(settings)), timeout=SECONDS)
    variables = {f"github:config:{name}": value for name, value in settings.items()}
    request = pb.ConfigureRequest(args=checked.inputs, variables=variables, acceptResources=True)
    stub.Configure(request, timeout=SECONDS)


@pytest.fixture
def cloud(github: GitHub, server: Server) -> Iterator[GitHubCloud]:
    token = github.token_of(github.users["olga"])
    with GitHubCloud("acme", token, server.base_url) as cloud:
        yield cloud


def handler_of(name: str) -> GitHubHandler:
    return next(each for each in HANDLERS if each.token.endswith(f":{name}"))


@pytest.fixture
def environment(provider: Provider) -> Iterator[None]:
    """An environment for policies to hang on."""
    token = handler_of("RepositoryEnvironment").token
    id_, state = provider.create(token, ENVIRONMENT)
    yield
    provider.delete(token, id_, state)


CHANGES = [
    ("BranchProtection", PROTECTION, {"enforceAdmins": False}),
    ("RepositoryRuleset", RULESET, {"enforcement": "disabled"}),
    ("RepositoryEnvironment", ENVIRONMENT, {"canAdminsBypass": True}),
    (
        "ActionsRepositoryOidcSubjectClaimCustomizationTemplate",
        SUBJECT,
        {"includeClaimKeys": ["ref"]},
    ),
]


def agree(ours: Any, theirs: Any, *apart: str) -> None:  # noqa: ANN401 - any JSON
    """Compare what both read, as far as the provider speaks of it: it omits what is empty."""
    if not theirs:
        assert not ours
    elif isinstance(theirs, dict):
        for key, value in theirs.items():
            if key not in apart and not key.startswith("__"):
                agree((ours or {}).get(key), value)
    elif isinstance(theirs, list):
        for mine, other in zip(sorted(ours, key=str), sorted(theirs, key=str), strict=True):
            agree(mine, other)
    else:
        assert ours == theirs


@pytest.mark.parametrize(("name", "inputs", "change"), CHANGES, ids=[each[0] for each in CHANGES])
def test_the_real_provider_makes_reads_changes_and_deletes(
    provider: Provider,
    cloud: GitHubCloud,
    name: str,
    inputs: dict[str, Any],
    change: dict[str, Any],
) -> None:
    handler = handler_of(name)
    id_, state = provider.create(handler.token, inputs)
    assert provider.differs(handler.token, id_, state, inputs) == []
    again, seen = provider.read(handler.token, id_, state)
    assert again == id_
    agree(handler.read(cloud, id_, inputs), seen, "id", "etag")
    changed = inputs | change
    assert provider.differs(handler.token, id_, seen, changed) != []
    state = provider.update(handler.token, id_, seen, changed)
    assert provider.differs(handler.token, id_, state, changed) == []
    agree(handler.read(cloud, id_, changed), change)
    provider.delete(handler.token, id_, state)
    if "useDefault" not in inputs:
        assert handler.read(cloud, id_, changed) is None


@pytest.mark.usefixtures("environment")
def test_the_real_provider_makes_and_changes_a_deployment_policy(
    provider: Provider, cloud: GitHubCloud
) -> None:
    handler = handler_of("RepositoryEnvironmentDeploymentPolicy")
    id_, state = provider.create(handler.token, POLICY)
    _, seen = provider.read(handler.token, id_, state)
    agree(handler.read(cloud, id_, POLICY), seen, "id")
    changed = POLICY | {"branchPattern": "release/*"}
    state = provider.update(handler.token, id_, seen, changed)
    agree(handler.read(cloud, id_, changed), changed)
    provider.delete(handler.token, id_, state)
    assert handler.read(cloud, id_, changed) is None


@pytest.mark.parametrize(
    ("name", "inputs", "imported"),
    [
        ("BranchProtection", PROTECTION | {"repositoryId": "R_kgDO00001005"}, "shop:main"),
        ("RepositoryRuleset", RULESET, "shop:{id}"),
        ("RepositoryEnvironment", ENVIRONMENT, "{id}"),
        ("ActionsRepositoryOidcSubjectClaimCustomizationTemplate", SUBJECT, "{id}"),
    ],
)
def test_the_real_provider_imports_what_ours_made_and_finds_nothing_to_change(
    provider: Provider, cloud: GitHubCloud, name: str, inputs: dict[str, Any], imported: str
) -> None:
    handler = handler_of(name)
    id_ = handler.create(cloud, inputs)
    again, seen = provider.read(handler.token, imported.format(id=id_), {})
    assert again == id_
    assert provider.differs(handler.token, id_, seen, inputs) == []
    handler.delete(cloud, id_, inputs)


@pytest.mark.parametrize(
    ("token", "args"),
    [
        ("github:index/getRepository:getRepository", {"name": "shop"}),
        ("github:index/getUser:getUser", {"username": "dora"}),
        ("github:index/getTeam:getTeam", {"slug": "owners"}),
    ],
)
def test_both_answer_functions_alike(
    provider: Provider, cloud: GitHubCloud, token: str, args: dict[str, Any]
) -> None:
    theirs = provider.invoke(token, args)
    agree(INVOKES[token](cloud, args), theirs, "createdAt", "suspendedAt", "updatedAt")


def test_a_refusal_reaches_the_program_in_githubs_words(provider: Provider) -> None:
    stranger = {"actorType": "Integration", "actorId": 9, "bypassMode": "always"}
    body = RULESET | {"bypassActors": [stranger]}
    with pytest.raises(grpc.RpcError, match="must be part of the ruleset source"):
        provider.create(handler_of("RepositoryRuleset").token, body)
    assert provider.stub.GetPluginInfo(Empty(), timeout=SECONDS).version
