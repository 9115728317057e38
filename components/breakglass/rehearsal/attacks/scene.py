"""What an attack finds on the stage: people at every door, administrators, deployers, services.

Callers are made once. Whoever the story does not begin with (an account's own administrator, an
outsider) is made by the emulation's own hand and taken away again by `Scene.close`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Self

import httpx

from breakglass import names
from breakglass.documents import trust
from breakglass.documents.statement import allow, document
from breakglass.errors import RehearsalError
from breakglass.proof.model import Verdict
from breakglass.rehearsal.aws import identities
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.prelude import EntryUser, PermissionSet
from breakglass.rehearsal.aws.refusals import GuardDenied
from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.github.state import Actor
from breakglass.rehearsal.guard import Guard
from breakglass.rehearsal.stage import Stage
from breakglass.settings import AccountRole, Entry, EntryKind, Scope
from breakglass.topology import Trail

GLOBAL: Final = "us-east-1"
UNWATCHED: Final = "ap-southeast-4"
"""A region in which no organisation of the rehearsal has rules."""

OUTSIDER: Final = "999999999999"
"""An account of nobody's organisation."""

ADMINISTRATOR_ACCESS: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ADMIN: Final = "account-admin"
"""Name of the role that an account's administrator has; nothing of the kit's."""

DELIVERY: Final = {"ACL": "bucket-owner-full-control"}
"""How CloudTrail writes ("Amazon S3 bucket policy for CloudTrail")."""


class Scene:
    """The stage, as attackers see it. Use it as a context manager: it leaves no callers behind."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.emulator = stage.emulator
        self.organisation = stage.organisation
        self.topology = stage.topology
        self._admins: dict[str, Caller] = {}
        self._clouds: dict[str, GitHubCloud] = {}
        self._lasting: dict[object, str] = {}
        self._responders: dict[str, Caller] = {}
        self._scope = self.organisation.scopes[0]
        self._leaving = ExitStack()
        self._changed = ExitStack()
        self._guard = Guard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take away what was made for the attacks."""
        self.put_back()
        self._leaving.close()
        self._admins.clear()
        self._lasting.clear()
        self._clouds.clear()

    def lasting(self, make: "Callable[[Scene], AbstractContextManager[str]]") -> str:
        """Make a thing that several attacks use, once; it is gone when the scene closes."""
        if make not in self._lasting:
            self._lasting[make] = self._leaving.enter_context(make(self))
        return self._lasting[make]

    def afterwards(self, undo: Callable[..., object], *given: object, **named: object) -> None:
        """Undo an act that goes through, but only once it is known who saw it."""
        self._changed.callback(undo, *given, **named)

    def put_back(self) -> None:
        """Undo what the last act changed, the latest first."""
        self._changed.close()

    @contextmanager
    def entering(self, scope: Scope) -> Iterator[None]:
        """Have the responder hold the role of another scope for a while."""
        before, self._scope = self._scope, scope
        try:
            yield
        finally:
            self._scope = before

    # --- places --------------------------------------------------------------------------------

    @property
    def home(self) -> str:
        """Region of trails, hub and vault."""
        return self.organisation.home_region

    @property
    def logging(self) -> str:
        """Account of the vault."""
        return self.organisation.logging.id

    @property
    def workload(self) -> str:
        """The first account that a scope reaches into."""
        return self.topology.scope_accounts(self.scope)[0].id

    def account(self, role: AccountRole) -> str:
        """Account id of the one account with this role; an attack has said that it needs it."""
        return self.organisation.of(role)[0].id

    @property
    def scope(self) -> Scope:
        """The scope that the responder enters: the first, unless it is another's turn."""
        return self._scope

    @property
    def scope_role(self) -> str:
        """ARN of the break-glass role that the responder takes."""
        return names.break_glass_role_arn(self.workload, self.scope.name)

    def entry(self, kind: EntryKind) -> Entry | None:
        """The first way in of a kind."""
        return next((e for e in self.organisation.entries if e.kind is kind), None)

    def entry_role(self, kind: EntryKind) -> str:
        """ARN of the entry role of the first way in of a kind; an attack has said it needs it."""
        entry = next(each for each in self.organisation.entries if each.kind is kind)
        return names.entry_role_arn(self.organisation.account(entry.account).id, entry.name)

    # --- clients -------------------------------------------------------------------------------

    def client(self, caller: Caller, service: str, region: str | None = None) -> Client:
        """A boto3 client in a caller's hand, in the home region unless another is given."""
        return self.emulator.client(caller, service, region or self.home)

    def may(self, caller: Caller, action: str, resource: str) -> Verdict:
        """Decide over the policies in force what no call is made for, in the home region."""
        return self._guard.may(caller, action, resource, self.home)

    def demand(self, caller: Caller, action: str, resource: str) -> None:
        """Raise AWS's refusal where the policies in force do not allow it; no call is made."""
        verdict = self.may(identities.at(caller, datetime.now(UTC)), action, resource)
        if not verdict.allowed:
            said = verdict.reason if verdict.statement else f"{action}: {verdict.reason}"
            raise GuardDenied(action, replace(verdict, reason=said))

    def hand(self, account: str, service: str, region: str | None = None) -> Client:
        """A client of the emulation's own hand, for setting up and taking away."""
        return self.client(self.emulator.root(account), service, region)

    def github(self, actor: Actor) -> GitHubCloud:
        """A client of GitHub with the token of a person or an App."""
        if actor.login not in self._clouds:
            token, server = self.stage.github.token_of(actor), self.stage.github_server
            owner = self.organisation.github.organization
            here = httpx.WSGITransport(app=server)
            cloud = GitHubCloud(owner, token, server.base_url, transport=here)
            self._clouds[actor.login] = self._leaving.enter_context(cloud)
        return self._clouds[actor.login]

    # --- the way in ----------------------------------------------------------------------------

    @cached_property
    def entry_user(self) -> EntryUser:
        """The first user before the first way in for IAM users."""
        entry = next(e for e in self.organisation.entries if e.kind is EntryKind.IAM_USER)
        account = self.organisation.account(entry.account).id
        return EntryUser(account, self.topology.entry_users(entry)[0])

    @cached_property
    def user(self) -> Caller:
        """That user with his long-term keys; his second factor he shows at each call."""
        return self.emulator.user(self.entry_user.arn)

    def enter(
        self,
        caller: Caller | None = None,
        *,
        role: str | None = None,
        source_identity: str | None = "",
        mfa: str | None = "",
        region: str | None = None,
    ) -> Caller:
        """Take the first hop as the user; an empty text is his own name or device, None is none."""
        return self.emulator.assume_role(
            caller or self.user,
            role or self.entry_role(EntryKind.IAM_USER),
            session_name=self.entry_user.name,
            source_identity=self.entry_user.name if source_identity == "" else source_identity,
            mfa=self.entry_user.mfa if mfa == "" else mfa,
            region=region or self.home,
        )

    @cached_property
    def center_person(self) -> str:
        """Who the first that may enter is by Identity Center's word."""
        entry = next(e for e in self.organisation.entries if e.kind is EntryKind.IDENTITY_CENTER)
        return self.topology.entry_identities(entry)[0]

    @cached_property
    def center_role(self) -> str:
        """ARN of the role that Identity Center made for the permission set that enters."""
        entry = next(e for e in self.organisation.entries if e.kind is EntryKind.IDENTITY_CENTER)
        center = self.organisation.identity_center
        if center is None or entry.permission_set is None:
            raise RehearsalError("an entry for Identity Center without Identity Center")
        home = self.organisation.account(entry.account).id
        return PermissionSet(home, entry.permission_set, center.region).arn

    def of_center(self, person: str, role: str = "") -> Caller:
        """Session that Identity Center hands out to a person."""
        center = self.organisation.identity_center
        if center is None:
            raise RehearsalError("the attack has not said that it needs Identity Center")
        return self.emulator.session(
            role or self.center_role, session_name="center", tags={center.principal_tag: person}
        )

    def from_center(self, *, source_identity: str, person: str = "", role: str = "") -> Caller:
        """Take the first hop as a session of Identity Center's, the entry's unless ``role`` is."""
        return self.emulator.assume_role(
            self.of_center(person or self.center_person, role),
            self.entry_role(EntryKind.IDENTITY_CENTER),
            session_name="center",
            source_identity=source_identity,
            region=self.home,
        )

    @cached_property
    def claims(self) -> Mapping[str, str]:
        """What the token of the right GitHub workflow says."""
        entry = next(e for e in self.organisation.entries if e.kind is EntryKind.GITHUB_OIDC)
        repository, workflow = str(entry.repository), str(entry.workflow)
        return {
            "aud": "sts.amazonaws.com",
            "sub": f"repo:{repository}:environment:{entry.environment}",
            "repository": repository,
            "repository_id": str(entry.repository_id),
            "environment": str(entry.environment),
            "ref": workflow.partition("@")[2],
            "job_workflow_ref": f"{repository}/{workflow}",
        }

    def from_workflow(self, **claims: str) -> Caller:
        """Take the first hop with a GitHub token; ``claims`` say what is wrong with it."""
        return self.emulator.assume_role_with_web_identity(
            self.entry_role(EntryKind.GITHUB_OIDC),
            issuer=names.GITHUB_OIDC_ISSUER,
            claims={**self.claims, **claims},
            session_name="workflow",
            region=self.home,
        )

    # --- the glass -----------------------------------------------------------------------------

    @cached_property
    def entrant(self) -> Caller:
        """Somebody past the first hop, by the first kind of way in that there is."""
        if self.entry(EntryKind.IAM_USER) is not None:
            return self.enter()
        if self.entry(EntryKind.IDENTITY_CENTER) is not None:
            return self.from_center(source_identity=self.center_person)
        return self.from_workflow()

    @property
    def tags(self) -> Mapping[str, str]:
        """What a right activation says of itself."""
        said = (
            f"{self.organisation.incident_prefix}2041",
            "checkout fails for everybody",
            self.scope.gate,
            self.scope.severities[0].value,
        )
        return dict(zip(trust.TAG_KEYS, said, strict=True))

    def activate(  # noqa: PLR0913 - the parts of the second hop, each the right one unless given
        self,
        caller: Caller | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        transitive: Sequence[str] | None = None,
        duration: int = 3600,
        source_identity: str | None = None,
        region: str | None = None,
    ) -> Caller:
        """Take the second hop: break the glass."""
        given = self.tags if tags is None else tags
        return self.emulator.assume_role(
            caller or self.entrant,
            self.scope_role,
            session_name="responder",
            tags=given,
            transitive_tags=list(given) if transitive is None else transitive,
            duration=duration,
            source_identity=source_identity or self._name_of_workflows,
            region=region or self.home,
        )

    @property
    def _name_of_workflows(self) -> str | None:
        """The source identity that is set on the second hop: none where people have set theirs."""
        people = EntryKind.IAM_USER, EntryKind.IDENTITY_CENTER
        by_people = any(entry.kind in people for entry in self.organisation.entries)
        return None if by_people else trust.WORKFLOW_IDENTITY

    @property
    def responder(self) -> Caller:
        """Holder of the scope's break-glass role, by both hops."""
        if self.scope.name not in self._responders:
            self._responders[self.scope.name] = self.activate()
        return self._responders[self.scope.name]

    # --- everybody else ------------------------------------------------------------------------

    def admin(self, account: str) -> Caller:
        """Session of a role with AdministratorAccess in an account."""
        if account not in self._admins:
            self._admins[account] = self._make_admin(account)
        return self._admins[account]

    def _make_admin(self, account: str) -> Caller:
        iam = self.hand(account, "iam", GLOBAL)
        mine = allow(
            "ThisAccount", "sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{account}:root"}
        )
        iam.create_role(RoleName=ADMIN, AssumeRolePolicyDocument=json.dumps(document(mine)))
        iam.attach_role_policy(RoleName=ADMIN, PolicyArn=ADMINISTRATOR_ACCESS)
        self._leaving.callback(self._take_away_admin, account)
        return self.emulator.session(f"arn:aws:iam::{account}:role/{ADMIN}", session_name="admin")

    def _take_away_admin(self, account: str) -> None:
        iam = self.hand(account, "iam", GLOBAL)
        iam.detach_role_policy(RoleName=ADMIN, PolicyArn=ADMINISTRATOR_ACCESS)
        iam.delete_role(RoleName=ADMIN)

    @property
    def workload_admin(self) -> Caller:
        """Administrator of the workload account that the scope reaches into."""
        return self.admin(self.workload)

    @property
    def logging_admin(self) -> Caller:
        """Administrator of the logging account."""
        return self.admin(self.logging)

    @property
    def outsider(self) -> Caller:
        """Administrator of an account outside the organisation."""
        return self.admin(OUTSIDER)

    def deployer(self, account: str) -> Caller:
        """The kit's deployer in an account."""
        arn = self.stage.existing.deployers[account]
        return self.emulator.session(arn, session_name="pulumi")

    def pipeline(self, side: str) -> Caller:
        """Who runs ``pulumi up`` for ``keeper`` or ``edge``."""
        arn = self.stage.existing.ci[side]
        if ":user/" in arn:
            return self.emulator.user(arn)
        return self.emulator.session(arn, session_name="pipeline")

    def cloudtrail(self, trail_arn: str) -> Caller:
        """CloudTrail, delivering for a trail."""
        return self.emulator.service("cloudtrail.amazonaws.com", source_arn=trail_arn)

    # --- records -------------------------------------------------------------------------------

    @property
    def vault_trail(self) -> Trail:
        """A trail that delivers to the vault."""
        return self.topology.trails[0]

    def deliver(self, bucket: str, trail: Trail, name: str, *, trail_arn: str = "") -> str:
        """Let CloudTrail write a log file as ``trail`` does; return its version.

        ``trail_arn`` is another trail's, on whose behalf it writes.
        """
        s3 = self.client(self.cloudtrail(trail_arn or trail.arn), "s3")
        key, body = self.key_of(trail, name), b"a log file"
        return str(s3.put_object(Bucket=bucket, Key=key, Body=body, **DELIVERY)["VersionId"])

    def key_of(self, trail: Trail, name: str) -> str:
        """Key of a log file below a trail's prefix."""
        return f"AWSLogs/{trail.owners[0]}/CloudTrail/{self.home}/2026/11/22/{name}.json.gz"

    @cached_property
    def record(self) -> tuple[str, str]:
        """Key and version of a record that lies locked in the vault."""
        version = self.deliver(self.topology.vault_name, self.vault_trail, "locked")
        return self.key_of(self.vault_trail, "locked"), version

    @cached_property
    def witness_record(self) -> tuple[str, str]:
        """Key and version of a record that lies locked in the witness' bucket."""
        trail = self.topology.second_trails[0]
        version = self.deliver(self.topology.witness_name, trail, "locked")
        return self.key_of(trail, "locked"), version

    @contextmanager
    def open_bucket(self, bucket: str) -> Iterator[None]:
        """Have a locked bucket's policy let everybody in for a while, as if somebody had put it."""
        s3 = self.hand(self.logging, "s3")
        policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        place = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        everybody = document(allow("Everybody", "s3:*", place, principal="*"))
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(everybody))
        try:
            yield
        finally:
            s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def in_the_clear(caller: Caller) -> Caller:
    """The same caller over plain HTTP."""
    return replace(caller, context={**caller.context, "aws:SecureTransport": "false"})
