"""What is said about copies that differ from their original."""

from tests.judge.causes.diagnosis_runs import ids

_START = """
[run]
duration_s = 60
drain_s = 10

[components.people]
kind = "client"
rate_per_s = 5
event = "address.changed"

[components.orders]
kind = "service"

[components.shipping]
kind = "service"

[components.everything]
kind = "database"
owner = "orders"

[components.copy]
kind = "database"
copy_of = "everything"

[[wires]]
from = "people"
to = "orders"
kind = "call"

[[wires]]
from = "orders"
to = "everything"
kind = "write"

[[wires]]
from = "shipping"
to = "copy"
kind = "write"

[[wires]]
from = "shipping"
to = "everything"
kind = "read"

[[faults]]
kind = "schema-change"
target = "everything"
at_s = 20
for_s = 10
"""

_GOAL = ("/database/copy/diverged_keys", 0)


_FED = _START.replace(
    'from = "shipping"\nto = "everything"\nkind = "read"',
    'from = "everything"\nto = "changes"\nkind = "capture"\n\n[[wires]]\nfrom = "changes"\nto ='
    ' "shipping"\nkind = "subscribe"',
).replace("[components.copy]", '[components.changes]\nkind = "stream"\n\n[components.copy]')


def test_a_copy_that_follows_its_original_is_not_accused() -> None:
    """The neighbour whose copy is fed from what its original commits has nothing to explain."""
    assert "changes" in _FED
    assert ids(_FED, _GOAL) == []


def test_a_copy_that_nothing_reaches_is_not_blamed_on_a_changed_form() -> None:
    """Where nothing was ever written to a copy, what else goes wrong nearby is not the reason that it
    differs.
    """
    assert ids(_START, _GOAL) == ["diverged"]
