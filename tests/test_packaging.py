"""What is published: licences, links, versions, and that nothing is left out."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lsccli

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "lsccli" / "bundle" / "storybook" / "README.md",
]


@pytest.fixture(scope="module")
def build_hook() -> ModuleType:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchor(heading: str) -> str:
    """What a heading of Markdown is called in a link."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"(?<!\\)\]\((?![a-z]+:)([^)\s]+)\)", text):
        path, _, part = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if part:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in map(anchor, headings), target


def test_links_of_the_readme_are_absolute_on_an_index(build_hook: ModuleType) -> None:
    text = "![One](docs/a.png) [b](docs/b.md#c), [d](https://d.org), [e](#e)"
    home = "https://home.example/lsc"
    assert build_hook.readme(text, home) == (
        f"![One]({home}/raw/HEAD/docs/a.png) [b]({home}/blob/HEAD/docs/b.md#c), [d](https://d.org), [e](#e)"
    )
    assert build_hook.readme(text, None) == (
        "One (`docs/a.png`) b (`docs/b.md#c`), [d](https://d.org), [e](#e)"
    )


def test_the_readme_that_is_published_has_no_relative_link(build_hook: ModuleType) -> None:
    metadata = {"urls": PROJECT["urls"]}
    build_hook.CustomMetadataHook(str(ROOT), {}).update(metadata)
    text = str(metadata["readme"]["text"])
    assert "arXiv 2309.11127](https://arxiv.org/abs/2309.11127)" in text
    assert not re.search(r"\]\((?![a-z]+://|#)", text)


def test_the_licence_names_all_that_ships() -> None:
    licenses = pytest.importorskip("packaging.licenses")
    wanted = "MIT AND CC-BY-3.0 AND LicenseRef-SCOWL AND LicenseRef-WordNet"
    assert licenses.canonicalize_license_expression(PROJECT["license"]) == wanted
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in PROJECT["license-files"]]
    for name in ("MIT License", "Creative Commons Attribution 3.0", "SCOWL", "WordNet 3.0 Copyright"):
        assert any(name in text for text in texts)
    found = [path for path in (ROOT / "lsccli").rglob("*") if "license" in path.name.lower()]
    assert {str(path.relative_to(ROOT)) for path in found} == set(PROJECT["license-files"]) - {"LICENSE"}


def test_versions_and_dates_agree() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version, date = re.findall(
        r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )[0]
    assert PROJECT["version"] == lsccli.__version__ == version
    assert f"\nversion: {version}\n" in citation
    assert f"\ndate-released: {date}\n" in citation


def test_the_wheel_is_the_same_from_the_source_distribution(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    def files(builder: Any) -> dict[str, str]:
        data = builder.get_default_build_data()
        builder.set_build_data_defaults(data)
        with builder.config.set_build_data(data):
            return {file.distribution_path: file.path for file in builder.recurse_included_files()}

    def wheel(root: Path) -> set[str]:
        return set(files(WheelBuilder(str(root))))

    source = tmp_path / "source"
    for name, path in files(SdistBuilder(str(ROOT))).items():
        place = source / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)  # the models are large
        except OSError:
            shutil.copyfile(path, place)
    here = wheel(ROOT)
    assert here == wheel(source)
    assert {"lsccli/py.typed", "lsccli/_db/schema.sql", "lsccli/core/scc/data/synonyms.txt"} <= here
    assert any(name.startswith("lsccli/_db/migrations/versions/") for name in here)
    weights = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lsccli").rglob("*.safetensors")}
    assert weights <= here
    # What the tests and the trainers need is in the source distribution.
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    for folder in ("tests", "training", "benchmarks", "db", "examples", "docs"):
        own = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py")}
        assert own <= there
    assert {"Makefile", ".ci/run", "CITATION.cff", "examples/storybook/captions.txt"} <= there
