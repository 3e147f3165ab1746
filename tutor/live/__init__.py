"""The same design on a real broker: real processes, real kills, the engine's own luck; predicted and measured
side by side.

A command or a screen holds a :class:`~tutor.live.run.LiveRun`. It starts the stage (:mod:`tutor.live.stage`),
a process that starts everything else: servers, a process for each client, replica, database and job
(:mod:`tutor.live.roles`). Each process writes what it did (:mod:`tutor.live.records`), and the report is made
from that (:mod:`tutor.live.measure`). Brokers are behind one interface (:mod:`tutor.live.brokers`).
"""
