"""What cannot be decided is UNKNOWN with the reason, and fails; what cannot run is told."""

import json
from pathlib import Path

import pytest
from foreign import KEEPING, SOUND, TRAIL, WORKING, Checked, changed, written

from breakglass.checking import CheckReport, record, record_all
from breakglass.checking.types import READ, UNREADABLE
from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.proof.invariants import INVARIANTS

READABLE = "everything_can_be_read"


def unknown(report: CheckReport, invariant: str = READABLE) -> str:
    (found,) = (one for one in report.findings if one.name == invariant)
    assert found.verdict == "UNKNOWN"
    assert report.falls_short
    return "\n".join(found.evidence)


def verdict(report: CheckReport, invariant: str) -> str:
    return next(one.verdict.value for one in report.findings if one.name == invariant)


# --- what is no program ----------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_refused_and_no_other_taken(tmp_path: Path) -> None:
    home = written(tmp_path / "acme", "", {"Pulumi.yaml": "name: acme\n"})
    with pytest.raises(InvalidInput, match="infra"):
        record(home / "infra", "dev")


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InvalidInput, match="loop"):
        record(tmp_path / "loop", "dev")


def test_a_project_without_a_program_runs_none_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = written(tmp_path / "elsewhere", "raise ValueError('not this one')\n")
    home = written(tmp_path / "acme", "", {"Pulumi.yaml": "name: acme\nmain: src\n"})
    (home / "src").mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(InvalidInput, match=r"__main__\.py"):
        record(home, "dev")


def test_a_program_in_another_language_is_refused_by_name(tmp_path: Path) -> None:
    home = written(tmp_path / "acme", "", {"Pulumi.yaml": "name: acme\nruntime: nodejs\n"})
    with pytest.raises(InvalidInput, match="nodejs"):
        record(home, "dev")


SECRET_IN_A_TRUST = """
import json
import pulumi
import pulumi_aws as aws

def trust(word):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": word}}}]})

word = pulumi.Output.secret("hunter2") if SECRET else pulumi.Output.from_input("hunter2")
aws.iam.Role("break-glass-admin", assume_role_policy=word.apply(trust))
"""


def test_a_secret_of_the_program_is_not_known_and_in_no_report(checked: Checked) -> None:
    report = checked(SECRET_IN_A_TRUST.replace("SECRET", "True"))
    assert report.falls_short
    assert "hunter2" not in json.dumps([report.as_json(), report.as_sarif()])


def test_what_is_no_secret_is_told(checked: Checked) -> None:
    report = checked(SECRET_IN_A_TRUST.replace("SECRET", "False"))
    assert "hunter2" in json.dumps(report.as_json())


def test_a_folder_without_a_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"Pulumi\.yaml"):
        record(tmp_path, "dev")


@pytest.mark.parametrize(
    "stacks", [("prod", "prod"), ("prod", "acme/prod"), ("",), ("a b",), ("a/",)]
)
def test_a_stack_that_is_told_twice_or_has_no_name_is_refused(
    tmp_path: Path, stacks: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput, match="--stack"):
        record(written(tmp_path / "acme", SOUND), stacks)


def test_a_stack_may_be_told_with_its_organisation_and_project(checked: Checked) -> None:
    program = "import pulumi\nassert pulumi.get_stack() == 'live'\npulumi.Config().require('it')\n"
    stack = {"Pulumi.live.yaml": "config:\n  acme:it: x\n"}
    report = checked(program + SOUND, stack="org/acme/live", files=stack)
    assert report.stacks == ("live",)


@pytest.mark.parametrize("key", ["", " ", "a b", "a:b:c", ":a", "a:"])
def test_a_setting_without_a_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidInputs, match="NAMESPACE:KEY"):
        record(written(tmp_path / "acme", SOUND), "dev", {key: "x"})


def test_settings_of_a_stack_file_without_a_name_are_told_all_at_once(tmp_path: Path) -> None:
    stack = {"Pulumi.dev.yaml": 'config:\n  1: x\n  "a:b:c": x\n  acme:colour: red\n'}
    with pytest.raises(InvalidInputs, match=r"Pulumi\.dev\.yaml: config: 2 faults"):
        record(written(tmp_path / "acme", SOUND, stack), "dev")


def test_the_folder_of_the_program_itself_will_do(tmp_path: Path) -> None:
    home = written(tmp_path / "acme", "", {"Pulumi.yaml": "name: acme\nmain: infra\n"})
    (home / "infra").mkdir()
    (home / "infra" / "__main__.py").write_text("import pulumi_aws as aws\naws.sqs.Queue('q')\n")
    assert record_all(home / "infra", ["dev"]).project.name == "acme"


def test_a_program_that_declares_nothing_is_no_pass(checked: Checked) -> None:
    assert "declares nothing" in unknown(checked("x = 1\n"))


# --- work that Pulumi does not wait for --------------------------------------------------------

LATE = """
import asyncio, pulumi, pulumi_aws as aws

async def late():
    await asyncio.sleep(SECONDS)
    aws.sqs.Queue("late")

aws.sqs.Queue("soon")
"""


def test_work_that_is_left_when_the_program_ends_is_unknown(checked: Checked) -> None:
    program = LATE.replace("SECONDS", "999") + "asyncio.ensure_future(late())\n"
    assert "Pulumi drops asynchronous work" in unknown(checked(program))
    assert "late (__main__.py:5)" in unknown(checked(program))


@pytest.mark.parametrize(
    "waited", ["pulumi.run(late)", "pulumi.Output.from_input(late()).apply(print)"]
)
def test_work_that_pulumi_waits_for_is_waited_for(checked: Checked, waited: str) -> None:
    report = checked(LATE.replace("SECONDS", "0") + waited)
    assert report.not_looked_at == {"aws:sqs/queue:Queue": 2}
    assert not report.falls_short


# --- what only an update knows -----------------------------------------------------------------

DYNAMIC = """
import pulumi
from pulumi import dynamic

class Anything(dynamic.ResourceProvider):
    def create(self, props):
        return dynamic.CreateResult("x", props)

class Thing(dynamic.Resource):
    def __init__(self, name):
        super().__init__(Anything(), name, {})

Thing("whatever")
"""


def test_a_dynamic_provider_may_do_anything(checked: Checked) -> None:
    said = unknown(checked(SOUND + DYNAMIC))
    assert "A dynamic provider may do anything" in said
    assert "whatever (__main__.py:" in said


REMOTE = """
class Elsewhere(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("acme:index:Network", "network", {}, remote=True)

Elsewhere()
"""


def test_a_component_of_another_language_is_not_seen(checked: Checked) -> None:
    said = unknown(checked(SOUND + REMOTE))
    assert "remote component (acme:index:Network)" in said


def test_a_policy_that_another_stack_gives_is_not_known(checked: Checked) -> None:
    program = changed(
        'bucket=logs.id, policy=documents["vault"]',
        'bucket=logs.id, policy=pulumi.StackReference("acme/base/prod").get_output("policy")',
    )
    report = checked(program)
    assert "policy of policy in 222222222222 (__main__.py:" in unknown(
        report, "actor_cannot_touch_the_vault"
    )
    assert "not known before it is applied" in unknown(report, "vault_holds_in_its_own_account")
    assert verdict(report, "enforce_admins_holds") == "HOLDS"


def test_a_secret_of_the_stack_is_not_known_and_stops_nothing_else(checked: Checked) -> None:
    program = changed(
        'aws.iam.RolePolicy("runbook", role=emergency.name, policy=documents["runbook"]',
        'aws.iam.RolePolicy("runbook", role=emergency.name,'
        ' policy=pulumi.Config().require_secret("policy")',
    )
    stack = "config:\n  acme:policy:\n    secure: AAABAxyz\n"
    report = checked(program, files={"Pulumi.dev.yaml": stack})
    assert "policy of runbook" in unknown(report, "roles_do_only_what_they_are_for")
    assert verdict(report, "vault_is_elsewhere_and_locked") == "HOLDS"


def test_a_trail_into_a_bucket_of_another_stack_is_unknown(checked: Checked) -> None:
    report = checked("""
import pulumi, pulumi_aws as aws
bucket = pulumi.StackReference("acme/base/prod").get_output("bucket")
aws.cloudtrail.Trail("t", s3_bucket_name=bucket)
""")
    assert "Where a trail delivers to is not known" in unknown(report)


def test_what_would_be_looked_up_is_not_known(checked: Checked) -> None:
    program = changed(
        'policy=documents["runbook"], opts=working)\nemergency',
        'policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        ' "Action": "ec2:StopInstances", "Resource": aws.ec2.get_vpc(default=True).arn}]}),'
        " opts=working)\nemergency",
    )
    assert "policy of boundary" in unknown(checked(program), "roles_do_only_what_they_are_for")


def test_a_looked_up_thing_that_decides_nothing_is_no_fault(checked: Checked) -> None:
    program = """
zones = aws.get_availability_zones().names
network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16", opts=working)
for index in range(2):
    aws.ec2.Subnet(f"subnet-{index}", vpc_id=network.id, availability_zone=zones[index],
                   cidr_block=f"10.0.{index}.0/24", opts=working)
aws.lambda_.Function("f", role=entry.arn, code=pulumi.FileArchive("."), runtime="python3.12",
                     handler="a.b", opts=working)
"""
    report = checked(SOUND + program)
    assert not report.falls_short
    assert report.not_looked_at["aws:ec2/subnet:Subnet"] == 2


def test_a_random_name_is_as_good_as_another(checked: Checked) -> None:
    program = """
import pulumi, pulumi_aws as aws

class RandomId(pulumi.CustomResource):
    hex: pulumi.Output[str]
    def __init__(self):
        super().__init__("random:index/randomId:RandomId", "suffix", {"hex": None})

logs = aws.s3.Bucket("logs", bucket=RandomId().hex.apply(lambda suffix: f"logs-{suffix}"))
aws.cloudtrail.Trail("t", s3_bucket_name=logs.id, is_multi_region_trail=True,
                     enable_log_file_validation=True)
"""
    report = checked(program)
    assert verdict(report, "vault_is_elsewhere_and_locked") == "BROKEN"


# --- types -------------------------------------------------------------------------------------


def typed(token: str, name: str = "it", **inputs: object) -> str:
    return f"""
class Other(pulumi.CustomResource):
    pass

Other({token!r}, {name!r}, {inputs!r})
"""


def test_a_type_that_no_invariant_speaks_of_is_told_as_not_looked_at(checked: Checked) -> None:
    report = checked(SOUND + typed("acme:index:Rocket"))
    assert report.not_looked_at["acme:index:Rocket"] == 1
    assert not report.falls_short


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (
            "github:index/organizationRuleset:OrganizationRuleset",
            {},
            "What a ruleset of the organisation demands",
        ),
        (
            "aws:s3/accessPoint:AccessPoint",
            {"bucket": "acme-audit-logs"},
            "Whom an access point lets",
        ),
        ("aws-native:iam:Role", {}, "No invariant reads aws-native:iam:Role"),
    ],
)
def test_a_type_that_decides_and_cannot_be_read_is_unknown(
    checked: Checked, token: str, inputs: dict[str, str], words: str
) -> None:
    assert words in unknown(checked(SOUND + typed(token, **inputs)))


def test_the_same_type_on_something_else_is_none_of_its_business(checked: Checked) -> None:
    report = checked(SOUND + typed("aws:s3/accessPoint:AccessPoint", bucket="pictures"))
    assert not report.falls_short


QUEUE = "https://sqs.eu-west-1.amazonaws.com/555555555555"

TOUCHING = [
    ("aws:s3/inventory:Inventory", {"bucket": "acme-audit-logs"}, {"bucket": "pictures"}),
    (
        "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",
        {"details": {"regions": [{"bucket": "acme-audit-logs"}]}},
        {"details": {"regions": [{"bucket": "pictures"}]}},
    ),
    (
        "aws:s3control/accessGrantsLocation:AccessGrantsLocation",
        {"locationScope": "s3://acme-audit-logs/*"},
        {"locationScope": "s3://pictures/*"},
    ),
    ("aws:iam/accessKey:AccessKey", {"user": "ada"}, {"user": "robot"}),
    ("aws:iam/userPolicy:UserPolicy", {"user": "ada"}, {"user": "robot"}),
    (
        "aws:iam/policyAttachment:PolicyAttachment",
        {"users": ["ada"], "policyArn": "x"},
        {"users": ["robot"], "policyArn": "x"},
    ),
    (
        "aws:iam/organizationsFeatures:OrganizationsFeatures",
        {"enabledFeatures": ["RootSessions"]},
        {"enabledFeatures": ["RootCredentialsManagement"]},
    ),
    (
        "aws:scheduler/schedule:Schedule",
        {"target": {"input": '{"Name": "acme-audit"}', "arn": TRAIL}},
        {"target": {"arn": f"{QUEUE}/orders"}},
    ),
    (
        "aws:ssoadmin/accountAssignment:AccountAssignment",
        {"targetId": KEEPING},
        {"targetId": WORKING},
    ),
    (
        "aws:cloudformation/stack:Stack",
        {"templateBody": "Bucket: acme-audit-logs"},
        {"templateBody": "Bucket: pictures"},
    ),
    (
        "aws:cloudcontrol/resource:Resource",
        {"typeName": "AWS::CloudTrail::Trail"},
        {"typeName": "AWS::ECS::Service"},
    ),
    (
        "command:local:Command",
        {"create": "aws cloudtrail stop-logging --name audit"},
        {"create": "npm run build"},
    ),
    (
        "github:index/branchDefault:BranchDefault",
        {"repository": "shop", "branch": "next"},
        {"repository": "shop", "branch": "main"},
    ),
    (
        "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions",
        {"repository": "Shop", "canApprovePullRequestReviews": True},
        {"repository": "shop", "canApprovePullRequestReviews": False},
    ),
]


@pytest.mark.parametrize(("token", "touching", "_other"), TOUCHING)
def test_what_touches_a_claim_and_cannot_be_read_is_unknown_and_names_it(
    checked: Checked, token: str, touching: dict[str, object], _other: object
) -> None:
    row = UNREADABLE[token]
    reason = unknown(checked(SOUND + typed(token, **touching)))
    assert reason.startswith(f"{row.what} is not read, and {row.rests} rests on it: it")


def test_what_touches_no_claim_is_told_as_not_looked_at(checked: Checked) -> None:
    others = (typed(token, f"it-{at}", **other) for at, (token, _, other) in enumerate(TOUCHING))
    report = checked(SOUND + "\n".join(others))
    assert not report.falls_short
    assert report.not_looked_at["aws:s3/inventory:Inventory"] == 1


def test_each_unreadable_type_names_an_invariant_that_there_is_and_is_not_read_as_well() -> None:
    assert {row.rests for row in UNREADABLE.values()} <= set(INVARIANTS)
    assert not READ & set(UNREADABLE)


def test_an_old_name_of_an_acl_is_the_acl(checked: Checked) -> None:
    old = typed("aws:s3/bucketAclV2:BucketAclV2", bucket="acme-audit-logs", acl="public-read")
    assert verdict(checked(SOUND + old), "vault_is_elsewhere_and_locked") == "BROKEN"
    other = typed("aws:s3/bucketAclV2:BucketAclV2", bucket="pictures", acl="public-read")
    assert not checked(SOUND + other).falls_short


def test_a_policy_that_is_no_json_is_unknown_and_no_crash(checked: Checked) -> None:
    program = changed('policy=documents["vault"]', 'policy="{"')
    assert "JSON" in unknown(checked(program), "actor_cannot_touch_the_vault")


def test_a_managed_policy_of_aws_that_is_not_declared_is_unknown(checked: Checked) -> None:
    attached = (
        'aws.iam.RolePolicyAttachment("read", role=emergency.name, opts=working,'
        ' policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")\n'
    )
    said = unknown(checked(SOUND + attached), "roles_do_only_what_they_are_for")
    assert "ReadOnlyAccess" in said


# --- configuration -----------------------------------------------------------------------------


def test_a_stack_that_is_not_there_is_refused_with_those_that_are(checked: Checked) -> None:
    with pytest.raises(InvalidInput, match=r"Pulumi\.prod\.yaml"):
        checked(SOUND, stack="prdo", files={"Pulumi.prod.yaml": "config: {}\n"})


def test_settings_of_project_and_stack_reach_the_program(checked: Checked) -> None:
    program = """
import pulumi, pulumi_aws as aws
config = pulumi.Config()
assert (config.require("colour"), config.require_int("size")) == ("red", 3), config.get("colour")
assert pulumi.Config("aws").require("region") == "eu-west-1"
aws.sqs.Queue("q")
"""
    project = "name: acme\nruntime: python\nconfig:\n  size: {type: integer, default: 3}\n"
    stack = "config:\n  acme:colour: red\n  aws:region: eu-west-1\n"
    report = checked(program, files={"Pulumi.yaml": project, "Pulumi.dev.yaml": stack})
    assert not report.falls_short


def test_a_stack_file_that_is_no_mapping_is_refused(checked: Checked) -> None:
    with pytest.raises(InvalidInput, match=r"Pulumi\.dev\.yaml"):
        checked(SOUND, files={"Pulumi.dev.yaml": "- a\n"})
