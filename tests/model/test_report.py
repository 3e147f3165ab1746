"""Reports are JSON documents that goals point into."""

import pytest

from tutor.errors import InputError
from tutor.model.report import Report, pointer_tokens

REPORT = Report(
    {"complete": True, "client": {"a/b": {"~ok": 1}}, "effect": {"kitchen": {"order.placed": {"lost": 0}}}}
)


def test_a_pointer_finds_its_value() -> None:
    """JSON Pointers are read as RFC 6901 says, including escapes."""
    assert REPORT.value("/effect/kitchen/order.placed/lost") == 0
    assert REPORT.value("/client/a~1b/~0ok") == 1
    assert pointer_tokens("/~01") == ["~1"]


def test_a_pointer_to_nothing_names_the_nearest() -> None:
    """A misspelled pointer is refused with the nearest name."""
    with pytest.raises(InputError, match='did you mean "kitchen"'):
        REPORT.value("/effect/kitchn/order.placed/lost")
    with pytest.raises(InputError, match="start with"):
        REPORT.value("effect")
    assert REPORT.get("/nothing", 7) == 7
