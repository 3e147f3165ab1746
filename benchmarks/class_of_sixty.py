"""A class of sixty for trying out what teachers use: hand-ins as students make them, a roster and seeds.

``python benchmarks/class_of_sixty.py DIR [LEVEL...]`` fills a folder with ``students.csv``, ``seeds.txt`` and
``hand-ins``: most designs are solutions and mistakes of the levels with small changes of policy, some are the
start, some are broken, some are missing, two are equal, one is signed by somebody else. Everything follows
from one seed.
"""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions, render_design
from tutor.classroom.submit import LevelWork, render_hand_in
from tutor.model.component import Service
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.progress.signature import Signature

LEVELS = ("first-light/first-event", "night-job/flash-sale", "night-job/night-shift")
# fmt: off
FIRST = (
    "Ada", "Alan", "Barbara", "Bjarne", "Carol", "Chidi", "Dennis", "Donald", "Edsger", "Elena", "Esra",
    "Farid", "Frances", "Fatou", "Grace", "Giulia", "Hedy", "Ibrahim", "Ingrid", "Ivan", "Joan", "Jun",
    "Kai", "Katherine", "Ken", "Kwame", "Lamport", "Leila", "Linus", "Lucía", "Lynn", "Malik",
    "Margaret", "Mei", "Nadia", "Niklaus", "Noor", "Olga", "Omar", "Paula", "Pia", "Quentin", "Radia",
    "Ravi", "Rosa", "Said", "Sana", "Shafi", "Sofie", "Tim", "Tony", "Uma", "Ursula", "Vint", "Wangari",
    "Whitfield", "Xin", "Yukihiro", "Zeynep", "Zoë",
)
# fmt: on
# fmt: off
LAST = (
    "Lovelace", "Turing", "Liskov", "Hopper", "Knuth", "Lamport", "Perlman", "Cerf", "Goldwasser",
    "Hamilton", "Dijkstra", "Wirth", "Ritchie", "Johnson", "Moreau", "García", "Okafor", "Nguyen",
    "Şahin", "Müller",
)
# fmt: on
DUE = "2026-11-25T18:00:00Z"
LATE_SHARE, MISSING_SHARE, SKIPPED_SHARE = 0.06, 0.05, 0.12


def students(count: int, luck: random.Random) -> list[Signature]:
    """Names, each with an address of its own."""
    found = []
    for number in range(count):
        first, last = FIRST[number % len(FIRST)], luck.choice(LAST)
        found.append(Signature(f"{first} {last}", f"s{number + 1:02}@example.org"))
    return found


def varied(design: Design, level: Level, luck: random.Random) -> Design:
    """A design with a number of replicas changed here and there, as students do."""
    parts = dict(design.components)
    for part in parts.values():
        locked = level.locked.get(part.id, frozenset())
        if isinstance(part, Service) and not {"replicas", "*"} & locked and luck.random() < 0.5:
            parts[part.id] = dataclasses.replace(
                part, replicas=max(1, part.replicas + luck.choice((0, 1, 2)))
            )
            break
    return dataclasses.replace(design, components=parts)


def work_on(level: Level, ability: float, luck: random.Random) -> LevelWork | None:
    """What a student of this ability (0 to 1) hands in for a level; None for nothing."""
    if luck.random() < MISSING_SHARE:
        return None
    folder = level_folder(level.id)
    solutions, mistakes = load_solutions(folder, level), load_mistakes(folder, level)
    passed = luck.random() < ability
    tries = 1 + int(luck.expovariate(1 / (3 if passed else 7)))
    reasons = tuple(luck.choice(mistakes).diagnosis for _ in range(tries - passed))
    common = min(len(mistakes) - 1, int(luck.expovariate(1.2)))  # one mistake is the usual one
    if passed:
        design = varied(luck.choice(solutions).design, level, luck)
    else:
        design = level.scenario.design if luck.random() < 0.15 else mistakes[common].design
    text = render_design(design, level)
    if luck.random() < 0.02:
        text = text.replace("kind = ", "knd = ", 1)
    asked = level.prediction
    guess = None
    if asked is not None:
        guess = -1 if luck.random() < SKIPPED_SHARE else luck.randrange(len(asked.choices))
    answer = None
    if level.question is not None and passed:
        choices = level.question.choices
        right = next(place for place, choice in enumerate(choices) if choice.right)
        answer = right if luck.random() < 0.4 + ability / 2 else luck.randrange(len(choices))
    seconds = luck.lognormvariate(6.2, 0.6)
    hints = luck.randrange(4) if not passed else luck.randrange(2)
    stars = (luck.randrange(1, 4), luck.randrange(1, 4), luck.randrange(1, 4)) if passed else (0, 0, 0)
    return LevelWork(
        level.id, text, passed, stars, tries, seconds, hints, prediction=guess, answer=answer, reasons=reasons
    )


def make_class(place: Path, level_ids: tuple[str, ...] = LEVELS, count: int = 60, seed: int = 1) -> None:
    """Fills a folder with the files of a class."""
    luck = random.Random(seed)
    levels = [level_by_id(level_id) for level_id in level_ids]
    folder = place / "hand-ins"
    folder.mkdir(parents=True, exist_ok=True)
    everybody = students(count, luck)
    roster = "".join(f"{one.name},{one.email}\n" for one in everybody)
    (place / "students.csv").write_text("name,email\n" + roster, "utf-8")
    (place / "seeds.txt").write_text("".join(f"{luck.randrange(10**6)}\n" for _ in range(3)), "utf-8")
    for number, signature in enumerate(everybody):
        if luck.random() < MISSING_SHARE:
            continue
        ability = min(0.95, max(0.15, luck.gauss(0.65, 0.2)))
        works = [work for level in levels if (work := work_on(level, ability, luck)) is not None]
        made = "2026-11-26T09:00:00Z" if luck.random() < LATE_SHARE else DUE.replace("18", "17")
        signed = everybody[0] if number == count - 1 else signature  # somebody hands in what is not theirs
        text = render_hand_in(signed, "Lesson 1: why events", works, made)
        (folder / f"{signature.email.partition('@')[0]}.toml").write_text(text, "utf-8")
    (folder / "notes.docx").write_bytes(b"not a hand-in")


if __name__ == "__main__":
    make_class(Path(sys.argv[1]), tuple(sys.argv[2:]) or LEVELS)
