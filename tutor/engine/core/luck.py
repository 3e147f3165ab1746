"""The only source of randomness: named streams of draws, found by event number.

A stream is named by the seed, the component or wire, the purpose, and the client the events come from. Its
draws are not taken in the order in which things happen but belong to the *number* of the client's event and
to the *turn* (which handling of that event it is): after an edit elsewhere the same order meets the same luck
(common random numbers), and an unrelated component changes nothing.

Draws are made in blocks of 32-bit words by ``random.Random`` seeded with a text (SHA-512, the same everywhere
and under any ``PYTHONHASHSEED``), and times are rounded to whole microseconds, so that a last digit of
``log`` makes no difference.
"""

from __future__ import annotations

import random
import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import floor, log

from tutor.model.component import Distribution

BLOCK = 2048
"""Draws made at once for first handlings: 0.27 us each. Blocks of 32 take 0.51 us, as seeding takes 8 us;
longer ones gain nothing and make a short run draw what it never uses.
"""
SMALL = 32
"""Draws made at once for repeats, which are few and far between: 16 us, where a block of 2,048 takes 550."""

Uniform = Callable[[], float]
Words = Callable[[str, int], "array[int]"]
"""Gives so many random words of the stream of this name."""
Sample = Callable[["array[int]"], "list[int] | list[float]"]
"""Makes one draw of each word."""

MOST_LATER = 4096
"""Blocks of repeats that one stream keeps: at most 5 MB."""
NEAR = 16
"""From this turn on draws are a hash of number and turn: 1 us each, where seeding a generator takes 12 us.
The turns before it keep the blocks that live runs on real brokers were made with: the same order still meets
the same luck there.
"""
FOLD = (1 << 61) - 1
"""Turns are taken modulo this prime: those of an event in a loop may have thousands of digits."""

UNIT = 2.0**-32
"""A word times this is from 0 (included) to 1 (not)."""
FULL = 32 * log(2.0)
"""``FULL - log(word + 0.5)`` is an exponential draw of mean 1."""


def packed(values: list[int] | list[float], code: str = "q") -> bytes:
    """Packs numbers into the bytes of an array of this typecode; faster than letting an array take them one
    by one.
    """
    return struct.pack(f"{len(values)}{code}", *values)


class Draws:
    """The draws of one stream, by number and turn.

    ``first[number]`` has the draw of turn 0 once :meth:`reach` has been called for that number or a later
    one: the caller indexes it and calls :meth:`reach` on ``IndexError``.
    """

    __slots__ = ("_block", "_key", "_later", "_name", "_same", "_sample", "_words", "first")

    def __init__(self, name: str, code: str, sample: Sample, words: Words, same: int | None = None) -> None:
        self._same = same
        """What every draw is, where chance has no part in it."""
        self.first: array[int] | array[float] = array(code)
        self._name = name
        self._sample = sample
        self._words = words
        self._block = 0
        self._later: dict[tuple[int, int], array[int] | list[int] | list[float]] = {}
        """By turn and block: the words, and from their second use on all draws made of them."""
        self._key: int | None = None
        """Where the counter of the far turns starts; made when the first of them comes."""

    def reach(self, number: int) -> int | float:
        """Returns the draw of turn 0 for ``number``, after making the missing draws up to it."""
        first = self.first
        while number >= len(first):
            if self._same is not None:
                first.extend(array("q", [self._same]) * BLOCK)
                continue
            first.frombytes(
                packed(self._sample(self._words(f"{self._name}/{self._block}", BLOCK)), first.typecode)
            )
            self._block += 1
        return first[number]

    def at(self, number: int, turn: int = 0) -> int | float:
        """Returns the draw for this number and turn."""
        if turn == 0:
            return self.first[number] if number < len(self.first) else self.reach(number)
        if self._same is not None:
            return self._same
        if turn >= NEAR:
            return self._far(number, turn)
        block, place = divmod(number, SMALL)
        values = self._later.get((turn, block))
        if values is None:
            if len(self._later) > MOST_LATER:
                self._later.clear()  # they are made again when needed; this only bounds memory
            drawn = self._later[turn, block] = self._words(f"{self._name}/{turn}/{block}", SMALL)
            return self._sample(drawn[place : place + 1])[
                0
            ]  # a message that comes back again and again needs no neighbours' luck
        if isinstance(values, array):
            values = self._later[turn, block] = self._sample(values)
        return values[place]

    def _far(self, number: int, turn: int) -> int | float:
        """Returns the draw of a far turn: a hash of number and turn, counted from where the stream's name
        says.
        """
        key = self._key
        if key is None:
            low, high = self._words(f"{self._name}/far", 2)
            key = self._key = high << 32 | low
        # the constants are odd and far apart, so that neighbours in number or turn are not neighbours here
        word = spread(key + number * 0x9E3779B97F4A7C15 + turn % FOLD * 0xC2B2AE3D27D4EB4F) >> 32
        return self._sample(array("I", (word,)))[0]


class Chance:
    """The source of all chance in one run."""

    __slots__ = ("_generator", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._generator = random.Random(
            0
        )  # one for all, seeded for each use: to make another takes half as long again

    def words(self, name: str, count: int) -> array[int]:
        """Returns ``count`` random words of the stream of this name."""
        self._generator.seed(name)
        drawn = array("I", self._generator.getrandbits(32 * count).to_bytes(4 * count, "little"))
        if sys.byteorder != "little":
            drawn.byteswap()
        return drawn

    def times(
        self, part: str, purpose: str, client: str, mean_us: float, distribution: Distribution
    ) -> Draws:
        """Returns draws of a duration in microseconds; the same luck whatever the mean."""
        name = f"{self.seed}/{part}/{purpose}/{client}"
        return Draws(name, "q", _sampler(mean_us, distribution), self.words, _constant(mean_us, distribution))

    def uniforms(self, part: str, purpose: str, client: str) -> Draws:
        """Returns draws from 0 (included) to 1 (not)."""
        return Draws(f"{self.seed}/{part}/{purpose}/{client}", "d", _uniforms, self.words)

    def keys(self, client: str, keys: int, skew: float) -> Draws:
        """Returns draws of a key from 0 to ``keys - 1``; with ``skew`` by Zipf's law, key 0 the hottest."""
        return Draws(f"{self.seed}/{client}/key/{client}", "q", _key_sampler(keys, skew), self.words)

    def endless(self, part: str, purpose: str) -> Iterator[float]:
        """Yields uniform draws one after the other, for what belongs to no event: arrivals, breakdowns."""
        uniform = random.Random(f"{self.seed}/{part}/{purpose}").random
        while True:
            yield uniform()

    def uniform(self, part: str, purpose: str) -> Uniform:
        """Returns the draws of :meth:`endless` as a function."""
        return random.Random(f"{self.seed}/{part}/{purpose}").random


def _uniforms(drawn: array[int]) -> list[float]:
    return [word * UNIT for word in drawn]


def _constant(mean_us: float, distribution: Distribution) -> int | None:
    return (
        int(mean_us + 0.5)
        if distribution == "constant" or (mean_us == 0 and isinstance(distribution, str))
        else None
    )


def _sampler(mean_us: float, distribution: Distribution) -> Sample:
    if isinstance(distribution, str):
        top = FULL * mean_us + 0.5
        return lambda drawn: [floor(top - log(word + 0.5) * mean_us) for word in drawn]
    total = sum(share for share, _ in distribution)
    steps: list[tuple[float, int]] = []
    reached = 0.0
    for share, ms in distribution:
        reached += share / total
        steps.append((reached, int(ms * 1000 + 0.5)))
    return lambda drawn: [
        next((us for edge, us in steps if word * UNIT < edge), steps[-1][1]) for word in drawn
    ]


def _key_sampler(keys: int, skew: float) -> Sample:
    if skew == 0:
        return lambda drawn: [word * keys >> 32 for word in drawn]
    weights = list(accumulate((rank + 1) ** -skew for rank in range(keys)))
    scale = weights[-1] * UNIT
    return lambda drawn: [min(bisect_right(weights, word * scale), keys - 1) for word in drawn]


def spread(number: int) -> int:
    """Hashes a whole number to 64 bits, the same everywhere (the finalizer of SplitMix64)."""
    mixed = (number + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return mixed ^ (mixed >> 31)
