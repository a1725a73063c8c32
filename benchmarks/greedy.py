"""How far the greedy search is from the best order, on its own seed and on seeds that neither has seen.

    python -m benchmarks.greedy [WORDS [SCENES]]

Captions are the first WORDS (4) nouns, adjectives and verbs of the first captions of SCENES (8) example
scenes; allBob and exhaustive simulate Bob on the storybook's receiver seed.
"""

from __future__ import annotations

import csv
import shutil
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from lsccli.core.data.dataset import read_dataset
from lsccli.core.methods.base import METHODS
from lsccli.core.models.models import Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.report.inference import t_intervals
from lsccli.core.run.judge import Judge
from lsccli.core.run.pipeline import Pipeline
from lsccli.core.run.plan import Choice
from lsccli.core.run.workspace import Workspace
from lsccli.core.store.selection import Selection
from lsccli.core.store.store import Store
from lsccli.core.text.words import split_words

SCENES = Path(__file__).resolve().parent.parent / "examples" / "storybook"
METHODS_COMPARED = ("exhaustive", "allBob", "order", "random")
UNSEEN = (7, 8)


def short_captions(models: Models, words: int, scenes: int) -> dict[str, str]:
    """The beginnings of first captions, content words only, by the names of their images."""
    with (SCENES / "captions.txt").open(encoding="utf-8") as stream:
        first = dict(reversed([(line["image"], line["caption"]) for line in csv.DictReader(stream)]))
    found = {}
    for image, text in sorted(first.items())[:scenes]:
        (parse,) = models.parser.parse([text])
        content = [
            word.text
            for word, tags in zip(split_words(text), parse.tags, strict=True)
            if any(tag.startswith(("NN", "JJ", "VB")) and word.text not in ("is", "are") for tag in tags)
        ]
        found[image] = " ".join(content[:words])
    return found


def areas(workspace: Workspace, pipeline: Pipeline, seed: int) -> NDArray[np.float64]:
    """(scenes, methods): the area under each caption's curve by trapezoids, divided by its words."""
    judge = Judge(workspace, seed)
    columns = []
    for name in METHODS_COMPARED:
        _, rows = pipeline.ranked(Choice(METHODS.find(name)), "dataset")
        column = []
        for row in sorted(rows, key=lambda row: row.caption.image_id):
            words = [row.caption.words[place] for place in row.order]
            prompts = [" ".join(words[:k]) for k in range(len(words) + 1)]
            original = pipeline.images[row.caption.image_id]
            column.append(np.trapezoid(judge.scores([(original, prompt) for prompt in prompts])) / len(words))
        columns.append(column)
    return np.array(columns).T


def show(title: str, table: NDArray[np.float64]) -> None:
    """Print the mean of each method, and of its difference to the first, with 95 % intervals over scenes."""
    gaps = table - table[:, :1]
    low, high = t_intervals(gaps)
    for column, name in enumerate(METHODS_COMPARED):
        gap = f"{gaps[:, column].mean():+.4f} [{low[column]:+.4f}, {high[column]:+.4f}]" if column else ""
        print(f"| {title} | `{name}` | {table[:, column].mean():.4f} | {gap} |")


def main(words: int = 4, scenes: int = 8) -> None:
    """Print the table of docs/methods.md."""
    warnings.simplefilter("ignore")
    models = Models(load_profile("storybook"), resolve_compute("cpu", "float32", "auto"))
    with TemporaryDirectory() as folder:
        data = Path(folder) / "scenes"
        data.mkdir()
        captions = short_captions(models, words, scenes)
        for image in captions:
            shutil.copy(SCENES / image, data)
        lines = ["image,caption", *(f"{image},{text}" for image, text in captions.items())]
        (data / "captions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        workspace = Workspace(Store(f"sqlite:///{folder}/lsc.sqlite"), models)
        pipeline = Pipeline(workspace, Selection())
        pipeline.register(read_dataset(data), None, ["dataset"])
        own = areas(workspace, pipeline, workspace.search_seed)
        unseen = np.mean([areas(workspace, pipeline, seed) for seed in UNSEEN], axis=0)
        workspace.store.close()
    same = int((np.abs(own[:, 1] - own[:, 0]) < 1e-9).sum())
    metric = models.profile.need("metric")
    print(
        f"{len(own)} captions of {words} words, {metric.name} at {metric.size} px; greedy is best of {same}"
    )
    print("| drawn with | method | AUC | minus exhaustive's |\n|---|---|---|---|")
    show("the seed that was searched", own)
    show(f"seeds {', '.join(map(str, UNSEEN))}, unseen", unseen)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
