"""Breaking the glass: not past the way in, not without saying why, not for longer than an hour."""

from collections.abc import Mapping
from typing import Final

from breakglass.rehearsal.attacks.attack import Act, Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import PEOPLE_ENTER, entry
from breakglass.rehearsal.attacks.refused import untrusted
from breakglass.rehearsal.attacks.scene import UNWATCHED, Scene
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
        "nobody-breaks-the-glass-in-an-unwatched-region",
        "Somebody breaks the glass through a region that has no rules",
        lambda scene: scene.activate(region=UNWATCHED),
        _NOT_ENTERED,
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
