"""The program runs as it is; what it declared is seen whole, and what is wrong names its line."""

import asyncio
import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dict_applier import DictApplier
from pulumi.runtime import resource as pulumi_resource
from pulumi.runtime import stack as pulumi_stack
from pulumi.runtime.proto import source_pb2

from breakglass.errors import InvalidInput, RehearsalError
from breakglass.rehearsal.engine import program
from breakglass.rehearsal.engine.project import Project
from breakglass.rehearsal.engine.registration import Registration, RegistrationError, Run
from breakglass.rehearsal.engine.unknown import UNKNOWN

Write = Callable[..., Path]

# pulumi_aws warns of its own old names when it is imported
pytestmark = pytest.mark.filterwarnings("ignore:.*has been deprecated in favor of")

TWO_ACCOUNTS = """
    import pulumi
    import pulumi_aws as aws

    import parts

    org = pulumi.Config("breakglass").require_object("org")
    logging = aws.Provider(
        "logging",
        region=org["region"],
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::222222222222:role/d")],
    )
    workload = aws.Provider(
        "workload",
        region=org["region"],
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::555555555555:role/d")],
    )
    vault = parts.Vault("vault", pulumi.ResourceOptions(providers={"aws": logging}))
    role = aws.iam.Role(
        "responder",
        name="break-glass-responder",
        assume_role_policy="{}",
        max_session_duration=3600,
        opts=pulumi.ResourceOptions(provider=workload, depends_on=[vault]),
    )
    aws.iam.RolePolicy(
        "read",
        role=role.name,
        policy=pulumi.Output.json_dumps({"Resource": vault.arn}),
        opts=pulumi.ResourceOptions(provider=workload, parent=role),
    )
    pulumi.export("vault", vault.arn)
    pulumi.export("account", aws.get_caller_identity_output(
        opts=pulumi.InvokeOutputOptions(provider=workload)).account_id)
    pulumi.log.info("planned")
    """

PARTS = """
    import pulumi
    import pulumi_aws as aws


    class Vault(pulumi.ComponentResource):
        def __init__(self, name, opts):
            super().__init__("kit:index:Vault", name, {}, opts)
            bucket = aws.s3.Bucket(
                f"{name}-bucket",
                tags={"side": "keeper"},
                opts=pulumi.ResourceOptions(parent=self, protect=True, ignore_changes=["tags"]),
            )
            self.arn = bucket.arn
            self.register_outputs({"arn": self.arn})
    """

CONFIG = {"breakglass:org": {"region": "eu-west-1"}}


def by_name(run: Run) -> dict[str, Registration]:
    return {record.name: record for record in run.records.values()}


@pytest.fixture
def two_accounts(project: Write) -> Path:
    return project(TWO_ACCOUNTS, parts=PARTS)


def test_each_resource_lands_in_the_account_of_its_provider(two_accounts: Path) -> None:
    applier = DictApplier()
    program.run(two_accounts, "dev", CONFIG, applier)
    assert {(account, type_) for account, type_, _ in applier.cloud} == {
        ("222222222222", "aws:s3/bucket:Bucket"),
        ("555555555555", "aws:iam/role:Role"),
        ("555555555555", "aws:iam/rolePolicy:RolePolicy"),
    }


def test_urns_are_those_of_the_engine(two_accounts: Path) -> None:
    run = program.run(two_accounts, "dev", CONFIG, DictApplier())
    prefix = "urn:pulumi:dev::demo::"
    assert list(run.records) == [
        f"{prefix}aws:iam/role:Role$aws:iam/rolePolicy:RolePolicy::read",
        f"{prefix}aws:iam/role:Role::responder",
        f"{prefix}kit:index:Vault$aws:s3/bucket:Bucket::vault-bucket",
        f"{prefix}kit:index:Vault::vault",
        f"{prefix}pulumi:providers:aws::logging",
        f"{prefix}pulumi:providers:aws::workload",
        f"{prefix}pulumi:pulumi:Stack::demo-dev",
    ]


def test_a_registration_holds_options_dependencies_and_its_line(two_accounts: Path) -> None:
    run = program.run(two_accounts, "dev", CONFIG, DictApplier())
    seen = by_name(run)
    bucket, role, policy = seen["vault-bucket"], seen["responder"], seen["read"]
    assert bucket.options.protect
    assert bucket.options.ignore_changes == ("tags",)
    assert bucket.parent == seen["vault"].urn
    assert bucket.provider == f"{seen['logging'].urn}::{seen['logging'].id}"
    assert bucket.source == "infra/parts.py:9"
    assert role.inputs["maxSessionDuration"] == 3600
    assert role.dependencies == (bucket.urn,)
    assert policy.property_dependencies == {"policy": (bucket.urn,), "role": (role.urn,)}
    assert seen["logging"].inputs["assumeRoles"][0]["roleArn"].startswith("arn:aws:iam::2222")


def test_exports_functions_and_logs_come_back(two_accounts: Path) -> None:
    run = program.run(two_accounts, "dev", CONFIG, DictApplier())
    name = by_name(run)["vault-bucket"].id
    assert run.exports == {"vault": f"arn:222222222222:{name}", "account": "555555555555"}
    assert ("INFO", "planned") in [(log.severity, log.message) for log in run.logs]


def test_a_preview_makes_nothing_and_leaves_unknown_what_it_cannot_know(
    two_accounts: Path,
) -> None:
    applier = DictApplier()
    run = program.run(two_accounts, "dev", CONFIG, applier, preview=True)
    assert applier.cloud == {}
    assert run.exports["vault"] is UNKNOWN
    assert by_name(run)["read"].inputs["policy"] is UNKNOWN
    assert by_name(run)["read"].inputs["role"] == "break-glass-responder"


def test_two_runs_in_one_process_see_each_its_own_modules(project: Write) -> None:
    seen = []
    for answer in ("first", "second"):
        export_it = "import pulumi, parts\npulumi.export('it', parts.IT)"
        folder = project(export_it, parts=f"IT = '{answer}'")
        seen.append(program.run(folder, "dev", {}, DictApplier()).exports["it"])
    assert seen == ["first", "second"]
    assert "parts" not in sys.modules


def test_a_default_provider_is_configured_from_the_stack(project: Write) -> None:
    folder = project('import pulumi_aws as aws\naws.sqs.Queue("pages")')
    run = program.run(folder, "dev", {"aws:region": "eu-central-1"}, DictApplier())
    default = next(r for r in run.records.values() if r.type == "pulumi:providers:aws")
    assert default.name.startswith("default_7_")
    assert default.inputs == {"region": "eu-central-1"}


def test_a_secret_stays_one_and_is_applied_in_the_clear(project: Write) -> None:
    folder = project("""
        import pulumi
        import pulumi_aws as aws
        queue = aws.sqs.Queue("pages", tags={"token": pulumi.Output.secret("t0p")})
        pulumi.export("secret", pulumi.Output.from_input(queue.tags).is_secret())
        pulumi.export("tags", queue.tags)
        """)
    run = program.run(folder, "dev", {}, DictApplier())
    assert by_name(run)["pages"].inputs["tags"] == {"token": "t0p"}
    assert by_name(run)["pages"].secrets == ("tags.token",)
    assert run.exports == {"secret": True, "tags": {"token": "t0p"}}


def test_transforms_of_the_stack_and_of_a_resource_are_applied(project: Write) -> None:
    folder = project("""
        import pulumi
        import pulumi_aws as aws

        def tagged(args):
            props = {**args.props, "tags": {"by": "stack"}}
            return pulumi.ResourceTransformResult(props, args.opts)

        def protected(args):
            opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
            return pulumi.ResourceTransformResult(args.props, opts)

        pulumi.runtime.register_resource_transform(tagged)
        aws.sqs.Queue("pages", name="pages", opts=pulumi.ResourceOptions(transforms=[protected]))
        """)
    queue = by_name(program.run(folder, "dev", {}, DictApplier()))["pages"]
    assert queue.inputs["tags"] == {"by": "stack"}
    assert queue.options.protect


def test_a_function_transform_is_applied(project: Write) -> None:
    folder = project("""
        import pulumi
        import pulumi_github as github

        def other(args):
            return pulumi.InvokeTransformResult({"username": "keeper"}, args.opts)

        pulumi.runtime.register_invoke_transform(other)
        pulumi.export("node", github.get_user_output(username="actor").node_id)
        """)
    assert program.run(folder, "dev", {}, DictApplier()).exports == {"node": "U_keeper"}


def test_a_resource_that_is_there_can_be_looked_up_and_imported(project: Write) -> None:
    applier = DictApplier()
    applier.cloud["000000000000", "aws:sqs/queue:Queue", "pages"] = {"name": "pages"}
    applier.silent_about = set()
    folder = project("""
        import pulumi
        import pulumi_aws as aws
        aws.sqs.Queue("pages", name="pages", opts=pulumi.ResourceOptions(import_="pages"))
        """)
    run = program.run(folder, "dev", {}, applier)
    assert by_name(run)["pages"].outputs["arn"] == "arn:000000000000:pages"
    assert "create" not in dict(applier.calls)


def test_an_import_whose_inputs_differ_is_refused_by_property(project: Write) -> None:
    applier = DictApplier()
    applier.cloud["000000000000", "aws:sqs/queue:Queue", "pages"] = {"name": "pages"}
    folder = project("""
        import pulumi
        import pulumi_aws as aws
        opts = pulumi.ResourceOptions(import_="pages")
        aws.sqs.Queue("pages", name="pages", fifo_queue=True, opts=opts)
        """)
    with pytest.raises(RehearsalError, match="cannot import pages: fifoQueue differ"):
        program.run(folder, "dev", {}, applier)


def test_looking_up_what_is_not_there_is_refused_by_id(project: Write) -> None:
    folder = project('import pulumi_aws as aws\naws.sqs.Queue.get("pages", "gone")')
    with pytest.raises(RehearsalError, match="no aws:sqs/queue:Queue with the id 'gone'"):
        program.run(folder, "dev", {}, DictApplier())


def refusal(folder: Path, applier: DictApplier | None = None) -> RegistrationError:
    with pytest.raises(RegistrationError) as caught:
        program.run(folder, "dev", {}, applier or DictApplier())
    return caught.value


def test_a_failure_names_the_urn_the_line_and_the_cause(project: Write) -> None:
    error = refusal(project('import pulumi_aws as aws\n\naws.sns.Topic("pages")'))
    assert error.subject == "urn:pulumi:dev::demo::aws:sns/topic:Topic::pages"
    assert error.source == "infra/__main__.py:3"
    assert "no handler for aws:sns/topic:Topic" in str(error)
    assert isinstance(error.__cause__, RehearsalError)


def test_every_failure_of_a_run_is_told(project: Write) -> None:
    folder = project("""
        import pulumi_aws as aws
        aws.sns.Topic("one")
        aws.sns.Topic("two")
        """)
    error = refusal(folder)
    told = "\n".join([str(error), *error.__notes__])
    assert "::one (infra" in told
    assert "::two (infra" in told


WAYS_TO_CALL = {
    "as an output": "aws.get_partition_output()",
    "at once": "aws.get_partition().partition",
    "at once in an apply": "arn.apply(lambda _: aws.get_partition().partition)",
    "as an output in an apply": "arn.apply(lambda _: aws.get_partition_output())",
    "as a coroutine": "pulumi.Output.from_input(asked())",
}


def calling(way: str) -> str:
    return f"""
    import pulumi
    import pulumi_aws as aws
    async def asked():
        return await pulumi.runtime.invoke_async(TOKEN, {{}})
    TOKEN = "aws:index/getPartition:getPartition"
    arn = aws.s3.Bucket("vault").arn
    pulumi.export("it", {WAYS_TO_CALL[way]})
    """


@pytest.mark.parametrize("way", WAYS_TO_CALL)
def test_a_failed_function_names_its_token_and_its_line(project: Write, way: str) -> None:
    error = refusal(project(calling(way)))
    assert error.subject == "aws:index/getPartition:getPartition"
    assert error.source == ("infra/__main__.py:5" if "coroutine" in way else "infra/__main__.py:8")
    assert "PermissionError: sts says no" in str(error)


@pytest.mark.parametrize("way", WAYS_TO_CALL)
def test_a_function_that_is_answered_is_no_failure(project: Write, way: str) -> None:
    program.run(project(calling(way)), "dev", {}, AnsweringApplier())


def test_a_urn_made_twice_is_refused_with_the_first_line(project: Write) -> None:
    folder = project("""
        import pulumi_aws as aws
        aws.sqs.Queue("pages", name="a")
        aws.sqs.Queue("pages", name="b")
        """)
    error = refusal(folder)
    assert "duplicate resource URN: made at infra/__main__.py:" in str(error)
    assert {error.source, str(error).split(" already")[0].split("made at ")[1]} == {
        "infra/__main__.py:3",
        "infra/__main__.py:4",
    }


def test_the_same_name_under_two_types_is_accepted(project: Write) -> None:
    folder = project("""
        import pulumi_aws as aws
        aws.sqs.Queue("pages", name="a")
        aws.s3.Bucket("pages")
        """)
    assert len(program.run(folder, "dev", {}, DictApplier()).records) == 4


def test_a_snake_case_key_in_a_provider_is_refused_with_its_line(project: Write) -> None:
    folder = project("""
        import pulumi_aws as aws
        aws.Provider("logging", assume_roles=[{"role_arn": "arn:aws:iam::222222222222:role/d"}])
        """)
    error = refusal(folder)
    assert "assumeRoles[0].role_arn" in str(error)
    assert error.source == "infra/__main__.py:3"


READS_AN_OUTPUT = """
    import pulumi
    import pulumi_aws as aws
    bucket = aws.s3.Bucket("vault")
    text = pulumi.Output.format("for {0}", bucket.bucket_domain_name)
    {use}
    """

USES = {
    "input": 'aws.sqs.Queue("pages", name="pages", tags={"domain": text})',
    "export": 'pulumi.export("domain", {"of": [text]})',
    "component": 'pulumi.ComponentResource("kit:x:X", "x").register_outputs({"domain": text})',
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_output_that_is_read_and_was_never_returned_is_named(project: Write, use: str) -> None:
    everything = {"bucketDomainName"}
    applier = CompleteApplier(but=everything)
    error = refusal(project(READS_AN_OUTPUT.replace("{use}", use)), applier)
    assert "the program reads bucketDomainName of " in str(error)
    assert "aws:s3/bucket:Bucket::vault (infra/__main__.py:4), which no handler" in str(error)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_output_that_is_read_and_was_returned_is_no_matter(project: Write, use: str) -> None:
    program.run(
        project(READS_AN_OUTPUT.replace("{use}", use)), "dev", {}, CompleteApplier(but=set())
    )


def test_of_several_missing_outputs_the_one_that_is_used_is_named(project: Write) -> None:
    folder = project(READS_AN_OUTPUT.replace("{use}", USES["input"]))
    error = refusal(folder, CompleteApplier(but={"bucketDomainName", "hostedZoneId", "arn"}))
    assert "the program reads bucketDomainName of " in str(error)
    assert "hostedZoneId" not in str(error)


def test_an_output_that_has_no_value_is_none(project: Write) -> None:
    folder = project("""
        import pulumi
        import pulumi_aws as aws
        pulumi.export("none", aws.s3.Bucket("vault").hosted_zone_id.apply(lambda it: it is None))
        """)
    assert program.run(folder, "dev", {}, CompleteApplier(but=set())).exports == {"none": True}


def test_an_error_of_the_program_keeps_its_type_and_names_its_line(project: Write) -> None:
    folder = project('import pulumi\n\nraise KeyError("org")')
    with pytest.raises(KeyError, match="org") as caught:
        program.run(folder, "dev", {}, DictApplier())
    assert caught.value.__notes__ == ["raised by the program at infra/__main__.py:3"]


@pytest.mark.parametrize("code", [0, 3])
def test_a_program_that_ends_itself_is_no_program_that_went_well(project: Write, code: int) -> None:
    folder = project(f"import sys\n\nsys.exit({code})")
    with pytest.raises(RehearsalError, match=rf"ended itself by sys\.exit\({code}\)"):
        program.run(folder, "dev", {}, DictApplier())


def test_an_error_in_an_apply_surfaces_with_its_line(project: Write) -> None:
    folder = project("""
        import pulumi_aws as aws
        bucket = aws.s3.Bucket("vault")
        aws.sqs.Queue("pages", name=bucket.arn.apply(lambda arn: arn["x"]))
        """)
    with pytest.raises(TypeError) as caught:
        program.run(folder, "dev", {}, DictApplier())
    assert caught.value.__notes__ == ["raised by the program at infra/__main__.py:4"]


def test_a_failing_run_writes_no_pages_of_asyncio(
    project: Write, caplog: pytest.LogCaptureFixture
) -> None:
    folder = project("""
        import pulumi_aws as aws
        topic = aws.sns.Topic("pages")
        aws.sqs.Queue("queue", name=topic.arn)
        """)
    with caplog.at_level(logging.DEBUG, "asyncio"):
        refusal(folder)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_working_directory_is_the_programs_and_is_given_back(project: Write) -> None:
    before = Path.cwd()
    folder = project("import os, pulumi\npulumi.export('cwd', os.getcwd())")
    assert program.run(folder, "dev", {}, DictApplier()).exports["cwd"] == str(folder / "infra")
    assert Path.cwd() == before


def test_the_wait_that_is_made_patient_is_still_the_sdks() -> None:
    """If this fails after an upgrade, look at wait_for_rpcs before touching the shim."""
    source = inspect.getsource(pulumi_stack.wait_for_rpcs)
    assert source.count("asyncio.wait(") == 1
    assert source.count("return_when=asyncio.FIRST_COMPLETED") == 1
    assert vars(pulumi_stack)["asyncio"] is asyncio


def test_the_patient_wait_ends_with_the_run() -> None:
    with program._patient_wait():
        assert vars(pulumi_stack)["asyncio"].FIRST_COMPLETED == asyncio.FIRST_EXCEPTION
        assert vars(pulumi_stack)["asyncio"].sleep is asyncio.sleep
    assert vars(pulumi_stack)["asyncio"] is asyncio


def test_the_lines_that_lead_to_a_resource_are_those_that_the_sdk_tells() -> None:
    given = pulumi_resource._get_stack_trace
    with program._quick_stack_trace():
        quick = pulumi_resource._get_stack_trace
        told, by_the_sdk = [Constructed(way).trace for way in (quick, given)]
    assert quick is not given
    assert told == by_the_sdk
    assert told.frames[0].pc.uri == Path(__file__).as_uri()
    assert pulumi_resource._get_stack_trace is given


def test_a_call_that_constructs_no_resource_leads_from_no_line() -> None:
    with program._quick_stack_trace():
        told = pulumi_resource._get_stack_trace()
    assert not told.frames


class Root:
    """As deep as a resource's constructors are when the SDK asks who called them."""

    def __init__(self, stack_trace: Callable[[], source_pb2.StackTrace]) -> None:
        self.trace = stack_trace()


class Middle(Root):
    def __init__(self, stack_trace: Callable[[], source_pb2.StackTrace]) -> None:
        super().__init__(stack_trace)


class Constructed(Middle):
    def __init__(self, stack_trace: Callable[[], source_pb2.StackTrace]) -> None:
        super().__init__(stack_trace)


def test_the_places_where_a_functions_call_starts_are_still_the_sdks() -> None:
    """If this fails after an upgrade, look at pulumi.runtime.invoke before touching the shim."""
    module = program.pulumi_invoke
    called_at_once, told_later, of_a_method = (
        inspect.getsource(vars(module)[name]) for name in ("invoke", "invoke_output", "call")
    )
    assert "return _sync_await(awaitableInvokeResult)" in called_at_once
    for source in (told_later, of_a_method):
        assert source.count("asyncio.ensure_future(") == 1
    assert "wrap_with_context(do_invoke)" in inspect.getsource(vars(module)["_invoke"])
    assert "wrap_with_context(do_rpc_call)" in of_a_method


def test_the_lines_of_functions_are_noted_until_the_run_ends() -> None:
    given = dict(vars(program.pulumi_invoke))
    with program._lines_of_functions():
        assert vars(program.pulumi_invoke) != given
    assert vars(program.pulumi_invoke) == given


def test_a_stack_file_is_read_with_namespaces(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: demo\nruntime: python\nmain: infra\nstackConfigDir: stacks\n"
    )
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(
        "config:\n  breakglass:org: {region: eu-west-1}\n  side: all\n"
    )
    project = Project.load(tmp_path)
    assert project.program == tmp_path.resolve() / "infra"
    assert project.config("dev") == {
        "breakglass:org": {"region": "eu-west-1"},
        "demo:side": "all",
    }


def test_a_folder_without_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"a folder that holds Pulumi\.yaml"):
        Project.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[a", "runtime: python", "\0"])
def test_a_faulty_project_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput):
        Project.load(tmp_path)


def test_a_project_without_its_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: x\nmain: gone\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="the folder of the program"):
        program.run(tmp_path, "dev", {}, DictApplier())


def test_a_stack_without_file_is_refused(project: Write) -> None:
    with pytest.raises(InvalidInput, match=r"a file Pulumi\.prod\.yaml"):
        Project.load(project("")).config("prod")


def test_an_encrypted_value_is_refused_by_key(project: Write) -> None:
    folder = project("")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  github:token: {secure: v1:abc}\n")
    with pytest.raises(InvalidInput, match="github:token"):
        Project.load(folder).config("dev")


class AnsweringApplier(DictApplier):
    """Answers every function."""

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> dict[str, Any]:
        del token, args, provider
        return {"partition": "aws"}


class CompleteApplier(DictApplier):
    """Returns every output property of a bucket but those in ``but``."""

    EVERY = (
        "accelerationStatus acl arn bucketDomainName bucketNamespace bucketPrefix "
        "bucketRegion bucketRegionalDomainName corsRules forceDestroy grants hostedZoneId "
        "lifecycleRules loggings objectLockConfiguration objectLockEnabled policy region "
        "replicationConfiguration requestPayer serverSideEncryptionConfiguration tags tagsAll "
        "versioning website websiteDomain websiteEndpoint"
    )

    def __init__(self, *, but: set[str]) -> None:
        super().__init__()
        self.silent_about = but

    def _all(self, resource: Registration, provider: Registration) -> dict[str, object]:
        every = {key: None for key in self.EVERY.split() if key not in self.silent_about}
        return every | super()._all(resource, provider)


def test_a_program_changed_within_a_second_runs_as_it_is_now(
    project: Callable[..., Path],
) -> None:
    for word in ("vault", "other"):
        home = project(f"import pulumi\npulumi.export('word', '{word}')")
        assert program.run(home, "dev", {}, DictApplier()).exports == {"word": word}


LATE = """
import asyncio, pulumi, pulumi_aws as aws

async def late():
    await asyncio.sleep(0)
    await asyncio.sleep(SECONDS)
    aws.sqs.Queue("late")

"""


def test_a_program_that_leaves_work_unfinished_is_refused_with_its_line(project: Write) -> None:
    home = project(LATE.replace("SECONDS", "999") + "asyncio.ensure_future(late())")
    with pytest.raises(RehearsalError, match=r"asynchronous work: late \(infra/__main__\.py:6\)"):
        program.run(home, "dev", {}, DictApplier())


def test_work_that_pulumi_waits_for_is_waited_for(project: Write) -> None:
    home = project(LATE.replace("SECONDS", "0") + "pulumi.run(late)")
    assert "late" in by_name(program.run(home, "dev", {}, DictApplier()))
