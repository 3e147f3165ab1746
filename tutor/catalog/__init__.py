"""Files to model and back: scenarios, designs, levels and the course. Every refusal names file, line, key and a remedy."""

from __future__ import annotations

from tutor.catalog.scenarios import load_scenario, parse_scenario

__all__ = ["load_scenario", "parse_scenario"]
