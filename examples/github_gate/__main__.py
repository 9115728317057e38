"""Floor and gate of one repository: a review that an emergency may skip, a scan that it may not."""

import pulumi

from breakglass import GateKind, GitHubGate, GitHubGateArgs

gate = GitHubGate(
    "gate",
    GitHubGateArgs(
        repository="shop",
        default_branch="main",
        gates=[
            {"id": "review", "kind": GateKind.REVIEW, "skippable": True, "approvals": 1},
            {
                "id": "secret-scan",
                "kind": GateKind.CHECK,
                "context": "secret-scan",
                "integration_id": 900002,
                "skippable": False,
            },
        ],
        app_id=900001,
    ),
)

pulumi.export("floorRulesetId", gate.floor_ruleset_id)
pulumi.export("gateRulesetId", gate.gate_ruleset_id)
