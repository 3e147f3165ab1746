"""Diagnoses of copies that differ from their original."""

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
    """A copy fed from its original's committed changes has no diagnosis."""
    assert "changes" in _FED
    assert ids(_FED, _GOAL) == []


def test_a_copy_that_nothing_reaches_is_not_blamed_on_a_changed_form() -> None:
    """A copy that was never written to has only the diagnosis "diverged", whatever else goes wrong nearby."""
    assert ids(_START, _GOAL) == ["diverged"]
