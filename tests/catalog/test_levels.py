"""Level folders: what is read, and which line a refusal names."""

import shutil
from pathlib import Path

import pytest

from tutor.catalog import load_level
from tutor.errors import InputError
from tutor.model.level import Goal, Level, Without


def test_a_level_is_read(level: Level) -> None:
    """Fixed parts, locks, unlocks, palette and goals are read into the model's values."""
    assert level.id == "first-light/doorbell"
    assert level.fixed == {"till", "kitchen"}
    assert level.locked == {
        "service": {"workers"},
        "subscribe": {"*"},
        "kitchen": {"replicas"},
        "big-queue": {"replicas"},
    }
    assert level.unlocked == {"publish": {"size_kb"}}
    assert [(entry.id, entry.limit) for entry in level.palette] == [
        ("queue", 2),
        ("big-queue", None),
        ("helper", 1),
    ]
    assert level.wires == {"call", "publish", "subscribe"}
    assert level.goals == (Goal("/effect/kitchen/order.placed/lost", "no order is lost", None, 0.0),)
    assert level.prediction is not None
    assert level.prediction.choices == (1.0, 0.83)
    assert level.idea.without == (
        Without(
            (),
            ("queue",),
            ({"from": "till", "to": "kitchen", "kind": "call"},),
            {"rail->kitchen:subscribe": {"ack": "before"}},
        ),
    )
    assert level.briefing == "A story.\n"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("format = 1", "format = 2", "format", "format = 1"),
        ("format = 1", "", "format", '"format" is missing'),
        ('title = "The Doorbell"', "", "title", '"title" is missing'),
        ('title = "The Doorbell"', 'title = " "', "title", "empty"),
        ('summary = "One sentence."', 'sumary = "x"', "sumary", 'did you mean "summary"'),
        (
            'shows = ["timeout_ms", "retries", "ack"]',
            'shows = ["timeout"]',
            "shows",
            'did you mean "timeout_ms"',
        ),
        (
            'wire_kinds = ["call", "publish", "subscribe"]',
            'wire_kinds = ["cal"]',
            "wire_kinds",
            'did you mean "call"',
        ),
        ("min_traffic = 50", "min_traffic = -1", "min_traffic", "at least 0"),
        ("fixed = false", "fixed = true", "wires.from", 'add fixed = true to "rail"'),
        ("fixed = false", "fixed = 1", "wires.fixed", "true or false"),
        ("fixed = false", 'fixd = "x"', "wires.fixd", 'did you mean "fixed"'),
        (
            'locked = ["replicas"]\n\n[components.rail]',
            'locked = ["replica"]\n\n[components.rail]',
            "components.kitchen.locked",
            '"replicas"',
        ),
        ("limit = 2", "limit = 0", "palette.queue.limit", "from 1 to 100"),
        ("limit = 2", "limit = 2\nfixed = true", "palette.queue.fixed", 'unknown key "fixed"'),
        ('say = "holds orders"', "say = 3", "palette.queue.say", "text in quotes"),
        ('publish = ["size_kb"]', 'publsh = ["size_kb"]', "unlocked.publsh", 'did you mean "publish"'),
        ('publish = ["size_kb"]', 'publish = ["size"]', "unlocked.publish", 'did you mean "size_kb"'),
        (
            'publish = ["size_kb"]',
            '"till->kitchen:cal" = ["latency_ms"]',
            'unlocked."till->kitchen:cal"',
            "isn't a kind of wire",
        ),
        ('target = "kitchen"', 'target = "kitchn"', "faults.target", 'did you mean "kitchen"'),
        ('target = "kitchen"', 'target = "till->nowhere"', "faults.target", "not a wire"),
        ('at = "kitchen"', 'at = "kitchn"', "effects.at", 'did you mean "kitchen"'),
        (
            '"/effect/kitchen/order.placed/lost"',
            '"/effect/kitchen/order.plced/lost"',
            "goals.metric",
            'did you mean "order.placed"',
        ),
        (
            '"/effect/kitchen/order.placed/lost"',
            '"/effect/kitchn/order.placed/lost"',
            "goals.metric",
            'did you mean "kitchen"',
        ),
        (
            '"/effect/kitchen/order.placed/lost"',
            '"/efect/kitchen/order.placed/lost"',
            "goals.metric",
            'did you mean "effect"',
        ),
        (
            '"/effect/kitchen/order.placed/lost"',
            '"/effect/kitchen/order.placed"',
            "goals.metric",
            "ends too early",
        ),
        ('"/effect/kitchen/order.placed/lost"', '"/effect"', "goals.metric", "ends too early"),
        (
            '"/effect/kitchen/order.placed/lost"',
            '"/window/late/client/till/ok"',
            "goals.metric",
            "unknown window",
        ),
        ('"/effect/kitchen/order.placed/lost"', '"effect/kitchen"', "goals.metric", 'start with "/"'),
        ('at = "kitchen"', 'at = "helper"', "effects.at", "may leave"),
        ("at_most = 0", "", "goals", "is missing"),
        ("at_most = 0", "at_most = 0\nat_least = 0", "goals.at_most", "write two"),
        ("at_most = 0", "at_most = nan", "goals.at_most", "a number"),
        ("cost = {three = 3, two = 5}", "cost = {three = 6, two = 5}", "par.cost.three", "harder"),
        ("cost = {three = 3, two = 5}", "cost = {three = 3}", "par.cost", "both needed"),
        ("cost = {three = 3, two = 5}", "", "par", '"cost" is missing'),
        (
            '"/client/till/availability"',
            '"/client/kitchen/availability"',
            "prediction.metric",
            "known: till",
        ),
        ('{value = 0.83, say = "most"}', '{value = 1, say = "most"}', "prediction.choices.value", "already"),
        (', {value = 0.83, say = "most"}', "", "prediction.choices", "at least two"),
        ("right = true", "", "question.choices", "one answer has to be right"),
        ('why = "d"', "", "question.choices", '"why" is missing'),
        ('step = "question"', 'step = "quest"', "hints.step", 'did you mean "question"'),
        ('text = "Where?"', 'text = ""', "hints.text", "empty"),
        (
            'remove = ["queue"]\nwires',
            'remve = ["queue"]\nwires',
            "idea.without.remve",
            'did you mean "remove"',
        ),
        (
            'wires = [{from = "till", to = "kitchen", kind = "call"}]\n',
            'wires = [{from = "till"}]\n',
            "idea.without.wires",
            '"to"',
        ),
        ('from = "rail"', 'from = "till"', "wires", "already on line 28"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refused(folder: Path, old: str, new: str, key: str, words: str) -> None:
    """Each error in a level is reported with its file, key and line, and says what would be right."""
    path = folder / "level.toml"
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        load_level(folder)
    said = str(caught.value)
    assert words in said, said
    assert caught.value.key == key, said
    assert caught.value.file == str(path)
    line = caught.value.line
    assert line is not None
    if (
        new
        and "missing" not in words
        and '"to"' not in words
        and "already there in" not in words
        and "too early" not in words
    ):
        place = text.index(old)
        first = text.count("\n", 0, place) + 1
        last_name = key.rpartition(".")[2].strip('"')
        assert first - 12 <= line <= first + new.count("\n") + 1, said
        assert last_name.split(":")[0] in path.read_text().splitlines()[line - 1], said


@pytest.mark.parametrize("name", ["level.toml", "briefing.md", "debrief.md"])
def test_missing_files_are_named(folder: Path, name: str) -> None:
    """A level with a missing file is refused, and the error names the file."""
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        load_level(folder)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [("", 1, "empty"), ("ok\n\x1b[31m", 2, "escape code"), ("a\n\u202eb", 2, "control")],
)
def test_words_are_data(folder: Path, text: str, line: int, words: str) -> None:
    """A briefing that is empty, or contains control characters, is refused with its line."""
    (folder / "briefing.md").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        load_level(folder)
    assert (caught.value.file, caught.value.line) == (str(folder / "briefing.md"), line)


def test_no_such_folder(folder: Path) -> None:
    """A missing folder, or a name that no level can have, is refused."""
    with pytest.raises(InputError, match="level folder doesn't exist"):
        load_level(folder.parent / "nothing")
    bad = folder.parent / "Bad Name"
    shutil.copytree(folder, bad)
    with pytest.raises(InputError, match="can't name"):
        load_level(bad)


def test_what_the_palette_adds_may_be_aimed_at(folder: Path) -> None:
    """Faults, effects and goals may name a palette entry, and a fault may name any wire that could
    be drawn.
    """
    path = folder / "level.toml"
    more = (
        '[[faults]]\nkind = "partition"\ntarget = "till->queue"\n[[faults]]\nkind = "crash"\ntarget ='
        ' "queue"\n'
    )
    goal = '[[goals]]\nmetric = "/component/queue/queue/max"\nat_most = 5\nsay = "short"\n'
    path.write_text(path.read_text() + more + goal)
    level = load_level(folder)
    assert [fault.target for fault in level.scenario.faults] == ["kitchen", "till->queue", "queue"]
