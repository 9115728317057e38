"""Emulated AWS accounts in this process: moto holds what exists, the guard decides who may what.

moto's own authorisation is no verdict, so every call passes here first: the session must be alive,
policies must allow it (the guard), and the rules of the platform that no policy says must hold.

What is not emulated: delivery of pages is immediate and needs no confirmation; no CloudTrail record
is written; Object Lock's end is moto's wall clock, whatever ``clock`` says.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import moto
from moto.organizations import utils as moto_organizations

from breakglass.errors import InvalidInput, RehearsalError
from breakglass.proof.model import Policy, Verdict
from breakglass.quotas import QUOTAS, Quotas
from breakglass.rehearsal.aws import (
    identities,
    object_lock,
    organization_trails,
    platform_rules,
    sessions,
    spared,
    store,
)
from breakglass.rehearsal.aws.attempts import Attempt, Guard
from breakglass.rehearsal.aws.callers import Caller, Credentials
from breakglass.rehearsal.aws.clients import Client, OutgoingCall
from breakglass.rehearsal.aws.pagers import Page, Pagers
from breakglass.rehearsal.aws.refusals import GuardDenied, PlatformRefusal

__all__ = ["Call", "Caller", "Emulator", "GuardDenied", "PlatformRefusal"]

_ASSUMING: Final = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})
_TOKENS: Final = frozenset({"GetSessionToken", "GetFederationToken"})
_NAMES_OF_MANAGED_POLICIES: Final = ("PolicyArn", "PermissionsBoundary")
_RULES: Final = {**platform_rules.RULES, **object_lock.RULES}
_ANSWERS: Final = {**object_lock.ANSWERS, **spared.ANSWERS}
_running = threading.Lock()
"""moto's accounts are the process's: two emulators would share them."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call that was made, and what came of it."""

    by: Caller
    """Who made it."""
    service: str
    operation: str
    region: str
    params: Mapping[str, Any]
    at: datetime
    verdict: Verdict | None
    """The guard's; None for calls that nobody decides."""
    error: str | None
    """Code of AWS's error, None when the call went through."""
    platform_rule: str | None = None
    """The rule that refused it, when it was one of the platform's."""

    @property
    def caller(self) -> str:
        """ARN of the session, user or service."""
        return self.by.arn

    @property
    def account(self) -> str:
        """Account of the caller."""
        return self.by.account


def _now() -> datetime:
    return datetime.now(UTC)


class Emulator:
    """The emulated accounts. Use it as a context manager; one at a time in a process.

    ``guard`` decides each call of a guarded caller. ``clock`` says what time it is for sessions and
    condition keys, in UTC. ``quotas`` is what AWS grants the accounts; its defaults when omitted.
    """

    def __init__(
        self, guard: Guard, *, clock: Callable[[], datetime] = _now, quotas: Quotas = QUOTAS
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._quotas = quotas
        self._mock = moto.mock_aws(config={"lambda": {"use_docker": False}})
        self._undecided = ExitStack()
        self._pagers = Pagers()
        self._sessions: dict[str, Caller] = {}
        self.calls: list[Call] = []
        """Every call in the order in which it ended."""
        self.pages: list[Page] = []
        """What pagers got, in the order of publishing."""

    def __enter__(self) -> Self:
        """Start with empty accounts."""
        if "MOTO_ACCOUNT_ID" in os.environ:
            raise InvalidInput(
                "MOTO_ACCOUNT_ID",
                os.environ["MOTO_ACCOUNT_ID"],
                "no value: it would put every account's calls into one",
            )
        if not _running.acquire(blocking=False):
            raise RehearsalError("an emulator is running already; there is one at a time")
        self._mock.start()
        self._undecided.enter_context(store.bucket_policies_undecided())
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self._undecided.close()
        self._mock.stop()
        store.forget_organizations()
        _running.release()

    # --- callers ---------------------------------------------------------------------------

    def root(self, account: str) -> Caller:
        """Return the emulation's own hand in ``account``, for what exists before the program."""
        return identities.root(account)

    def user(self, arn: str) -> Caller:
        """Return an existing user with his long-term keys."""
        return identities.user(arn)

    def service(
        self, name: str, *, source_arn: str | None = None, source_account: str | None = None
    ) -> Caller:
        """Return an AWS service such as ``cloudtrail.amazonaws.com`` acting for ``source_arn``."""
        return identities.service(name, source_arn=source_arn, source_account=source_account)

    def anonymous(self) -> Caller:
        """Return somebody from outside without credentials."""
        return identities.anonymous()

    def session(
        self,
        role_arn: str,
        *,
        session_name: str,
        tags: Mapping[str, str] | None = None,
        source_identity: str | None = None,
        duration: int = sessions.CHAINED,
    ) -> Caller:
        """Return a guarded session of an existing role without asking its trust policy.

        For whoever is already in when the story begins: an attacker, an Identity Center user.
        """
        now = self._clock()
        return self._remember(
            identities.role_session(
                role_arn,
                session_name,
                issued=now,
                expires=now + timedelta(seconds=duration),
                tags=tags,
                source_identity=source_identity,
            )
        )

    def assume_role(  # noqa: PLR0913 - the parameters are AssumeRole's
        self,
        caller: Caller,
        role_arn: str,
        *,
        session_name: str,
        tags: Mapping[str, str] | None = None,
        transitive_tags: Sequence[str] = (),
        source_identity: str | None = None,
        duration: int = sessions.CHAINED,
        policy: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        mfa: str | None = None,
        region: str,
    ) -> Caller:
        """Assume a role as ``caller`` and return the session.

        ``duration`` in seconds; ``mfa`` is the serial number of the user's own device. Raises
        ``GuardDenied`` when policies refuse, ``PlatformRefusal`` when a rule of STS does.
        """
        optional = {
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            "TransitiveTagKeys": list(transitive_tags),
            "SourceIdentity": source_identity,
            "Policy": json.dumps(policy) if policy is not None else None,
            "ExternalId": external_id,
            "SerialNumber": mfa,
            "TokenCode": "000000" if mfa else None,
        }
        answer = self.client(caller, "sts", region).assume_role(
            RoleArn=role_arn,
            RoleSessionName=session_name,
            DurationSeconds=duration,
            **{name: value for name, value in optional.items() if value},
        )
        return self.holder_of(answer["Credentials"]["AccessKeyId"])

    def assume_role_with_web_identity(  # noqa: PLR0913 - the parameters are STS's
        self,
        role_arn: str,
        *,
        issuer: str,
        claims: Mapping[str, str],
        session_name: str,
        duration: int = sessions.CHAINED,
        region: str,
    ) -> Caller:
        """Assume a role with a token of ``issuer`` (host and path) that says ``claims``."""
        account = role_arn.split(":")[4]
        provider = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
        bearer = identities.federated(provider, claims)
        answer = self.client(bearer, "sts", region).assume_role_with_web_identity(
            RoleArn=role_arn,
            RoleSessionName=session_name,
            WebIdentityToken="emulated",
            DurationSeconds=duration,
        )
        return self.holder_of(answer["Credentials"]["AccessKeyId"])

    def root_session(self, caller: Caller, account: str, task: str, *, region: str) -> Caller:
        """Return a guarded root session of a member account, narrowed to AWS's task policy.

        Whether ``sts:AssumeRoot`` is let in is a setting of the organisation, not a policy, so it
        is not asked: the session is what an administrator of the management account can have.
        """
        policy = spared.task_policy(task)
        arn = f"arn:aws:iam::aws:policy/root-task/{task}"
        given = {"TargetPrincipal": account, "TaskPolicyArn": {"arn": arn}}
        self._record(caller, OutgoingCall("sts", "AssumeRoot", region, given, given), error=None)
        session = replace(identities.root(account), guarded=True, session_policies=(policy,))
        return self._remember(session)

    def signin_token(self, caller: Caller, *, duration: int | None = None, region: str) -> None:
        """Ask the federation endpoint for a way to the console, for ``duration`` seconds if given.

        Raises `PlatformRefusal` where the endpoint refuses, which asks no policy.
        """
        given = {} if duration is None else {"SessionDuration": duration}
        call = OutgoingCall("signin", "GetSigninToken", region, given, given)
        try:
            sessions.check_signin(given, caller)
        except PlatformRefusal as refused:
            code = refused.response["Error"]["Code"]
            self._record(caller, call, error=code, rule=refused.platform_rule)
            raise
        self._record(caller, call, error=None)

    def session_token(self, caller: Caller, *, mfa: str | None = None, region: str) -> Caller:
        """Return a user's temporary credentials, with his second factor when ``mfa`` names it."""
        given = {"SerialNumber": mfa, "TokenCode": "000000"} if mfa else {}
        answer = self.client(caller, "sts", region).get_session_token(**given)
        return self.holder_of(answer["Credentials"]["AccessKeyId"])

    def holder_of(self, access_key: str) -> Caller:
        """Return whom the emulated STS gave ``access_key`` to."""
        try:
            return self._sessions[access_key]
        except KeyError as error:
            raise InvalidInput("access key", access_key, "one that STS gave out") from error

    def client(self, caller: Caller, service: str, region: str) -> Client:
        """Return a boto3 client whose calls ``caller`` makes."""
        return Client(self, caller, service, region)

    def create_organization(self, management: str, accounts: Mapping[str, str]) -> str:
        """Make an organisation with all features; return its id.

        ``accounts`` maps the name of each member to the account id that it shall have. Every member
        gets ``OrganizationAccountAccessRole``, as from AWS. Policy types are not enabled yet.
        """
        client = self.client(self.root(management), "organizations", "us-east-1")
        # moto makes an id for the management account, and drops it for the real one
        with _account_ids("000000000000"):
            made = client.create_organization(FeatureSet="ALL")
        for name, account in accounts.items():
            with _account_ids(account):
                client.create_account(AccountName=name, Email=f"{name}@example.com")
        return str(made["Organization"]["Id"])

    # --- checkpoints of the clients --------------------------------------------------------

    def prepare(self, caller: Caller, call: OutgoingCall) -> None:
        """Change what must not reach moto as it is; part of ``clients.Checkpoints``."""
        if (call.service, call.operation) == ("sns", "Subscribe"):
            self._pagers.conceal(call)
        if call.service == "lambda" and call.operation.endswith("EventSourceMapping"):
            call.sent["Enabled"] = (
                False  # an enabled one eats the queue's messages and runs nothing
            )
        if (call.service, call.operation) == ("cloudtrail", "DeleteTrail"):
            # moto takes a name only, and says nothing when there is no such trail
            call.sent["Name"] = call.params["Name"].rsplit("/", 1)[-1]
        for name in _NAMES_OF_MANAGED_POLICIES:
            arn = call.params.get(name)
            if isinstance(arn, str) and arn.startswith("arn:aws:iam::aws:policy/"):
                store.seed_managed_policy(caller.account, arn)

    def admit(self, caller: Caller, call: OutgoingCall) -> dict[str, Any] | None:
        """Let the call through or raise AWS's refusal; part of ``clients.Checkpoints``."""
        try:
            attempt = self._admit(caller, call)
            answer = _ANSWERS.get((call.service, call.operation))
            return None if answer is None else answer(attempt)
        except GuardDenied:
            self._record(caller, call, error="AccessDenied")
            raise
        except PlatformRefusal as refused:
            code = refused.response["Error"]["Code"]
            self._record(caller, call, error=code, rule=refused.platform_rule)
            raise

    def settle(self, caller: Caller, call: OutgoingCall, answer: dict[str, Any]) -> None:
        """Add to the answer what moto leaves out; part of ``clients.Checkpoints``."""
        error = answer.get("Error", {}).get("Code")
        self._record(caller, call, error=error)
        if error is None:
            self._complete(caller, call, answer)

    def _admit(self, caller: Caller, call: OutgoingCall) -> Attempt:
        """Check session, form, policies and the platform's rules, in AWS's order."""
        now = self._clock()
        if caller.expires is not None and now >= caller.expires:
            raise PlatformRefusal(
                call.operation,
                "ExpiredToken",
                "The security token included in the request is expired",
                rule="sessions end",
            )
        present = identities.at(self._with_factor(caller, call, now), now)
        if present.guarded:
            call.verdict = self._guard.decide(
                present, call.service, call.operation, call.params, call.region
            )
            if not call.verdict.allowed:
                raise GuardDenied(call.operation, call.verdict)
        attempt = Attempt(
            present,
            call.service,
            call.operation,
            call.region,
            call.params,
            now,
            self._guard,
            self._quotas,
        )
        if call.service == "sts":
            _check_session_rules(attempt)
        for rule in _RULES.get((call.service, call.operation), ()):
            rule(attempt)
        return attempt

    def _with_factor(self, caller: Caller, call: OutgoingCall, now: datetime) -> Caller:
        """Check the form of a request to STS; return the caller with the factor that it proves."""
        if call.service != "sts":
            return caller
        if call.operation in _ASSUMING:
            sessions.check_form(call.params, caller)
        return replace(caller, mfa_at=now) if sessions.check_mfa(call.params, caller) else caller

    def _complete(self, caller: Caller, call: OutgoingCall, answer: dict[str, Any]) -> None:
        """Do after a call what AWS does and moto does not."""
        match call.service, call.operation:
            case "sts", "GetCallerIdentity":
                answer.update(
                    Arn=caller.arn,
                    Account=caller.account,
                    UserId=str(caller.context.get("aws:userid", caller.arn)),
                )
            case "sts", ("AssumeRole" | "AssumeRoleWithWebIdentity"):
                self._open_session(caller, call, answer)
            case "sts", "GetSessionToken":
                self._open_user_session(caller, call, answer)
            case "sns", "Publish":
                self.pages += self._pagers.deliver(call.params)
            case "sns", _:
                self._pagers.reveal(answer)
            case "s3", "CompleteMultipartUpload":
                self._retain(call, answer)
            case "cloudtrail", "DescribeTrails":
                organization_trails.show(answer, caller.account, call.region)

    def _open_session(self, caller: Caller, call: OutgoingCall, answer: dict[str, Any]) -> None:
        """Remember the role session that STS just gave out, with what the chain hands on."""
        now, given = self._clock(), call.params
        tags = {tag["Key"]: tag["Value"] for tag in given.get("Tags", ())}
        transitive = {*caller.transitive_tags, *given.get("TransitiveTagKeys", ())}
        expires = now + timedelta(seconds=given.get("DurationSeconds", sessions.CHAINED))
        session = identities.role_session(
            given["RoleArn"],
            given["RoleSessionName"],
            issued=now,
            expires=expires,
            credentials=_credentials(answer),
            tags={**caller.transitive_tags, **tags},
            transitive=frozenset(transitive),
            source_identity=given.get("SourceIdentity", caller.source_identity),
            policies=_session_policies(given, caller.account),
            claims=_claims(caller),
            chained=caller.principal.kind == "role",
        )
        answer["Credentials"]["Expiration"] = expires
        if session.source_identity is not None:
            answer["SourceIdentity"] = session.source_identity
        self._remember(session)

    def _open_user_session(
        self, caller: Caller, call: OutgoingCall, answer: dict[str, Any]
    ) -> None:
        """Remember the temporary credentials of a user."""
        now = self._clock()
        expires = now + timedelta(seconds=call.params.get("DurationSeconds", sessions.LONGEST))
        answer["Credentials"]["Expiration"] = expires
        # moto gives everybody the same keys
        keys = identities.invented_keys()
        answer["Credentials"].update(
            AccessKeyId=keys.access_key, SecretAccessKey=keys.secret_key, SessionToken=keys.token
        )
        self._remember(
            identities.user_session(
                caller,
                issued=now,
                expires=expires,
                mfa="SerialNumber" in call.params,
                credentials=keys,
            )
        )

    def _remember(self, session: Caller) -> Caller:
        self._sessions[session.credentials.access_key] = session
        return session

    def _retain(self, call: OutgoingCall, answer: Mapping[str, Any]) -> None:
        """Give a multipart upload the bucket's default retention."""
        bucket = call.params["Bucket"]
        retention = object_lock.retention_by_default(bucket, self._clock())
        stored = store.stored_object(bucket, call.params["Key"], answer.get("VersionId"))
        if retention is not None and stored is not None:
            stored.lock_mode = retention["Mode"]
            stored.lock_until = identities.timestamp(retention["RetainUntilDate"])

    def _record(
        self,
        caller: Caller,
        call: OutgoingCall,
        *,
        error: str | None,
        rule: str | None = None,
    ) -> None:
        self.calls.append(
            Call(
                caller,
                call.service,
                call.operation,
                call.region,
                call.params,
                self._clock(),
                call.verdict,
                error,
                rule,
            )
        )


def _check_session_rules(attempt: Attempt) -> None:
    """Check what STS knows of the role and the chain."""
    if attempt.operation == "AssumeRole":
        sessions.check_chain(attempt.params, attempt.caller)
    elif attempt.operation == "AssumeRoleWithWebIdentity":
        sessions.check_web_identity(attempt.params, attempt.caller)
    elif attempt.operation in _TOKENS:
        sessions.check_no_role_session(attempt.caller, attempt.operation)


def _credentials(answer: Mapping[str, Any]) -> Credentials:
    given = answer["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _claims(caller: Caller) -> dict[str, Any]:
    """Return the claims of a web identity, which stay in the context of its role session."""
    if caller.principal.kind != "federated":
        return {}
    return {key: value for key, value in caller.context.items() if not key.startswith("aws:Via")}


def _session_policies(given: Mapping[str, Any], account: str) -> tuple[Policy, ...]:
    """Return the policies that the session was narrowed with."""
    policies = [Policy("session", json.loads(given["Policy"]))] if "Policy" in given else []
    for entry in given.get("PolicyArns", ()):
        document = store.managed_policy_document(entry["arn"], account)
        if document is None:
            raise RehearsalError(f"session policy {entry['arn']} does not exist in {account}")
        policies.append(Policy(entry["arn"].rsplit("/", 1)[-1], document))
    return tuple(policies)


@contextmanager
def _account_ids(account: str) -> Iterator[None]:
    """Make moto give the next account the id ``account`` instead of a random one."""
    original = moto_organizations.make_random_account_id
    moto_organizations.make_random_account_id = lambda: account
    try:
        yield
    finally:
        moto_organizations.make_random_account_id = original
