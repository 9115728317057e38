"""Carry out a change of a ref, or refuse it, and leave the traces that GitHub leaves.

Traces: a rule suite for what rulesets said (none for an actor who is exempt), and audit entries
for classic protection (``protected_branch.policy_override``,
``protected_branch.rejected_ref_update``). GitHub documents no audit action for a ruleset that was
passed by right, so none is written: only the rule suite tells.
"""

from breakglass.rehearsal.github.access import Refused
from breakglass.rehearsal.github.rules import (
    Change,
    Decision,
    Kind,
    classic_rule,
    decide,
    rulesets_on,
)
from breakglass.rehearsal.github.state import (
    Commit,
    GitHub,
    PullRequest,
    Repository,
    Review,
    RuleSuite,
)

METHOD_NOT_ALLOWED, UNPROCESSABLE = 405, 422


def attempt(github: GitHub, change: Change) -> None:
    """Let a change pass every rule or raise what GitHub answers; leave the traces either way."""
    decision = decide(change)
    record_suite(github, change, decision)
    record_audit(github, change, decision)
    if not decision.allowed:
        raise refused(change, decision)


def refused(change: Change, decision: Decision) -> Refused:
    """Put the refusals into the answer of the call: 405 to a merge, 422 to a change of a ref."""
    messages = list(dict.fromkeys(each.message for each in decision.refusals))
    by_ruleset = any(each.rule.startswith("ruleset:") for each in decision.refusals)
    text = " ".join(messages)
    if by_ruleset:
        text = "Repository rule violations found\n\n" + "\n\n".join(messages) + "\n\n"
    status = METHOD_NOT_ALLOWED if change.kind == Kind.MERGE else UNPROCESSABLE
    return Refused(status, text, [each.rule for each in decision.refusals])


def record_suite(github: GitHub, change: Change, decision: Decision) -> None:
    """Write the rule suite; without a ruleset that was run there is none."""
    if not decision.evaluations:
        return
    result = "fail" if not decision.allowed else "bypass" if decision.bypassed else "pass"
    change.repository.suites.append(
        RuleSuite(
            id=github.next_id(),
            actor=change.actor.login,
            before_sha=change.before,
            after_sha=change.after,
            ref=f"refs/heads/{change.branch}",
            pushed_at=github.clock(),
            result=result,
            evaluations=decision.evaluations,
        )
    )


def record_audit(github: GitHub, change: Change, decision: Decision) -> None:
    """Write what classic protection leaves: an override, or a rejected update."""
    classic = [each for each in decision.refusals if each.rule.startswith("branch_protection:")]
    overridden = decision.overridden if decision.allowed else ()
    for action, faults in (
        ("protected_branch.policy_override", overridden),
        ("protected_branch.rejected_ref_update", classic),
    ):
        if faults:
            github.audit(
                change.repository.organization,
                action,
                change.actor.login,
                repo=change.repository.full_name,
                branch=f"refs/heads/{change.branch}",
                before=change.before,
                after=change.after,
                reasons=[{"code": each.rule, "message": each.message} for each in faults],
                overridden_codes=[each.rule.rpartition("/")[2] for each in faults],
            )


def push(github: GitHub, change: Change) -> None:
    """Move, make or delete a branch when every rule agrees."""
    attempt(github, change)
    if change.kind == Kind.DELETION:
        del change.repository.branches[change.branch]
        return
    change.repository.move(change.branch, change.after, change.actor.login)
    dismiss_stale(change.repository, change.branch)


def dismiss_stale(repository: Repository, head: str) -> None:
    """Take approvals back that a push made stale, where protection of the base says so."""
    for pull in repository.pulls.values():
        if pull.state == "open" and pull.head == head and forgets(repository, pull.base):
            pull.reviews = [dismissed(each) for each in pull.reviews]


def dismissed(review: Review) -> Review:
    """The same review without its approval."""
    if review.state != "APPROVED":
        return review
    return Review(review.id, review.reviewer, "DISMISSED", review.sha)


def forgets(repository: Repository, base: str) -> bool:
    """Tell whether a rule on the base dismisses stale approvals."""
    rule = classic_rule(repository, base)
    by_ruleset = any(
        ruleset.rules.get("pull_request", {}).get("dismiss_stale_reviews_on_push", False)
        for ruleset in rulesets_on(repository, base)
        if ruleset.enforcement == "active"
    )
    return by_ruleset or (rule is not None and rule.dismisses_stale_reviews)


def merge(github: GitHub, change: Change, pull: PullRequest) -> Commit:
    """Merge a pull request when every rule agrees; each method brings the same files."""
    attempt(github, change)
    repository, login = change.repository, change.actor.login
    files = repository.changed_files(change.before, change.after)
    parents = (change.before, change.after) if change.method == "merge" else (change.before,)
    commit = github.commit(repository, parents, files, login)
    repository.move(change.branch, commit.sha, login)
    pull.state, pull.merge_sha = "merged", commit.sha
    github.audit(
        repository.organization,
        "pull_request.merge",
        login,
        repo=repository.full_name,
        pull_request_id=pull.number,
    )
    return commit
