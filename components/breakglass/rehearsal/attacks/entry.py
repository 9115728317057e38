"""The way in: who is not listed, has no fresh second factor or takes another name stays out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import entry
from breakglass.rehearsal.attacks.refused import untrusted
from breakglass.rehearsal.attacks.scene import OUTSIDER, UNWATCHED, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.settings import EntryKind

_USERS: Final = (entry(EntryKind.IAM_USER),)
_CENTER: Final = (entry(EntryKind.IDENTITY_CENTER),)
_WORKFLOW: Final = (entry(EntryKind.GITHUB_OIDC),)

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
