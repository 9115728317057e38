"""ARNs that a parameter alone does not give: paths, aliases and defaults are looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from breakglass.errors import RehearsalError


class Directory(Protocol):
    """What exists, as far as an ARN depends on it; each answer is None when nothing does."""

    def role_arn(self, account: str, name: str) -> str | None:
        """ARN of a role, path included."""

    def user_arn(self, account: str, name: str) -> str | None:
        """ARN of a user, path included."""

    def group_arn(self, account: str, name: str) -> str | None:
        """ARN of a group, path included."""

    def instance_profile_arn(self, account: str, name: str) -> str | None:
        """ARN of an instance profile, path included."""

    def access_key_owner(self, account: str, key_id: str) -> str | None:
        """ARN of the user whose access key this is."""

    def key_arn(self, account: str, region: str, name: str) -> str | None:
        """ARN of a KMS key by id or ``alias/<name>``."""

    def organization_arn(self, account: str, identifier: str) -> str | None:
        """ARN of a policy, root, unit or account of the organisation that ``account`` is in."""

    def organization_of(self, account: str) -> tuple[str, str] | None:
        """Organisation id and management account of the organisation that ``account`` is in."""

    def secret_arn(self, account: str, region: str, name: str) -> str | None:
        """ARN of a secret, random suffix included."""

    def stack_arn(self, account: str, region: str, name: str, kind: str) -> str | None:
        """ARN of a CloudFormation ``stack`` or ``stackset`` by name."""

    def query_workgroup(self, account: str, region: str, query: str) -> str | None:
        """Athena workgroup in which a query runs."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call before it is made: who, where, which operation with which parameters.

    ``account`` is the caller's; ``principal_arn`` the ARN of its role or user.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    account: str
    region: str
    principal_arn: str = ""

    @property
    def name(self) -> str:
        """``service.Operation``: how errors name the call."""
        return f"{self.service}.{self.operation}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in the caller's account and the call's Region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Resolver = Callable[[Call, Directory, str], str]


def _role(call: Call, directory: Directory, value: str) -> str:
    return directory.role_arn(call.account, value) or f"arn:aws:iam::{call.account}:role/{value}"


def _user(call: Call, directory: Directory, value: str) -> str:
    return directory.user_arn(call.account, value) or f"arn:aws:iam::{call.account}:user/{value}"


def _group(call: Call, directory: Directory, value: str) -> str:
    return directory.group_arn(call.account, value) or f"arn:aws:iam::{call.account}:group/{value}"


def _instance_profile(call: Call, directory: Directory, value: str) -> str:
    found = directory.instance_profile_arn(call.account, value)
    return found or f"arn:aws:iam::{call.account}:instance-profile/{value}"


def _caller(call: Call, _: Directory, __: str) -> str:
    return call.principal_arn or f"arn:aws:iam::{call.account}:root"


def _key_owner(call: Call, directory: Directory, value: str) -> str:
    return directory.access_key_owner(call.account, value) or f"arn:aws:iam::{call.account}:user/*"


def _deletion_task(call: Call, _: Directory, value: str) -> str:
    # task/aws-service-role/<service>/<role>/<uuid> (IAM API reference, DeleteServiceLinkedRole)
    role = value.removeprefix("task/").rpartition("/")[0]
    return f"arn:aws:iam::{call.account}:role/{role}"


def _oidc_provider(call: Call, _: Directory, value: str) -> str:
    parts = urlsplit(value)
    return f"arn:aws:iam::{call.account}:oidc-provider/{parts.netloc}{parts.path.rstrip('/')}"


def _root(_: Call, __: Directory, value: str) -> str:
    return value if value.startswith("arn:") else f"arn:aws:iam::{value}:root"


def _bucket(call: Call, _: Directory, value: str) -> str:
    if not value.startswith("arn:"):
        return f"arn:aws:s3:::{value}"
    if value.startswith("arn:aws:s3:::"):
        return value
    raise RehearsalError(
        f"{call.name}: access points are not modelled; give a bucket's name instead of {value!r}"
    )


def _trail(call: Call, _: Directory, value: str) -> str:
    return value if value.startswith("arn:") else call.arn("cloudtrail", f"trail/{value}")


def _rule(call: Call, _: Directory, value: str) -> str:
    """ARN of a rule; the bus' name is part of it, save for the default bus."""
    bus = str(call.params.get("EventBusName") or "default")
    if not bus.startswith("arn:"):
        return call.arn("events", f"rule/{value}" if bus == "default" else f"rule/{bus}/{value}")
    place, name = bus.split(":event-bus/")
    return f"{place}:rule/{value}" if name == "default" else f"{place}:rule/{name}/{value}"


def _queue(call: Call, _: Directory, value: str) -> str:
    """ARN of a queue from its URL, ``https://<host>/<account>/<name>``."""
    try:
        account, name = urlsplit(value).path.strip("/").split("/")
    except ValueError:
        raise RehearsalError(
            f"{call.name}: {value!r} is no queue URL of the form https://host/account/name"
        ) from None
    return f"arn:aws:sqs:{call.region}:{account}:{name}"


def _subscribed_topic(_: Call, __: Directory, value: str) -> str:
    return ":".join(value.split(":")[:6])


def _key(call: Call, directory: Directory, value: str) -> str:
    place = value.split(":") if value.startswith("arn:") else []
    region, account, name = (
        (place[3], place[4], place[5]) if place else (call.region, call.account, value)
    )
    name = name.removeprefix("key/")
    kind = name if name.startswith("alias/") else f"key/{name}"
    return directory.key_arn(account, region, name) or f"arn:aws:kms:{region}:{account}:{kind}"


def _ciphertext(call: Call, directory: Directory, value: object) -> str:
    """Key of a ciphertext: moto writes the key id into its first 36 bytes (moto.kms.utils)."""
    blob = value if isinstance(value, bytes) else str(value).encode("latin-1")
    return _key(call, directory, blob[:36].decode("latin-1"))


def _log_stream(call: Call, _: Directory, value: str) -> str:
    """ARN with which CloudWatch Logs asks IAM: a stream's, unnamed for calls on the group."""
    if value.startswith("arn:"):
        return f"{value.removesuffix(':*')}:log-stream:"
    stream = call.params.get("logStreamName", "")
    return call.arn("logs", f"log-group:{value}:log-stream:{stream}")


def _function(call: Call, _: Directory, value: str) -> str:
    """ARN of a function from its name, partial or whole ARN, with its version or alias."""
    qualifier = call.params.get("Qualifier")
    suffix = f":{qualifier}" if qualifier else ""
    if value.startswith("arn:"):
        return value + suffix
    if ":function:" in value:
        account, name = value.split(":function:")
        return f"arn:aws:lambda:{call.region}:{account}:function:{name}{suffix}"
    return call.arn("lambda", f"function:{value}{suffix}")


def _organization(call: Call, directory: Directory, value: str) -> str:
    found = directory.organization_arn(call.account, value)
    if found is None:
        place = directory.organization_of(call.account)
        organization, management = place or ("o-none", call.account)
        kind = _organization_kind(value)
        found = f"arn:aws:organizations::{management}:{kind}/{organization}/{value}"
    return found


def _organization_kind(identifier: str) -> str:
    prefixes = {"p-": "policy", "r-": "root", "ou-": "ou", "h-": "handshake", "rt-": "transfer"}
    return next(
        (kind for prefix, kind in prefixes.items() if identifier.startswith(prefix)), "account"
    )


def _new_organization_policy(call: Call, directory: Directory, value: str) -> str:
    place = directory.organization_of(call.account)
    organization, management = place or ("o-none", call.account)
    return f"arn:aws:organizations::{management}:policy/{organization}/{value.lower()}/*"


def _organization_account(call: Call, directory: Directory, value: str) -> str:
    place = directory.organization_of(call.account)
    organization, management = place or ("o-none", call.account)
    return f"arn:aws:account::{management}:account/{organization}/{value}"


def _parameter(call: Call, _: Directory, value: str) -> str:
    return value if value.startswith("arn:") else call.arn("ssm", f"parameter/{value.lstrip('/')}")


def _ecs_cluster(call: Call) -> str:
    return str(call.params.get("cluster") or "default").rpartition("/")[2]


def _ecs_service(call: Call, _: Directory, value: str) -> str:
    return (
        value
        if value.startswith("arn:")
        else call.arn("ecs", f"service/{_ecs_cluster(call)}/{value}")
    )


def _ecs_task(call: Call, _: Directory, value: str) -> str:
    return (
        value if value.startswith("arn:") else call.arn("ecs", f"task/{_ecs_cluster(call)}/{value}")
    )


def _stack(call: Call, directory: Directory, value: str) -> str:
    if value.startswith("arn:"):
        return value
    found = directory.stack_arn(call.account, call.region, value, "stack")
    return found or call.arn("cloudformation", f"stack/{value}/*")


def _stack_set(call: Call, directory: Directory, value: str) -> str:
    found = directory.stack_arn(call.account, call.region, value, "stackset")
    return found or call.arn("cloudformation", f"stackset/{value}:*")


def _secret(call: Call, directory: Directory, value: str) -> str:
    if value.startswith("arn:"):
        return value
    return directory.secret_arn(call.account, call.region, value) or call.arn(
        "secretsmanager", f"secret:{value}-??????"
    )


def _query(call: Call, directory: Directory, value: str) -> str:
    workgroup = directory.query_workgroup(call.account, call.region, value) or "primary"
    return call.arn("athena", f"workgroup/{workgroup}")


def _flow_log_source(call: Call, _: Directory, value: str) -> str:
    kinds = {
        "vpc-": "vpc",
        "subnet-": "subnet",
        "eni-": "network-interface",
        "tgw-": "transit-gateway",
    }
    kind = next((kind for prefix, kind in kinds.items() if value.startswith(prefix)), None)
    if kind is None:
        raise RehearsalError(
            f"{call.name}: {value!r} is no VPC, subnet, network interface or transit gateway"
        )
    return call.arn("ec2", f"{kind}/{value}")


def _any(_: Call, __: Directory, ___: str) -> str:
    return "*"


RESOLVERS: Mapping[str, Resolver] = {
    "any": _any,
    "bucket": _bucket,
    "caller": _caller,
    "ciphertext": _ciphertext,
    "deletion_task": _deletion_task,
    "ecs_service": _ecs_service,
    "ecs_task": _ecs_task,
    "flow_log_source": _flow_log_source,
    "function": _function,
    "group": _group,
    "instance_profile": _instance_profile,
    "key": _key,
    "key_owner": _key_owner,
    "log_stream": _log_stream,
    "new_organization_policy": _new_organization_policy,
    "oidc_provider": _oidc_provider,
    "organization": _organization,
    "organization_account": _organization_account,
    "parameter": _parameter,
    "query": _query,
    "queue": _queue,
    "role": _role,
    "root": _root,
    "rule": _rule,
    "secret": _secret,
    "stack": _stack,
    "stack_set": _stack_set,
    "subscribed_topic": _subscribed_topic,
    "trail": _trail,
    "user": _user,
}
"""Resolvers by the name that operations.toml gives them."""
