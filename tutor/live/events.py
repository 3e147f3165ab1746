"""Events on the wire of a live run: CloudEvents in their structured JSON form."""

from __future__ import annotations

import dataclasses
import json
from typing import Any


@dataclasses.dataclass(slots=True)
class CloudEvent:
    """One fact, as it travels."""

    source: str
    """Where it comes from: a client, or a sequence of one (the CloudEvents source)."""
    number: int
    """Its number among the events of its source."""
    type: str
    key: int
    """The entity it is about (the CloudEvents subject)."""
    version: int
    made_us: int
    happened_us: int
    group: str = ""
    state: bool = False
    """Whether it carries its state, so that a look-up is not needed."""
    form: str = ""
    """The new form it was published in: ``additive`` or ``breaking``; empty for the form that every reader
    knows.
    """

    @property
    def id(self) -> str:
        """The CloudEvents id: ``<source>/<number>``."""
        return f"{self.source}/{self.number}"

    def named(self, type: str) -> CloudEvent:
        """Returns the same event under another type; the empty type keeps it."""
        return dataclasses.replace(self, type=type or self.type)

    def encode(self, turn: int = 0) -> bytes:
        """Returns the event as CloudEvents JSON; ``turn`` is the luck that its next handling meets."""
        own = {
            "number": self.number,
            "version": self.version,
            "made_us": self.made_us,
            "happened_us": self.happened_us,
            "group": self.group,
            "state": self.state,
            "form": self.form,
            "turn": turn,
        }
        whole = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": str(self.key),
            "datacontenttype": "application/json",
            "data": own,
        }
        return json.dumps(whole, separators=(",", ":")).encode()


def decode(data: bytes) -> tuple[CloudEvent, int]:
    """Returns the event, and the turn of its next handling."""
    whole: dict[str, Any] = json.loads(data)
    own = whole["data"]
    event = CloudEvent(
        source=whole["source"],
        number=own["number"],
        type=whole["type"],
        key=int(whole["subject"]),
        version=own["version"],
        made_us=own["made_us"],
        happened_us=own["happened_us"],
        group=own["group"],
        state=own["state"],
        form=own["form"],
    )
    return event, own["turn"]
