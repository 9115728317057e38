"""Floor and gate of one repository."""

import pulumi
import pulumi_github as github
from kit import GitHubGate

GitHubGate(
    "gate",
    {
        "repository": "shop",
        "default_branch": "main",
        "gates": [
            {"id": "review", "kind": "review", "skippable": True, "approvals": 1},
            {
                "id": "scan",
                "kind": "check",
                "context": "scan",
                "integration_id": 900002,
                "skippable": False,
            },
            {
                "id": "production",
                "kind": "deployment",
                "environment": "production",
                "reviewer_teams": [4711],
                "skippable": False,
            },
        ],
        "app_id": 900001,
    },
    pulumi.ResourceOptions(provider=github.Provider("github", owner="acme")),
)
