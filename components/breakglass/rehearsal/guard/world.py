"""The policies in force, read live out of moto: what is attached now decides the next call.

Nothing is kept but compiled evaluators, by the text of all the policies that went into them: a
policy that changes is another text. moto's own models are private; tests/guard fail when one of
those read here moves.

Resource policies are read for S3, SQS, SNS, EventBridge, KMS, Lambda, Secrets Manager, CloudWatch
Logs and, as trust policies, for roles. Tags of resources are read for IAM, KMS, SQS, SNS, Lambda,
EventBridge and CloudWatch.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple

from moto.backends import get_backend

from breakglass.proof.evaluate import Evaluator
from breakglass.proof.model import KmsGrant, Layers, Policy, PrincipalKind
from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.callers import Caller

_SCP: Final = "SERVICE_CONTROL_POLICY"
_RCP: Final = "RESOURCE_CONTROL_POLICY"
_EVALUATORS_KEPT: Final = 4096


class Text(NamedTuple):
    """A policy as it is stored: the name by which verdicts speak of it, and its JSON text."""

    name: str
    json: str


class Texts(NamedTuple):
    """`proof.model.Layers` as texts, so that it can be the key of a cache."""

    identity: tuple[Text, ...]
    boundary: Text | None
    session: tuple[Text, ...]
    resource: Text | None
    scps: tuple[tuple[Text, ...], ...]
    rcps: tuple[tuple[Text, ...], ...]
    grants: tuple[str, ...]


@lru_cache(maxsize=_EVALUATORS_KEPT)
def _policy(text: Text) -> Policy:
    return Policy(text.name, json.loads(text.json))


def _policies(texts: Sequence[Text]) -> tuple[Policy, ...]:
    return tuple(_policy(text) for text in texts)


@lru_cache(maxsize=_EVALUATORS_KEPT)
def _evaluator(texts: Texts) -> Evaluator:
    """Compile all layers, once for each set of texts."""
    return Evaluator(
        Layers(
            identity=_policies(texts.identity),
            boundary=None if texts.boundary is None else _policy(texts.boundary),
            session=_policies(texts.session),
            resource=None if texts.resource is None else _policy(texts.resource),
            scps=tuple(_policies(level) for level in texts.scps),
            rcps=tuple(_policies(level) for level in texts.rcps),
            grants=tuple(_grant(json.loads(text)) for text in texts.grants),
        )
    )


def _grant(data: Mapping[str, Any]) -> KmsGrant:
    constraints = data.get("Constraints") or {}
    return KmsGrant(
        grantee=data["GranteePrincipal"],
        operations=frozenset(data["Operations"]),
        name=data.get("Name") or data["GrantId"],
        encryption_context_equals=constraints.get("EncryptionContextEquals"),
        encryption_context_subset=constraints.get("EncryptionContextSubset"),
    )


@cache
def _backends(service: str) -> Any:  # noqa: ANN401 - moto has no types for its backends
    if service == "lambda":  # the emulator runs no containers; moto has a backend of its own for it
        return import_module("moto.awslambda_simple.models").lambda_simple_backends
    return get_backend(service)  # type: ignore[call-overload]  # one overload a service


def _backend(service: str, account: str, region: str) -> Any:  # noqa: ANN401 - likewise
    return _backends(service)[account][region or store.PARTITION]


def _iam(account: str) -> Any:  # noqa: ANN401 - likewise
    return _backend("iam", account, store.PARTITION)


class _Arn(NamedTuple):
    """The parts of an ARN that say where its resource is kept."""

    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def of(cls, text: str) -> "_Arn":
        if not text.startswith("arn:"):
            return cls("", "", "", text)
        _, _, service, region, account, resource = text.split(":", 5)
        return cls(service, region, account, resource)


class World:
    """The emulated accounts, as far as a decision needs them. Also the `Directory` of ARNs.

    Policies that are attached to one thing are asked by name: they come in the order in which a
    program's threads attached them, and that must not change which of two denials is told.
    """

    # --- layers --------------------------------------------------------------------------------

    def evaluator(self, caller: Caller, action: str, resource: str, owner: str) -> Evaluator:
        """Return the evaluator over every policy in force for one question.

        ``owner`` is the account that the resource belongs to.
        """
        return _evaluator(
            Texts(
                identity=self._identity(caller),
                boundary=self._boundary(caller),
                session=tuple(
                    Text(policy.name, json.dumps(policy.document, sort_keys=True))
                    for policy in caller.session_policies
                ),
                resource=self._resource_policy(action, resource),
                scps=self._levels(caller.principal.account, _SCP),
                rcps=self._levels(owner, _RCP),
                grants=self._grants(resource),
            )
        )

    def _identity(self, caller: Caller) -> tuple[Text, ...]:
        """Return the inline and attached policies of the user and his groups, or of the role."""
        entity = self._entity(caller)
        if entity is None:
            return ()
        held = list(_held_by(entity))
        if caller.principal.kind is PrincipalKind.USER:
            for group in list(_iam(caller.principal.account).groups.values()):
                if entity in group.users:
                    held += _held_by(group)
        return tuple(held)

    def _entity(self, caller: Caller) -> Any | None:  # noqa: ANN401 - moto's role or user
        match caller.principal.kind:
            case PrincipalKind.USER:
                return store.user(caller.principal.arn)
            case PrincipalKind.ROLE:
                return store.role(caller.principal.arn)
        return None

    def _boundary(self, caller: Caller) -> Text | None:
        entity = self._entity(caller)
        arn = getattr(entity, "permissions_boundary_arn", None)
        if not arn:
            return None
        found = _iam(caller.principal.account).managed_policies.get(arn)
        # a boundary whose policy is gone allows nothing (IAM user guide, "Permissions boundaries")
        return _nothing(arn) if found is None else _managed(found)

    def _levels(self, account: str, kind: str) -> tuple[tuple[Text, ...], ...]:
        """Return the attached policies of one type, level by level from the root to the account.

        None outside an organisation, in the management account (neither type reaches it: AWS
        Organizations user guide, "Service control policies" and "Resource control policies") and
        while the type is not enabled.
        """
        backend = store.organization(account) if account else None
        if backend is None or store.management_account(account) == account:
            return ()
        return tuple(
            tuple(sorted(Text(p.name, p.content) for p in node.attached_policies if p.type == kind))
            for node in _path(backend, account, kind)
        )

    def _grants(self, resource: str) -> tuple[str, ...]:
        key = self.key(resource) if ":kms:" in resource else None
        return (
            ()
            if key is None
            else tuple(json.dumps(g.to_json(), sort_keys=True) for g in key.grants.values())
        )

    def _resource_policy(self, action: str, resource: str) -> Text | None:
        """Return the policy on the resource; of a role its trust policy, for STS alone."""
        arn = _Arn.of(resource)
        reader = _RESOURCE_POLICIES.get(arn.service)
        if reader is None or (arn.service == "iam" and not action.startswith("sts:")):
            return None
        return reader(arn)

    # --- the resource --------------------------------------------------------------------------

    def owner(self, resource: str, caller: Caller) -> str:
        """Return the account that a resource belongs to; the caller's where the ARN names none.

        An S3 ARN names no account: the bucket is looked up.
        """
        arn = _Arn.of(resource)
        if arn.service == "s3" and not arn.account:
            bucket = store.bucket(arn.resource.partition("/")[0])
            return caller.account if bucket is None else str(bucket.account_id)
        if arn.service in {"organizations", "account"} or not arn.account.isdigit():
            return caller.account
        return arn.account

    def tags(self, resource: str) -> Mapping[str, str]:
        """Return the tags of a resource, as far as moto keeps them where `World` reads them."""
        arn = _Arn.of(resource)
        reader = _TAGS.get(arn.service)
        return {} if reader is None else reader(arn, resource)

    def boundary_arn(self, resource: str) -> str | None:
        """Return the permissions boundary that a role or user has."""
        if not resource.startswith("arn:aws:iam:") or ":role/" not in resource:
            return None
        role = store.role(resource)
        return None if role is None else role.permissions_boundary_arn

    def key(self, resource: str) -> Any | None:  # noqa: ANN401 - moto's key
        """Return moto's key of a key ARN, or None."""
        arn = _Arn.of(resource)
        return None if arn.service != "kms" else _key(arn)

    def organization_path(self, account: str) -> str | None:
        """Return the entity path of an account, as ``aws:ResourceOrgPaths`` has it."""
        return store.organization_path(account) if account else None

    # --- the directory of ARNs -----------------------------------------------------------------

    def role_arn(self, account: str, name: str) -> str | None:
        """ARN of a role, path included."""
        return _arn_of(_iam(account).roles.values(), name)

    def user_arn(self, account: str, name: str) -> str | None:
        """ARN of a user, path included."""
        return _arn_of(_iam(account).users.values(), name)

    def group_arn(self, account: str, name: str) -> str | None:
        """ARN of a group, path included."""
        return _arn_of(_iam(account).groups.values(), name)

    def instance_profile_arn(self, account: str, name: str) -> str | None:
        """ARN of an instance profile, path included."""
        return _arn_of(_iam(account).instance_profiles.values(), name)

    def access_key_owner(self, account: str, key_id: str) -> str | None:
        """ARN of the user whose access key this is."""
        users = list(_iam(account).users.values())
        return next(
            (u.arn for u in users if any(k.access_key_id == key_id for k in u.access_keys)), None
        )

    def key_arn(self, account: str, region: str, name: str) -> str | None:
        """ARN of a KMS key by id or ``alias/<name>``."""
        keys = _backend("kms", account, region).keys
        if name in keys:
            return str(keys[name].arn)
        return next((str(key.arn) for key in list(keys.values()) if name in key.aliases), None)

    def organization_of(self, account: str) -> tuple[str, str] | None:
        """Organisation id and management account of the organisation that ``account`` is in."""
        backend = store.organization(account)
        return None if backend is None else (backend.org.id, backend.org.master_account_id)

    def organization_arn(self, account: str, identifier: str) -> str | None:
        """ARN of a policy, root, unit or account of the organisation that ``account`` is in."""
        backend = store.organization(account)
        if backend is None:
            return None
        things = (*backend.policies, *backend.ou, *backend.accounts)
        return next((str(thing.arn) for thing in things if thing.id == identifier), None)

    def secret_arn(self, account: str, region: str, name: str) -> str | None:
        """ARN of a secret, random suffix included."""
        secret = _backend("secretsmanager", account, region).secrets.get(name)
        return None if secret is None else str(secret.arn)

    def stack_arn(self, account: str, region: str, name: str, kind: str) -> str | None:
        """ARN of a CloudFormation ``stack`` or ``stackset`` by name."""
        backend = _backend("cloudformation", account, region)
        things = backend.stacks if kind == "stack" else backend.stacksets
        found = next((thing for thing in things.values() if thing.name == name), None)
        if found is None:
            return None
        return str(found.stack_id if kind == "stack" else found.arn)

    def query_workgroup(self, account: str, region: str, query: str) -> str | None:
        """Athena workgroup in which a query runs."""
        execution = _backend("athena", account, region).executions.get(query)
        workgroup = getattr(execution, "workgroup", None)
        return None if workgroup is None else str(workgroup.name)


# --- IAM and Organizations ---------------------------------------------------------------------


def _held_by(entity: Any) -> Iterator[Text]:  # noqa: ANN401 - moto's role, user or group
    yield from sorted(Text(name, text) for name, text in entity.policies.items())
    yield from sorted(map(_managed, entity.managed_policies.values()))


def _managed(policy: Any) -> Text:  # noqa: ANN401 - moto's managed policy
    """The default version: a policy says what that one says."""
    default = next(version for version in policy.versions if version.is_default)
    return Text(policy.name, default.document)


def _nothing(arn: str) -> Text:
    nothing = {"Effect": "Allow", "NotAction": "*", "Resource": "*"}
    return Text(f"{arn} (deleted)", json.dumps({"Version": "2012-10-17", "Statement": nothing}))


def _arn_of(entities: Any, name: str) -> str | None:  # noqa: ANN401 - a view of moto's entities
    return next((str(entity.arn) for entity in list(entities) if entity.name == name), None)


def _path(backend: Any, account: str, kind: str) -> list[Any]:  # noqa: ANN401 - moto's models
    """Return root, units and account, in this order; nothing while the type is not enabled."""
    units = {unit.id: unit for unit in backend.ou}
    root = units[backend.org.root_id]
    if all(enabled["Type"] != kind for enabled in root.policy_types):
        return []
    node = next(member for member in backend.accounts if member.id == account)
    path = [node]
    while node.parent_id in units:
        node = units[node.parent_id]
        path.insert(0, node)
        if node is root:
            break
    return path


# --- resource policies -------------------------------------------------------------------------


def _key(arn: _Arn) -> Any | None:  # noqa: ANN401 - moto's key
    kind, _, name = arn.resource.partition("/")
    if kind != "key":
        return None
    return _backend("kms", arn.account, arn.region).keys.get(name)


def _bucket_policy(arn: _Arn) -> Text | None:
    bucket = store.bucket(arn.resource.partition("/")[0])
    if bucket is None or not bucket.policy:
        return None
    return Text(f"policy of {bucket.name}", bucket.policy.decode())


def _queue_policy(arn: _Arn) -> Text | None:
    queue = _backend("sqs", arn.account, arn.region).queues.get(arn.resource)
    policy = None if queue is None else queue.policy
    return None if not policy else Text(f"policy of {arn.resource}", policy)


def _topic(arn: _Arn) -> Any | None:  # noqa: ANN401 - moto's topic
    full = f"arn:{store.PARTITION}:sns:{arn.region}:{arn.account}:{arn.resource}"
    return _backend("sns", arn.account, arn.region).topics.get(full)


def _topic_policy(arn: _Arn) -> Text | None:
    topic = _topic(arn)
    return None if topic is None else Text(f"policy of {arn.resource}", topic.policy)


def _bus_policy(arn: _Arn) -> Text | None:
    """Return the policy of a bus, which also covers the rules on it."""
    kind, _, name = arn.resource.partition("/")
    if kind not in {"event-bus", "rule"}:
        return None
    bus_name = name if kind == "event-bus" else (name.split("/")[0] if "/" in name else "default")
    bus = _backend("events", arn.account, arn.region).event_buses.get(bus_name)
    policy = None if bus is None else bus.policy
    return None if policy is None else Text(f"policy of {bus_name}", policy)


def _key_policy(arn: _Arn) -> Text | None:
    key = _key(arn)
    return None if key is None else Text(f"policy of {key.id}", key.policy)


def _function(arn: _Arn) -> Any | None:  # noqa: ANN401 - moto's function
    name = arn.resource.removeprefix("function:").partition(":")[0]
    storage = _backend("lambda", arn.account, arn.region)._lambdas  # noqa: SLF001 - moto's own look-up raises
    functions = storage._functions  # noqa: SLF001 - likewise
    versions = functions.get(name)
    return None if versions is None else versions["latest"]


def _function_policy(arn: _Arn) -> Text | None:
    function = _function(arn)
    if function is None or not function.policy.statements:
        return None
    document = {"Version": "2012-10-17", "Statement": function.policy.statements}
    return Text(f"policy of {function.function_name}", json.dumps(document))


def _secret_policy(arn: _Arn) -> Text | None:
    secret = _backend("secretsmanager", arn.account, arn.region).secrets.get(
        f"arn:{store.PARTITION}:secretsmanager:{arn.region}:{arn.account}:{arn.resource}"
    )
    if secret is None or not secret.policy:
        return None
    return Text(f"policy of {secret.name}", secret.policy)


def _logs_policies(arn: _Arn) -> Text | None:
    """Return all resource policies of account and Region as one: each names its log groups."""
    policies = _backend("logs", arn.account, arn.region).resource_policies.values()
    statements = [
        statement
        for policy in policies
        for statement in _statements(json.loads(policy.policy_document))
    ]
    if not statements:
        return None
    document = {"Version": "2012-10-17", "Statement": statements}
    return Text("CloudWatch Logs resource policies", json.dumps(document))


def _statements(document: Mapping[str, Any]) -> list[Any]:
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _trust_policy(arn: _Arn) -> Text | None:
    role = store.role(f"arn:{store.PARTITION}:iam::{arn.account}:{arn.resource}")
    if role is None:
        return None
    return Text(f"trust policy of {role.name}", role.assume_role_policy_document)


_RESOURCE_POLICIES: Final = {
    "events": _bus_policy,
    "iam": _trust_policy,
    "kms": _key_policy,
    "lambda": _function_policy,
    "logs": _logs_policies,
    "s3": _bucket_policy,
    "secretsmanager": _secret_policy,
    "sns": _topic_policy,
    "sqs": _queue_policy,
}


# --- tags --------------------------------------------------------------------------------------


def _iam_tags(arn: _Arn, full: str) -> Mapping[str, str]:
    if arn.resource.startswith("user/"):
        return store.user_tags(full)
    role = store.role(full) if arn.resource.startswith("role/") else None
    return {} if role is None else store.tags_of(role)


def _kms_tags(arn: _Arn, _: str) -> Mapping[str, str]:
    key = _key(arn)
    if key is None:
        return {}
    tagger = _backend("kms", arn.account, arn.region).tagger
    return dict(tagger.get_tag_dict_for_resource(key.id))


def _queue_tags(arn: _Arn, _: str) -> Mapping[str, str]:
    queue = _backend("sqs", arn.account, arn.region).queues.get(arn.resource)
    return {} if queue is None else dict(queue.tags)


def _topic_tags(arn: _Arn, _: str) -> Mapping[str, str]:
    topic = _topic(arn)
    return {} if topic is None else dict(topic._tags)  # noqa: SLF001 - moto's only name


def _function_tags(arn: _Arn, _: str) -> Mapping[str, str]:
    function = _function(arn)
    return {} if function is None else dict(function.tags)


def _tagger_tags(arn: _Arn, full: str) -> Mapping[str, str]:
    tagger = _backend(arn.service, arn.account, arn.region).tagger
    return dict(tagger.get_tag_dict_for_resource(full))


_TAGS: Final = {
    "cloudwatch": _tagger_tags,
    "events": _tagger_tags,
    "iam": _iam_tags,
    "kms": _kms_tags,
    "lambda": _function_tags,
    "sns": _topic_tags,
    "sqs": _queue_tags,
}
