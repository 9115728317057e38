"""What the arguments of a component must be, as far as a name tells: ids, ARNs, Regions, counts.

One table for every component, so that what one refuses no other takes. Where the settings have a
check, it is theirs. A value that is not known before it is applied is not looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints, is_typeddict

import pulumi
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from breakglass.errors import InvalidInput, InvalidInputs, nearest
from breakglass.regions import AWS_REGIONS
from breakglass.settings import (
    Entry,
    IdentityCenter,
    Organisation,
    Organizations,
    Person,
    Retention,
    Scope,
    Severity,
)
from breakglass.settings.model import AccountId, Action, Resource, RoleArn, Slug

Faults = Iterator[InvalidInput]


def _of(model: type[BaseModel], field: str) -> Any:  # noqa: ANN401 - a type as pydantic has it
    """The type of a field of the settings, with its limits."""
    return model.model_fields[field].rebuild_annotation()


def _spelled(pattern: str) -> Any:  # noqa: ANN401 - likewise
    return Annotated[str, Field(pattern=f"^{pattern}$")]


def _there(region: str) -> str:
    if region not in AWS_REGIONS:
        raise ValueError(region)
    return region


_ID, _NAME = "[0-9]{12}", "[A-Za-z0-9_+=,.@/-]+"
_CENTER = r"role/aws-reserved/sso\.amazonaws\.com/[A-Za-z0-9_+=,.@/-]+\*?"
_ACCOUNT: Final = (AccountId, "an account id of twelve digits, in quotes")
_REGION: Final = (Annotated[str, AfterValidator(_there)], "a Region of the aws partition")
_ROLE: Final = (RoleArn, "the full ARN of a role, arn:aws:iam::<account>:role/<name>")
_BUCKET: Final = (_spelled("arn:aws:s3:::[a-z0-9.-]+"), "the ARN of a bucket")
_USER: Final = (_of(Person, "iam_user"), "the name of an IAM user")
_SET: Final = (_of(Entry, "permission_set"), "the name of a permission set")

_ACCEPTED: Final[Mapping[str, tuple[Any, str]]] = {
    **dict.fromkeys(
        ("account_id", "hub_account", "record_accounts", "recorded_accounts"), _ACCOUNT
    ),
    **dict.fromkeys(("home_region", "recorded_regions", "region", "regions"), _REGION),
    **dict.fromkeys(
        (
            "assume_role_arns",
            "break_glass_role_arns",
            "deployer_arn",
            "deployer_arns",
            "entry_role_arns",
            "forwarder_arns",
            "pass_role_arns",
            "reader_arns",
            "workflow_role_arns",
        ),
        _ROLE,
    ),
    **dict.fromkeys(("record_bucket_arns", "vault_arn", "watched_bucket_arns"), _BUCKET),
    **dict.fromkeys(("entry_users", "user_names"), _USER),
    **dict.fromkeys(("permission_set", "permission_sets"), _SET),
    **dict.fromkeys(("entry", "scope"), (Slug, "lower-case words with hyphens, 28 characters")),
    "actions": (Action, "IAM actions such as ecs:UpdateService"),
    "administrator_reason": (_of(Scope, "administrator_reason"), "a reason of 20 characters"),
    "arn": (_spelled(f"arn:aws:cloudtrail:[a-z0-9-]+:{_ID}:trail/{_NAME}"), "the ARN of a trail"),
    "bus_arn": (_spelled(f"arn:aws:events:[a-z0-9-]+:{_ID}:event-bus/{_NAME}"), "the ARN of a bus"),
    "days": (_of(Retention, "days"), "1 to 36500 days"),
    "entrant_arns": (
        _spelled(f"arn:aws:iam::{_ID}:((role|user)/{_NAME}|{_CENTER})"),
        "the full ARN of a role or user, or of what Identity Center makes",
    ),
    "incident_prefix": (_of(Organisation, "incident_prefix"), "capitals and a hyphen, as INC-"),
    "kms_key_arns": (_spelled(f"arn:aws:kms:[a-z0-9-]+:{_ID}:key/{_NAME}"), "the ARN of a key"),
    "organisation": (_of(Organisation, "name"), "lower-case words with hyphens, 20 characters"),
    "organization_id": (_of(Organizations, "id"), "the id of an organisation, o-..."),
    "owners": (_spelled(f"({_ID}|o-[a-z0-9]{{10,32}})"), "account ids, or the organisation's id"),
    "people": (_of(Person, "identity_center"), "2 to 64 letters, digits and _+=,.@-"),
    "principal_tag": (_of(IdentityCenter, "principal_tag"), "the key of a tag"),
    "protocol": (_spelled("(https|email|sms)"), "https, email or sms"),
    "resources": (Resource, "'*', or ARNs of the aws partition down to the resource"),
    "root_id": (_of(Organizations, "root_id"), "the id of a root, r-..."),
    "severities": (Severity, f"one of {', '.join(Severity)}"),
}
"""Name of an argument to the type of its value, or of each of its values, and that in words."""

_MAY_BE_EMPTY: Final = ("entry_role_arns",)
"""Needed arguments whose list may be empty: another one stands in for it."""


def check(
    arguments: type,
    args: Mapping[str, Any],
    rule: Callable[[], Faults] = lambda: iter(()),
) -> None:
    """Raise InvalidInputs with every fault of a component's arguments, before anything is made.

    ``arguments`` is their TypedDict; ``rule`` yields what only this component can tell, and is
    asked where each argument is sound by itself.
    """
    faults = list(_faults(arguments, args, "")) or list(rule())
    if faults:
        raise InvalidInputs(arguments.__name__, faults)


def _faults(arguments: type, args: Mapping[str, Any], path: str) -> Faults:
    # pulumi.Input names these two as a text
    hints = get_type_hints(arguments, localns={"Output": pulumi.Output, "T": Any})
    for key in args.keys() - hints.keys():
        yield InvalidInput(path.rstrip(".") or "argument", key, nearest(key, hints))
    needed: frozenset[str] = getattr(arguments, "__required_keys__", frozenset())
    for key in sorted(needed - args.keys()):
        yield InvalidInput(f"{path}{key}", "nothing", "a value")
    for key, hint in hints.items():
        if key in args and not isinstance(args[key], pulumi.Output):
            yield from _value(f"{path}{key}", key, hint, args[key], needed=key in needed)


def _value(path: str, key: str, hint: Any, value: Any, *, needed: bool) -> Faults:  # noqa: ANN401 - any type, any value
    """Yield what is wrong with a value, or with each of a list."""
    if get_origin(hint) is not Sequence:
        yield from _one(path, key, hint, value)
        return
    if isinstance(value, str) or not isinstance(value, Sequence):
        yield InvalidInput(path, value, "a list")
        return
    empty_is_fault = needed and key not in _MAY_BE_EMPTY
    if not value and (empty_is_fault or key == "severities"):
        yield InvalidInput(path, [], "at least one")
    for index, each in enumerate(value):
        if not isinstance(each, pulumi.Output):
            yield from _one(f"{path}[{index}]", key, get_args(hint)[0], each)


def _one(path: str, key: str, hint: Any, value: Any) -> Faults:  # noqa: ANN401 - likewise
    if is_typeddict(hint):
        if isinstance(value, Mapping):
            yield from _faults(hint, value, f"{path}.")
        else:
            yield InvalidInput(path, value, f"the keys of {hint.__name__}")
        return
    kind, accepted = _ACCEPTED.get(key, (None, ""))
    if kind is None:
        return
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        yield InvalidInput(path, value, accepted)
