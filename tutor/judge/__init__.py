"""Was it good: pure functions of a level and an outcome. The judge never runs anything."""
