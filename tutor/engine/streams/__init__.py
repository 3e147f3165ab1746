"""Streams: partitioned logs that consumer groups read at positions of their own."""
