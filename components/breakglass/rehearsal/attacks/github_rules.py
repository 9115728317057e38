"""Who makes the rules on GitHub, and who only lives by them: floor, gate and environment."""

from collections.abc import Callable
from typing import Final

from breakglass.rehearsal.attacks.attack import Attack, Need, Residual, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.github_floor import BY_PULL_REQUEST, CHECKS, CLASSIC, at
from breakglass.rehearsal.attacks.needs import (
    APP,
    ENVIRONMENT,
    FLOOR_CHECK,
    PEOPLE,
    REVIEW,
    SKIPPABLE_CHECK,
)
from breakglass.rehearsal.attacks.repository import Bench
from breakglass.rehearsal.github.state import Actor
from breakglass.settings import GateKind

_FLOOR: Final = "break-glass-floor"
_GATE_CHECKS: Final = "ruleset:break-glass-gate/required_status_checks"
_WORKFLOW: Final = ".github/workflows/scan.yml"

Who = Callable[[Bench], Actor]


# --- merging past the gates --------------------------------------------------------------------


def _merges_red(who: Who, *, floor: bool) -> Callable[[Bench], None]:
    """Merge while one check is missing: the floor's, or one that may be skipped."""

    def do(bench: Bench) -> None:
        skippable = bench.gates(GateKind.CHECK, skippable=True)
        gate = bench.floor_check if floor else skippable[0]
        pull = bench.pull()
        bench.make_green(pull, but={gate.id})
        bench.merge(who(bench), pull)

    return do


def _merges_green(who: Who) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        pull = bench.pull()
        bench.make_green(pull)
        bench.merge(who(bench), pull)

    return do


def _merges_all_red(bench: Bench) -> None:
    """Merge with only the floor green, as the App can; nobody asks which gate was named."""
    floor = {gate.id for gate in bench.gates(GateKind.CHECK, skippable=False)}
    pull = bench.pull()
    bench.make_green(pull, but={gate.id for gate in bench.settings.gates} - floor)
    bench.merge(bench.app, pull)


_THE_RULES: Final = (
    "CODEOWNERS",
    ".github/CODEOWNERS",
    ".github/actions/scan/action.yml",
    ".github/dependabot.yml",
)
"""Files that say who must review, what a check runs and what comes in by itself. Workflows are
none of them: for those GitHub asks an App for a permission of its own.

Only a push ruleset restricts paths: "in internal and private repositories", for "every push to the
repository" (GitHub docs, "About rulesets"); of a merge it says nothing.
"""


def _merges_the_rules(bench: Bench) -> None:
    """Have the App merge a change of each, with only the floor green."""
    floor = {gate.id for gate in bench.gates(GateKind.CHECK, skippable=False)}
    for path in _THE_RULES:
        pull = bench.pull(path)
        bench.make_green(pull, but={gate.id for gate in bench.settings.gates} - floor)
        bench.merge(bench.app, pull)


def _merges_the_rules_reviewed(bench: Bench) -> None:
    for path in _THE_RULES:
        pull = bench.pull(path)
        bench.make_green(pull)
        bench.merge(bench.app, pull)


def _merges_a_workflow_unreviewed(bench: Bench) -> None:
    reviews = {gate.id for gate in bench.settings.gates if gate.kind is GateKind.REVIEW}
    pull = bench.pull(_WORKFLOW)
    bench.make_green(pull, but=reviews)
    bench.merge(bench.writer, pull)


def _merges_a_workflow_reviewed(bench: Bench) -> None:
    pull = bench.pull(_WORKFLOW)
    bench.make_green(pull)
    bench.merge(bench.writer, pull)


def _reports_for_itself(bench: Bench) -> None:
    """Have the App say that the floor's check is green."""
    pull = bench.pull()
    bench.make_green(pull, but={bench.floor_check.id})
    bench.check(bench.app, pull, bench.floor_check)


# --- pushing -----------------------------------------------------------------------------------


def _commits(who: Who, *, straight: bool) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.push()
        bench.commit_to(who(bench), bench.branch if straight else "change")

    return do


def _forces(who: Who, *, protected: bool) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.push()
        bench.force(who(bench), bench.branch if protected else "change")

    return do


def _deletes(who: Who, *, protected: bool) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.push()
        branch = bench.branch if protected else "change"
        bench.as_(who(bench)).rest("DELETE", bench.path(f"git/refs/heads/{branch}"))

    return do


def _deletion(who: Who, name: str, whose: str, attacker: Attacker, *needs: Need) -> Attack:
    """A deletion of the protected branch by somebody; that of a change he may delete."""
    return Attack(
        f"{name}-deletes-no-protected-branch",
        f"{whose} deletes the protected branch",
        attacker,
        at(_deletes(who, protected=True)),
        "git/default_branch",
        Twin("The same deletes a branch of a change", at(_deletes(who, protected=False))),
        (FLOOR_CHECK, *needs),
    )


def _pushes(who: Who, name: str, whose: str, attacker: Attacker) -> tuple[Attack, ...]:
    """A direct push, a force push and a deletion by somebody; of a branch of a change he may."""
    return (
        Attack(
            f"{name}-pushes-nothing-straight",
            f"{whose} commits to the protected branch without a pull request",
            attacker,
            at(_commits(who, straight=True)),
            BY_PULL_REQUEST,
            Twin("The same commits to a branch of a change", at(_commits(who, straight=False))),
            (FLOOR_CHECK,),
        ),
        Attack(
            f"{name}-rewrites-no-history",
            f"{whose} force-pushes the protected branch",
            attacker,
            at(_forces(who, protected=True)),
            f"{CLASSIC}/allow_force_pushes",
            Twin("The same force-pushes a branch of a change", at(_forces(who, protected=False))),
            (FLOOR_CHECK,),
        ),
        _deletion(who, name, whose, attacker),
    )


# --- the rules ---------------------------------------------------------------------------------


def _switches_off(who: Who) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.as_(who(bench)).rest("PUT", bench.ruleset(_FLOOR), {"enforcement": "disabled"})

    return do


def _reads(who: Who) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        bench.as_(who(bench)).rest("GET", bench.ruleset(_FLOOR))

    return do


def _unprotects(bench: Bench) -> None:
    path = bench.path(f"branches/{bench.branch}/protection")
    bench.as_(bench.admin).rest("DELETE", path)


def _lets_admins_deploy(bench: Bench) -> None:
    deployments = [gate for gate in bench.settings.gates if gate.kind is GateKind.DEPLOYMENT]
    path = bench.path(f"environments/{deployments[0].environment}")
    bench.as_(bench.admin).rest("PUT", path, {"can_admins_bypass": True, "reviewers": []})


def _declares(bench: Bench) -> None:
    bench.as_(bench.deployer).rest("PUT", bench.ruleset(_FLOOR), {"enforcement": "active"})


_DECLARES: Final = Twin("The deployer puts the floor as declared", at(_declares))


def _writer(bench: Bench) -> Actor:
    return bench.writer


def _admin(bench: Bench) -> Actor:
    return bench.admin


def _owner(bench: Bench) -> Actor:
    return bench.owner


def _app(bench: Bench) -> Actor:
    return bench.app


def _actions(bench: Bench) -> Actor:
    return bench.actions


def _stranger(bench: Bench) -> Actor:
    return bench.stranger


_UNHEARD: Final = (
    "GitHub lets him, and nothing tells of it before webhooks are received and what stands is"
    " compared with what was declared."
)

ATTACKS: Final = (
    Attack(
        "owner-merges-no-red-floor-check",
        "An owner of the organisation merges while a check of the floor is missing",
        Attacker.OWNER,
        at(_merges_red(_owner, floor=True)),
        CHECKS,
        Twin("The same owner merges when it is green", at(_merges_green(_owner))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "owner-skips-no-gate",
        "An owner of the organisation merges while a skippable check is missing",
        Attacker.OWNER,
        at(_merges_red(_owner, floor=False)),
        _GATE_CHECKS,
        Twin("The same owner merges when it is green", at(_merges_green(_owner))),
        (FLOOR_CHECK, SKIPPABLE_CHECK),
    ),
    Attack(
        "admin-skips-no-gate",
        "A repository's administrator merges while a skippable check is missing",
        Attacker.REPOSITORY_ADMIN,
        at(_merges_red(_admin, floor=False)),
        _GATE_CHECKS,
        Twin("The same administrator merges when it is green", at(_merges_green(_admin))),
        (FLOOR_CHECK, SKIPPABLE_CHECK),
    ),
    Attack(
        "workflow-merges-no-red-floor-check",
        "A workflow merges with its own token while a check of the floor is missing",
        Attacker.ACTIONS_TOKEN,
        at(_merges_red(_actions, floor=True)),
        CHECKS,
        Twin("The same token merges when it is green", at(_merges_green(_actions))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "writer-merges-no-workflow-unreviewed",
        "A writer merges a change of a workflow that nobody has reviewed",
        Attacker.WRITER,
        at(_merges_a_workflow_unreviewed),
        "{review_rule}",
        Twin("The same writer merges it reviewed", at(_merges_a_workflow_reviewed)),
        (FLOOR_CHECK, REVIEW, PEOPLE),
    ),
    Attack(
        "app-forges-no-floor-check",
        "The kit's App reports the check of the floor itself",
        Attacker.APP,
        at(_reports_for_itself),
        "access/checks",
        Twin("The App merges when the scanner says so", at(_merges_green(_app))),
        (FLOOR_CHECK, APP),
    ),
    *_pushes(_writer, "writer", "A writer", Attacker.WRITER),
    *_pushes(_admin, "admin", "A repository's administrator", Attacker.REPOSITORY_ADMIN),
    *_pushes(_actions, "workflow", "A workflow with its own token", Attacker.ACTIONS_TOKEN),
    Attack(
        "app-rewrites-no-history",
        "The kit's App force-pushes the protected branch",
        Attacker.APP,
        at(_forces(_app, protected=True)),
        f"{CLASSIC}/allow_force_pushes",
        Twin("The App force-pushes a branch of a change", at(_forces(_app, protected=False))),
        (FLOOR_CHECK, APP),
    ),
    _deletion(_app, "app", "The kit's App", Attacker.APP, APP),
    Attack(
        "a-stranger-merges-nothing",
        "Somebody without access to the repository merges a green change",
        Attacker.OUTSIDER,
        at(_merges_green(_stranger)),
        "{stranger_at_gate}",
        Twin("A writer merges it", at(_merges_green(_writer))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "writer-switches-no-rule-off",
        "A writer switches the floor off",
        Attacker.WRITER,
        at(_switches_off(_writer)),
        "access/admin",
        _DECLARES,
        (FLOOR_CHECK,),
    ),
    Attack(
        "workflow-switches-no-rule-off",
        "A workflow switches the floor off with its own token",
        Attacker.ACTIONS_TOKEN,
        at(_switches_off(_actions)),
        "access/administration",
        _DECLARES,
        (FLOOR_CHECK,),
    ),
    Attack(
        "app-passes-every-gate-where-one-is-named",
        "The kit's App merges with every gate red, where one of them was named",
        Attacker.APP,
        at(_merges_all_red),
        Residual(
            "A bypass skips the whole ruleset: only the broker, not provided yet, holds the App to"
            " the gate that is named."
        ),
        Twin("The App merges when every gate is green", at(_merges_green(_app))),
        (FLOOR_CHECK, APP),
    ),
    Attack(
        "app-merges-the-rules-of-the-repository",
        "The kit's App merges a change of CODEOWNERS, an action or Dependabot with every gate red",
        Attacker.APP,
        at(_merges_the_rules),
        Residual(
            "A bypass skips the review that would look at them. GitHub restricts paths in push"
            " rulesets alone, which public repositories cannot have, which refuse everybody's push"
            " to any branch, and of which nothing says that they hold a merge. The broker, not"
            " provided yet, is to refuse these paths; a review that is not skippable holds the App"
            " today."
        ),
        Twin("The App merges the same when every gate is green", at(_merges_the_rules_reviewed)),
        (FLOOR_CHECK, REVIEW, APP),
    ),
    Attack(
        "owner-mints-a-key-of-the-app",
        "An owner makes another key of the kit's App and merges past the gate with it",
        Attacker.OWNER,
        at(_merges_all_red),
        Residual(
            "GitHub lets owners make keys of an App, and asks nobody: what the App does without a"
            " record is found by comparing, which is not provided yet."
        ),
        Twin("The App merges when every gate is green", at(_merges_green(_app))),
        (FLOOR_CHECK, APP),
    ),
    Attack(
        "owner-switches-the-floor-off",
        "An owner of the organisation switches the floor off",
        Attacker.OWNER,
        at(_switches_off(_owner)),
        Residual(_UNHEARD),
        Twin("The same owner reads the floor", at(_reads(_owner))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "admin-switches-the-floor-off",
        "A repository's administrator switches the floor off",
        Attacker.REPOSITORY_ADMIN,
        at(_switches_off(_admin)),
        Residual(_UNHEARD),
        Twin("The same administrator reads the floor", at(_reads(_admin))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "admin-takes-the-protection-off",
        "A repository's administrator takes the classic protection off the branch",
        Attacker.REPOSITORY_ADMIN,
        at(_unprotects),
        Residual(_UNHEARD),
        Twin("The same administrator reads the floor", at(_reads(_admin))),
        (FLOOR_CHECK,),
    ),
    Attack(
        "admin-lets-himself-deploy",
        "A repository's administrator lets administrators deploy without a reviewer",
        Attacker.REPOSITORY_ADMIN,
        at(_lets_admins_deploy),
        Residual(_UNHEARD),
        Twin("The same administrator reads the floor", at(_reads(_admin))),
        (FLOOR_CHECK, ENVIRONMENT),
    ),
)
