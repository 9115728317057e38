"""Who attacks: a closed list, and what each can do by design, before he tries more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Attacker(StrEnum):
    """Somebody who tries more than the design gives him; the value is his key in reports."""

    ENTRANT = "entrant"
    RESPONDER = "responder"
    WORKLOAD_ADMIN = "workload-admin"
    BROKER_ADMIN = "broker-admin"
    LOGGING_ADMIN = "logging-admin"
    WITNESS_ADMIN = "witness-admin"
    MANAGEMENT_ADMIN = "management-admin"
    EDGE_DEPLOYER = "edge-deployer"
    KEEPER_DEPLOYER = "keeper-deployer"
    EDITOR = "editor"
    WRITER = "writer"
    REPOSITORY_ADMIN = "repository-admin"
    OWNER = "owner"
    APP = "app"
    ACTIONS_TOKEN = "actions-token"  # noqa: S105 - a name, no secret
    OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of an attacker before any attack."""

    title: str
    """Who it is, in a few words."""
    by_design: str
    """What he can do because the design gives it to him, in sentences without a subject."""


ATTACKERS: Final[Mapping[Attacker, About]] = {
    Attacker.ENTRANT: About(
        "A listed person at the way in, or whoever has his keys",
        "Enters by his own way in, as himself: with a fresh second factor, by Identity "
        "Center, or by the declared workflow. Breaks the glass for an incident, with a "
        "reason, a gate and a severity, for an hour.",
    ),
    Attacker.RESPONDER: About(
        "The actor with a break-glass role, that of each scope",
        "Makes the calls that the scope's runbook grants, in the scope's accounts, for an "
        "hour. Taking the role pages.",
    ),
    Attacker.WORKLOAD_ADMIN: About(
        "The administrator of a workload account",
        "Does what he likes with everything in his account that is not the kit's.",
    ),
    Attacker.BROKER_ADMIN: About(
        "The administrator of the account in which people enter",
        "Does what he likes with everything in his account that is not the kit's, the users "
        "before the way in among it. The broker, which is to be in his account, is not provided "
        "yet, so nothing of it is attacked.",
    ),
    Attacker.LOGGING_ADMIN: About(
        "The administrator of the logging account",
        "Does what he likes with everything in his account that is not the kit's. Queries "
        "nothing and reads no record unless he is listed as a reader.",
    ),
    Attacker.WITNESS_ADMIN: About(
        "The administrator of the witness account",
        "Does what he likes with everything in his account that is not the kit's.",
    ),
    Attacker.MANAGEMENT_ADMIN: About(
        "The administrator of the management account",
        "Governs the organisation: accounts, policies, delegated administrators, root "
        "sessions. No SCP binds him, so what he does must be seen. Enters workload accounts "
        "by the role that AWS puts into each.",
    ),
    Attacker.EDGE_DEPLOYER: About(
        "The deployer of the edge side, or who runs its pipeline",
        "Makes and changes the kit's resources in the broker's and the workloads' accounts "
        "and on GitHub. Each change pages.",
    ),
    Attacker.KEEPER_DEPLOYER: About(
        "The deployer of the keeper side, or who runs its pipeline",
        "Makes and changes the kit's resources in management, logging and witness. Each "
        "change pages.",
    ),
    Attacker.EDITOR: About(
        "Who edits organisation file, stack file or state",
        "Declares who may enter what, and where pages go, after the review that the "
        "repository asks for; what then changes in the accounts pages.",
    ),
    Attacker.WRITER: About(
        "A writer of a gated repository on GitHub",
        "Pushes branches, opens pull requests, reviews what others wrote, reports statuses, "
        "and merges what every gate lets through.",
    ),
    Attacker.REPOSITORY_ADMIN: About(
        "A repository's administrator on GitHub",
        "Merges what every gate lets through, and administers the repository.",
    ),
    Attacker.OWNER: About(
        "An owner of the GitHub organisation",
        "Administers the organisation, its Apps and every repository in it.",
    ),
    Attacker.APP: About(
        "The kit's App, or who has its key",
        "Merges past the gate of the repositories that it is installed in, by pull request, "
        "with the floor green.",
    ),
    Attacker.ACTIONS_TOKEN: About(
        "A workflow's own tokens: GITHUB_TOKEN and the OIDC token",
        "Writes contents, checks and statuses of its own repository. Enters from the declared "
        "workflow, branch and environment.",
    ),
    Attacker.OUTSIDER: About(
        "Somebody outside the organisation, also through an AWS service",
        "Nothing.",
    ),
}
"""Every attacker, in the order in which the threat model tells of them."""

ON_GITHUB: Final = frozenset(
    {
        Attacker.WRITER,
        Attacker.REPOSITORY_ADMIN,
        Attacker.OWNER,
        Attacker.APP,
        Attacker.ACTIONS_TOKEN,
    }
)
"""Attackers whose field is GitHub."""
