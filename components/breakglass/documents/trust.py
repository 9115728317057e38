"""Who may enter: the trust policies of entry roles and break-glass roles.

Two hops, so that each does what only it can. MFA can be demanded only of an IAM user's own call
(IAM user guide, "Configuring MFA-protected API access": credentials of an assumed role carry no
MFA), so entry roles demand it. Chaining caps a session at one hour (IAM user guide, "Roles terms
and concepts", role chaining), so break-glass roles trust nothing but entry roles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from breakglass import names
from breakglass.documents.statement import Document, Statement, allow, document

TAG_KEYS = ("IncidentId", "Reason", "Gate", "Severity")
"""The session tags that an activation carries: all four, and no other."""

MFA_SECONDS = "900"
"""How old a second factor may be when the glass is broken."""

WORKFLOW_IDENTITY = "github-workflow"
"""Source identity of the OIDC path, where GitHub's token names the person and STS cannot see
him.
"""

_REGION = "aws:RequestedRegion"
_ISSUER = names.GITHUB_OIDC_ISSUER


@dataclass(frozen=True, slots=True)
class WorkflowClaims:
    """What a GitHub token must say (GitHub docs, "OpenID Connect reference")."""

    repository: str
    """``owner/name``."""
    repository_id: int
    """Id of the repository; it survives a rename, and a new repository of the old name lacks it."""
    workflow: str
    """``.github/workflows/<file>@refs/heads/<branch>`` that the job runs from."""
    environment: str
    """Environment of the job."""
    owner_id: int | None = None
    """Id of the owner, for the immutable subject of repositories made after 2026-07-15."""

    @property
    def subjects(self) -> Sequence[str]:
        """The literal subjects: by name, and by name and id where the owner's id is known."""
        owner, name = self.repository.split("/")
        subjects = [f"repo:{self.repository}:environment:{self.environment}"]
        if self.owner_id is not None:
            immutable = f"{owner}@{self.owner_id}/{name}@{self.repository_id}"
            subjects.append(f"repo:{immutable}:environment:{self.environment}")
        return subjects


def iam_user_entry(user_arns: Sequence[str], regions: Sequence[str]) -> Document:
    """Let the listed users in with a second factor at most 15 minutes old, each as himself.

    ``Bool`` and not ``BoolIfExists``: the key is absent for long-term access keys, and those stay
    out.
    """
    return document(
        allow(
            "EnterAsYourselfWithSecondFactor",
            ["sts:AssumeRole", "sts:SetSourceIdentity"],
            principal={"AWS": user_arns},
            when={
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThanEquals": {"aws:MultiFactorAuthAge": MFA_SECONDS},
                "StringEquals": {"sts:SourceIdentity": "${aws:username}", _REGION: regions},
            },
        )
    )


def identity_center_entry(
    account: str,
    role_pattern: str,
    principal_tag: str,
    people: Sequence[str],
    regions: Sequence[str],
) -> Document:
    """Let the listed people in by a permission set, each as who Identity Center says he is.

    ``people`` are the values of the attribute ``principal_tag``. Whoever else has the permission
    set stays out.

    The role's name ends in a hash that AWS picks, so it is matched by pattern in this one account;
    nobody but AWS can make a role under ``/aws-reserved/``. A second factor cannot be demanded
    here: Identity Center asks for it, and does not tell (IAM user guide, as above).
    """
    who = f"aws:PrincipalTag/{principal_tag}"
    return document(
        allow(
            "EnterAsYourselfFromIdentityCenter",
            ["sts:AssumeRole", "sts:SetSourceIdentity"],
            principal={"AWS": f"arn:aws:iam::{account}:root"},
            when={
                "ArnLike": {"aws:PrincipalArn": role_pattern},
                "StringEquals": {
                    who: people,
                    "sts:SourceIdentity": f"${{{who}}}",
                    _REGION: regions,
                },
            },
        )
    )


def github_oidc_entry(
    provider_arn: str, claims: WorkflowClaims, regions: Sequence[str]
) -> Document:
    """Let one workflow of one repository in, from one environment.

    AWS reads these claims as condition keys (IAM user guide, "Available keys for AWS OIDC
    federation").
    """
    workflow = f"{claims.repository}/{claims.workflow}"
    return document(
        allow(
            "EnterFromTheEmergencyWorkflow",
            "sts:AssumeRoleWithWebIdentity",
            principal={"Federated": provider_arn},
            when={
                "StringEquals": {
                    f"{_ISSUER}:aud": "sts.amazonaws.com",
                    f"{_ISSUER}:sub": claims.subjects,
                    f"{_ISSUER}:repository_id": str(claims.repository_id),
                    f"{_ISSUER}:job_workflow_ref": workflow,
                    _REGION: regions,
                }
            },
        )
    )


@dataclass(frozen=True, slots=True)
class ActivationTags:
    """What the tags of an activation must look like."""

    incident_prefix: str
    """``INC-`` or the like; at least four more characters follow."""
    severities: Sequence[str]
    """Severities that justify the scope."""


def break_glass(
    entry_role_arns: Sequence[str],
    tags: ActivationTags,
    regions: Sequence[str],
    *,
    workflow_role_arns: Sequence[str] = (),
) -> Document:
    """Let entry roles in, with an incident, a reason, a gate and a severity, and with nothing else.

    Entering needs the incident, so some tag is there; a call with tags needs ``sts:TagSession`` too
    (IAM user guide, "Pass session tags in AWS STS"), and that statement demands the rest, the
    region included. One statement for all would not fit twice into a trust policy.
    """
    statements = []
    if entry_role_arns:
        who = {"aws:SourceIdentity": "??*"}
        statements.append(_enter("EnterForAnIncident", entry_role_arns, tags, who))
    if workflow_role_arns:
        who = {"sts:SourceIdentity": WORKFLOW_IDENTITY}
        statements.append(_enter("EnterFromTheWorkflow", workflow_role_arns, tags, who))
    everybody = [*entry_role_arns, *workflow_role_arns]
    return document(*statements, _tag_the_session(everybody, tags, regions))


def _enter(
    sid: str, role_arns: Sequence[str], tags: ActivationTags, who: dict[str, str]
) -> Statement:
    return allow(
        sid,
        ["sts:AssumeRole", "sts:SetSourceIdentity"],
        principal={"AWS": role_arns},
        when={
            "StringLike": {"aws:RequestTag/IncidentId": f"{tags.incident_prefix}????*", **who},
            "ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "IncidentId"},
        },
    )


def _tag_the_session(
    role_arns: Sequence[str], tags: ActivationTags, regions: Sequence[str]
) -> Statement:
    """Exactly the four keys, each with a value, all transitive: a tag left behind is no trace.

    ``?`` is one character, so ``????????????*`` is twelve at least; a lone ``*`` would take an
    empty value. ``ForAnyValue`` can name one key an operator, so the first key's demand stands in
    :func:`_enter` and each of the others has an operator of its own here.
    """
    return allow(
        "TagTheSession",
        "sts:TagSession",
        principal={"AWS": role_arns},
        when={
            "StringLike": {
                "aws:RequestTag/Reason": "????????????*",
                "aws:RequestTag/Gate": "??*",
            },
            "StringEquals": {"aws:RequestTag/Severity": tags.severities, _REGION: regions},
            "ForAllValues:StringEquals": {
                "aws:TagKeys": TAG_KEYS,
                "sts:TransitiveTagKeys": TAG_KEYS,
            },
            "ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "Reason"},
            "ForAnyValue:StringLike": {"sts:TransitiveTagKeys": "Gate"},
            "ForAnyValue:StringEqualsIgnoreCase": {"sts:TransitiveTagKeys": "Severity"},
        },
    )


def service(principal: str, account: str) -> Document:
    """Let an AWS service act through a role, and only on behalf of ``account``.

    Without ``aws:SourceAccount`` the service could be made to use the role for somebody else (IAM
    user guide, "The confused deputy problem").
    """
    return document(
        allow(
            "ServiceForThisAccount",
            "sts:AssumeRole",
            principal={"Service": principal},
            when={"StringEquals": {"aws:SourceAccount": account}},
        )
    )
