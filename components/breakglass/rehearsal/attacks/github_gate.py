"""The gate: what only the kit's App passes on GitHub, by pull request, and nobody else."""

from typing import Any, Final

from breakglass.rehearsal.attacks import repository
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.github_floor import at
from breakglass.rehearsal.attacks.needs import (
    APP,
    ENVIRONMENT,
    FLOOR_CHECK,
    KEEPER_REPOSITORY,
    PEOPLE,
    REVIEW,
    SKIPPABLE_CHECK,
)
from breakglass.rehearsal.attacks.repository import Bench
from breakglass.settings import GateKind

_GATE: Final = "ruleset:break-glass-gate"
_REVIEWED: Final = (FLOOR_CHECK, REVIEW, PEOPLE)


def _reviews(bench: Bench) -> set[str]:
    return {gate.id for gate in bench.settings.gates if gate.kind is GateKind.REVIEW}


def _merge_unreviewed(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but=_reviews(bench))
    bench.merge(bench.owner, pull)


def _merge_reviewed(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull)
    bench.merge(bench.owner, pull)


def _review(bench: Bench, number: int) -> str:
    return bench.path(f"pulls/{number}/reviews")


def _approve_oneself(bench: Bench) -> None:
    pull = bench.pull()
    bench.as_(bench.writer).rest("POST", _review(bench, pull.number), {"event": "APPROVE"})


def _approve_another(bench: Bench) -> None:
    bench.approve(bench.pull())


def _slip_in(bench: Bench) -> None:
    """Push once more after the approval, and have the checks green for that too."""
    pull = bench.pull()
    bench.approve(pull)
    bench.commit_to(bench.writer, "change", "slipped.py")
    bench.make_green(pull, but=_reviews(bench))
    bench.merge(bench.writer, pull)


def _approved_again(bench: Bench) -> None:
    pull = bench.pull()
    bench.approve(pull)
    bench.commit_to(bench.writer, "change", "slipped.py")
    bench.make_green(pull)
    bench.merge(bench.writer, pull)


def _merge_what_was_seen(bench: Bench) -> None:
    """Merge the commit that was looked at, after the head has moved."""
    pull = bench.pull()
    seen = bench.head(pull)
    bench.make_green(pull)
    bench.push("moved.py")
    bench.merge(bench.app, pull, seen)


def _merge_what_stands(bench: Bench) -> None:
    pull = bench.pull()
    bench.push("moved.py")
    bench.make_green(pull)
    bench.merge(bench.app, pull)


def _skipped(bench: Bench) -> set[str]:
    return {bench.gates(GateKind.CHECK, skippable=True)[0].id}


def _writer_skips(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but=_skipped(bench))
    bench.merge(bench.writer, pull)


def _app_skips(bench: Bench) -> None:
    pull = bench.pull()
    bench.make_green(pull, but=_skipped(bench))
    bench.merge(bench.app, pull)


def _environment(bench: Bench) -> tuple[str, dict[str, Any]]:
    """REST path of the first environment, and what is declared of it."""
    deployments = [gate for gate in bench.settings.gates if gate.kind is GateKind.DEPLOYMENT]
    gate = deployments[0]
    reviewers = [{"type": "Team", "id": team} for team in gate.reviewer_teams]
    reviewers += [{"type": "User", "id": user} for user in gate.reviewer_users]
    declared = {
        "can_admins_bypass": False,
        "prevent_self_review": True,
        "reviewers": reviewers,
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    return bench.path(f"environments/{gate.environment}"), declared


def _review_oneself(bench: Bench) -> None:
    path, declared = _environment(bench)
    own = {"reviewers": [{"type": "User", "id": bench.writer.id}], "prevent_self_review": False}
    bench.as_(bench.writer).rest("PUT", path, declared | own)


def _declare_the_environment(bench: Bench) -> None:
    path, declared = _environment(bench)
    bench.as_(bench.deployer).rest("PUT", path, declared)


_CLAIMS: Final = "actions/oidc/customization/sub"


def _change_the_subject(bench: Bench) -> None:
    claims = {"use_default": False, "include_claim_keys": ["actor"]}
    bench.as_(bench.writer).rest("PUT", bench.path(_CLAIMS), claims)


def _declare_the_subject(bench: Bench) -> None:
    bench.as_(bench.deployer).rest("PUT", bench.path(_CLAIMS), {"use_default": True})


ATTACKS: Final = (
    Attack(
        "owner-merges-nothing-unreviewed",
        "An owner of the organisation merges without a review",
        Attacker.OWNER,
        at(_merge_unreviewed),
        "{review_rule}",
        Twin("The same owner merges with one", at(_merge_reviewed)),
        _REVIEWED,
    ),
    Attack(
        "keepers-merge-nothing-unreviewed",
        "An owner merges without a review in the repository that holds the rules",
        Attacker.OWNER,
        at(_merge_unreviewed, repository.kept),
        "ruleset:break-glass-floor/pull_request",
        Twin("The same owner merges there with reviews", at(_merge_reviewed, repository.kept)),
        (KEEPER_REPOSITORY, PEOPLE),
    ),
    Attack(
        "nobody-approves-himself",
        "A writer approves his own change",
        Attacker.WRITER,
        at(_approve_oneself),
        "review/own",
        Twin("Others approve it", at(_approve_another)),
        _REVIEWED,
    ),
    Attack(
        "nobody-slips-a-commit-in",
        "A writer pushes once more after the approval, and merges",
        Attacker.WRITER,
        at(_slip_in),
        "{review_rule}",
        Twin("The same writer merges after another approval", at(_approved_again)),
        _REVIEWED,
    ),
    Attack(
        "app-merges-no-moved-head",
        "The kit's App merges the commit that it looked at, after somebody has pushed another",
        Attacker.APP,
        at(_merge_what_was_seen),
        "pull_request/sha",
        Twin("The App merges the commit that stands", at(_merge_what_stands)),
        (FLOOR_CHECK, APP),
    ),
    Attack(
        "writer-skips-no-gate",
        "A writer merges while a skippable check is missing",
        Attacker.WRITER,
        at(_writer_skips),
        f"{_GATE}/required_status_checks",
        Twin("The kit's App merges the same change", at(_app_skips)),
        (FLOOR_CHECK, SKIPPABLE_CHECK, APP),
    ),
    Attack(
        "writer-makes-himself-no-reviewer",
        "A writer makes himself the reviewer of his own deployments",
        Attacker.WRITER,
        at(_review_oneself),
        "access/admin",
        Twin("The deployer puts the environment as declared", at(_declare_the_environment)),
        (FLOOR_CHECK, ENVIRONMENT),
    ),
    Attack(
        "writer-changes-no-claims",
        "A writer has the repository's tokens leave out from which environment they come",
        Attacker.WRITER,
        at(_change_the_subject),
        "access/admin",
        Twin("The deployer puts the default subject", at(_declare_the_subject)),
        (FLOOR_CHECK,),
    ),
)
