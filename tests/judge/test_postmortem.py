"""A run's post-mortem: its sections, and that text from files stays text."""

import dataclasses
import re

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions
from tutor.judge.diagnosis import diagnose
from tutor.judge.postmortem import MOST_CAUSES, MOST_MOMENTS, escape, write_postmortem
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.timeline import Mark
from tutor.trial import run, with_design

FIRST = "first-light/first-event"
SECTIONS = ["Summary", "Impact", "Timeline", "Causes", "What went well", "What to try"]


@pytest.fixture(scope="module")
def failed() -> tuple[Level, Outcome]:
    """The first level with many retries, and its outcome."""
    level = level_by_id(FIRST)
    mistake = next(one for one in load_mistakes(level_folder(FIRST), level) if one.name == "retries")
    tried = with_design(level, mistake.design)
    return tried, run(tried.scenario, timeline=True)


def section(text: str, name: str) -> str:
    """The lines of a section."""
    return text.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]


def test_it_has_what_a_post_mortem_has(failed: tuple[Level, Outcome]) -> None:
    """Summary, impact, timeline, causes, what went well and what to try come in this order, and none is
    empty.
    """
    level, outcome = failed
    text = write_postmortem(level, outcome, diagnose(level, outcome))
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == SECTIONS
    assert all(section(text, name).strip() for name in SECTIONS)


def test_goals_stand_on_the_side_they_belong_to(failed: tuple[Level, Outcome]) -> None:
    """A missed goal is only in the impact; a goal that was met is also among what went well, with
    its margin.
    """
    level, outcome = failed
    text = write_postmortem(level, outcome, diagnose(level, outcome))
    assert "| the till turns nobody away | 0 | 26 | **missed** |" in section(text, "Impact")
    assert "turns nobody away" not in section(text, "What went well")
    assert "tea break included: 16.5 s, expected at most 30 s, with 45% of it to spare" in section(
        text, "What went well"
    )


def test_the_timeline_has_fault_and_first_failure_in_order(failed: tuple[Level, Outcome]) -> None:
    """The fault begins, the first event fails, the fault ends: each with its time, in this order."""
    level, outcome = failed
    told = section(write_postmortem(level, outcome, diagnose(level, outcome)), "Timeline")
    assert (
        told.index("hang at Kitchen begins")
        < told.index("till/14 failed for its client")
        < told.index("hang at Kitchen is over")
    )


def test_causes_come_with_evidence_worst_first(failed: tuple[Level, Outcome]) -> None:
    """The diagnoses are in order with their evidence, and each remedy is in what to try once."""
    level, outcome = failed
    found = diagnose(level, outcome)
    text = write_postmortem(level, outcome, found)
    assert [
        line.split(". ", 1)[1].rpartition(" (")[0] for line in text.splitlines() if line.startswith("### ")
    ] == [one.title for one in found]
    assert all(f"- {escape(one.try_)}" in section(text, "What to try") for one in found)


def test_parts_have_the_names_of_the_screen(failed: tuple[Level, Outcome]) -> None:
    """Clients, effects, faults and causes have their titles; the number of failures has its time span beside
    it.
    """
    level, outcome = failed
    text = write_postmortem(level, outcome, diagnose(level, outcome))
    assert "1 scheduled fault struck (hang of Kitchen)" in section(text, "Summary")
    assert "- Till: 89 requests, 26 failed (70.8% succeeded); failures from " in section(text, "Impact")
    assert "- order.placed at Kitchen: " in section(text, "Impact")
    assert "(Till → Kitchen)" in section(text, "Causes")
    assert "cause 1 shows here: Retries keep the system down" in section(text, "Timeline")


def test_lesser_causes_are_counted(failed: tuple[Level, Outcome]) -> None:
    """The first few of many causes are explained, and the rest are counted below them."""
    level, outcome = failed
    first = diagnose(level, outcome)[0]
    many = [dataclasses.replace(first, title=f"Cause {place}") for place in range(MOST_CAUSES + 2)]
    told = section(write_postmortem(level, outcome, many), "Causes")
    assert sum(line.startswith("### ") for line in told.splitlines()) == MOST_CAUSES
    assert "2 lesser causes left out." in told


def test_a_hidden_fault_stays_hidden() -> None:
    """If the task is to find the fault, neither the summary nor the timeline names it."""
    level = level_by_id("streams/where-did-it-go")
    assert any(fault.hidden for fault in level.scenario.faults)
    outcome = run(level.scenario, timeline=True)
    text = write_postmortem(level, outcome, diagnose(level, outcome))
    assert "swallow of" not in text
    assert "swallow" not in section(text, "Timeline")


def test_a_passed_run_has_no_cause() -> None:
    """A passed run has no causes and nothing to change."""
    level = level_by_id(FIRST)
    tried = with_design(level, load_solutions(level_folder(FIRST), level)[0].design)
    text = write_postmortem(tried, run(tried.scenario, timeline=True))
    assert "Every goal was met." in text
    assert "Nothing went wrong" in section(text, "Causes")
    assert "**missed**" not in text


def test_a_free_board_has_one_too(failed: tuple[Level, Outcome]) -> None:
    """A scenario without a level has no goals; its clients and effects are the impact."""
    level, outcome = failed
    text = write_postmortem(level.scenario, outcome, diagnose(level.scenario, outcome))
    assert "89 requests, 26 failed" in section(text, "Impact")
    assert "goal" not in section(text, "Summary")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("# big\n## bigger", r"\# big \#\# bigger"),
        ("[click](http://x)", r"\[click\](http://x)"),
        ("a|b", r"a\|b"),
        ("<script>", r"\<script>"),
        ("`code` *bold* _it_", r"\`code\` \*bold\* \_it\_"),
        ("timeout_ms", "timeout_ms"),
        ("- item", r"\- item"),
        ("-5", "-5"),
        ("1. item", r"1\. item"),
        ("2.28/s", "2.28/s"),
        ("> quote", r"\> quote"),
        ("red\x1b[31m", r"red\[31m"),
    ],
)
def test_texts_are_data(given: str, shown: str) -> None:
    """Text from a file can't become a heading, link, table, tag, list or escape code; harmless text stays
    readable.
    """
    assert escape(given) == shown


def test_a_hostile_title_stays_in_its_line(failed: tuple[Level, Outcome]) -> None:
    """A level's title and a goal's words can't add a section or a column."""
    level, outcome = failed
    goals = (dataclasses.replace(level.goals[0], say="x | y\n## Pwned"), *level.goals[1:])
    text = write_postmortem(dataclasses.replace(level, title="T\n\n## Pwned", goals=goals), outcome)
    assert not any(line.startswith("## Pwned") for line in text.splitlines())
    rows = [line for line in section(text, "Impact").splitlines() if "Pwned" in line]
    assert [row.replace(r"\|", "").count("|") for row in rows] == [5]


def test_a_long_story_is_cut_and_says_so(failed: tuple[Level, Outcome]) -> None:
    """Moments that don't fit are counted in one line."""
    level, outcome = failed
    assert outcome.timeline is not None
    many = [Mark(float(at_s), "rebalance", "kitchen", "") for at_s in range(100)]
    long = dataclasses.replace(outcome, timeline=dataclasses.replace(outcome.timeline, marks=many))
    told = section(write_postmortem(level, long), "Timeline")
    assert sum(re.match(r"\| \d+:\d\d", line) is not None for line in told.splitlines()) == MOST_MOMENTS
    assert "later moments left out." in told
