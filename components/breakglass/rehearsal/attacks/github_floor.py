"""The floor: what nobody passes on GitHub, owners, administrators and the kit's App included."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from breakglass.rehearsal.attacks import repository
from breakglass.rehearsal.attacks.attack import Act, Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import APP, FLOOR_CHECK, KEEPER_REPOSITORY
from breakglass.rehearsal.attacks.repository import Bench
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.settings import GateKind

_FLOOR: Final = "ruleset:break-glass-floor"
CHECKS: Final = f"{_FLOOR}/required_status_checks"
CLASSIC: Final = "branch_protection:{branch}"
BY_PULL_REQUEST: Final = f"{CLASSIC}/required_pull_request_reviews"

_WITH_APP: Final = (FLOOR_CHECK, APP)


def at(
    do: Callable[[Bench], object],
    bench: Callable[[Scene], AbstractContextManager[Bench]] = repository.gated,
) -> Act:
    """Do something at a repository that is as it was afterwards."""

    def act(scene: Scene) -> None:
        with bench(scene) as on:
            do(on)

    return act


# --- the branch --------------------------------------------------------------------------------


def _force_own(bench: Bench) -> None:
    bench.push()
    bench.force(bench.owner, "change")


def _delete(bench: Bench, branch: str) -> None:
    bench.as_(bench.owner).rest("DELETE", bench.path(f"git/refs/heads/{branch}"))


def _delete_own(bench: Bench) -> None:
    bench.push()
    _delete(bench, "change")


def _commit_to_own(bench: Bench) -> None:
    bench.push()
    bench.commit_to(bench.owner, "change")


def _app_commits_to_own(bench: Bench) -> None:
    bench.push()
    bench.commit_to(bench.app, "change")


# --- the checks --------------------------------------------------------------------------------


def _admin_merges_red(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but={bench.floor_check.id})
    bench.merge(bench.admin, pull)


def _admin_merges_green(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull)
    bench.merge(bench.admin, pull)


def _app_merges_red(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but={bench.floor_check.id})
    bench.merge(bench.app, pull)


def _floor_alone(bench: Bench) -> set[str]:
    """Ids of all gates but the floor's checks."""
    floor = bench.gates(GateKind.CHECK, skippable=False)
    return {gate.id for gate in bench.settings.gates} - {gate.id for gate in floor}


def _app_merges_on_the_floor(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but=_floor_alone(bench))
    bench.merge(bench.app, pull)


def _merge_on_a_forged_status(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but={bench.floor_check.id})
    bench.claim(bench.writer, pull, bench.floor_check)
    bench.merge(bench.writer, pull)


def _merge_on_a_workflows_check(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but={bench.floor_check.id})
    bench.check(bench.actions, pull, bench.floor_check)
    bench.merge(bench.writer, pull)


def _writer_merges_green(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull)
    bench.merge(bench.writer, pull)


# --- the rules ---------------------------------------------------------------------------------


def _app_switches_the_floor_off(bench: Bench) -> None:
    path = bench.ruleset("break-glass-floor")
    bench.as_(bench.app).rest("PUT", path, {"enforcement": "disabled"})


def _deployer_declares_the_floor(bench: Bench) -> None:
    path = bench.ruleset("break-glass-floor")
    bench.as_(bench.deployer).rest("PUT", path, {"enforcement": "active"})


def _enforce(bench: Bench) -> str:
    return bench.path(f"branches/{bench.branch}/protection/enforce_admins")


def _app_spares_admins(bench: Bench) -> None:
    bench.as_(bench.app).rest("DELETE", _enforce(bench))


def _writer_spares_admins(bench: Bench) -> None:
    bench.as_(bench.writer).rest("DELETE", _enforce(bench))


def _deployer_binds_admins(bench: Bench) -> None:
    bench.as_(bench.deployer).rest("POST", _enforce(bench))


_BOUND: Final = Twin("The deployer binds administrators, as declared", at(_deployer_binds_admins))


# --- workflows and keepers ---------------------------------------------------------------------


def _app_commits(path: str) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.push()
        bench.commit_to(bench.app, "change", path)

    return do


def _app_merges_a_change_of(path: str) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        pull = bench.pull(path)
        bench.make_green(pull, but=_floor_alone(bench))
        bench.merge(bench.app, pull)

    return do


def _app_merges_for_keepers(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull)
    bench.merge(bench.app, pull)


def _owner_merges_for_keepers(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull)
    bench.merge(bench.owner, pull)


_WORKFLOW: Final = ".github/workflows/scan.yml"

ATTACKS: Final = (
    Attack(
        "owner-rewrites-no-history",
        "An owner of the organisation force-pushes the protected branch",
        Attacker.OWNER,
        at(lambda bench: bench.force(bench.owner, bench.branch)),
        f"{CLASSIC}/allow_force_pushes",
        Twin("The same owner force-pushes a branch of a change", at(_force_own)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "owner-deletes-no-protected-branch",
        "An owner of the organisation deletes the protected branch",
        Attacker.OWNER,
        at(lambda bench: _delete(bench, bench.branch)),
        "git/default_branch",
        Twin("The same owner deletes a branch of a change", at(_delete_own)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "owner-pushes-nothing-straight",
        "An owner of the organisation commits to the protected branch without a pull request",
        Attacker.OWNER,
        at(lambda bench: bench.commit_to(bench.owner, bench.branch)),
        BY_PULL_REQUEST,
        Twin("The same owner commits to a branch of a change", at(_commit_to_own)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "app-pushes-nothing-straight",
        "The kit's App, which passes the gate, commits to the protected branch",
        Attacker.APP,
        at(lambda bench: bench.commit_to(bench.app, bench.branch)),
        BY_PULL_REQUEST,
        Twin("The App commits to a branch of a change", at(_app_commits_to_own)),
        _WITH_APP,
    ),
    Attack(
        "admin-merges-no-red-floor-check",
        "A repository's administrator merges while a check of the floor is missing",
        Attacker.REPOSITORY_ADMIN,
        at(_admin_merges_red),
        CHECKS,
        Twin("The same administrator merges when it is green", at(_admin_merges_green)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "app-merges-no-red-floor-check",
        "The kit's App merges while a check of the floor is missing",
        Attacker.APP,
        at(_app_merges_red),
        CHECKS,
        Twin(
            "The App merges with the floor green and every gate red", at(_app_merges_on_the_floor)
        ),
        _WITH_APP,
    ),
    Attack(
        "writer-forges-no-floor-status",
        "A writer says himself that the check of the floor is green, and merges",
        Attacker.WRITER,
        at(_merge_on_a_forged_status),
        CHECKS,
        Twin("The same writer merges when the scanner says so", at(_writer_merges_green)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "workflow-forges-no-floor-check",
        "A workflow in the pull request reports the check of the floor, and its writer merges",
        Attacker.WRITER,
        at(_merge_on_a_workflows_check),
        CHECKS,
        Twin("The same writer merges when the scanner says so", at(_writer_merges_green)),
        (FLOOR_CHECK,),
    ),
    Attack(
        "app-switches-no-rule-off",
        "The kit's App switches the floor off",
        Attacker.APP,
        at(_app_switches_the_floor_off),
        "access/administration",
        Twin("The deployer puts the floor as declared", at(_deployer_declares_the_floor)),
        _WITH_APP,
    ),
    Attack(
        "app-spares-no-administrator",
        "The kit's App lets administrators past the classic protection",
        Attacker.APP,
        at(_app_spares_admins),
        "access/administration",
        _BOUND,
        _WITH_APP,
    ),
    Attack(
        "writer-spares-no-administrator",
        "A writer lets administrators past the classic protection",
        Attacker.WRITER,
        at(_writer_spares_admins),
        "access/admin",
        _BOUND,
        (FLOOR_CHECK,),
    ),
    Attack(
        "app-writes-no-workflow",
        "The kit's App commits a workflow, which would run with the repository's secrets",
        Attacker.APP,
        at(_app_commits(_WORKFLOW)),
        "access/workflows",
        Twin("The App commits another file", at(_app_commits("app.py"))),
        _WITH_APP,
    ),
    Attack(
        "app-merges-no-workflow",
        "The kit's App merges a change of a workflow past the gate",
        Attacker.APP,
        at(_app_merges_a_change_of(_WORKFLOW)),
        "access/workflows",
        Twin("The App merges a change of another file", at(_app_merges_a_change_of("app.py"))),
        _WITH_APP,
    ),
    Attack(
        "app-reaches-no-keeper-repository",
        "The kit's App merges in the repository that holds the rules of breaking the glass",
        Attacker.APP,
        at(_app_merges_for_keepers, repository.kept),
        "{app_at_keepers}",
        Twin("An owner merges there, reviewed", at(_owner_merges_for_keepers, repository.kept)),
        (KEEPER_REPOSITORY, APP),
    ),
)
