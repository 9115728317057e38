"""Breaking the glass: not past the way in, not without saying why, not for longer than an hour."""

from collections.abc import Mapping
from typing import Final

from breakglass.rehearsal.attacks.attack import Act, Attack, Detected, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import PEOPLE_ENTER, entry
from breakglass.rehearsal.attacks.refused import untrusted
from breakglass.rehearsal.attacks.scene import GLOBAL, UNWATCHED, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import EntryKind

_NOT_ENTERED: Final = untrusted("{scope}")
_NOT_TAGGED: Final = untrusted("{scope}", "sts:TagSession")
_ACTIVATED: Final = Twin(
    "The same person breaks the glass and says why", lambda scene: scene.activate()
)


def _tagged(**tags: str) -> Act:
    """Break the glass with some tags said otherwise."""
    return lambda scene: scene.activate(tags={**scene.tags, **tags})


def _with_a_tag_more(scene: Scene) -> None:
    scene.activate(tags={**scene.tags, "team": "admin"}, transitive=list(scene.tags))


def _without(tag: str) -> Act:
    """Break the glass and leave one tag out."""
    return lambda scene: scene.activate(tags=_but(scene.tags, tag))


def _but(tags: Mapping[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in tags.items() if name != key}


def _not_handed_on(tag: str) -> Act:
    """Break the glass with one tag that the next role in a chain would not have."""
    return lambda scene: scene.activate(transitive=list(_but(scene.tags, tag)))


def _entering(name: str, title: str, attempt: Act, refused_by: str) -> Attack:
    """Somebody past the first hop takes the second in a wrong way."""
    return Attack(name, title, Attacker.ENTRANT, attempt, refused_by, _ACTIVATED)


def _without_entry(scene: Scene) -> None:
    scene.activate(scene.user)


def _as_the_workloads_admin(scene: Scene) -> None:
    scene.activate(scene.workload_admin, source_identity="workload-admin")


def _as_the_entrys_admin(scene: Scene) -> None:
    scene.activate(scene.admin(scene.entry_user.account), source_identity="entry-admin")


# --- the users before the way in ---------------------------------------------------------------

_HIS_USERS: Final = (
    "Whoever administers these users can be them; what he does to their keys and factors pages."
)


def _users(scene: Scene, caller: Caller) -> Client:
    return scene.client(caller, "iam", GLOBAL)


def _make_keys(scene: Scene) -> None:
    user, account = scene.entry_user.name, scene.entry_user.account
    made = _users(scene, scene.admin(account)).create_access_key(UserName=user)["AccessKey"]
    by_hand = scene.hand(account, "iam", GLOBAL)
    scene.afterwards(by_hand.delete_access_key, UserName=user, AccessKeyId=made["AccessKeyId"])


def _take_the_factor(scene: Scene) -> None:
    user, account = scene.entry_user, scene.entry_user.account
    by_hand = scene.hand(account, "iam", GLOBAL)
    scene.afterwards(
        by_hand.enable_mfa_device,
        UserName=user.name,
        SerialNumber=user.mfa,
        AuthenticationCode1="000000",
        AuthenticationCode2="000001",
    )
    iam = _users(scene, scene.admin(account))
    iam.deactivate_mfa_device(UserName=user.name, SerialNumber=user.mfa)


def _make_keys_of_his_own(scene: Scene) -> None:
    by_hand = scene.hand(scene.entry_user.account, "iam", GLOBAL)
    by_hand.create_user(UserName="build")
    scene.afterwards(by_hand.delete_user, UserName="build")
    iam = _users(scene, scene.admin(scene.entry_user.account))
    made = iam.create_access_key(UserName="build")["AccessKey"]
    key = made["AccessKeyId"]
    scene.afterwards(by_hand.delete_access_key, UserName="build", AccessKeyId=key)


_MAKES_HIS_OWN: Final = Twin(
    "The same administrator makes keys of a user that is not listed", _make_keys_of_his_own
)

ATTACKS: Final = (
    Attack(
        "no-user-passes-the-entry-role",
        "A listed user takes the break-glass role straight away",
        Attacker.ENTRANT,
        _without_entry,
        "{past_the_entry}",
        _ACTIVATED,
        (entry(EntryKind.IAM_USER),),
    ),
    Attack(
        "no-workload-admin-breaks-the-glass",
        "A workload's administrator takes the break-glass role of his account, tags and all",
        Attacker.WORKLOAD_ADMIN,
        _as_the_workloads_admin,
        _NOT_ENTERED,
        _ACTIVATED,
    ),
    Attack(
        "no-neighbour-breaks-the-glass",
        "The administrator of the account in which people enter takes a break-glass role",
        Attacker.BROKER_ADMIN,
        _as_the_entrys_admin,
        _NOT_ENTERED,
        _ACTIVATED,
        (entry(EntryKind.IAM_USER),),
    ),
    Attack(
        "no-stranger-breaks-the-glass",
        "The administrator of an account outside the organisation takes a break-glass role",
        Attacker.OUTSIDER,
        lambda scene: scene.activate(scene.outsider, source_identity="stranger"),
        _NOT_ENTERED,
        _ACTIVATED,
    ),
    Attack(
        "broker-admin-makes-himself-keys",
        "The administrator of the users before the way in makes himself keys of one of them",
        Attacker.BROKER_ADMIN,
        _make_keys,
        Detected(_HIS_USERS),
        _MAKES_HIS_OWN,
        (entry(EntryKind.IAM_USER),),
    ),
    Attack(
        "broker-admin-makes-himself-a-second-factor",
        "The administrator of the users before the way in takes the second factor of one away",
        Attacker.BROKER_ADMIN,
        _take_the_factor,
        Detected(_HIS_USERS),
        _MAKES_HIS_OWN,
        (entry(EntryKind.IAM_USER),),
    ),
    _entering(
        "nobody-breaks-the-glass-without-a-word",
        "Somebody breaks the glass without any tag",
        lambda scene: scene.activate(tags={}),
        _NOT_ENTERED,
    ),
    _entering(
        "nobody-breaks-the-glass-without-a-reason",
        "Somebody breaks the glass and leaves the reason out",
        _without("Reason"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-with-an-empty-incident",
        "Somebody breaks the glass with an empty incident",
        _tagged(IncidentId=""),
        _NOT_ENTERED,
    ),
    _entering(
        "nobody-breaks-the-glass-for-no-incident",
        "Somebody breaks the glass with an incident that is none of the organisation's",
        _tagged(IncidentId="asap"),
        _NOT_ENTERED,
    ),
    _entering(
        "nobody-breaks-the-glass-with-an-empty-gate",
        "Somebody breaks the glass and does not say which gate he passes",
        _tagged(Gate=""),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-for-a-word",
        "Somebody breaks the glass with a reason of four letters",
        _tagged(Reason="oops"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-for-a-letter",
        "Somebody breaks the glass with a reason of one character",
        _tagged(Reason="x"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-without-a-severity",
        "Somebody breaks the glass and leaves the severity out",
        _without("Severity"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-without-a-gate",
        "Somebody breaks the glass and leaves the gate out",
        _without("Gate"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-with-spaces",
        "Somebody breaks the glass with a reason of one character and spaces around it",
        _tagged(Reason=" x "),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-for-a-trifle",
        "Somebody breaks the glass with a severity that the scope is not for",
        _tagged(Severity="SEV9"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-adds-a-tag",
        "Somebody breaks the glass with a tag more, which another policy may believe",
        _with_a_tag_more,
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-leaves-the-incident-behind",
        "Somebody breaks the glass with an incident that the next role would not know",
        _not_handed_on("IncidentId"),
        _NOT_ENTERED,
    ),
    _entering(
        "nobody-leaves-the-reason-behind",
        "Somebody breaks the glass with a reason that the next role would not know",
        _not_handed_on("Reason"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-leaves-the-gate-behind",
        "Somebody breaks the glass with a gate that the next role would not know",
        _not_handed_on("Gate"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-leaves-the-severity-behind",
        "Somebody breaks the glass with a severity that the next role would not know",
        _not_handed_on("Severity"),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-in-an-unwatched-region",
        "Somebody breaks the glass through a region that has no rules",
        lambda scene: scene.activate(region=UNWATCHED),
        _NOT_TAGGED,
    ),
    _entering(
        "nobody-breaks-the-glass-for-two-hours",
        "Somebody asks for a session of two hours",
        lambda scene: scene.activate(duration=7200),
        "DurationSeconds: at most the role's MaxSessionDuration",
    ),
    Attack(
        "nobody-changes-his-name-on-the-way",
        "Somebody enters as himself and breaks the glass as somebody else",
        Attacker.ENTRANT,
        lambda scene: scene.activate(source_identity="somebody-else"),
        "SourceIdentity: fixed for the whole chain",
        _ACTIVATED,
        (PEOPLE_ENTER,),
    ),
)
