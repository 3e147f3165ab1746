"""Feedback for each student: one page with the goals that were missed, the reasons, their evidence and where
to look.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tutor.classroom import html, page
from tutor.classroom.assignment import Grading
from tutor.classroom.book import BookEntry
from tutor.disk import write_text
from tutor.errors import InputError, why_refused
from tutor.words import say


def write_pages(folder: Path, grading: Grading) -> int:
    """Writes a page for each student into ``folder``, which is created if it is missing; returns the number
    of pages.

    Raises :class:`InputError` where the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(say("class.folder", why=why_refused(error)), file=str(folder)) from None
    pages = list(_pages(grading))
    for name, text in pages:
        write_text(folder / f"{name}.html", text)
    return len(pages)


def moodle_archive(grading: Grading) -> bytes:
    """Returns a zip for Moodle's "Upload multiple feedback files in a zip".

    Files go by the folders that Moodle's own download has: ``Full name_1234_assignsubmission_file_``. A
    student whose hand-in came from elsewhere is left out, as Moodle finds students by that number.
    (docs.moodle.org, "Assignment settings", feedback files.)
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entries in _by_student(grading):
            folder = next(
                (entry.grade.student for entry in entries if _MOODLE.fullmatch(entry.grade.student)), None
            )
            if folder is not None:
                archive.writestr(f"{folder}/feedback.html", _page(entries, grading))
    return buffer.getvalue()


_MOODLE = re.compile(r".+_\d+_assignsubmission_file_?")


def _pages(grading: Grading) -> Iterator[tuple[str, str]]:
    used: set[str] = set()
    for entries in _by_student(grading):
        first = entries[0]
        plain = unicodedata.normalize("NFC", first.email or first.name).casefold()
        name = re.sub(r"[^\w.@-]+", "-", plain).strip("-.") or "student"
        while name in used:
            name += "-2"
        used.add(name)
        yield name, _page(entries, grading)


def _by_student(grading: Grading) -> list[list[BookEntry]]:
    found: dict[str, list[BookEntry]] = {}
    for entry in grading.entries:
        found.setdefault(entry.email or entry.name, []).append(entry)
    return list(found.values())


def _page(entries: list[BookEntry], grading: Grading) -> str:
    body = [f"<p>{html.text(say('class.feedback-intro'))}</p>"]
    for entry in entries:
        body += _level(entry, grading)
    return html.page(say("class.feedback-title", name=entries[0].name), body)


def _level(entry: BookEntry, grading: Grading) -> Iterator[str]:
    grade = entry.grade
    yield f"<h2>{html.text(grading.titles.get(grade.level, grade.level))}</h2>"
    word = say(f"class.status.{grade.status.replace(' ', '-')}.word")
    facts = [word, say("class.points", count=entry.points)]
    if grade.goals:
        facts.append(say("class.goals-met", met=grade.goals_met, count=grade.goals))
    yield f"<p>{html.text('; '.join(facts))}</p>"
    if grade.missed:
        yield f"<p>{html.text(say('class.missed-goals'))}</p>"
        yield "<ul>" + "".join(f"<li>{html.text(goal)}</li>" for goal in grade.missed) + "</ul>"
    elif grade.reason:
        yield f"<p>{html.text(grade.reason)}</p>"
    if grade.parted:
        yield f"<h3>{html.text(say('class.parted'))}</h3>"
        yield "".join(f"<p>{html.text(line.strip())}</p>" for line in grade.parted)
    if grade.status != "passed":
        for one in grade.why:
            yield f"<h3>{html.text(one.title)}</h3>{page.why(one.what, one.evidence, one.look)}"
