"""Importing exported progress never makes anything worse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.progress import Progress, Standing, open_progress
from tutor.progress.merging import merge_export, read_export

LEVELS = ("first-light/first-event", "night-job/flash-sale")
Deed = tuple[str, bool, int, bool, bool]
"""Level, passed, stars, whether a hint was shown, whether the question was answered."""
DEEDS = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.booleans(), st.integers(0, 3), st.booleans(), st.booleans()),
    max_size=6,
)


def play(progress: Progress, deeds: list[Deed]) -> None:
    """Do what a learner might do."""
    for level, passed, stars, hinted, answered in deeds:
        progress.note_opened(level)
        if hinted:
            progress.show_hint(level, f"look at {stars}")
        progress.note_run(level, passed, Stars(stars, 3 - stars, 1), "slow", int(hinted))
        progress.note_time(level, stars)
        if answered:
            progress.answer(level, stars, passed)
        progress.keep_design(level, f"# {stars}\n")


def exported(progress: Progress) -> bytes:
    """The export that the command writes."""
    return json.dumps(progress.export()).encode()


def no_worse(after: Standing, before: Standing) -> bool:
    """Whether the learner is at least as far as before."""
    return (
        after.passed >= before.passed
        and after.stars.cost >= before.stars.cost
        and after.stars.speed >= before.stars.speed
        and after.stars.simplicity >= before.stars.simplicity
        and after.attempts >= before.attempts
        and after.seconds >= before.seconds
        and after.unaided >= before.unaided
    )


@settings(max_examples=25, deadline=None)
@given(DEEDS, DEEDS)
def test_merging_takes_the_better_of_both_and_is_done_once(
    mine: list[tuple[str, bool, int, bool, bool]], theirs: list[tuple[str, bool, int, bool, bool]]
) -> None:
    """Every level is at least as good as in either store, a second import changes nothing, and no design is
    overwritten.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        clock = iter(range(1, 100_000))
        with (
            open_progress(Path(folder) / "a", clock=lambda: float(next(clock))) as here,
            open_progress(Path(folder) / "b", clock=lambda: float(next(clock))) as there,
        ):
            play(here, mine)
            play(there, theirs)
            before, brought = here.standings(), there.standings()
            designs = {level: here.kept_design(level) for level in LEVELS}
            merge_export(here, read_export(exported(there), "b.json"))
            after = here.standings()
            assert all(no_worse(after[level], standing) for level, standing in before.items())
            for level, standing in brought.items():
                merged = after[level]
                assert merged.passed >= standing.passed
                assert merged.stars.cost >= standing.stars.cost
                assert merged.attempts == before.get(level, Standing()).attempts + standing.attempts
            for level, text in designs.items():
                assert here.kept_design(level) == (text if text is not None else there.kept_design(level))
            once = here.export()
            merge_export(here, read_export(exported(there), "b.json"))
            assert here.export() == once


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[]", "schema"),
        ('{"schema": 2}', "schema"),
        ('{"schema": 1, "levels": []}', "levels"),
        ('{"schema": 1, "levels": {"../x": {}}}', "levels"),
        ('{"schema": 1, "attempts": [{"level": "a/b", "at": -1}]}', "attempts[0].at"),
        ('{"schema": 1, "attempts": [{"level": "a/b", "at": 1, "passed": 1}]}', "attempts[0].passed"),
        ('{"schema": 1, "hints": [{"level": "a/b", "text": 3, "at": 1}]}', "hints[0].text"),
        ('{"schema": 1, "reviews": [{"level": "a/b", "box": 1.5, "due": 1}]}', "reviews[0].box"),
        ('{"schema": 1, "designs": {"../../x": "y"}}', "designs.../../x"),
    ],
)
def test_a_file_that_is_no_export_is_refused_by_key(text: str, key: str) -> None:
    """One line names the file, the key and what was expected, and nothing is changed."""
    with pytest.raises(InputError) as refused:
        read_export(text.encode(), "mine.json")
    assert str(refused.value).startswith(f"mine.json: {key}: ")


def test_what_is_deep_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a browser a parser that goes too deep ends the game, so it never sees such a file; brackets in a
    text are no depth.
    """
    seen: list[str] = []

    def parse(text: str) -> dict[str, object]:
        """Record that the parser was reached."""
        seen.append(text)
        return {}

    monkeypatch.setattr("tutor.progress.merging.json.loads", parse)
    for data in (b'{"a":' * 1000 + b"1" + b"}" * 1000, b'{"a": "\\"[[' + b"[" * 1000 + b'"}'):
        with pytest.raises(InputError):
            read_export(data, "mine.json")
    assert len(seen) == 1


def test_what_is_not_json_is_refused() -> None:
    """A picture, an empty file and a thousand brackets give one line each."""
    for data in (b"", b"\x89PNG", b"[" * 100_000):
        with pytest.raises(InputError, match="isn't JSON"):
            read_export(data, "mine.json")
