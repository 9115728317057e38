"""Deciding what the topology allows: a model of AWS's policies, an evaluator, invariants.

Nothing here knows Pulumi, an emulator or a client of AWS.
"""
