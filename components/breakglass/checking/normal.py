"""One form for what a program may declare in several: old types, inline parts, documents as values.

Inputs as the provider takes them (the pages of each resource in the Pulumi registry, pulumi-aws 7).
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from breakglass.checking.forms import type_of, written_out
from breakglass.proof.graph import Resource

_BUCKET: Final = "aws:s3/bucket:Bucket"
_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_SEALED: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_OWNERSHIP: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_CLOSED: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def normal(resources: Iterable[Resource]) -> list[Resource]:
    """Return the same resources, each in the form that invariants read."""
    read = [
        replace(one, type=type_of(one.type), inputs=written_out(one.inputs)) for one in resources
    ]
    nodes = {
        str(one.outputs.get("nodeId")): str(one.inputs.get("name"))
        for one in read
        if one.type == "github:index/repository:Repository"
    }
    keys = {
        str(one.inputs.get("keyId")): one
        for one in read
        if one.type == "aws:kms/keyPolicy:KeyPolicy"
    }
    with_policies = {
        str(one.inputs.get(key))
        for type_, key, _ in _POLICY_OF.values()
        for one in read
        if one.type == type_
    }
    found: list[Resource] = []
    for one in read:
        match one.type:
            case "aws:s3/bucket:Bucket":
                found += _bucket(one)
            case "aws:sns/topic:Topic" | "aws:sqs/queue:Queue":
                found += _with_policy(one, with_policies)
            case "aws:iam/policyAttachment:PolicyAttachment":
                found += _attachments(one)
            case "aws:kms/key:Key":
                found.append(_key(one, keys))
            case "github:index/branchProtection:BranchProtection":
                found.append(_protection(one, nodes))
            case _:
                found.append(one)
    return found


def _part(of: Resource, type_: str, **inputs: Any) -> Resource:  # noqa: ANN401 - any property value
    """A resource that a part of another stands for, made by the same line."""
    values = {"bucket": of.inputs.get("bucket"), **inputs}
    unknown = frozenset(key for key in values if key in of.unknown)
    return replace(of, type=type_, inputs=values, outputs={}, unknown=unknown)


def _bucket(bucket: Resource) -> Iterator[Resource]:
    """Split what a bucket may say inline: its own resource says it since pulumi-aws 5."""
    inputs = dict(bucket.inputs)
    if lock := _first(inputs, "objectLockConfiguration", "objectLockConfigurations"):
        inputs["objectLockEnabled"] = True
        rule = _first(lock, "rule", "rules") or {}
        kept = _first(rule, "defaultRetention", "defaultRetentions")
        if kept:
            yield _part(bucket, _LOCK, rule={"defaultRetention": kept})
    if versioning := _first(inputs, "versioning", "versionings"):
        status = "Enabled" if versioning.get("enabled") else "Suspended"
        yield _part(bucket, _VERSIONING, versioningConfiguration={"status": status})
    if sealed := _first(
        inputs, "serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations"
    ):
        rules = sealed.get("rules") or [sealed.get("rule") or {}]
        yield _part(bucket, _SEALED, rules=rules)
    if inputs.get("policy"):
        yield _part(bucket, "aws:s3/bucketPolicy:BucketPolicy", policy=inputs["policy"])
    if inputs.get("acl", "private") != "private" or inputs.get("grants"):
        yield _part(bucket, "aws:s3/bucketAcl:BucketAcl", acl=inputs.get("acl"))
    if inputs.get("lifecycleRules"):
        kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
        yield _part(bucket, kind, rules=inputs["lifecycleRules"])
    if _first(inputs, "replicationConfiguration", "replicationConfigurations"):
        yield _part(bucket, "aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    yield replace(bucket, inputs=inputs)


def _first(of: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The object at one of some keys, or the first of a list of them; empty where there is none."""
    for key in keys:
        value = of.get(key)
        value = value[0] if isinstance(value, Sequence) and value else value
        if isinstance(value, Mapping):
            return dict(value)
    return {}


_POLICY_OF: Final = {
    "aws:sns/topic:Topic": ("aws:sns/topicPolicy:TopicPolicy", "arn", "arn"),
    "aws:sqs/queue:Queue": ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "url"),
}
"""Type to the type of its policy, what that calls it by, and what it calls itself."""


def _with_policy(one: Resource, others: Container[str]) -> Iterator[Resource]:
    """Split what a topic or a queue says of its policy, where nothing else says it."""
    type_, key, own = _POLICY_OF[one.type]
    called = one.outputs.get(own)
    policy = one.inputs.get("policy")
    if not policy or str(called) in others:
        yield one
        return
    inputs = {name: value for name, value in one.inputs.items() if name != "policy"}
    yield replace(one, inputs=inputs, unknown=one.unknown - {"policy"})
    unknown = one.unknown & {"policy"}
    values = {key: called, "policy": policy}
    yield replace(one, type=type_, inputs=values, outputs={}, unknown=unknown)


def _attachments(one: Resource) -> Iterator[Resource]:
    """Take an attachment to several roles apart."""
    for role in one.get("roles") or ():
        yield replace(
            one, type=_ATTACHMENT, inputs={"role": role, "policyArn": one.inputs.get("policyArn")}
        )


def _key(key: Resource, policies: Mapping[str, Resource]) -> Resource:
    """Give a key the policy that a resource of its own has; AWS's where there is neither."""
    own = policies.get(str(key.id)) or policies.get(str(key.outputs.get("arn")))
    given = key.inputs.get("policy") if own is None else own.inputs.get("policy")
    if given is not None:
        return replace(key, inputs={**key.inputs, "policy": given})
    principal = {"AWS": f"arn:aws:iam::{key.account}:root"}
    default = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [default]})
    return replace(key, inputs={**key.inputs, "policy": text})


def _protection(one: Resource, nodes: Mapping[str, str]) -> Resource:
    """Name the repository, where its node id is given."""
    id_ = str(one.inputs.get("repositoryId"))
    return replace(one, inputs={**one.inputs, "repositoryId": nodes.get(id_, id_)})


# --- what AWS and GitHub set by themselves --------------------------------------------------------

_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        _OWNERSHIP: {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        _CLOSED: dict.fromkeys(
            (
                "blockPublicAcls",
                "blockPublicPolicy",
                "ignorePublicAcls",
                "restrictPublicBuckets",
            ),
            True,
        ),
        _SEALED: {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    }
)
"""How S3 makes a bucket: encrypted since 5 January 2023, closed and without ACLs since April 2023
(S3 User Guide, "Default bucket encryption FAQ", "Default settings for new S3 buckets FAQ")."""

_CLAIMS: Final = (
    "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate"
    ":ActionsRepositoryOidcSubjectClaimCustomizationTemplate"
)


def with_defaults(
    resources: Sequence[Resource], buckets: Iterable[str], repositories: Iterable[str]
) -> list[Resource]:
    """Add what AWS and GitHub set where a program says nothing, for some buckets and repositories.

    Object Lock switches versioning on (S3 User Guide, "Configuring S3 Object Lock"); the subject of
    a token is GitHub's own until somebody customises it (GitHub docs, "OpenID Connect").
    """
    found = list(resources)
    for name in buckets:
        bucket = next(b for b in resources if b.type == _BUCKET and b.inputs["bucket"] == name)
        wanted = {**_DEFAULTS}
        if bucket.inputs.get("objectLockEnabled") is True:
            wanted[_VERSIONING] = {"versioningConfiguration": {"status": "Enabled"}}
        for type_, inputs in wanted.items():
            if not any(_may_be_of(one, type_, "bucket", name) for one in resources):
                found.append(_part(bucket, type_, **inputs))
    plain = (
        Resource(_CLAIMS, n, "", "", {"repository": n, "useDefault": True}) for n in repositories
    )
    return found + [
        one
        for one in plain
        if not any(_may_be_of(r, _CLAIMS, "repository", one.name) for r in resources)
    ]


def _may_be_of(one: Resource, type_: str, key: str, name: str) -> bool:
    return one.type == type_ and (key in one.unknown or one.inputs.get(key) == name)
