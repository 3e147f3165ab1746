"""The roles of the processes in a live run: each is a coroutine that runs until it is told to stop.

:data:`ROLES` has them by their word; ``role(site, *arguments)`` is called in a process of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tutor.live.roles.client import be_client
from tutor.live.roles.front import be_front
from tutor.live.roles.job import be_job
from tutor.live.roles.meter import be_meter, clear_all, declare_all, read_rest
from tutor.live.roles.mover import be_mover
from tutor.live.roles.relay import be_relay
from tutor.live.roles.service import be_service
from tutor.live.roles.store import be_store

Role = Callable[..., Awaitable[Any]]

ROLES: dict[str, Role] = {
    "declare": declare_all,
    "meter": be_meter,
    "rest": read_rest,
    "clear": clear_all,
    "mover": be_mover,
    "front": be_front,
    "store": be_store,
    "relay": be_relay,
    "service": be_service,
    "job": be_job,
    "client": be_client,
}
"""Every role, in the order in which a run starts them."""
