"""A terminal game that teaches event-driven architecture."""
