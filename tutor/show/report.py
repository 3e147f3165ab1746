"""The report of a run as lines for people: the output of ``tutor simulate`` without ``--json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tutor.errors import printable
from tutor.model.report import Report
from tutor.words import say


def render_report(report: Report) -> str:
    """Returns the numbers of one run as tables with headings; a number that does not apply is a dash."""
    return "\n".join(_report_lines(report.data))


def _report_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield say("report.head", duration=data["duration_s"], seed=data["seed"])
    if not data.get("complete", True):
        yield say("report.stopped")
    yield from _measures(data)
    for name, window in data.get("window", {}).items():
        yield ""
        yield say("report.window", window=printable(str(name)))
        yield from _measures(window)
    design = data.get("design", {})
    if design:
        yield ""
        yield say(
            "report.design",
            parts=design["components"],
            wires=design["wires"],
            cost=design["cost_per_hour"],
        )
    engine = data.get("engine", {})
    if engine:
        yield say("report.engine", events=engine["events"], wall=engine["wall_s"])


def _measures(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(
        say("report.table.clients"),
        data.get("client", {}),
        ("requests", "ok", "failed", "availability", "response_ms/p50", "response_ms/p99"),
    )
    effects = {
        say("report.effect", part=name, event=event): numbers
        for name, events in data.get("effect", {}).items()
        for event, numbers in events.items()
    }
    counts = ("expected", "applied", "refused", "lost", "pending", "duplicates", "out_of_order")
    yield from _table(say("report.table.effects"), effects, (*counts, "delay_ms/p95"))
    parts = data.get("component", {})
    numbers = (
        "kind",
        "utilization",
        "throughput_per_s",
        "up",
        "queue/mean",
        "queue/max",
        "queue/end",
        "dead_lettered",
        "dropped",
        "lag",
    )
    yield from _table(say("report.table.parts"), parts, numbers)
    yield from _table(
        say("report.table.databases"),
        data.get("database", {}),
        ("writes", "reads", "diverged_keys", "staleness_ms/p95"),
    )


def _table(title: str, rows: Mapping[str, Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """Yields a table with a row for each name and the columns that at least one row has."""
    found = {name: [_at(row, column) for column in columns] for name, row in rows.items()}
    kept = [
        place for place in range(len(columns)) if any(values[place] is not None for values in found.values())
    ]
    if not found or not kept:
        return
    head = [
        title,
        *(say(f"report.column.{columns[place].replace('/', '-')}") for place in kept),
    ]
    yield ""
    yield from align(
        [
            head,
            *(
                [printable(name), *(_number(values[place]) for place in kept)]
                for name, values in found.items()
            ),
        ]
    )


def _at(row: Mapping[str, Any], column: str) -> Any:
    value: Any = row
    for key in column.split("/"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _number(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
    if isinstance(value, int | float):
        return str(int(value))
    return printable(str(value))


def align(rows: Iterable[Sequence[str]], *, right: bool = True) -> Iterator[str]:
    """Yields rows of cells as lines, two spaces between: the first column to the left, the others to the
    right unless told otherwise.
    """
    table = [list(row) for row in rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))] if table else []
    for row in table:
        cells = [
            cell.ljust(width) if place == 0 or not right else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
