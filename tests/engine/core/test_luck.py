"""Random draws by name, event number and turn."""

import statistics

import pytest

from tutor.engine.core.luck import Chance


def test_a_draw_belongs_to_the_event_and_not_to_the_order_of_asking() -> None:
    """Drawing for a late event first doesn't change the draws of earlier ones."""
    forward, backward = (Chance(1).times("api", "service", "shop", 1000, "exponential") for _ in range(2))
    asked = [forward.at(number) for number in range(5000)]
    assert [backward.at(number) for number in reversed(range(5000))] == asked[::-1]


def test_a_repeat_has_luck_of_its_own() -> None:
    """Another turn, part, client or seed gives other draws."""
    draws = Chance(1).uniforms("api", "failure", "shop")
    others = [
        [draws.at(number, 1) for number in range(100)],
        *(
            [stream.at(number) for number in range(100)]
            for stream in (
                Chance(2).uniforms("api", "failure", "shop"),
                Chance(1).uniforms("web", "failure", "shop"),
                Chance(1).uniforms("api", "failure", "phone"),
            )
        ),
    ]
    own = [draws.at(number) for number in range(100)]
    assert all(len(set(own) & set(other)) == 0 for other in others)


def test_the_mean_scales_the_same_luck() -> None:
    """Doubling the service time doubles the draw of each event."""
    short, long = (Chance(1).times("api", "service", "shop", mean, "exponential") for mean in (1000, 2000))
    assert all(abs(long.at(number) - 2 * short.at(number)) <= 2 for number in range(1000))


@pytest.mark.parametrize(
    ("distribution", "mean", "deviation"),
    [("exponential", 1000, 1000), ("constant", 1000, 0), (((0.9, 0.5), (0.1, 5.5)), 1000, 1500)],
)
def test_distributions_have_their_moments(distribution: str, mean: float, deviation: float) -> None:
    """Exponential, constant and mixed times have the theoretical mean and deviation (50,000 draws, 3%)."""
    draws = Chance(3).times("api", "service", "shop", 1000, distribution)
    values = [draws.at(number) for number in range(50_000)]
    assert statistics.fmean(values) == pytest.approx(mean, rel=0.03)
    assert statistics.pstdev(values) == pytest.approx(deviation, rel=0.03, abs=1e-9)


def test_zipf_keys_fall_off_with_their_rank() -> None:
    """With exponent 1, key 0 is drawn twice as often as key 1, and n times as often as key n - 1."""
    draws = Chance(1).keys("shop", 100, 1.0)
    values = [draws.at(number) for number in range(100_000)]
    assert values.count(0) / values.count(1) == pytest.approx(2, rel=0.05)
    assert values.count(0) / values.count(9) == pytest.approx(10, rel=0.1)
    assert set(values) <= set(range(100))


def test_known_draws_stay_as_they_are() -> None:
    """A name gives the same draws on every platform and Python version."""
    draws = Chance(1).times("api", "service", "shop", 10_000, "exponential")
    assert [draws.at(number) for number in range(4)] == [13637, 4277, 2562, 31224]
