"""The foundation of every run: the clock, luck, events, and the base of parts and wires."""
