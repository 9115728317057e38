"""The way in: who is not listed, has no fresh second factor or takes another name stays out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks.attack import Attack, Detected, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import KEEPER_IN_CENTER, entry
from breakglass.rehearsal.attacks.refused import untrusted
from breakglass.rehearsal.attacks.scene import (
    ADMINISTRATOR_ACCESS,
    GLOBAL,
    OUTSIDER,
    UNWATCHED,
    Scene,
)
from breakglass.rehearsal.aws.callers import Caller
from breakglass.settings import EntryKind, Side

_USERS: Final = (entry(EntryKind.IAM_USER),)
_CENTER: Final = (entry(EntryKind.IDENTITY_CENTER),)
_WORKFLOW: Final = (entry(EntryKind.GITHUB_OIDC),)

_UNLISTED: Final = "mallory@example.com"

_ENTERED: Final = Twin(
    "The same user enters as himself, with his second factor", lambda scene: scene.enter()
)
_BY_CENTER: Final = Twin(
    "The same session enters as the person that it is of",
    lambda scene: scene.from_center(source_identity=scene.center_person),
)
_BY_WORKFLOW: Final = Twin(
    "The declared workflow enters from its environment", lambda scene: scene.from_workflow()
)


def _with_factor_of(scene: Scene, **age: int) -> Caller:
    """Temporary keys of the user, whose second factor was shown so long ago."""
    fresh = scene.emulator.session_token(scene.user, mfa=scene.entry_user.mfa, region=scene.home)
    return replace(fresh, mfa_at=datetime.now(UTC) - timedelta(**age))


def _with_an_old_factor(scene: Scene) -> None:
    scene.enter(_with_factor_of(scene, minutes=16), mfa=None)


def _with_a_fresh_factor(scene: Scene) -> None:
    scene.enter(_with_factor_of(scene, minutes=14), mfa=None)


def _as_an_admin(scene: Scene, account: str) -> None:
    scene.enter(scene.admin(account), mfa=None)


def _as_the_accounts_admin(scene: Scene) -> None:
    _as_an_admin(scene, scene.entry_user.account)


def _from_another_account(scene: Scene) -> None:
    account, name = scene.workload, scene.center_role.rpartition("/")[2]
    _enter_by_center(scene, account, name)


def _with_another_set(scene: Scene) -> None:
    account = scene.center_role.split(":")[4]
    _enter_by_center(scene, account, "AWSReservedSSO_Developers_0123456789abcdef")


def _enter_by_center(scene: Scene, account: str, name: str) -> None:
    """Enter with a role that Identity Center made for something else."""
    path = "/".join(["", *scene.center_role.split("/")[1:-1], ""])
    iam = scene.hand(account, "iam", GLOBAL)
    trust = json.dumps(document(allow("All", "sts:AssumeRole", principal={"AWS": "*"})))
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
    scene.afterwards(iam.delete_role, RoleName=name)
    iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR_ACCESS)
    scene.afterwards(iam.detach_role_policy, RoleName=name, PolicyArn=ADMINISTRATOR_ACCESS)
    scene.from_center(
        source_identity=scene.center_person, role=f"arn:aws:iam::{account}:role{path}{name}"
    )


def _as_a_keeper(scene: Scene) -> None:
    keeper = _keeper(scene)
    scene.from_center(source_identity=keeper, person=keeper)


def _keeper(scene: Scene) -> str:
    people = scene.organisation.people
    listed = [p.identity_center for p in people if p.side is Side.KEEPER and p.identity_center]
    return listed[0]


def _ask_as_the_workflow(scene: Scene) -> None:
    scene.client(scene.from_workflow(), "sts").get_caller_identity()


ATTACKS: Final = (
    Attack(
        "nobody-enters-without-a-second-factor",
        "A listed user enters with his access keys alone, as whoever stole them would",
        Attacker.ENTRANT,
        lambda scene: scene.enter(mfa=None),
        untrusted("{iam_user_entry}"),
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-with-an-old-second-factor",
        "A listed user enters 16 minutes after he showed his second factor",
        Attacker.ENTRANT,
        _with_an_old_factor,
        untrusted("{iam_user_entry}"),
        Twin("The same user enters 14 minutes after", _with_a_fresh_factor),
        _USERS,
    ),
    Attack(
        "nobody-enters-with-somebody-elses-second-factor",
        "A listed user shows a device that is not his",
        Attacker.ENTRANT,
        lambda scene: scene.enter(mfa=f"{scene.entry_user.mfa}-of-another"),
        "MFA: only a user's own device, with a code",
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-with-keys-for-a-while",
        "A listed user enters with temporary keys that he got without a second factor",
        Attacker.ENTRANT,
        lambda scene: scene.enter(
            scene.emulator.session_token(scene.user, region=scene.home), mfa=None
        ),
        untrusted("{iam_user_entry}"),
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-as-somebody-else",
        "A listed user enters under another person's name",
        Attacker.ENTRANT,
        lambda scene: scene.enter(source_identity="somebody-else"),
        untrusted("{iam_user_entry}"),
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-without-a-name",
        "A listed user enters and leaves his source identity out",
        Attacker.ENTRANT,
        lambda scene: scene.enter(source_identity=None),
        untrusted("{iam_user_entry}"),
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-from-an-unwatched-region",
        "A listed user enters through a region that has no rules",
        Attacker.ENTRANT,
        lambda scene: scene.enter(region=UNWATCHED),
        untrusted("{iam_user_entry}"),
        _ENTERED,
        _USERS,
    ),
    Attack(
        "no-admin-of-the-account-enters",
        "The administrator of the entry's own account enters",
        Attacker.BROKER_ADMIN,
        _as_the_accounts_admin,
        "{not_on_the_list}",
        _ENTERED,
        _USERS,
    ),
    Attack(
        "no-stranger-enters",
        "The administrator of an account outside the organisation enters",
        Attacker.OUTSIDER,
        lambda scene: _as_an_admin(scene, OUTSIDER),
        "{not_on_the_list}",
        _ENTERED,
        _USERS,
    ),
    Attack(
        "nobody-enters-as-somebody-else-by-identity-center",
        "A session of Identity Center enters under another person's name",
        Attacker.ENTRANT,
        lambda scene: scene.from_center(source_identity="somebody-else"),
        untrusted("{identity_center_entry}"),
        _BY_CENTER,
        _CENTER,
    ),
    Attack(
        "no-other-account-enters-by-identity-center",
        "A session of the same permission set in another account enters",
        Attacker.ENTRANT,
        _from_another_account,
        "{not_by_center}",
        _BY_CENTER,
        _CENTER,
    ),
    Attack(
        "no-other-permission-set-enters",
        "A session of another permission set of the entry's account enters",
        Attacker.ENTRANT,
        _with_another_set,
        "{not_by_center}",
        _BY_CENTER,
        _CENTER,
    ),
    Attack(
        "no-keeper-enters-by-identity-center",
        "A keeper to whom somebody assigned the permission set enters under his own name",
        Attacker.ENTRANT,
        _as_a_keeper,
        untrusted("{identity_center_entry}"),
        _BY_CENTER,
        (*_CENTER, KEEPER_IN_CENTER),
    ),
    Attack(
        "nobody-enters-by-identity-center-unlisted",
        "Somebody whom the settings do not list, and who has the permission set, enters",
        Attacker.ENTRANT,
        lambda scene: scene.from_center(source_identity=_UNLISTED, person=_UNLISTED),
        untrusted("{identity_center_entry}"),
        _BY_CENTER,
        _CENTER,
    ),
    Attack(
        "no-other-branch-enters",
        "A workflow of the declared repository enters from another branch",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(
            job_workflow_ref=f"{scene.claims['job_workflow_ref']}-mine", ref="refs/heads/mine"
        ),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
    Attack(
        "a-workflow-enters-once-more",
        "Another writer runs the declared workflow's job again, which stays the first one's",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(run_attempt="2"),
        Detected(
            "IAM reads no number of the attempt, so the environment's reviewers decide about each;"
            " entering pages. A broker that takes first attempts alone is not provided yet."
        ),
        Twin("The session asks STS who it is", _ask_as_the_workflow),
        _WORKFLOW,
    ),
    Attack(
        "no-job-enters-outside-its-environment",
        "A job of the declared workflow enters without the environment and its reviewers",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(
            sub=f"repo:{scene.claims['repository']}:ref:refs/heads/main"
        ),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
    Attack(
        "no-other-workflow-enters",
        "Another workflow of the declared repository enters from the same branch",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(
            job_workflow_ref=f"{scene.claims['repository']}/.github/workflows/other.yml"
            "@refs/heads/main"
        ),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
    Attack(
        "no-strangers-repository-enters",
        "A workflow of somebody else's repository enters",
        Attacker.OUTSIDER,
        lambda scene: scene.from_workflow(
            sub="repo:mallory/security:environment:break-glass",
            repository="mallory/security",
            repository_id="2",
        ),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
    Attack(
        "no-repository-enters-by-the-name-alone",
        "A new repository that took the declared one's name enters",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(repository_id="1"),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
    Attack(
        "no-token-for-another-audience-enters",
        "A token that the same workflow was given for another service enters",
        Attacker.ACTIONS_TOKEN,
        lambda scene: scene.from_workflow(aud="registry.example.com"),
        untrusted("{github_oidc_entry}", "sts:AssumeRoleWithWebIdentity"),
        _BY_WORKFLOW,
        _WORKFLOW,
    ),
)
