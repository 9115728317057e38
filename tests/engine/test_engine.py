"""The real engine drives the rehearsal's plugins through the life of a small stack."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from dict_applier import DictApplier

from breakglass.rehearsal.engine import program

pytestmark = [
    pytest.mark.engine,
    # pulumi_aws warns of its own old names when it is imported
    pytest.mark.filterwarnings("ignore:.*has been deprecated in favor of"),
]

PROGRAM = """
    import pulumi
    import pulumi_aws as aws
    import pulumi_github as github

    config = pulumi.Config("demo")
    hours = config.get_int("hours") or 1


    def of(account):
        role = aws.ProviderAssumeRoleArgs(role_arn=f"arn:aws:iam::{account}:role/deployer")
        return aws.Provider(f"in-{account}", region="eu-west-1", assume_roles=[role])


    class Vault(pulumi.ComponentResource):
        def __init__(self, name, opts):
            super().__init__("kit:index:Vault", name, {}, opts)
            child = pulumi.ResourceOptions(parent=self)
            self.arn = aws.s3.Bucket(f"{name}-bucket", opts=child).arn
            self.register_outputs({"arn": self.arn})


    logging, workload = of("222222222222"), of("555555555555")
    vault = Vault("vault", pulumi.ResourceOptions(providers={"aws": logging}))
    role = aws.iam.Role(
        "responder",
        name="break-glass-responder",
        assume_role_policy="{}",
        max_session_duration=3600 * hours,
        tags={"token": pulumi.Output.secret("t0p")},
        opts=pulumi.ResourceOptions(provider=workload),
    )
    aws.iam.RolePolicy(
        "read",
        role=role.name,
        policy=pulumi.Output.json_dumps({"Resource": vault.arn}),
        opts=pulumi.ResourceOptions(provider=workload),
    )
    repository = github.Repository("kit", name=config.get("repository") or "kit")
    keeper = github.get_user_output(username="keeper")
    pulumi.export("vault", vault.arn)
    pulumi.export("responder", role.arn)
    pulumi.export("tags", role.tags)
    pulumi.export("keeper", keeper.node_id)
    """


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "infra").mkdir(parents=True)
    (folder / "infra" / "__main__.py").write_text(dedent(PROGRAM))
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\nmain: infra\n")
    return folder


def test_a_stack_lives_and_dies_under_the_engine_as_it_does_in_process(
    engine: Callable[..., Any], project: Path
) -> None:
    applier, twin = DictApplier(), DictApplier()
    stack = engine(project, "dev", applier)
    rehearsed = program.run(project, "dev", {}, twin)

    assert stack.preview() == {"create": 8}
    assert applier.cloud == {}

    assert stack.up() == {"create": 8}
    assert applier.cloud == twin.cloud
    assert stack.exports() == rehearsed.exports
    assert stack.urns() == rehearsed.records.keys()

    assert stack.up() == {"same": 8}
    assert stack.refresh() == {"same": 8}

    stack.pulumi("config", "set-all", "--plaintext", "hours=2", "--plaintext", "repository=kit2")
    assert stack.up() == {"same": 6, "update": 1, "replace": 1}
    role = ("555555555555", "aws:iam/role:Role", "break-glass-responder")
    assert applier.cloud[role]["maxSessionDuration"] == 7200

    applier.cloud[role]["maxSessionDuration"] = 43200
    assert stack.refresh() == {"same": 7, "update": 1}
    assert stack.up() == {"same": 7, "update": 1}
    assert applier.cloud[role]["maxSessionDuration"] == 7200

    stack.destroy()
    assert applier.cloud == {}


def test_what_the_rehearsal_refuses_the_engine_shows_at_its_resource(
    engine: Callable[..., Any], project: Path
) -> None:
    (project / "infra" / "__main__.py").write_text(
        dedent("""
        import pulumi_aws as aws
        aws.Provider("logging", assume_roles=[{"role_arn": "arn:aws:iam::222222222222:role/d"}])
        """)
    )
    done = engine(project, "dev", DictApplier()).attempt("preview")
    assert done.returncode != 0
    assert "property assumeRoles[0].role_arn is written in snake_case" in done.stdout
