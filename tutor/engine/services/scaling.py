"""Autoscaling: the number of replicas follows what waits (Kubernetes Horizontal Pod Autoscaler; KEDA for
queues).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.model.clock import SECOND, micros
from tutor.model.records import Autoscale

if TYPE_CHECKING:
    from tutor.engine.services.service import ServicePart

IDLE_US = 10 * SECOND
"""A replica leaves when nothing has waited for so long."""


class Scaler:
    """The autoscaler of one service: sets its number of replicas."""

    def __init__(self, part: ServicePart, scale: Autoscale) -> None:
        self.part = part
        self.scale = scale
        self.starting = 0
        self.idle_since = 0
        part.kernel.at(SECOND, self._look)

    def _look(self, now: int, _: None) -> None:
        """Looks every second: one replica more if too much waits for each, one less if nothing does."""
        part, scale = self.part, self.scale
        waiting = part.line.waiting + sum(reader.backlog() for reader in part.readers)
        count = len(part.replicas) + self.starting
        if waiting > scale.depth * count and count < scale.max:
            self.starting += 1
            part.kernel.at(now + micros(max(scale.start_s, part.spec.boot_s)), self._started)
        if waiting or part.replicas.busy() >= (len(part.replicas) - 1) * part.spec.workers:
            self.idle_since = now
        elif len(part.replicas) > scale.min and now - self.idle_since >= IDLE_US:
            leaving = next(
                (
                    one
                    for one in reversed(part.replicas)
                    if one.up and not one.hung and not one.hands and not one.line
                ),
                None,
            )
            if leaving is not None:
                self.idle_since = now
                part.remove_replica(now, leaving)
        part.kernel.at(now + SECOND, self._look)

    def _started(self, now: int, _: None) -> None:
        self.starting -= 1
        self.part.add_replica(now)
