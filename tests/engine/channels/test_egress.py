"""What a channel sends to its consumers, in kilobytes."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate


@pytest.mark.parametrize(
    ("channel", "readers", "copies"), [("queue", 2, 1), ("topic", 1, 1), ("topic", 3, 3)]
)
def test_egress_is_rate_times_size_times_copies(channel: str, readers: int, copies: int) -> None:
    """Ten events a second of 20 kB each are 200 kB/s for each copy that goes out."""
    parts = f'[components.changes]\nkind = "{channel}"\n'
    wires = '[[wires]]\nfrom = "people"\nto = "changes"\nsize_kb = 20\n'
    for reader in range(readers):
        parts += f'[components.reader-{reader}]\nkind = "service"\n'
        wires += f'[[wires]]\nfrom = "changes"\nto = "reader-{reader}"\n'
    people = '[components.people]\nkind = "client"\nrate_per_s = 10\narrivals = "constant"\n'
    report = simulate(parse_scenario("[run]\nduration_s = 100\n" + people + parts + wires)).report
    assert report.value("/component/changes/egress_kb_per_s") == pytest.approx(200 * copies, rel=0.02)
