"""The judgment of a design: pure functions of a level and an outcome. The judge never runs anything."""
