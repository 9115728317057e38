"""What a resource will be called: its name, id and ARN, as AWS and GitHub form them.

The forms are those of the Service Authorization Reference ("Resource types defined by ...") and of
the ids that the Pulumi provider documents under "Import" of each resource. A type without a form
here has an id and outputs that nobody knows before it is applied.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from breakglass.proof.graph import has_unknown
from breakglass.proof.model import UNKNOWN_VALUE
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN, unknown_paths


@dataclass(frozen=True, slots=True)
class Form:
    """How one type is called. The texts are filled with inputs and with what `words` adds."""

    name: str | None = None
    """The property that is filled in where the program gives none."""
    id: str = "{name}"
    outputs: Mapping[str, str] = field(default_factory=dict)


def _arn(service: str, thing: str, *, region: str = "{region}", account: str = "{account}") -> str:
    return f"arn:{{partition}}:{service}:{region}:{account}:{thing}"


def _of_iam(kind: str) -> Form:
    return Form("name", outputs={"arn": _arn("iam", f"{kind}{{path}}{{name}}", region="")})


def _by_arn(service: str, thing: str, **more: str) -> Form:
    arn = _arn(service, thing)
    return Form("name", arn, {"arn": arn, **more})


_OF_BUCKET: Final = Form(None, "{bucket}")
_QUEUE_URL: Final = "https://sqs.{region}.amazonaws.com/{account}/{name}"

FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "aws:athena/workgroup:Workgroup": Form(
            "name", outputs={"arn": _arn("athena", "workgroup/{name}")}
        ),
        "aws:cloudtrail/trail:Trail": _by_arn("cloudtrail", "trail/{name}", homeRegion="{region}"),
        "aws:cloudwatch/eventBus:EventBus": Form(
            "name", outputs={"arn": _arn("events", "event-bus/{name}")}
        ),
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy": Form(None, "{eventBusName}"),
        "aws:cloudwatch/eventRule:EventRule": Form(
            "name", outputs={"arn": _arn("events", "rule/{below_bus}{name}")}
        ),
        "aws:cloudwatch/eventTarget:EventTarget": Form("targetId", "{rule}-{targetId}"),
        "aws:cloudwatch/logGroup:LogGroup": Form(
            "name", outputs={"arn": _arn("logs", "log-group:{name}")}
        ),
        "aws:cloudwatch/metricAlarm:MetricAlarm": Form(
            "name", outputs={"arn": _arn("cloudwatch", "alarm:{name}")}
        ),
        "aws:dynamodb/table:Table": Form("name", outputs={"arn": _arn("dynamodb", "table/{name}")}),
        "aws:glue/catalogDatabase:CatalogDatabase": Form("name", "{account}:{name}"),
        "aws:iam/group:Group": _of_iam("group"),
        "aws:iam/instanceProfile:InstanceProfile": _of_iam("instance-profile"),
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Form(
            None,
            _arn("iam", "oidc-provider/{host}", region=""),
            {"arn": _arn("iam", "oidc-provider/{host}", region="")},
        ),
        "aws:iam/policy:Policy": Form(
            "name",
            _arn("iam", "policy{path}{name}", region=""),
            {"arn": _arn("iam", "policy{path}{name}", region="")},
        ),
        "aws:iam/role:Role": _of_iam("role"),
        "aws:iam/rolePolicy:RolePolicy": Form("name", "{role}:{name}"),
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Form(None, "{role}/{policyArn}"),
        "aws:iam/samlProvider:SamlProvider": Form(
            "name",
            _arn("iam", "saml-provider/{name}", region=""),
            {"arn": _arn("iam", "saml-provider/{name}", region="")},
        ),
        "aws:iam/user:User": _of_iam("user"),
        "aws:kms/alias:Alias": Form("name", outputs={"arn": _arn("kms", "{name}")}),
        "aws:kms/key:Key": Form(
            None, "{uuid}", {"arn": _arn("kms", "key/{uuid}"), "keyId": "{uuid}"}
        ),
        "aws:lambda/function:Function": Form(
            "name", outputs={"arn": _arn("lambda", "function:{name}")}
        ),
        "aws:organizations/organization:Organization": Form(
            None, "o-{short}", {"masterAccountId": "{account}"}
        ),
        "aws:organizations/policy:Policy": Form(
            "name",
            "p-{short}",
            {"arn": "arn:aws:organizations::{account}:policy/o-x/{kind}/p-{short}"},
        ),
        "aws:organizations/policyAttachment:PolicyAttachment": Form(None, "{targetId}:{policyId}"),
        "aws:pipes/pipe:Pipe": Form("name", outputs={"arn": _arn("pipes", "pipe/{name}")}),
        "aws:s3/bucket:Bucket": Form(
            "bucket",
            "{bucket}",
            {
                "arn": "arn:{partition}:s3:::{bucket}",
                "bucketDomainName": "{bucket}.s3.amazonaws.com",
                "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
            },
        ),
        **{
            f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}": _OF_BUCKET
            for kind in (
                "BucketLifecycleConfiguration",
                "BucketNotification",
                "BucketObjectLockConfiguration",
                "BucketOwnershipControls",
                "BucketPolicy",
                "BucketPublicAccessBlock",
                "BucketServerSideEncryptionConfiguration",
                "BucketVersioning",
            )
        },
        "aws:sns/topic:Topic": _by_arn("sns", "{name}", owner="{account}"),
        "aws:sns/topicPolicy:TopicPolicy": Form(None, "{arn}"),
        "aws:sns/topicSubscription:TopicSubscription": Form(
            None, "{topic}:{uuid}", {"arn": "{topic}:{uuid}"}
        ),
        "aws:sqs/queue:Queue": Form(
            "name", _QUEUE_URL, {"arn": _arn("sqs", "{name}"), "url": _QUEUE_URL}
        ),
        "aws:sqs/queuePolicy:QueuePolicy": Form(None, "{queueUrl}"),
        "github:index/branchProtection:BranchProtection": Form(None, "BPR_{short}"),
        "github:index/repository:Repository": Form(
            None, "{name}", {"nodeId": "R_{name}", "fullName": "{account}/{name}"}
        ),
        "github:index/repositoryEnvironment:RepositoryEnvironment": Form(
            None, "{repository}:{environment}"
        ),
        # what nobody can know any other value will do for
        "random:index/randomId:RandomId": Form(
            None, "{hex}", {"hex": "{hex}", "dec": "{number}", "b64Url": "{hex}", "b64Std": "{hex}"}
        ),
        "random:index/randomPet:RandomPet": Form(None, "pet-{short}", {}),
        "random:index/randomString:RandomString": Form(None, "{short}", {"result": "{short}"}),
        "random:index/randomUuid:RandomUuid": Form(None, "{uuid}", {"result": "{uuid}"}),
    }
)
"""By Pulumi's type token."""

SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"aws:s3/{kind}V2:{kind[0].upper()}{kind[1:]}V2": (
            f"aws:s3/{kind}:{kind[0].upper()}{kind[1:]}"
        )
        for kind in (
            "bucket",
            "bucketAcl",
            "bucketLifecycleConfiguration",
            "bucketObjectLockConfiguration",
            "bucketServerSideEncryptionConfiguration",
            "bucketVersioning",
            "bucketWebsiteConfiguration",
        )
    }
)
"""An old name of a type to the one of today (pulumi-aws 7, the aliases of each class)."""


def type_of(token: str) -> str:
    """Return today's name of a type."""
    return SAME.get(token, token)


DOCUMENTS: Final = frozenset(
    {"assumeRolePolicy", "content", "eventPattern", "filterPolicy", "policy"}
    | {"redriveAllowPolicy", "redrivePolicy"}
)
"""Inputs that hold JSON: some programs give them as objects, and get text back."""


def written_out(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with each document as text; one in which something is unknown is unknown."""
    return {
        key: _written(value) if key in DOCUMENTS and isinstance(value, Mapping) else value
        for key, value in inputs.items()
    }


def _written(document: Mapping[str, Any]) -> Any:  # noqa: ANN401 - text, or what stands for unknown
    if _is_unknown(document):
        return UNKNOWN
    return UNKNOWN_VALUE if has_unknown(document) else json.dumps(document)


def named(resource: Registration) -> dict[str, Any]:
    """Return the inputs with the name that the engine would make up: the same each time."""
    given = {key: value for key, value in resource.inputs.items() if value is not None}
    inputs = written_out(given)
    form = FORMS.get(type_of(resource.type))
    if form is not None and form.name is not None and form.name not in inputs:
        prefix = inputs.get(f"{form.name}Prefix") or inputs.get("namePrefix")
        short = _digest(resource)[:7]
        inputs[form.name] = (
            UNKNOWN if prefix is UNKNOWN else f"{prefix or f'{resource.name}-'}{short}"
        )
    return inputs


def called(
    resource: Registration, inputs: Mapping[str, Any], account: str, region: str
) -> tuple[str, dict[str, Any]]:
    """Return the id, empty where nobody knows it, and the outputs that follow from the name."""
    form = FORMS.get(type_of(resource.type))
    if form is None:
        return "", {}
    words = _words(resource, inputs, account, region)
    found = {key: _filled(text, words) for key, text in form.outputs.items()}
    id_ = _filled(form.id, words)
    return (id_ if isinstance(id_, str) else ""), found


def partition(region: str) -> str:
    """Return the partition of a region (AWS General Reference, "Amazon Resource Names")."""
    starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for start, name in starts.items() if region.startswith(start)), "aws")


def _words(
    resource: Registration, inputs: Mapping[str, Any], account: str, region: str
) -> dict[str, Any]:
    digest = _digest(resource)
    bus = inputs.get("eventBusName")
    plain_bus = bus.rpartition("/")[2] if isinstance(bus, str) else bus
    url = inputs.get("url")
    return {
        "path": "/",
        "kind": str(inputs.get("type", "")).lower(),
        **inputs,
        "account": account,
        "region": region,
        "partition": partition(region),
        "uuid": str(uuid.UUID(digest[:32])),
        "short": digest[:8],
        "hex": digest[:16],
        "number": str(int(digest[:16], 16)),
        "host": url.removeprefix("https://") if isinstance(url, str) else UNKNOWN,
        "below_bus": plain_bus
        if plain_bus is UNKNOWN
        else ""
        if plain_bus in {None, "default"}
        else f"{plain_bus}/",
    }


def _filled(text: str, words: Mapping[str, Any]) -> Any:  # noqa: ANN401 - text, or UNKNOWN
    """Fill a text; UNKNOWN where one of its words is, or is not there."""
    wanted = [part.partition("}")[0] for part in text.split("{")[1:]]
    if any(_is_unknown(words.get(word, UNKNOWN)) for word in wanted):
        return UNKNOWN
    return text.format(**words)


def _is_unknown(value: object) -> bool:
    return next(unknown_paths(value), None) is not None


def _digest(resource: Registration) -> str:
    return hashlib.sha256(resource.urn.encode()).hexdigest()
