"""Whether a fault hit any work."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

SCENARIO = """
[run]
duration_s = {duration}
drain_s = 100
[components.tills]
kind = "client"
rate_per_s = 1
arrivals = "constant"
[components.sales]
kind = "topic"
[components.accounting]
kind = "service"
service_ms = 1
distribution = "constant"
[[wires]]
from = "tills"
to = "sales"
[[wires]]
from = "sales"
to = "accounting"
[[faults]]
kind = "crash"
target = "accounting"
at_s = 20.5
for_s = 10
"""


def test_an_outage_that_made_messages_wait_has_met_work() -> None:
    """A crash of an idle consumer has hit work if messages are waiting in its channel when it returns."""
    assert simulate(parse_scenario(SCENARIO.format(duration=60))).unhit_faults == ()


def test_an_outage_that_nobody_noticed_has_met_none() -> None:
    """If no message arrived while the consumer was down, its crash hit nothing."""
    assert simulate(parse_scenario(SCENARIO.format(duration=20))).unhit_faults == (0,)


def test_an_outage_that_a_colleague_stood_in_for_has_met_work() -> None:
    """A crash of one consumer counts as a hit even if another consumer takes the messages."""
    text = SCENARIO.format(duration=60).replace('kind = "topic"', 'kind = "queue"')
    text += '[components.colleague]\nkind = "service"\n[[wires]]\nfrom = "sales"\nto = "colleague"\n'
    assert simulate(parse_scenario(text)).unhit_faults == ()


SILENT = """
[run]
duration_s = 40
drain_s = 20
[components.tills]
kind = "client"
rate_per_s = 1
arrivals = "constant"
event = "sale.made"
[components.sales]
kind = "{kind}"
[components.accounting]
kind = "service"
service_ms = 1
[[wires]]
from = "tills"
to = "sales"
acks = "none"
[[wires]]
from = "sales"
to = "accounting"
[[faults]]
kind = "{fault}"
target = "sales"
at_s = 10.5
for_s = 10
[[effects]]
event = "sale.made"
at = "accounting"
"""


@pytest.mark.parametrize("fault", ["crash", "hang"])
@pytest.mark.parametrize("kind", ["queue", "topic", "stream"])
def test_a_producer_that_waits_for_no_confirm_meets_a_channel_that_is_away(kind: str, fault: str) -> None:
    """A channel's fault has hit the events that a producer sent in vain, or that had to wait."""
    text = SILENT.format(kind=kind, fault=fault)
    assert simulate(parse_scenario(text)).unhit_faults == ()


@pytest.mark.parametrize("product", ["jetstream", "redis"])
@pytest.mark.parametrize("kind", ["queue", "topic"])
def test_a_crash_that_takes_the_subscriptions_strikes_what_comes_later(kind: str, product: str) -> None:
    """No message waited when the node crashed, yet the crash has hit: its subscriber misses what is published
    afterwards.
    """
    text = SILENT.format(kind=kind, fault="crash").replace("for_s = 10\n", "for_s = 0.2\n")
    text = text.replace(f'kind = "{kind}"\n', f'kind = "{kind}"\nlike = "{product}"\ndurable = false\n')
    outcome = simulate(parse_scenario(text))
    assert outcome.report.value("/effect/accounting/sale.made/applied") < 15
    assert outcome.unhit_faults == ()
