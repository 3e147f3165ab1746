"""Databases, what reads and writes them, and the capture of their changes."""
