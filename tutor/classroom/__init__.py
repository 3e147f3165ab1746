"""For teachers: grading hand-ins by simulating them again, packs of levels for a class, and reports about it.

Nothing a student sends is trusted: files have a budget of bytes, events and seconds, no path leaves the
folder, and every text is data.
"""
