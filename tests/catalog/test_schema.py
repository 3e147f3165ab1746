"""The editor schemas accept and refuse the same files as the readers."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from tutor.catalog import find_levels_root
from tutor.catalog.schema import SCHEMAS, render_schema

ROOT = find_levels_root()


def validator(name: str) -> jsonschema.Draft202012Validator:
    """A validator for a schema."""
    schema = SCHEMAS[name]()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_the_files_are_up_to_date(name: str) -> None:
    """The schema files beside the levels match the declared settings: ``python -m tutor.catalog.schema``
    rewrites them.
    """
    assert (ROOT / name).read_text("utf-8") == render_schema(name)
    assert json.loads(render_schema(name))["title"]


def test_shipped_files_fit() -> None:
    """Every shipped level, solution and mistake validates against its schema."""
    level, design = validator("level.schema.json"), validator("design.schema.json")
    seen = 0
    for path in sorted(ROOT.glob("*/*/**/*.toml")):
        schema = level if path.name == "level.toml" else design
        errors = [error.message for error in schema.iter_errors(tomllib.loads(path.read_text("utf-8")))]
        assert not errors, (path, errors[:1])
        seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ('kind = "client"', 'kind = "clint"'),
        ("service_ms = 200", "service_ms = -1"),
        ("limit = 2", "limit = 0"),
        ("timeout_ms = 2000", 'timeout_ms = "soon"'),
        ("for_s = 20", "factor = 20"),
        ('step = "question"', 'step = "quest"'),
        ("[idea]", "[ide]"),
    ],
)
def test_what_is_refused_does_not_fit(level_text: str, old: str, new: str) -> None:
    """The schema refuses the values that the reader refuses."""
    schema = validator("level.schema.json")
    assert schema.is_valid(tomllib.loads(level_text))
    assert not schema.is_valid(tomllib.loads(level_text.replace(old, new, 1)))


def test_scenarios_fit(tmp_path: Path) -> None:
    """A scenario with each kind of value validates, and one with an unknown key doesn't."""
    schema = validator("scenario.schema.json")
    text = (
        '[run]\nduration_s = 5\n[components.a]\nkind = "service"\nqueue_limit = "none"\nservice_ms = {a ='
        " 1}\ndistribution = [[1, 2]]\n"
    )
    assert schema.is_valid(tomllib.loads(text))
    assert not schema.is_valid(tomllib.loads(text + "queue_limt = 3\n"))
