"""What every run stands on: the clock, luck, events, and what parts and wires have in common."""
