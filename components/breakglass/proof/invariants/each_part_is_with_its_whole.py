"""Nothing is set up for something else than it is meant for, or in another place.

What AWS calls a resource of its own is often only a part of another one: a bucket's lock, a queue's
policy, a rule's target, a role's permissions. Each part names a whole that the program declares,
and is made in the same account and region; elsewhere AWS would refuse it, or set up a namesake.
What keeps and rings is in the home region, where its rules and its trails look for it, and bears
the kit's name or path, by which guardrails know it.

The twin: each whole that the kit sets up is there to be named.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from breakglass import names
from breakglass.proof.finding import Examination, Finding
from breakglass.proof.graph import MANAGEMENT, Graph, Resource

NAME = "each_part_is_with_its_whole"

_BUCKET = "aws:s3/bucket:Bucket"
_ROLE = "aws:iam/role:Role"


class Part(NamedTuple):
    """A type that is a part of another one."""

    type: str
    by: str
    """The property that names the whole."""
    whole: str
    of: str
    """What the whole is named by: a property, or what the cloud answered."""


PARTS: Final[Sequence[Part]] = (
    *(
        Part(f"aws:s3/bucket{kind[0].upper()}{kind[1:]}:Bucket{kind}", "bucket", _BUCKET, "bucket")
        for kind in (
            "ObjectLockConfiguration",
            "OwnershipControls",
            "Policy",
            "PublicAccessBlock",
            "ServerSideEncryptionConfiguration",
            "Versioning",
        )
    ),
    Part("aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "aws:sqs/queue:Queue", "url"),
    Part("aws:sns/topicPolicy:TopicPolicy", "arn", "aws:sns/topic:Topic", "arn"),
    Part("aws:sns/topicSubscription:TopicSubscription", "topic", "aws:sns/topic:Topic", "arn"),
    Part(
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        "eventBusName",
        "aws:cloudwatch/eventBus:EventBus",
        "name",
    ),
    Part(
        "aws:cloudwatch/eventTarget:EventTarget",
        "rule",
        "aws:cloudwatch/eventRule:EventRule",
        "name",
    ),
    Part("aws:iam/rolePolicy:RolePolicy", "role", _ROLE, "name"),
    Part("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", _ROLE, "name"),
    Part(
        "aws:organizations/policyAttachment:PolicyAttachment",
        "policyId",
        "aws:organizations/policy:Policy",
        "id",
    ),
    Part(
        "aws:glue/catalogTable:CatalogTable",
        "databaseName",
        "aws:glue/catalogDatabase:CatalogDatabase",
        "name",
    ),
)
"""Every part that the kit declares."""

AT_HOME: Final = (
    "aws:athena/workgroup:Workgroup",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/eventBus:EventBus",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:pipes/pipe:Pipe",
    _BUCKET,
    "aws:sns/topic:Topic",
)
"""What is in the home region alone."""

BY_NAME: Final = (
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/eventBus:EventBus",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:pipes/pipe:Pipe",
    _BUCKET,
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
)
"""What is guarded by its name."""

BY_PATH: Final = ("aws:iam/policy:Policy", _ROLE)
"""What is guarded by its path."""

IN_MANAGEMENT: Final = (
    "aws:organizations/policy:Policy",
    "aws:organizations/policyAttachment:PolicyAttachment",
)
"""What the management account alone can make (AWS Organizations User Guide, "Managing organization
policies")."""

_GLOBAL: Final = ("aws:iam/", "aws:organizations/")
"""What has no region."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    look = Examination(NAME)
    for part in PARTS:
        wholes: dict[tuple[str, str, str], list[Resource]] = {}
        for one in graph.of(part.whole):
            wholes.setdefault((*_place(one), _named(one, part.of)), []).append(one)
        for one in graph.of(part.type):
            found = wholes.get((*_place(one), str(one.get(part.by))), [])
            there = [whole for whole in found if _on_one_bus(one, whole)]
            look.must(
                there, f"It is a part of nothing that is declared where it is ({part.by})", one
            )
    leading = {account.id for account in graph.facts.of(MANAGEMENT)}
    for type_ in IN_MANAGEMENT:
        for one in graph.of(type_):
            look.must(one.account in leading, "Only the management account has a say there", one)
    if not graph.facts.lacks:
        _named_by_the_kit(look, graph)
    home = graph.facts.home_region
    for one in _at_home(graph):
        look.must(one.region == home, f"It is in {one.region} and not in {home}", one)
    return look.finding("Every part is made where its whole is.")


def _named_by_the_kit(look: Examination, graph: Graph) -> None:
    """Guardrails, boundaries and rules know the kit's own by its name, and IAM's by the path."""
    for type_ in BY_NAME:
        for one in graph.of(type_):
            name = one.arn.replace("/", ":").rpartition(":")[2]
            look.must(name.startswith(f"{names.PREFIX}-"), "It does not bear the kit's name", one)
    for type_ in BY_PATH:
        for one in graph.of(type_):
            look.must(names.PATH in one.arn, f"It is not under {names.PATH}", one)


def _named(whole: Resource, by: str) -> str:
    if by == "id":
        return whole.id
    return str(whole.outputs.get(by) or whole.get(by))


def _place(one: Resource) -> tuple[str, str]:
    """Where a resource is, as far as part and whole must be in one place."""
    return one.account, "" if one.type.startswith(_GLOBAL) else one.region


def _on_one_bus(part: Resource, whole: Resource) -> bool:
    return part.get("eventBusName") in {None, whole.get("eventBusName"), whole.get("name")}


def _at_home(graph: Graph) -> Iterator[Resource]:
    for type_ in AT_HOME:
        yield from graph.of(type_)
