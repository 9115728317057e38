"""What rings: the rules of two accounts, the hub, the way to the pager; and what it rings for."""

from kit import BreakGlassRole, EntryRole, Forwarding, Watch
from places import HOME, LOGGING, REGIONS, WORK, of

ENTRY = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-entry-on-call"
SCOPE = f"arn:aws:iam::{WORK}:role/breakglass/break-glass-scope-restart"
watched = {WORK: of(WORK), LOGGING: of(LOGGING)}

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
    watched[WORK],
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
    watched[WORK],
)
watch = Watch(
    "watch",
    {
        "account_id": LOGGING,
        "region": HOME,
        "forwarder_arns": [
            f"arn:aws:iam::{account}:role/breakglass/break-glass-forwarder" for account in watched
        ],
        "endpoints": [{"name": "mail", "protocol": "email", "endpoint": "ada@example.com"}],
        "entry_users": ["ada"],
    },
    watched[LOGGING],
)
for account, where in watched.items():
    Forwarding(
        f"forwarding-{account}",
        {
            "account_id": account,
            "home_region": HOME,
            "regions": REGIONS,
            "bus_arn": watch.bus_arn,
            "entry_users": ["ada"],
        },
        where,
    )
