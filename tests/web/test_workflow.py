"""The workflow that publishes the page does what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKFLOW = (ROOT / ".github" / "workflows" / "web.yml").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "web.md").read_text(encoding="utf-8")


def test_a_tag_publishes_both_artefacts_as_the_guide_says() -> None:
    """A tag ``v...`` runs the build command from the guide, and the release gets both files that the guide
    names.
    """
    assert 'tags: ["v*"]' in WORKFLOW
    command = re.search(r"python -m tutor\.web build \w+", GUIDE)
    assert command is not None
    assert f"- run: {command.group()}" in WORKFLOW
    release = next(line for line in WORKFLOW.splitlines() if "gh release upload" in line)
    for name in ("tutor.html", "tutor-site.zip"):
        assert name in GUIDE
        assert f"public/{name}" in release
    assert "path: public/site" in WORKFLOW


def test_actions_are_pinned_and_the_build_may_write_nothing() -> None:
    """Every action is named by a commit, and the job that installs packages has the right to read alone."""
    used = re.findall(r"uses: \S+@(\S+)", WORKFLOW)
    assert len(used) >= 7
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in used)
    build = WORKFLOW[WORKFLOW.index("  build:") : WORKFLOW.index("  release:")]
    assert "permissions" not in build
    assert re.search(r"^permissions:\n  contents: read$", WORKFLOW, re.MULTILINE)


def test_the_workflow_installs_the_extra_for_building() -> None:
    """The extra ``.[web]``, which the workflow installs, is an extra of the package."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r"^web = \[", project, re.MULTILINE)
    assert "'.[web]'" in WORKFLOW
