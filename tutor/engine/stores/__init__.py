"""Databases, the wires that read and write them, and the capture of their changes."""
