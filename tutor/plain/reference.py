"""Looking things up in lines: terms, stars, seeds, sources, places to look at, and other levels."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.errors import InputError
from tutor.judge.stars import count_changes
from tutor.judge.words import describe_metric, names_of, render_metric
from tutor.model.level import Level
from tutor.model.setting import suggest
from tutor.plain.game import PlainGame
from tutor.plain.learning import briefing
from tutor.session.texts import clean, debrief_links, render_sources
from tutor.words import say


def glossary(game: PlainGame) -> Iterator[str]:
    """Explains a term; all terms if none is named."""
    terms = {term.id: term for term in game.glossary()}
    if not game.words:
        yield from (say("plain.terms", title=clean(term.title), id=term.id) for term in terms.values())
        return
    word = " ".join(game.words)
    found = [
        term
        for term in terms.values()
        if _spelled(word) in map(_spelled, (term.id, term.title, *term.aliases))
    ]
    if not found:
        raise InputError(
            say("plain.no-term", word=clean(word), suggestion=suggest(word.replace(" ", "-"), terms))
        )
    yield say("plain.term", title=clean(found[0].title), text=clean(" ".join(found[0].definition.split())))


def _spelled(term: str) -> str:
    """Returns a term as it is compared: a dead-letter queue is also a dead letter queue."""
    return " ".join(term.casefold().replace("-", " ").split())


def stars(game: PlainGame) -> Iterator[str]:
    """Shows what it takes to earn the stars."""
    level = _level(game)
    cost, speed, simplicity = level.par.cost, level.par.speed, level.par.simplicity
    yield say("plain.stars-cost", three=cost.three, two=cost.two)
    yield say(
        "plain.stars-speed",
        metric=describe_metric(speed.metric, names_of(level.scenario.design)),
        three=render_metric(speed.metric, speed.three),
        two=render_metric(speed.metric, speed.two),
    )
    changes = count_changes(level, game.session.design)
    yield say("plain.stars-simplicity", three=int(simplicity.three), two=int(simplicity.two), changes=changes)


def seeds(game: PlainGame) -> Iterator[str]:
    """Lists the seeds of the last run that passed, and the goals that the others missed."""
    _level(game)
    verdict = game.session.verdict
    if verdict is None:
        raise InputError(say("plain.no-run"))
    for seed in verdict.seeds:
        if seed.passed:
            yield say("plain.passed-seed", seed=seed.seed)
        else:
            missed = "; ".join(clean(goal.goal.say) for goal in seed.missed) or "; ".join(seed.inconclusive)
            yield say("plain.failed-seed", seed=seed.seed, goals=missed)
    yield say("plain.open-seed")


def sources(game: PlainGame) -> Iterator[str]:
    """Lists what the debrief refers to, with its addresses, and the documentation behind it."""
    level = _level(game)
    if not game.session.explained:
        raise InputError(say("level.exam"))
    if not game.session.passed:
        raise InputError(say("plain.sources-open"))
    links = [say("plain.link", title=clean(title), url=clean(url)) for title, url in debrief_links(level)]
    yield from [*links, *render_sources(level)] or [say("plain.no-sources")]


def play_other(game: PlainGame) -> Iterator[str]:
    """Opens another level in this one's place."""
    if len(game.words) != 1:
        raise InputError(say("plain.play-form"))
    if game.open_level is None:
        raise InputError(say("plain.unknown-play"))
    game.open(game.open_level(game.words[0]))
    yield from briefing(game)


def _level(game: PlainGame) -> Level:
    if game.session.level is None:
        raise InputError(say("plain.no-level"))
    return game.session.level
