"""A terminal game that teaches event-driven architecture."""

__version__ = "0.1.0"
"""The version of the distribution `eda-tutor`."""
