"""Traffic: how much of it arrives, and when it stops."""

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

SCENARIO = """
[run]
duration_s = 100
[[windows]]
id = "after"
from_s = 60.1
to_s = 100
[components.c]
kind = "client"
arrivals = "{arrivals}"
{traffic}
[components.s]
kind = "service"
[[wires]]
from = "c"
to = "s"
"""


@pytest.mark.parametrize("arrivals", ["poisson", "constant"])
@pytest.mark.parametrize("profile", ["[[0, 5], [60, 0]]", "[[0, 5], [60, 1e-12]]"])
def test_traffic_stops_where_its_profile_ends(arrivals: str, profile: str) -> None:
    """After a step to a rate of zero, no request is made."""
    report = simulate(
        parse_scenario(SCENARIO.format(arrivals=arrivals, traffic=f"profile = {profile}"))
    ).report
    requests = report.get("/client/c/requests")
    assert requests == pytest.approx(300, rel=0.15)
    assert report.get("/window/after/client/c/requests") == 0


@pytest.mark.parametrize("arrivals", ["poisson", "constant"])
@pytest.mark.parametrize("rate", ["0", "1e-300", "1e-10"])
def test_a_rate_of_next_to_nothing(arrivals: str, rate: str) -> None:
    """With a rate so low that the first request lies beyond the end of the run, no request is made and the
    run completes.
    """
    report = simulate(
        parse_scenario(SCENARIO.format(arrivals=arrivals, traffic=f"rate_per_s = {rate}"))
    ).report
    assert report.get("/client/c/requests") == 0


def test_a_run_that_is_stopped_before_it_is_measured() -> None:
    """A run that stops before its warm-up or window begins counts zero requests there, never fewer."""
    text = SCENARIO.format(arrivals="constant", traffic="rate_per_s = 10").replace(
        "duration_s = 100", "duration_s = 100\nmax_events = 50\nwarmup_s = 50"
    )
    report = simulate(parse_scenario(text)).report
    assert not report.complete
    assert report.get("/client/c/requests") == 0
    assert report.get("/client/c/failed") == 0
    assert report.get("/window/after/client/c/requests") == 0
