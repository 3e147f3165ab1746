"""The commands that play: ``tutor play`` and ``tutor sandbox``, and the game that opens without a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutor.cli.options import LEVELS, command
from tutor.cli.store import kept_progress, tell_notices
from tutor.errors import InputError
from tutor.terminal import has_screen, is_terminal, lasting_screen, show, show_wrapped
from tutor.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from tutor.classroom.submit import Submission
    from tutor.link import DesignLink
    from tutor.model.design import Design
    from tutor.model.level import Goal, Level
    from tutor.model.pack import PackRules
    from tutor.model.scenario import Scenario
    from tutor.progress import Progress
    from tutor.progress.signature import Signature
    from tutor.scoring.remote import RemoteTrials
    from tutor.show.handing_in import OpenHandingIn
    from tutor.show.live import LiveView
    from tutor.tui.app import TutorApp


@command(
    "play",
    "tutor play night-job/flash-sale",
    "tutor play flash-sale --plain",
    "tutor play --levels my-levels",
    "tutor play 'LINK'",
)
@click.argument("level", required=False)
@click.option("--plain", is_flag=True)
@click.option("--level", "inside", metavar="ID")
@click.option("--name", default="")
@click.option("--email", default="")
@LEVELS
def play(
    level: str | None, plain: bool, inside: str | None, name: str, email: str, levels_root: Path | None
) -> int:
    """Straight into one LEVEL, the class pack of this name, or the design of a link; the map of levels where
    none is given.
    """
    from tutor.catalog import level_by_id, load_course
    from tutor.classroom.pack import is_pack
    from tutor.link import is_link

    if level is not None and is_link(level):
        return _play_link(level, plain, levels_root)
    if level is not None and is_pack(Path(level)):
        return _play_pack(Path(level), plain, inside, name, email)
    if inside is not None:
        raise InputError(say("commands.pack-level"))
    if name or email:
        raise InputError(say("class.signature.pack-only"))
    if level is None and plain:
        from tutor.progress.fast_track import level_to_play, unaided_levels

        with kept_progress(levels_root) as progress:
            standings = progress.standings()
            passed = {name for name, standing in standings.items() if standing.passed}
            level = level_to_play(
                load_course(levels_root), passed, unaided_levels(standings), progress.latest
            )
    if level is None:
        load_course(levels_root)
        return open_game(levels_root=levels_root)
    found = level_by_id(level, levels_root)
    if not plain:
        return open_game(level=found.id, levels_root=levels_root)
    return _play_plain(found, levels_root)


def _play_link(word: str, plain: bool, levels_root: Path | None) -> int:
    """Opens a link's design on the board of its level, or in the sandbox."""
    from tutor.catalog import level_by_id, load_design_text, parse_scenario
    from tutor.link import parse_link

    link = parse_link(word)
    if not link.level:
        scenario = parse_scenario(link.text, "link")
        if not plain:
            return open_game(link=link)
        from tutor.plain import play as play_lines
        from tutor.plain import typed_lines
        from tutor.session import Session

        return play_lines(Session(None, scenario=scenario), typed_lines(sys.stdin), show_wrapped)
    level = level_by_id(link.level, levels_root)
    design = load_design_text(link.text, name="link", level=level) if link.text else None
    if not plain:
        return open_game(link=link, levels_root=levels_root)
    return _play_plain(level, levels_root, design=design)


@command("link", "tutor link my-design.toml", "tutor link scenario.toml --site https://example.org/tutor/")
@click.argument("file", metavar="DESIGN", type=click.Path(path_type=Path))
@click.option("--site", metavar="URL", default="")
@LEVELS
def link(file: Path, site: str, levels_root: Path | None) -> int:
    """The DESIGN as a link, which tutor play and a browser edition open."""
    from tutor.catalog import level_by_id, load_design_file, load_scenario, render_design, render_scenario
    from tutor.catalog.designs import join
    from tutor.catalog.reading import read_toml
    from tutor.link import DesignLink, render_link

    if "level" in read_toml(file):
        design = load_design_file(file)
        level = level_by_id(design.level, levels_root)
        made = DesignLink(level.id, render_design(join(design, level), level))
    else:
        made = DesignLink("", render_scenario(load_scenario(file)))
    show(render_link(made, site))
    return 0


def _play_pack(file: Path, plain: bool, inside: str | None, name: str, email: str) -> int:
    """Opens a class pack; in lines the level ``inside`` it, its first that is not passed where
    none is named.
    """
    import shlex

    from tutor.catalog import level_by_id, load_course
    from tutor.classroom.pack import open_pack
    from tutor.progress import home_folder, open_progress

    opened = open_pack(file, home_folder())
    if inside is not None:
        inside = level_by_id(inside, opened.levels_root).id
    rules = opened.rules.for_student(_signed(opened.rules, name, email).email)

    def submission(progress: Progress) -> Submission:
        from tutor.classroom.submit import Submission

        return Submission(progress, home_folder(), levels_root=opened.levels_root, rules=rules)

    if not plain:
        return open_game(
            level=inside,
            levels_root=opened.levels_root,
            home=opened.home,
            rules=rules,
            hand_in=submission,
        )
    order = [known for chapter in load_course(opened.levels_root).chapters for known in chapter.levels]
    with open_progress(opened.home) as progress:
        passed = {known for known in order if progress.passed(known)}
    following = next((known for known in order if known not in passed), order[-1])
    if inside is not None:
        following = inside
        if not opened.rules.is_open(following, order, passed):
            raise InputError(say("commands.pack-closed", level=following))
    show(
        say(
            "commands.pack-place",
            title=opened.rules.title,
            number=order.index(following) + 1,
            count=len(order),
        )
    )
    level = level_by_id(following, opened.levels_root)
    return _play_plain(
        level,
        opened.levels_root,
        home=opened.home,
        rules=rules,
        again=shlex.quote(str(file)),
        hand_in=submission,
    )


def _signed(rules: PackRules, name: str, email: str) -> Signature:
    """Whose pack it is: as given, else as it is kept. A pack with numbers of one's own needs an address
    before it is opened: it is asked for once, at a terminal.
    """
    from tutor.progress import home_folder
    from tutor.progress.signature import load_signature, parse_signature, save_signature

    signature = load_signature(home_folder())
    asked = bool(rules.variants) and not (email or signature.email) and is_terminal(sys.stdin)
    if asked:
        show(say("class.signature.addressless"))
        name = name or signature.name or click.prompt(say("class.signature.name"))
        email = click.prompt(say("class.signature.email"))
    if name or email or rules.variants:
        given = (name or signature.name or email.partition("@")[0], email or signature.email)
        signature = parse_signature(*given, address_needed=bool(rules.variants))
        save_signature(home_folder(), signature)
    return signature


def _play_plain(
    level: Level,
    levels_root: Path | None,
    *,
    home: Path | None = None,
    rules: PackRules | None = None,
    again: str = "",
    design: Design | None = None,
    hand_in: OpenHandingIn | None = None,
) -> int:
    """Plays a level in lines; ``again`` is the pack that gives the next level when it is opened again,
    ``design`` goes on its board.
    """
    import shlex
    import time

    from tutor.catalog import level_by_id, level_folder, load_course, load_glossary, load_solutions
    from tutor.plain import Reviewing, typed_lines
    from tutor.plain import play as play_lines
    from tutor.progress.fast_track import level_after, unaided_levels
    from tutor.session import Session

    course = load_course(levels_root)
    if rules is not None:
        level = rules.applied(level)
    with_solutions = rules is None or rules.solutions
    with kept_progress(levels_root, home, rules) as progress:

        def following(played: str) -> str:
            standings = progress.standings()
            passed = {name for name, standing in standings.items() if standing.passed}
            unaided = unaided_levels(standings) if rules is None else frozenset()
            after = level_after(course, played, passed, unaided)
            pack = f" --levels {shlex.quote(str(levels_root))}" if levels_root is not None else ""
            return (again or f"{after}{pack}") if after else ""

        playing, since = level.id, time.monotonic()

        def opened(level: Level) -> Session:
            folder = level_folder(level.id, levels_root)
            return Session(
                level,
                progress,
                load_solutions=(lambda: load_solutions(folder, level)) if with_solutions else None,
            )

        def other(word: str) -> Session:
            nonlocal playing
            if rules is not None:
                raise InputError(say("commands.pack-order"))
            found = level_by_id(word, levels_root)
            note_time()
            playing = found.id
            return opened(found)

        def due() -> list[Level]:
            return [level_by_id(review.level, levels_root) for review in progress.due()]

        def note_time() -> None:
            nonlocal since
            progress.note_time(playing, time.monotonic() - since)
            since = time.monotonic()

        session = opened(level)
        if design is not None:
            session.adopt(design)
        try:
            return play_lines(
                session,
                typed_lines(sys.stdin),
                show_wrapped,
                next_level=lambda: following(playing),
                glossary=lambda: load_glossary(levels_root),
                open_level=other,
                hand_in=hand_in(progress) if hand_in is not None else None,
                open_live=_open_live,
                reviews=Reviewing(due, progress.answer),
            )
        finally:
            note_time()
            tell_notices(progress)


@command("sandbox", "tutor sandbox", "tutor sandbox scenario.toml", "tutor sandbox scenario.toml --plain")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True)
def sandbox(file: Path | None, plain: bool) -> int:
    """The sandbox, with every part and every fault, on FILE where one is given."""
    if file is not None:
        from tutor.catalog import load_scenario

        found = load_scenario(file)
    if plain:
        from tutor.catalog import load_glossary
        from tutor.plain import play as play_lines
        from tutor.plain import typed_lines
        from tutor.session import Session
        from tutor.show.sandbox import starter

        session = Session(scenario=found if file is not None else starter())
        return play_lines(
            session, typed_lines(sys.stdin), show_wrapped, glossary=load_glossary, open_live=_open_live
        )
    return open_game(sandbox=file if file is not None else True)


def open_game(
    *,
    level: str | None = None,
    sandbox: Path | bool = False,
    levels_root: Path | None = None,
    home: Path | None = None,
    rules: PackRules | None = None,
    link: DesignLink | None = None,
    hand_in: OpenHandingIn | None = None,
) -> int:
    """The game on the screen, at this level, this sandbox or where the learner left off; its exit code."""
    if not (os.environ.get("TEXTUAL_DRIVER") or (is_terminal(sys.stdin) and is_terminal(sys.stdout))):
        raise InputError(say("commands.no-terminal"))
    if not (os.environ.get("TEXTUAL_DRIVER") or has_screen()):
        raise InputError(say("commands.dumb-terminal"))
    import contextlib
    import signal

    from tutor.progress import home_folder
    from tutor.tui.app import Options, make_app

    with contextlib.ExitStack() as closing:
        options = Options(
            levels_root=levels_root,
            rules=rules,
            progress=lambda: closing.enter_context(kept_progress(levels_root, home, rules)),
            level=level,
            sandbox=sandbox,
            link=link,
            live=_open_live,
            hand_in=hand_in,
            trials=lambda: _remote_trials(closing),
            preferences_file=home_folder() / "preferences.toml",
        )
        app = make_app(options)
        # asyncio would take the signal for a cancelled game, which ends with 0; the game's own ctrl+c is a
        # key. A terminal that is closed or a system that shuts down must get its screen back, too.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):  # Windows has no SIGHUP
                signal.signal(getattr(signal, name), lambda number, _: _leave(app, 128 + number))
        with lasting_screen():
            app.run()
        if app.progress is not None:
            tell_notices(app.progress)
        return app.return_code or 0


def _remote_trials(closing: ExitStack) -> RemoteTrials:
    """Another process to score designs in; it ends with ``closing``."""
    from tutor.scoring.process import ProcessLine
    from tutor.scoring.remote import RemoteTrials

    line = ProcessLine()
    closing.callback(line.close)
    return RemoteTrials(line)


def _open_live(scenario: Scenario, goals: Sequence[Goal]) -> LiveView:
    """A live run for the game; what it needs is loaded when it is asked for."""
    from tutor.live.view import LiveRunView

    return LiveRunView(scenario, goals)


def _leave(app: TutorApp, code: int) -> None:
    """Ends the game from a signal, with its exit code; the loop may be asleep, so it has to be woken."""
    import asyncio
    import contextlib

    with contextlib.suppress(RuntimeError):  # before the loop runs there is nothing to leave
        asyncio.get_running_loop().call_soon_threadsafe(lambda: app.exit(return_code=code))
