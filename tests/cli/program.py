"""The program as tests start it, and what they give it to read."""

import os
import subprocess
import sys
import time

import pytest

LEVEL = "first-light/first-event"
"""The course's first level."""
SCENARIO = """\
[run]
duration_s = 50
drain_s = 10
[components.till]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.kitchen]
kind = "service"
service_ms = 20
[[wires]]
from = "till"
to = "kitchen"
[[effects]]
event = "order.placed"
at = "kitchen"
[[windows]]
id = "late"
from_s = 20
to_s = 40
"""
"""A scenario of a client that calls a service."""
Captured = pytest.CaptureFixture[str]


def start(*args: str, **more: object) -> "subprocess.Popen[str]":
    """Start the program as a process of its own."""
    environment = {**os.environ, **more.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "tutor", *args]
    program: subprocess.Popen[str] = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **more,  # type: ignore[call-overload]
    )
    return program


def until(condition: object, seconds: float = 20.0) -> bool:
    """Whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False
