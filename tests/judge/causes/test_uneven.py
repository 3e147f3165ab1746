"""Members that own more partitions than others."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.judge.diagnosis import diagnose

SCENARIO = """
[run]
duration_s = 120
[components.scanners]
kind = "client"
rate_per_s = {rate}
keys = 4000
event = "parcel.scanned"
[components.scans]
kind = "stream"
partitions = {partitions}
[components.tracking]
kind = "service"
replicas = 8
service_ms = 100
[[wires]]
from = "scanners"
to = "scans"
[[wires]]
from = "scans"
to = "tracking"
[[effects]]
event = "parcel.scanned"
at = "tracking"
"""


@pytest.mark.parametrize(
    ("partitions", "rate", "uneven"),
    [(10, 62, True), (8, 120, False), (16, 120, False), (4, 60, False)],
    ids=[
        "ten for eight",
        "eight for eight, too much for all",
        "sixteen for eight, too much for all",
        "four for eight",
    ],
)
def test_uneven_partitions_are_named_where_they_are_the_trouble(
    partitions: int, rate: int, uneven: bool
) -> None:
    """Uneven partitions are diagnosed if only some members fall behind, not if all of them do or some are
    idle.
    """
    scenario = parse_scenario(SCENARIO.format(partitions=partitions, rate=rate))
    found = diagnose(scenario, simulate(scenario, timeline=True))
    assert (found[0].id == "uneven-partitions") == uneven
