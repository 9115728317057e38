"""What STS refuses whatever policies say: the rules of sessions, tags, source identity and MFA.

moto checks none of them. Sources: AWS STS API reference (AssumeRole, AssumeRoleWithWebIdentity,
GetSessionToken); IAM user guide "Pass session tags in AWS STS" and "Monitor and control actions
taken with assumed roles". Where AWS's documents name no error code, ``ValidationError`` stands.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from breakglass.quotas import QUOTAS, Quota
from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.refusals import PlatformRefusal

SHORTEST = 900
LONGEST = 43_200
CHAINED = 3_600
MOST_TAGS = QUOTAS.limit(Quota.SESSION_TAGS)
LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 128, 256
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
_TAG_PUNCTUATION = frozenset("_.:/=+-@")


def _refuse(rule: str, message: str, code: str = "ValidationError") -> PlatformRefusal:
    return PlatformRefusal("AssumeRole", code, message, rule=rule)


# --- what STS reads in the request alone, before it asks any policy ----------------------------


def check_form(params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse a request whose values STS would not take from anybody."""
    _check_name("RoleSessionName", params.get("RoleSessionName"))
    if "SourceIdentity" in params:
        _check_name("SourceIdentity", params["SourceIdentity"])
        if str(params["SourceIdentity"]).lower().startswith("aws:"):
            raise _refuse("SourceIdentity: aws: is reserved", "SourceIdentity begins with aws:")
    _check_tags(params.get("Tags", ()), params.get("TransitiveTagKeys", ()), caller)
    duration = params.get("DurationSeconds", CHAINED)
    if not SHORTEST <= duration <= LONGEST:
        raise _refuse(
            "DurationSeconds: 900 to 43200",
            f"DurationSeconds {duration} is not between {SHORTEST} and {LONGEST}",
        )


def _check_name(what: str, value: object) -> None:
    if value is None or not _NAME.fullmatch(str(value)):
        raise _refuse(
            f"{what}: 2 to 64 of A-Z a-z 0-9 _+=,.@-",
            f"{what} {value!r} must be 2 to 64 characters of [\\w+=,.@-]",
        )


def _check_tags(
    tags: Sequence[Mapping[str, str]], transitive: Sequence[str], caller: Caller
) -> None:
    """Check count, length, alphabet, repetition and what the chain has fixed."""
    keys = [tag["Key"] for tag in tags]
    if len({*map(str.lower, keys), *map(str.lower, caller.transitive_tags)}) > MOST_TAGS:
        raise _refuse("session tags: at most 50", f"{len(keys)} session tags are more than 50")
    for tag in tags:
        _check_tag(tag["Key"], tag["Value"])
    if len({key.lower() for key in keys}) != len(keys):
        raise _refuse("session tags: each key once", f"duplicate tag keys in {keys}")
    fixed = {key.lower() for key in caller.transitive_tags}
    for key in keys:
        if key.lower() in fixed:
            raise _refuse(
                "transitive tags: inherited, not to be overridden",
                f"the session already has the transitive tag {key!r}",
            )
    known = {key.lower() for key in keys} | fixed
    for key in transitive:
        if key.lower() not in known:
            raise _refuse(
                "transitive tags: only keys of the session's tags",
                f"TransitiveTagKeys names {key!r}, which is not among the tags",
            )


def _check_tag(key: str, value: str) -> None:
    if not 1 <= len(key) <= LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE:
        raise _refuse(
            "session tags: key 1 to 128, value at most 256 characters",
            f"tag {key[:20]!r} has {len(key)} and {len(value)} characters",
        )
    if key.lower().startswith("aws:"):
        raise _refuse("session tags: aws: is reserved", f"tag key {key!r} begins with aws:")
    for character in key + value:
        if character not in _TAG_PUNCTUATION and unicodedata.category(character)[0] not in "LZN":
            raise _refuse(
                "session tags: letters, digits, spaces and _.:/=+-@",
                f"tag {key!r} contains {character!r}",
            )


def check_mfa(params: Mapping[str, Any], caller: Caller) -> bool:
    """Return whether the request proves a second factor; refuse a device that is not the caller's.

    Only a user has a device: a role session or a federated caller cannot pass one.
    """
    serial = params.get("SerialNumber")
    if serial is None:
        return False
    user = store.user(caller.principal.arn) if caller.principal.kind == "user" else None
    if user is None or serial not in user.mfa_devices or not params.get("TokenCode"):
        raise _refuse(
            "MFA: only a user's own device, with a code",
            "MultiFactorAuthentication failed, unable to validate MFA code",
            "AccessDenied",
        )
    return True


# --- what STS checks of the role and the chain, once policies have allowed ---------------------


def check_chain(params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse what the role's own limits or the chain so far forbid."""
    role = store.role(params["RoleArn"])
    if role is None:
        raise _refuse(
            "the role exists",
            f"User: {caller.arn} is not authorized to perform: sts:AssumeRole "
            f"on resource: {params['RoleArn']}",
            "AccessDenied",
        )
    duration = params.get("DurationSeconds", CHAINED)
    longest = int(role.max_session_duration or CHAINED)
    if duration > longest:
        raise _refuse(
            "DurationSeconds: at most the role's MaxSessionDuration",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    if caller.principal.kind == "role" and duration > CHAINED:
        raise _refuse(
            "role chaining: one hour",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
            "by role chaining",
        )
    wanted = params.get("SourceIdentity", caller.source_identity)
    if caller.source_identity is not None and wanted != caller.source_identity:
        raise _refuse(
            "SourceIdentity: fixed for the whole chain",
            f"the session's source identity is {caller.source_identity!r}, not {wanted!r}",
            "AccessDenied",
        )


def check_web_identity(params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse a token of an issuer that the role's account does not know, or for another audience.

    ``caller`` is federated: its ARN is the OIDC provider's.
    """
    check_chain(params, caller)
    provider = store.oidc_provider(caller.principal.arn)
    issuer = caller.principal.arn.split("oidc-provider/", 1)[-1]
    if provider is None:
        raise _refuse(
            "web identity: the account has the provider",
            f"No OpenIDConnect provider found in your account for https://{issuer}",
            "InvalidIdentityToken",
        )
    audience = caller.context.get(f"{issuer}:aud")
    if audience not in provider.client_id_list:
        raise _refuse(
            "web identity: the audience is one of the provider's",
            f"Incorrect token audience {audience!r}",
            "InvalidIdentityToken",
        )


def check_signin(params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse to stretch a chained session on the console's federation endpoint.

    "Do not use the SessionDuration parameter when you use role chaining": the operation fails (IAM
    user guide, "Enable custom identity broker access to the AWS console").
    """
    if caller.chained and "SessionDuration" in params:
        raise PlatformRefusal(
            "GetSigninToken",
            "InvalidParameterCombination",
            "SessionDuration cannot be given with credentials from role chaining",
            rule="console: a chained session is not stretched",
        )


def check_no_role_session(caller: Caller, operation: str) -> None:
    """Refuse GetSessionToken and GetFederationToken to anybody but a user's long-term keys."""
    if caller.principal.kind != "user" or caller.expires is not None:
        raise PlatformRefusal(
            operation,
            "AccessDenied",
            f"Cannot call {operation} with session credentials",
            rule=f"{operation}: long-term credentials only",
        )
