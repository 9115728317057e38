"""The way in, and one role behind the glass."""

from kit import BreakGlassRole, EntryRole
from places import REGIONS, WORK, of

work = of(WORK)
ENTRY = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-entry-on-call"
SCOPE = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-scope-restart"

EntryRole(
    "entry",
    {
        "account_id": WORK,
        "entry": "on-call",
        "kind": "iam-user",
        "user_names": ["ada"],
        "regions": REGIONS,
        "break_glass_role_arns": [SCOPE],
    },
    work,
)
BreakGlassRole(
    "restart",
    {
        "account_id": WORK,
        "scope": "restart",
        "grants": [{"actions": ["ecs:UpdateService"], "resources": ["*"]}],
        "entry_role_arns": [ENTRY],
        "regions": REGIONS,
    },
    work,
)
