"""Attacks on the topology."""
