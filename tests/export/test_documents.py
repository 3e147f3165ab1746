"""Exported documents are valid where they are used."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from tutor.catalog import join, level_by_id, load_course, load_design_file
from tutor.catalog.course import level_folder
from tutor.cli import tutor
from tutor.errors import InputError
from tutor.export.asyncapi import describe
from tutor.export.honor import not_honored
from tutor.export.mermaid import draw
from tutor.export.project import BROKERS, build, save
from tutor.model.design import Design

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text())
"""The official schema of AsyncAPI 3.0.0 (github.com/asyncapi/spec-json-schemas, Apache-2.0)."""
LEVELS = [id for chapter in load_course().chapters for id in chapter.levels]


def solutions(id: str) -> list[tuple[str, Design]]:
    """The solutions of a level by name, joined with it."""
    level = level_by_id(id)
    return [
        (path.stem, join(load_design_file(path), level))
        for path in sorted((level_folder(id) / "solutions").glob("*.toml"))
    ]


@pytest.mark.parametrize("id", LEVELS)
def test_the_document_is_valid_by_the_official_schema(id: str) -> None:
    """Every solution of every level exports a valid AsyncAPI 3.0 document, and all its references resolve."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    for name, design in solutions(id):
        document = describe(design, name)
        assert [error.message for error in validator.iter_errors(document)] == []
        for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
            found: Any = document
            for token in reference.split("/"):
                found = found[token]


def test_a_title_is_data_in_a_flowchart() -> None:
    """Every part and wire is in the flowchart, and a quote in a title doesn't end its text."""
    design = level_by_id("first-light/first-event").scenario.design
    text = draw(design)
    assert text.startswith("flowchart LR\n")
    assert len(text.splitlines()) == 1 + len(design.components) + len(design.wires)
    import dataclasses

    odd = dataclasses.replace(design.components["kitchen"], title='a "b" #c')
    assert '["a #quot;b#quot; #35;c"]' in draw(
        dataclasses.replace(design, components={**design.components, "kitchen": odd})
    )


@pytest.mark.parametrize("broker", BROKERS)
def test_every_file_of_a_project_can_be_read(broker: str) -> None:
    """For every level, Python files parse and don't import tutor, TOML and JSON parse, and each service has
    its process.
    """
    for id in LEVELS:
        for name, design in solutions(id)[:1]:
            try:
                found = build(design, f'{name} "quoted" \\', broker)
            except InputError:
                assert not any(
                    part.kind in ("queue", "topic", "stream") for part in design.components.values()
                )
                continue
            for path, text in found.items():
                if path.endswith(".py"):
                    tree = ast.parse(text, path)
                    modules = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
                    assert not any(module.split(".")[0] == "tutor" for module in modules)
            tomllib.loads(found["pyproject.toml"])
            json.loads(found["asyncapi.json"])
            services = [
                path
                for path in found
                if path.startswith("app/services/") and not path.endswith("__init__.py")
            ]
            assert len(services) == len({line.split(": ")[1] for line in found["Procfile"].splitlines()}) - 1


def test_what_is_left_out_is_said() -> None:
    """NOT_HONOURED.md has a sentence for each job, call and setting that the broker lacks."""
    design = level_by_id("night-job/night-shift").scenario.design
    said = "\n".join(not_honored(design, "nats"))
    assert "a scheduled job isn't exported" in said
    lease = dict(solutions("say-it-twice/charged-twice"))["inbox-long-lease"]
    assert any("RabbitMQ has no leases" in one for one in not_honored(lease, "rabbitmq"))
    assert not any("leases" in one for one in not_honored(lease, "nats"))


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    """A folder that isn't empty is refused unless --force is given; a document goes to standard output."""
    (tmp_path / "mine.txt").write_text("mine")
    arguments = ["export", "first-light/first-event", "--to", "nats", "--out", str(tmp_path)]
    refused = CliRunner().invoke(tutor, arguments)
    assert isinstance(refused.exception, InputError)
    assert "isn't empty" in str(refused.exception)
    assert CliRunner().invoke(tutor, [*arguments, "--force"]).exit_code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "app" / "settings.py").exists()
    shown = CliRunner().invoke(tutor, ["export", "first-light/first-event", "--to", "asyncapi"])
    assert json.loads(shown.output)["asyncapi"] == "3.0.0"


def test_a_design_without_a_channel_is_refused() -> None:
    """A design of calls alone has nothing to put on a broker."""
    with pytest.raises(InputError, match="no queue, topic or stream"):
        build(level_by_id("night-job/flash-sale").scenario.design, "calls", "nats")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A file in place of the output folder is refused in one line."""
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is a file"):
        save({"a": "b"}, tmp_path / "out", force=True)
