"""One new file of each kind, dropped into a folder, goes through `run` and `report`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from lsccli.api import KINDS
from lsccli.core.metrics.base import fitted
from lsccli.core.registry.plugins import use_files
from tests.cli.shell import Lsc

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# ((?!test_)\S+)\n(.*?)```", TEXT, re.DOTALL))
# Of each kind: the file in CONTRIBUTING.md, and what it takes to run it.
RUNS: dict[str, tuple[str, list[str]]] = {
    "method": ("longest.py", ["-m", "longest", "--captioner", "dataset"]),
    "metric": ("mad.py", ["-m", "order", "--captioner", "dataset", "--metric", "mad"]),
    "captioner": ("shade.py", ["-m", "order", "--captioner", "shade"]),
    "fact": ("redness.py", ["-m", "by_red", "--captioner", "dataset"]),
    "role": ("depth.py", ["-m", "by_depth", "--captioner", "dataset"]),
    "receiver": ("plain.py", ["-m", "order", "--captioner", "dataset"]),
    "channel_model": ("z.py", ["-m", "order", "--captioner", "dataset", "--channel", "z", "--fall", "0.2"]),
    "channel_code": (
        "wagner.py",
        ["-m", "order", "--captioner", "dataset", "--channel", "bsc", "--ber", "0.1", "--code", "wagner"],
    ),
    "source_code": ("five.py", ["-m", "order", "--captioner", "dataset", "--source-code", "five"]),
    "decoder": (
        "letters.py",
        ["-m", "order", "--captioner", "dataset", "--channel", "bsc", "--ber", "0.1", "--decoder", "letters"],
    ),
    "report_format": ("markdown.py", ["-m", "order", "--captioner", "dataset"]),
}
# A fact and a role are read by a method, which stands in the same file.
METHODS = {
    "fact": """

from lsccli.api import method


@method("by_red", summary="s", direction="last word first in a red image", source="here", reads=["redness"])
def by_red(item):
    order = range(len(item.words))
    return list(reversed(order)) if item.facts["redness"] > 0 else list(order)
""",
    "role": """

from lsccli.api import fact, method


@fact("size_of_depth", summary="the settings of a model of one's own", roles=["depth"])
def size_of_depth(models, views):
    model = models.loaded("depth", lambda: models.profile.need("depth").model.find().directory)
    assert model.name == "estimator"
    return [models.profile.need("depth").size for _ in views]


@method("by_depth", summary="s", direction="d", source="here", reads=["size_of_depth"])
def by_depth(item):
    order = range(len(item.words))
    return list(order)[:: 1 if item.facts["size_of_depth"] == 384 else -1]
""",
}


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


@pytest.fixture
def models(lsc: Lsc, tiny_profile: Path) -> Path:
    """A profile with a role of one's own, and another with a receiver that no family here is for."""
    for name in ("estimator", "painter"):
        (lsc.folder / name).mkdir()
        save_file({"weight": np.zeros(1, np.float32)}, lsc.folder / name / "model.safetensors")
    (lsc.folder / "painter" / "plain.json").write_text("{}")
    head = f'extends = "{tiny_profile}"\n'
    (lsc.folder / "role.toml").write_text(head + f'[depth]\nmodel = "{lsc.folder}/estimator"\n')
    (lsc.folder / "receiver.toml").write_text(head + f'[receiver]\nmodel = "{lsc.folder}/painter"\n')
    return lsc.folder


def dropped(kind: str, folder: Path) -> Path:
    """The file of a kind in a folder."""
    name = RUNS[kind][0]
    path = folder / name
    path.write_text(FILES[name] + METHODS.get(kind, ""), encoding="utf-8")
    return path


def run(lsc: Lsc, kind: str, plugin: Path, small: Path) -> Any:
    profile = ["--models", f"{kind}.toml"] if kind in ("role", "receiver") else []
    return lsc.json("--plugin", plugin, *profile, "run", small, "--limit", 1, *RUNS[kind][1])


def stages(made: Any) -> dict[str, tuple[int, int]]:
    return {stage["stage"]: (stage["new"], stage["cached"]) for stage in made["stages"]}


def test_every_kind_is_tried() -> None:
    assert set(RUNS) == set(KINDS)


@pytest.mark.parametrize("kind", RUNS)
def test_one_file_goes_through_run_and_report(lsc: Lsc, small: Path, models: Path, kind: str) -> None:
    plugin = dropped(kind, lsc.folder)
    made = run(lsc, kind, plugin, small)
    (curve,) = made["report"]["curves"]
    assert len(curve["points"]) >= 3
    profile = ["--models", f"{kind}.toml"] if kind in ("role", "receiver") else []
    metric = ["--metric", "mad"] if kind == "metric" else []
    out = ["--out", "files", "--format", "markdown"] if kind == "report_format" else []
    again = lsc.json("--plugin", plugin, *profile, "report", "--compare", *metric, *out)
    assert [one["points"] for one in again["curves"]] == [curve["points"]]
    if kind == "report_format":
        assert (lsc.folder / "files" / "table.md").read_text().startswith("| method | AUC |")
    elif kind == "receiver":
        assert curve["settings"]["receiver"]["family"] == "plain"
    else:
        assert RUNS[kind][0][:-3] in json.dumps(curve["settings"]) or kind in ("fact", "role")
    listed = lsc.json("--plugin", plugin, "plugins")["plugins"]
    assert str(plugin) in json.dumps(listed)
    assert all(new == 0 for new, _ in stages(run(lsc, kind, plugin, small)).values())


@pytest.mark.parametrize(
    ("kind", "before", "after", "stage"),
    [
        ("metric", "abs(a - b).mean()", "abs(a - b).mean() + 1", "score"),
        ("captioner", "'bright' if mean > 127", "'grey' if mean > 0", "caption"),
        ("channel_model", '"""The Z-channel', '"""Edited, the Z-channel', "transmit"),
        ("receiver", '"red": (255, 0, 0)', '"red": (250, 0, 0)', "generate"),
        ("fact", 'redness"] > 0', 'redness"] > 2', "rank"),
    ],
)
def test_an_edited_file_makes_its_results_anew(
    lsc: Lsc, small: Path, models: Path, kind: str, before: str, after: str, stage: str
) -> None:
    plugin = dropped(kind, lsc.folder)
    first = stages(run(lsc, kind, plugin, small))
    assert first[stage][0] > 0
    assert stages(run(lsc, kind, plugin, small))[stage][0] == 0
    text = plugin.read_text(encoding="utf-8")
    assert before in text
    plugin.write_text(text.replace(before, after), encoding="utf-8")
    assert stages(run(lsc, kind, plugin, small))[stage][0] > 0


DEFAULTED = """
from lsccli.api import ModelRef, Settings, fact, method, role, setting


@role("level", summary="a level")
class Level(Settings):
    level: int = setting(5, ge=0, help="A level.")


@fact("level_of", summary="the level", roles=["level"])
def level_of(models, views):
    return [models.profile.need("level").level for _ in views]


@method("by_level", summary="s", direction="d", source="here", reads=["level_of"])
def by_level(item):
    order = list(range(len(item.words)))
    return order if item.facts["level_of"] == 5 else order[::-1]
"""


def test_an_edited_default_of_a_role_is_noticed(lsc: Lsc, small: Path, tiny_profile: Path) -> None:
    (lsc.folder / "level.toml").write_text(f'extends = "{tiny_profile}"\n[level]\n')
    plugin = lsc.folder / "level.py"
    command = (
        "--plugin",
        plugin,
        "--models",
        "level.toml",
        "rank",
        "-m",
        "by_level",
        "--captioner",
        "dataset",
    )
    lsc("caption", small, "--captioner", "dataset")
    plugin.write_text(DEFAULTED)
    assert lsc.json(*command)["new"] == 3
    plugin.write_text(DEFAULTED.replace("setting(5", "setting(9"))
    assert lsc.json(*command)["new"] == 3


KEPT = """
from lsccli.api import fact, method


@fact("commas", summary="commas of the text", kept=True)
def commas(models, views):
    return [[view.text.count(",")] for view in views]


@method("by_commas", summary="s", direction="d", source="here", reads=["commas"])
def by_commas(item):
    order = list(range(len(item.words)))
    return order if item.facts["commas"][0] == 0 else order[::-1]
"""


def test_a_kept_fact_of_one_s_own_may_look_at_the_text(lsc: Lsc, tmp_path: Path) -> None:
    from tests.cli.shell import make_scenes

    scenes = make_scenes(tmp_path / "punctuated", ["a dog, a cat", "a dog a cat"])
    (lsc.folder / "kept.py").write_text(KEPT)
    command = ("--plugin", "kept.py", "rank", "-m", "by_commas", "--captioner", "dataset")
    lsc("caption", scenes, "--captioner", "dataset")
    lsc(*command, "--limit", 1)
    lsc(*command)
    assert lsc.sql('SELECT "order" FROM ranking ORDER BY caption_id') == [
        ("[3, 2, 1, 0]",),
        ("[0, 1, 2, 3]",),
    ]


class Wrong(NamedTuple):
    """How the file of a kind is changed, to fail at the second image alone; what is said, of what."""

    kind: str
    before: str
    after: str
    line: str
    unit: str


# The second image by its first pixel; SQUARE is that of the picture as a metric sees it.
HERE = "list(image.getpixel((0, 0))) == PIXEL"
WRONG = {
    "a captioner that fails": Wrong(
        "captioner", "for mean in means", f"for image, mean in zip(images, means) if 1 // (not {HERE})",
        "The captioner shade failed: ZeroDivisionError", "scene-1.png",
    ),
    "a captioner of no text": Wrong(
        "captioner", "for mean in means", f"if not {HERE} else 5 for image, mean in zip(images, means)",
        "Captioner shade gave 5, which is no text.", "scene-1.png",
    ),
    "a captioner of half a character": Wrong(
        "captioner", "for mean in means",
        f"if not {HERE} else '\\ud800' for image, mean in zip(images, means)",
        "which is no text.", "scene-1.png",
    ),
    "a captioner that leaves": Wrong(
        "captioner", "for mean in means", f"if not {HERE} else exit() for image, mean in zip(images, means)",
        "The captioner shade failed: SystemExit", "scene-1.png",
    ),
    "a method that leaves": Wrong(
        "method", "    lengths =", "    if 'birds' in item.words: raise SystemExit(3)\n    lengths =",
        "Method longest failed on 'two birds': SystemExit: 3 (longest.py", "two birds",
    ),
    "a method with an error beside Exception": Wrong(
        "method", "    lengths =",
        "    class Own(BaseException): pass\n    if 'birds' in item.words: raise Own('a\\nb')\n    lengths =",
        "Method longest failed on 'two birds': Own: a b (longest.py", "two birds",
    ),
    "a method of no order": Wrong(
        "method", "    lengths =", "    if 'birds' in item.words: return 'birds'\n    lengths =",
        "Method longest gave no order for 'two birds'", "two birds",
    ),
    "a method of scores that are none": Wrong(
        "method", "[lengths[place] for", "[1e300 if 'birds' in item.words else lengths[place] for",
        "'two birds': ValueError: the score 1e+300 is no finite number of at most 1e+100",
        "two birds",
    ),
    "a fact that fails": Wrong(
        "fact", "for red, green, blue in means]",
        "for (red, green, blue), view in zip(means, views) if 1 // ('birds' not in view.words)]",
        "The fact redness failed: ZeroDivisionError", "two birds",
    ),
    "a metric of text": Wrong(
        "metric", "float(abs(a - b).mean())", "('x' if a[0, 0].tolist() == SQUARE else 1.0)",
        "Metric mad gave the score 'x', which is no finite number", "scene-1.png",
    ),
    "a metric that is not finite": Wrong(
        "metric", "float(abs(a - b).mean())", "(1e101 if a[0, 0].tolist() == SQUARE else 1.0)",
        "Metric mad gave the score 1e+101, which is no finite number", "scene-1.png",
    ),
    "a metric that fails": Wrong(
        "metric", "float(abs(a - b).mean())", "(a.nothing if a[0, 0].tolist() == SQUARE else 1.0)",
        "The metric mad failed: AttributeError", "scene-1.png",
    ),
    "a receiver that fails": Wrong(
        "receiver", "named = [", "assert 'two birds' not in prompts\n        named = [",
        "The receiver plain failed: AssertionError (plain.py", "'two birds'",
    ),
    "a receiver of another shape": Wrong(
        "receiver", "return np.stack(", "return np.zeros(3) if 'two birds' in prompts else np.stack(",
        "The receiver plain drew images of shape (3,), not", "'two birds'",
    ),
    "a receiver of floats": Wrong(
        "receiver", "return np.stack(", "return (0.5 if 'two birds' in prompts else np.uint8(1)) * np.stack(",
        "The receiver plain drew images of float64, not uint8", "'two birds'",
    ),
    "a channel that fails": Wrong(
        "channel_model", "got = bits & stays", "got = bits & (1 // (bits.shape[1] != 48) * stays)",
        "The channel model z failed: ZeroDivisionError", "two birds",
    ),
    "a channel of another shape": Wrong(
        "channel_model", "got = bits & stays",
        "got = (bits & stays)[:, : 30 if bits.shape[1] == 48 else None]",
        "The channel model z failed: ValueError", "two birds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_unit_at_which_an_entry_fails_is_named_and_the_others_are_done(
    lsc: Lsc, small: Path, models: Path, case: str
) -> None:
    wrong = WRONG[case]
    plugin = dropped(wrong.kind, lsc.folder)
    text = plugin.read_text(encoding="utf-8")
    assert wrong.before in text
    picture = Image.open(small / "scene-1.png")
    after = wrong.after.replace("PIXEL", str(np.asarray(picture)[0, 0].tolist()))
    after = after.replace("SQUARE", str(fitted(picture, 32)[0, 0].tolist()))
    text = text.replace(wrong.before, after, 1)
    plugin.write_text(text, encoding="utf-8")
    profile = ["--models", f"{wrong.kind}.toml"] if wrong.kind == "receiver" else []
    done = lsc("--json", "--plugin", plugin, *profile, "run", small, *RUNS[wrong.kind][1], code=1)
    assert "Traceback" not in done.err
    told = [one for stage in done.json["stages"] for one in stage["failures"]]
    assert told
    assert all(wrong.line in one["reason"] and wrong.unit in one["unit"] for one in told), told
    assert not any("\n" in one["reason"] for one in told)
    assert [curve["images"] for curve in done.json["report"]["curves"]] == [2]
    assert lsc.json("verify")["findings"] == []


@pytest.mark.parametrize(
    ("kind", "before", "after", "line"),
    [
        ("captioner", "return [f", "return [] and [f", "Captioner shade gave 0 captions for 1 images."),
        ("fact", "return [red", "return [] and [red", "The fact redness gave 0 values for 1 captions."),
        ("receiver", "for prompt in prompts", "for prompt in []", "The receiver plain failed: ValueError"),
    ],
)
def test_an_entry_that_always_fails_is_told_for_each_unit(
    lsc: Lsc, small: Path, models: Path, kind: str, before: str, after: str, line: str
) -> None:
    plugin = dropped(kind, lsc.folder)
    text = plugin.read_text(encoding="utf-8")
    assert before in text
    plugin.write_text(text.replace(before, after), encoding="utf-8")
    profile = ["--models", f"{kind}.toml"] if kind == "receiver" else []
    done = lsc("--plugin", plugin, *profile, "run", small, "--limit", 1, *RUNS[kind][1], code=1)
    assert line in done.err
    assert "Traceback" not in done.err
