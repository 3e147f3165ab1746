"""What it costs to know why."""

import time

from tutor.catalog import level_by_id, level_folder, load_mistakes
from tutor.judge.diagnosis import diagnose
from tutor.trial import run, with_design


def test_diagnosis_costs_at_most_a_tenth_of_the_run() -> None:
    """On a level of ordinary size the causes are found in a tenth of the time of the run that they explain (best of three)."""
    level = level_by_id("night-job/flash-sale")
    mistake = load_mistakes(level_folder(level.id), level)[0]
    tried = with_design(level, mistake.design)
    ratios = []
    for _ in range(3):
        start = time.process_time()
        outcome = run(tried.scenario, timeline=True)
        middle = time.process_time()
        assert diagnose(tried, outcome)
        ratios.append((time.process_time() - middle) / (middle - start))
    assert min(ratios) <= 0.1
