"""Plug-ins of every kind that fail, or give what is no result, of one unit: it fails alone, with its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.registry.plugins import use_files
from tests.cli.shell import Lsc
from tests.cli.test_every_kind import RUNS, dropped, models

__all__ = ["models"]

BAD = {
    "fails": "1 / 0", "stops": "next(iter([]))", "leaves": "exit()", "none": "None", "nan": "float('nan')",
    "text": "chr(0xd800)", "endless": "count()", "huge": "10 ** 400",
}  # fmt: skip
# In a list, as what is given for the one unit.
WITHIN = ("none", "nan", "text", "huge")
HEAD = """
from itertools import count
from lsccli.api import captioner, fact, method, metric
"""
CAPTIONER = """
@captioner("c_{name}", summary="s")
class C_{name}:
    def __init__(self, *_): pass
    def caption(self, images):
        if any(image.size == (33, 33) for image in images):
            return {whole}
        return ["a picture" for _ in images]
"""
METHOD = """
@method("m_{name}", summary="s", direction="d", source="here")
def m_{name}(item):
    return {bad} if "birds" in item.words else range(len(item.words))
@method("s_{name}", summary="s", direction="d", source="here")
def s_{name}(item):
    yield [""]
    if "birds" in item.words:
        yield {bad}
    return range(len(item.words))
@method("e_{name}", summary="s", direction="d", source="here")
def e_{name}(item):
    yield [""]
    return {bad} if "birds" in item.words else range(len(item.words))
"""
FACT = """
@fact("f_{name}", summary="s", kept={kept})
def f_{name}(models, views):
    if any("birds" in view.words for view in views):
        return {whole}
    return [[0.0] for _ in views]
@method("by_{name}", summary="s", direction="d", source="here", reads=["f_{name}"])
def by_{name}(item):
    return range(len(item.words))
"""
METRIC = """
@metric("k_{name}", summary="s", better="lower", source="here")
class K_{name}:
    def __init__(self, device): pass
    def features(self, images):
        return [image.astype(float) for image in images]
    def compare(self, originals, others):
        if any((one[0, 0] == SQUARE).all() for one in originals):
            return {whole}
        return [1.0 for _ in originals]
"""


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


def plugin(lsc: Lsc, source: str, **more: str) -> Path:
    """A file with an entry for each thing that is no result: the whole answer, and one of a list."""
    parts = [HEAD, *(source.format(name=name, bad=bad, whole=bad, **more) for name, bad in BAD.items())]
    parts += [source.format(name=f"{n}_in", bad=f"[{BAD[n]}]", whole=f"[{BAD[n]}]", **more) for n in WITHIN]
    file = lsc.folder / "bad.py"
    file.write_text("".join(parts))
    return file


def entries(*prefixes: str) -> list[str]:
    return [f"{p}_{name}" for p in prefixes for name in (*BAD, *(f"{name}_in" for name in WITHIN))]


def failures(lsc: Lsc, *command: object) -> list[dict[str, str]]:
    done = lsc("--json", *command, code=1)
    assert "Traceback" not in done.err
    told = done.json.get("failures") or [one for stage in done.json["stages"] for one in stage["failures"]]
    assert all(one["reason"].isprintable() and len(one["reason"]) < 400 for one in told), told
    return list(told)


@pytest.mark.slow
def test_captioners(lsc: Lsc, small: Path) -> None:
    from PIL import Image

    Image.open(small / "scene-1.png").resize((33, 33)).save(small / "scene-1.png")
    names = entries("c")
    for name in names:
        (told,) = failures(lsc, "--plugin", plugin(lsc, CAPTIONER), "caption", small, "--captioner", name)
        assert name in told["reason"], told
        assert "scene-1.png" in told["unit"], name
    assert lsc.sql("SELECT count(*) FROM caption c JOIN config f ON f.id = c.config_id "
                   "WHERE f.settings LIKE '%\"c\\_%' ESCAPE '\\'") == [(2 * len(names),)]  # fmt: skip
    assert lsc.json("verify")["findings"] == []


@pytest.mark.slow
def test_methods_and_searches(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    names = entries("m", "s", "e")
    for name in names:
        (told,) = failures(lsc, "--plugin", plugin(lsc, METHOD), "rank", "-m", name, "--captioner", "dataset")
        assert name in told["reason"], told
        assert told["unit"] == "two birds"
    assert lsc.sql("SELECT count(*) FROM ranking") == [(2 * len(names),)]
    assert lsc.json("verify")["findings"] == []


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["True", "False"])
def test_facts(lsc: Lsc, small: Path, kept: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    names = entries("by")
    if kept == "False":  # then it may be anything, a text of one character among it, as many as captions
        names = [name for name in names if not name.endswith("_in") and name != "by_text"]
    for name in names:
        command = ("--plugin", plugin(lsc, FACT, kept=kept), "rank", "-m", name, "--captioner", "dataset")
        (told,) = failures(lsc, *command)
        assert f"f_{name[3:]}" in told["reason"], told
        assert told["unit"] == "two birds"
    assert lsc.sql("SELECT count(*) FROM ranking") == [(2 * len(names),)]
    assert lsc.json("verify")["findings"] == []


@pytest.mark.slow
def test_metrics(lsc: Lsc, small: Path) -> None:
    from PIL import Image

    from lsccli.core.metrics.base import fitted

    square = fitted(Image.open(small / "scene-1.png"), 32)[0, 0].tolist()
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    scores = lsc.count("score")
    file = plugin(lsc, METRIC)
    file.write_text(file.read_text() + f"\nSQUARE = {square}\n")
    names = entries("k")
    for name in names:
        told = failures(lsc, "--plugin", file, "score", "--metric", name)
        assert len(told) == 3
        assert all(name in one["reason"] and "scene-1.png" in one["unit"] for one in told), told
    assert lsc.count("score") == scores + len(names) * (scores - 3)
    assert lsc.json("verify")["findings"] == []


@pytest.mark.parametrize("bad", [*BAD.values(), "[images[0], images[0][:2]]", "images / 2", "images[:0]"])
def test_receivers(lsc: Lsc, small: Path, models: Path, bad: str) -> None:
    file = dropped("receiver", lsc.folder)
    text = file.read_text().replace("import numpy as np", "from itertools import count\nimport numpy as np")
    text = text.replace("return np.stack(", "images = np.stack(")
    file.write_text(text + f"        return ({bad}) if 'two birds' in prompts else images\n")
    told = failures(lsc, "--plugin", file, "--models", "receiver.toml", "run", small, *RUNS["receiver"][1])
    assert all("The receiver plain " in one["reason"] and "two birds" in one["unit"] for one in told), told
    assert lsc.sql("SELECT count(*) FROM prompt p JOIN generation g ON g.prompt_id = p.id "
                   "WHERE p.text = 'two birds'") == [(0,)]  # fmt: skip
    assert lsc.json("verify")["findings"] == []


LINKS = {
    "source_code": ("    def encode(self, text):", "text != 'birds'"),
    "channel_code": ("    def encode(self, bits):", "bits.shape[1] != 48"),
    "decoder": (", said):", "said != ['two']"),
    "channel_model": ("soft):", "bits.shape[1] != 48"),
}


@pytest.mark.parametrize("kind", LINKS)
def test_links(lsc: Lsc, small: Path, kind: str) -> None:
    file = dropped(kind, lsc.folder)
    before, condition = LINKS[kind]
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, f"{before}\n        assert {condition}", 1))
    rest = [word.replace("0.1", "0.0") for word in RUNS[kind][1]]
    told = failures(lsc, "--plugin", file, "run", small, *rest)
    assert {one["unit"] for one in told} == {"two birds"}  # in each stage
    assert "failed: AssertionError" in told[0]["reason"]
    assert lsc.count("transmission") == 2
    assert lsc.json("verify")["findings"] == []


@pytest.mark.parametrize(
    "kind", ["captioner", "metric", "receiver", "decoder", "channel_code", "channel_model"]
)
def test_an_entry_that_cannot_be_made_is_one_line(lsc: Lsc, small: Path, models: Path, kind: str) -> None:
    file = dropped(kind, lsc.folder)
    text = file.read_text()
    lines = [line for line in text.splitlines() if "def __init__" in line]
    if lines:
        text = text.replace(lines[0], f"{lines[0]}\n        raise StopIteration('no [/x] \\x1b luck')")
    else:
        text = text.replace(
            "    def __call__", "    def __init__(self, frame):\n        exit()\n\n    def __call__", 1
        )
    file.write_text(text)
    profile = ["--models", "receiver.toml"] if kind == "receiver" else []
    done = lsc("--plugin", file, *profile, "run", small, "--limit", 1, *RUNS[kind][1], code=1)
    assert "Traceback" not in done.err
    assert " failed: " in done.err
    assert "\x1b" not in done.err
