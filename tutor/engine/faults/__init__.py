"""Faults: what goes wrong, when, and whether it hit anything."""
