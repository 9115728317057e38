"""Deciding what the topology allows: a model of AWS's policies, an evaluator, and the invariants. No Pulumi here."""
