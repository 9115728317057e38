"""What the emulation does not model: each a sentence, with the reason why, and what stands instead.

The list is part of every report: what a rehearsal says is worth no more than what it leaves out.
What moto drops of single inputs is in :mod:`breakglass.rehearsal.resources.overlay`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from breakglass.rehearsal.resources.overlay import OVERLAY


@dataclass(frozen=True, slots=True)
class NotModelled:
    """One thing that AWS or GitHub does and the rehearsal does not."""

    area: str
    """Heading: ``Records``, ``Alarms``, ``Policies``, ``Accounts`` or ``GitHub``."""
    what: str
    """What does not happen, in one sentence."""
    reason: str
    """Why it may be left out, or what is done instead, in one sentence."""


NOT_MODELLED: Final[Sequence[NotModelled]] = (
    NotModelled(
        "Records",
        "No call is recorded: vault and witness hold only what an attack or its twin put there.",
        "moto writes no CloudTrail record; that the trails may deliver, and nobody else, is decided"
        " over the policies in force.",
    ),
    NotModelled(
        "Records",
        "Digest files, lifecycle, replication and inventory of a bucket do nothing.",
        "moto stores these settings and never acts on them; the invariants read the settings.",
    ),
    NotModelled(
        "Records",
        "Object Lock ends by the clock of the machine, whatever time a drill says it is.",
        "moto compares a lock with the wall clock.",
    ),
    NotModelled(
        "Records",
        "No bucket is encrypted by itself, and Block Public Access refuses no policy.",
        "The kit declares both; invariants read the settings, and the policy decides who reads.",
    ),
    NotModelled(
        "Records",
        "No object is copied into a bucket with Object Lock, whoever makes the call.",
        "moto asks for headers that AWS does not ask for; IAM decides a copy as a write, and writes"
        " are tried.",
    ),
    NotModelled(
        "Records",
        "Athena runs no query.",
        "moto has no SQL engine; database, table and workgroup are stored and read back.",
    ),
    NotModelled(
        "Alarms",
        "A call makes no event, so nothing travels from a rule to the pager.",
        "moto emits no CloudTrail events; that each tamper call hits a deployed rule whose targets"
        " end at the pager is shown over the rules' own patterns and targets.",
    ),
    NotModelled(
        "Alarms",
        "A disabled rule still delivers what is put on its bus.",
        "moto does not look at the state; invariants read it, and no attack relies on delivery.",
    ),
    NotModelled(
        "Alarms",
        "Pipes move nothing, and no CloudWatch alarm changes its state.",
        "moto stores both and runs neither.",
    ),
    NotModelled(
        "Alarms",
        "A subscription needs no confirmation, and no page leaves the machine.",
        "A rehearsal opens no connection beyond loopback, so every endpoint is replaced before the"
        " emulator sees it.",
    ),
    NotModelled(
        "Alarms",
        "Delivery is neither late, nor doubled, nor lost.",
        "moto delivers at once what is put on a bus or published; dead letters and their alarms"
        " are compared with what was declared.",
    ),
    NotModelled(
        "Policies",
        "A change of a policy is in force at once.",
        "On AWS it takes seconds to spread, and for how long is not documented.",
    ),
    NotModelled(
        "Policies",
        "Every call is direct: no VPC endpoint, no service calls on somebody's behalf.",
        "aws:SourceVpc, aws:SourceVpce and aws:CalledVia are absent from each request; no policy"
        " of the kit reads them.",
    ),
    NotModelled(
        "Policies",
        "Every caller has the same address, one of the block for documentation.",
        "No policy of the kit reads aws:SourceIp.",
    ),
    NotModelled(
        "Policies",
        "A disabled key still works, and KMS takes a key policy that locks everybody out.",
        "Who may disable a key or write its policy is decided; nothing rests on what then stops.",
    ),
    NotModelled(
        "Policies",
        "S3 access points are refused instead of resolved.",
        "A name that the guard cannot resolve to a bucket is an error, never a pass.",
    ),
    NotModelled(
        "Accounts",
        "Nobody signs in: no password, no console, no second factor is checked.",
        "A caller says which factor he has used and how long ago, as STS would tell the policies.",
    ),
    NotModelled(
        "Accounts",
        "The identity provider behind Identity Center is not there.",
        "Its roles stand under the names that AWS gives them, and a session brings the attribute"
        " that the provider would send.",
    ),
    NotModelled(
        "Accounts",
        "The signature of a GitHub token is not verified.",
        "AWS does that before any policy is asked; the claims are given and decided over.",
    ),
    NotModelled(
        "Accounts",
        "No account is created, invited, moved or closed, and no region is opened or closed.",
        "The accounts stand from the start, by the ids of the settings, with all their regions.",
    ),
    NotModelled(
        "Accounts",
        "Calls on databases, imported key material and intelligent tiering are decided and do"
        " nothing.",
        "moto has neither of the last two, and for databases it loads all of EC2, 130 MiB and 1.6"
        " s; who may make these calls is what is shown.",
    ),
    NotModelled(
        "Accounts",
        "Rates are not limited, and calls do not race.",
        "One call is made at a time; sizes and counts of AWS's quotas are checked.",
    ),
    NotModelled(
        "Accounts",
        "The stack files are not read: a side's two settings are taken as they should be.",
        "A stack file may hold secrets of its own; `pulumi preview` reads it, and refuses what is"
        " missing.",
    ),
    NotModelled(
        "GitHub",
        "No workflow runs, and no webhook is sent.",
        "A check or a review is what somebody with that right reports.",
    ),
    NotModelled(
        "GitHub",
        "Only the calls that the program and the attacks need are spoken.",
        "Any other is answered with 501 and fails the rehearsal instead of passing for a refusal.",
    ),
    NotModelled(
        "GitHub",
        "Single sign-on, enterprise policies and a GitHub Enterprise Server are not there.",
        "The kit declares nothing on an enterprise.",
    ),
)
"""The standing list, in the order of the report."""


_PAGE: Final = """\
# What the rehearsal does not model

<!-- written by `make docs` from breakglass.rehearsal.not_modelled and .overlay -->

A rehearsal runs the unmodified program against emulated accounts. What it says holds as far as the
emulation goes; this is where it ends. The same list is part of every report.
{areas}
## Inputs that the emulator drops

These are kept beside the emulation: they show in the outputs and act on nothing. Any other input
that does not read back as it was given stops the rehearsal.

| type | input | reason |
|---|---|---|
{inputs}
"""


def page() -> str:
    """The list as ``docs/explanation/not-modelled.md``, with what the overlay keeps."""
    areas = "".join(_area(area) for area in dict.fromkeys(one.area for one in NOT_MODELLED))
    rows = [
        f"| `{token}` | `{name}` | {reason} |" for (token, name), reason in sorted(OVERLAY.items())
    ]
    return _PAGE.format(areas=areas, inputs="\n".join(rows))


def _area(area: str) -> str:
    """One section of the page."""
    lines = [f"- **{one.what}** {one.reason}" for one in NOT_MODELLED if one.area == area]
    return "\n".join(["", f"## {area}", "", *lines, ""])
