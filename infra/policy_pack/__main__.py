"""The invariants, asked by Pulumi's engine at every preview and update."""

from pulumi_policy import EnforcementLevel, PolicyPack

from breakglass.policy_pack import NAME, policies

PolicyPack(NAME, policies(), EnforcementLevel.MANDATORY)
