"""From one API call to the questions for IAM: actions, resources, keys, roles handed over.

The table is ``operations.toml`` (its head tells the form), with ``unscoped.toml`` for what IAM
decides on every resource. The rule is identity: ``s3`` operation ``PutBucketPolicy`` asks for
``s3:PutBucketPolicy``; the table lists the exceptions, and every action has to exist in the action
catalogue. What the table cannot answer is a `RehearsalError` that names the operation, never a
pass.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final, cast

import jmespath  # type: ignore[import-untyped]  # it carries no types

from breakglass import actions
from breakglass.errors import RehearsalError
from breakglass.proof.model import ContextValue
from breakglass.rehearsal.guard.resolvers import RESOLVERS, Call, Directory, Resolver

Context = Mapping[str, ContextValue]

ROLE_PARAMETER: Final = re.compile(r"(?i)(^|.*[a-z])role(_?arn)?$")
"""Names of the parameters that hold a role: ``Role``, ``executionRoleArn``, ``RoleARN``."""


@dataclass(frozen=True, slots=True)
class Need:
    """One question: may the caller do ``action`` on ``resource``, given these keys."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


Expression = Callable[[Mapping[str, Any]], Any]


@cache
def _expression(text: str) -> Expression:
    """Return a reader of a parameter: a plain name, or a JMESPath for what lies deeper."""
    if text.isalnum():
        return lambda params: params.get(text)
    return cast("Expression", jmespath.compile(text).search)


# --- resource templates ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A literal and the field behind it."""

    literal: str
    read: Expression | None
    default: str | None
    resolve: Resolver | None

    def texts(self, call: Call, directory: Directory) -> list[str] | None:
        """Return what the field comes to, once a value; None when the parameter is missing."""
        if self.read is None:
            return [self.resolve(call, directory, "")] if self.resolve else [""]
        value = self.read(call.params)
        if value is None or value == []:
            value = self.default
        if value is None:
            return None
        values = value if isinstance(value, list) else [value]
        if self.resolve is None:
            return [str(one) for one in values]
        return [self.resolve(call, directory, one) for one in values]


@dataclass(frozen=True, slots=True)
class _Template:
    """An ARN with fields."""

    parts: tuple[_Part, ...]
    takes_arns: bool
    """Whether a parameter that is an ARN stands for the whole: not where a resolver reads it."""

    def arns(self, call: Call, directory: Directory) -> list[str] | None:
        """Return the ARNs that the parameters give, or None when one of them is missing."""
        found = [""]
        for part in self.parts:
            texts = part.texts(call, directory)
            if texts is None:
                return None
            if self.takes_arns and part.read is not None and texts[0].startswith("arn:"):
                return texts
            found = [f"{head}{part.literal}{text}" for head in found for text in texts]
        return found


def _part(literal: str, name: str | None, specification: str | None) -> _Part:
    if name is None:
        return _Part(literal, None, None, None)
    if name in {"region", "account"}:
        return _Part(literal, None, None, lambda call, _, __: str(getattr(call, name)))
    parameter, has_default, default = name.partition("=")
    resolve = RESOLVERS[specification] if specification else None
    if parameter == "-":
        return _Part(literal, None, None, resolve)
    return _Part(literal, _expression(parameter), default if has_default else None, resolve)


@cache
def _template(text: str, prefix: str) -> _Template:
    """Compile ``{Bucket:bucket}/{Key}``; ``prefix`` completes what does not name its own ARN."""
    if not text.startswith(("arn:", "*")) and not re.match(r"\{[^}]*(:|(?i:arns?)\})", text):
        text = prefix + text
    parts = tuple(_part(lit, name, spec) for lit, name, spec, _ in Formatter().parse(text))
    return _Template(parts, takes_arns=not any(part.resolve and part.read for part in parts))


# --- one operation -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _When:
    """An action that a parameter brings along."""

    read: Expression
    action: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the table says about one operation, ready to run."""

    actions: tuple[str, ...]
    instead: tuple[_When, ...]
    also: tuple[_When, ...]
    resources: tuple[tuple[_Template, ...], ...]
    context: tuple[tuple[str, Expression], ...]
    passes_to: str | None

    def actions_of(self, call: Call) -> list[str]:
        """Return the actions of the call, save for what `also` adds."""
        for when in self.instead:
            if when.read(call.params) is not None:
                return [when.action]
        return list(self.actions)

    def resources_of(self, call: Call, directory: Directory) -> list[str]:
        """Return the resources that must all be allowed."""
        for group in self.resources:
            found = [template.arns(call, directory) for template in group]
            if None not in found:
                return [arn for arns in found for arn in arns or ()]
        given = ", ".join(sorted(call.params)) or "no parameters"
        raise RehearsalError(
            f"{call.name}: {given}: no resource can be told from these;"
            " add a template to rehearsal/guard/operations.toml"
        )

    def context_of(self, call: Call) -> dict[str, ContextValue]:
        """Return the condition keys that the parameters give."""
        context: dict[str, ContextValue] = {}
        for key, read in self.context:
            value = read(call.params)
            if value is not None and value != []:
                context[key] = _text(value)
        return context


def _text(value: object) -> ContextValue:
    """Write a parameter as IAM compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, list | tuple | set):
        return [str(one) for one in value]
    if isinstance(value, Mapping) and "Bucket" in value:  # CopySource as a structure
        return f"{value['Bucket']}/{value.get('Key', '')}"
    return str(value)


# --- the table ---------------------------------------------------------------------------------


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files("breakglass.rehearsal.guard").joinpath(name).read_text())


def _columns(row: str) -> list[str]:
    return [column.strip() for column in row.split(" | ", 2)]


def _fits(globs: str, operation: str) -> bool:
    return any(fnmatchcase(operation, glob.strip()) for glob in globs.split(","))


class Operations:
    """The table, read once.

    ``needs`` answers for one call. Raises `RehearsalError` for a service or operation that the
    table does not know, and for parameters that give no resource.
    """

    def __init__(self) -> None:
        self._services = _toml("operations.toml")
        self._unscoped = {name: frozenset(rows) for name, rows in _toml("unscoped.toml").items()}
        self._plans: dict[tuple[str, str], _Plan] = {}

    @property
    def services(self) -> Sequence[str]:
        """The botocore services of the table."""
        return tuple(self._services)

    def prefix(self, service: str) -> str:
        """Return the IAM prefix of a botocore service."""
        return str(self._service(service, "").get("prefix", service))

    def is_global(self, service: str) -> bool:
        """Whether AWS serves all of ``service`` from us-east-1."""
        return bool(self._service(service, "").get("global", False))

    def is_free(self, service: str, operation: str) -> bool:
        """Whether the operation needs no permission and cannot be denied."""
        return operation in self._service(service, operation).get("free", ())

    def is_unmapped(self, service: str, operation: str) -> bool:
        """Whether the table says that the operation has no action in the catalogue."""
        return operation in self._service(service, operation).get("unmapped", ())

    def actions_of(self, service: str, operation: str) -> tuple[str, ...]:
        """Return every action that the operation can ask for, whatever its parameters."""
        plan = self._plan(service, operation)
        return (*plan.actions, *(when.action for when in (*plan.instead, *plan.also)))

    def needs(self, call: Call, directory: Directory) -> list[Need]:
        """Return all questions, the operation's own action first; none for a free operation."""
        if self.is_free(call.service, call.operation):
            return []
        special = _SPECIAL.get((call.service, call.operation))
        return special(self, call, directory) if special else self.ordinary(call, directory)

    def ordinary(self, call: Call, directory: Directory) -> list[Need]:
        """Return the questions as the table alone gives them."""
        plan = self._plan(call.service, call.operation)
        context = {**plan.context_of(call), **_tags(call.params)}
        resources = plan.resources_of(call, directory)
        wanted = plan.actions_of(call)
        wanted += [when.action for when in plan.also if when.read(call.params) not in (None, False)]
        needs = [
            Need(action, resource, context)
            for action in dict.fromkeys(wanted)
            for resource in dict.fromkeys(resources)
        ]
        return [*needs, *self._passed(call, plan, directory)]

    def _passed(self, call: Call, plan: _Plan, directory: Directory) -> Iterator[Need]:
        """Yield ``iam:PassRole`` for every role that the parameters hand to the service."""
        if plan.passes_to is None:
            return
        for role in dict.fromkeys(_roles(call.params)):
            arn = role if role.startswith("arn:") else RESOLVERS["role"](call, directory, role)
            yield Need("iam:PassRole", arn, {"iam:PassedToService": plan.passes_to})

    def _service(self, service: str, operation: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._services[service]
        except KeyError:
            raise RehearsalError(
                f"{service}.{operation or '*'}: the guard has no table for this service;"
                " add one to rehearsal/guard/operations.toml"
            ) from None
        return found

    def _plan(self, service: str, operation: str) -> _Plan:
        plan = self._plans.get((service, operation))
        if plan is None:
            plan = self._plans[service, operation] = self._compiled(service, operation)
        return plan

    def _compiled(self, service: str, operation: str) -> _Plan:
        table = self._service(service, operation)
        prefix = table.get("prefix", service)
        named = table.get("actions", {}).get(operation, f"{prefix}:{operation}")
        wanted = (named,) if isinstance(named, str) else tuple(named)
        for action in wanted:
            if self.is_unmapped(service, operation) or not actions.exists(action):
                raise RehearsalError(
                    f"{service}.{operation}: no IAM action {action} in the catalogue of"
                    f" {actions.dated()};"
                    " add the action to rehearsal/guard/operations.toml"
                )
        keeps = any(_fits(globs, operation) for globs in table.get("keeps", ()))
        return _Plan(
            actions=wanted,
            instead=_whens(table.get("instead", ()), operation),
            also=_whens(table.get("also", ()), operation),
            resources=self._templates(service, operation, table),
            context=tuple(
                (key, _expression(text)) for key, text in table.get("context", {}).items()
            ),
            passes_to=None if keeps else table.get("passed_to", f"{prefix}.amazonaws.com"),
        )

    def _templates(
        self, service: str, operation: str, table: Mapping[str, Any]
    ) -> tuple[tuple[_Template, ...], ...]:
        if operation in self._unscoped.get(service, ()):
            return ((_template("*", ""),),)
        rows = (_columns(row) for row in table["resources"])
        prefix = table.get("arn", "")
        return tuple(
            tuple(_template(text.strip(), prefix) for text in texts.split("&"))
            for globs, texts in rows
            if _fits(globs, operation)
        )


def _whens(rows: Sequence[str], operation: str) -> tuple[_When, ...]:
    columns = (_columns(row) for row in rows)
    return tuple(
        _When(_expression(parameter), action)
        for globs, parameter, action in columns
        if _fits(globs, operation)
    )


# --- what every service shares -----------------------------------------------------------------

_TAG_LISTS: Final = ("Tags", "tags", "TagsList", "TagList")
_TAG_KEYS: Final = ("TagKeys", "tagKeys")


def _tags(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """Return ``aws:RequestTag/...`` and ``aws:TagKeys`` of a call that tags or untags."""
    tags: dict[str, str] = {}
    for name in _TAG_LISTS:
        tags |= dict(_pairs(params.get(name)))
    keys = [*tags, *(key for name in _TAG_KEYS for key in params.get(name) or ())]
    context: dict[str, ContextValue] = {
        f"aws:RequestTag/{key}": value for key, value in tags.items()
    }
    if keys:
        context["aws:TagKeys"] = keys
    return context


def _pairs(tags: object) -> Iterator[tuple[str, str]]:
    """Read tags in the four forms that AWS's APIs have."""
    if isinstance(tags, Mapping):
        yield from tags.items()
    elif isinstance(tags, list | tuple):
        for tag in tags:
            if isinstance(tag, Mapping):
                folded = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
                yield str(folded.get("key", "")), str(folded.get("value", ""))
            else:
                yield str(tag), ""


def _roles(value: object, name: str = "") -> Iterator[str]:
    """Yield the roles anywhere in the parameters, by the parameter's name."""
    if isinstance(value, Mapping):
        if "AttributeName" in value:  # SNS sets one attribute a call
            yield from _roles(value.get("AttributeValue"), str(value["AttributeName"]))
        for key, inner in value.items():
            yield from _roles(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _roles(inner, name)
    elif isinstance(value, str) and value and ROLE_PARAMETER.match(name):
        yield value


# --- operations that no row can say ------------------------------------------------------------

Special = Callable[[Operations, Call, Directory], list[Need]]


def _assume_role(table: Operations, call: Call, directory: Directory) -> list[Need]:
    """AssumeRole asks for TagSession with tags, and for SetSourceIdentity with a source identity.

    IAM user guide, "Passing session tags in AWS STS" and "Monitor and control actions taken with
    assumed roles": ``sts:SetSourceIdentity`` is wanted on every hop of a chain once it is set; the
    guard adds that hop's.
    """
    first, *_ = table.ordinary(call, directory)
    wanted = ["sts:AssumeRole"]
    if call.params.get("Tags"):
        wanted.append("sts:TagSession")
    if call.params.get("SourceIdentity"):
        wanted.append("sts:SetSourceIdentity")
    return [Need(action, first.resource, first.context) for action in wanted]


def _delete_objects(table: Operations, call: Call, directory: Directory) -> list[Need]:
    """DeleteObjects is decided key by key, and by version where one is named."""
    bypass = call.params.get("BypassGovernanceRetention")
    needs: list[Need] = []
    for entry in call.params["Delete"]["Objects"]:
        params = {"Bucket": call.params["Bucket"], **entry, "BypassGovernanceRetention": bypass}
        one = Call("s3", "DeleteObject", params, call.account, call.region, call.principal_arn)
        needs += table.ordinary(one, directory)
    return needs


def _copy_object(table: Operations, call: Call, directory: Directory) -> list[Need]:
    """A copy reads its source and writes its target (S3 API reference, CopyObject)."""
    source = call.params["CopySource"]
    if isinstance(source, str):
        path, _, version = source.partition("?versionId=")
        bucket, _, key = path.lstrip("/").partition("/")
        source = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
    read = Call("s3", "GetObject", source, call.account, call.region, call.principal_arn)
    return [*table.ordinary(call, directory), *table.ordinary(read, directory)]


def _put_events(_: Operations, call: Call, __: Directory) -> list[Need]:
    """PutEvents is decided for every entry on its own bus, with its own source and detail type."""
    needs = []
    for entry in call.params["Entries"]:
        bus = str(entry.get("EventBusName") or "default")
        arn = bus if bus.startswith("arn:") else call.arn("events", f"event-bus/{bus}")
        keys = {"events:source": "Source", "events:detail-type": "DetailType"}
        context = {key: str(entry[name]) for key, name in keys.items() if name in entry}
        needs.append(Need("events:PutEvents", arn, context))
    return needs


def _re_encrypt(_: Operations, call: Call, directory: Directory) -> list[Need]:
    """ReEncrypt is two permissions, one on each key (AWS KMS API reference)."""
    name = call.params.get("SourceKeyId")
    source = (
        RESOLVERS["ciphertext"](call, directory, call.params["CiphertextBlob"])
        if name is None
        else RESOLVERS["key"](call, directory, name)
    )
    target = RESOLVERS["key"](call, directory, call.params["DestinationKeyId"])
    return [Need("kms:ReEncryptFrom", source), Need("kms:ReEncryptTo", target)]


def _add_role_to_instance_profile(
    table: Operations, call: Call, directory: Directory
) -> list[Need]:
    """The role goes to EC2 (IAM API reference, AddRoleToInstanceProfile)."""
    role = RESOLVERS["role"](call, directory, call.params["RoleName"])
    passed = Need("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"})
    return [*table.ordinary(call, directory), passed]


def _dynamodb_batch(table: Operations, call: Call, directory: Directory) -> list[Need]:
    """Batches name their tables as keys of a map."""
    needs = []
    for name in call.params["RequestItems"]:
        one = Call(
            call.service,
            call.operation,
            {"TableName": name},
            call.account,
            call.region,
            call.principal_arn,
        )
        needs += table.ordinary(one, directory)
    return needs


_TRANSACTION: Final = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _dynamodb_transaction(_: Operations, call: Call, __: Directory) -> list[Need]:
    """A transaction asks for the permission of each of its steps ("IAM for transactions")."""
    needs = []
    for item in call.params["TransactItems"]:
        for kind, step in item.items():
            arn = call.arn("dynamodb", f"table/{step['TableName']}")
            needs.append(Need(f"dynamodb:{_TRANSACTION[kind]}", arn))
    return needs


_SPECIAL: Final[Mapping[tuple[str, str], Special]] = {
    ("dynamodb", "BatchGetItem"): _dynamodb_batch,
    ("dynamodb", "BatchWriteItem"): _dynamodb_batch,
    ("dynamodb", "TransactGetItems"): _dynamodb_transaction,
    ("dynamodb", "TransactWriteItems"): _dynamodb_transaction,
    ("events", "PutEvents"): _put_events,
    ("iam", "AddRoleToInstanceProfile"): _add_role_to_instance_profile,
    ("kms", "ReEncrypt"): _re_encrypt,
    ("s3", "CopyObject"): _copy_object,
    ("s3", "DeleteObjects"): _delete_objects,
    ("s3", "UploadPartCopy"): _copy_object,
    ("sts", "AssumeRole"): _assume_role,
}


def special_operations() -> frozenset[tuple[str, str]]:
    """Return the operations that are decided by code instead of a row."""
    return frozenset(_SPECIAL)
