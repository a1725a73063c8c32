"""How often lsc and the published scripts begin with the same word, and what contribution follows.

    python -m benchmarks.rules

On the first hundred captions of the example scenes (20 scenes, five captions each), by the storybook's
models.
"""

from __future__ import annotations

import csv
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.stats import spearmanr

from lsccli.core.facts.base import FACTS, CaptionView
from lsccli.core.methods.base import METHODS, Item, Ranking
from lsccli.core.models.models import Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.text.attention import compared, contribution
from lsccli.core.text.words import split_words

SCENES = Path(__file__).resolve().parent.parent / "examples" / "storybook"
CAPTIONS = 100
RULED = (
    *(("partBob", importance) for importance in ("most", "least", "both")),
    *(("bothAtt", importance) for importance in ("contribute", "combination")),
    *(("prompttune", importance) for importance in ("heads", "heads_partBob", "heads_random")),
)


def views() -> list[CaptionView]:
    """The captions, which nobody looks at an image of."""
    with (SCENES / "captions.txt").open(encoding="utf-8") as stream:
        texts = [line["caption"] for line in csv.DictReader(stream)][:CAPTIONS]
    return [CaptionView(text, tuple(word.text for word in split_words(text)), Image.Image) for text in texts]


def orders(
    models: Models, captions: list[CaptionView], name: str, importance: str, **options: Any
) -> list[Ranking]:
    """The ranking of each caption."""
    spec = METHODS.find(name)
    names = spec.reads_of(importance, options)
    facts = {fact: FACTS.find(fact).make(models, captions) for fact in names}
    settings = {"seed": 0, "only_heads": False, **options}
    return [
        spec.make(
            Item(view.text, view.words, importance, {fact: facts[fact][at] for fact in names}, settings)
        )
        for at, view in enumerate(captions)
    ]


def rules(models: Models, captions: list[CaptionView]) -> None:
    """Print for each method how many captions begin with the same word, and how many are ordered the same."""
    print(f"{len(captions)} captions | first word the same | whole order the same | scripts stop or repeat")
    for name, importance in RULED:
        own = orders(models, captions, name, importance)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            theirs = orders(models, captions, name, importance, rule="scripts")
        pairs = list(zip(own, theirs, strict=True))
        first = sum(a.order[0] == b.order[0] for a, b in pairs)
        whole = sum(a.order == b.order for a, b in pairs)
        print(f"{name}:{importance} | {first} | {whole} | {len(heard)}")


def positions(models: Models, captions: list[CaptionView]) -> None:
    """Print how contribution in Bob's text encoder goes with a word's position, as it is and corrected."""
    facts = {"bidirectional": "bob_attention", "causal-corrected": "bob_attention_corrected"}
    for attention, fact in facts.items():
        matrices = FACTS.find(fact).make(models, captions)
        given = [compared(contribution(np.asarray(matrix, np.float64))) for matrix in matrices]
        rho = np.array([spearmanr(values, np.arange(len(values))).statistic for values in given])
        leads = [int(np.argmax(values)) for values in given]
        leading = Counter(view.words[at] for view, at in zip(captions, leads, strict=True))
        print(
            f"--attention {attention}: Spearman of contribution and position {rho.mean():+.2f} in the mean, "
            f"{rho.min():+.2f} to {rho.max():+.2f}, below 0 in {int((rho < 0).sum())} of {len(rho)}; the "
            f"first word leads in {leads.count(0)}; leading words: "
            + ", ".join(f"{word} {count}" for word, count in leading.most_common(6))
        )


def captioners(models: Models) -> None:
    """Print how often the captioners clip and interrogator say the same of the example scenes."""
    images = [Image.open(path) for path in sorted(SCENES.glob("*.png"))]
    said = [models.captioner(name).caption(images) for name in ("clip", "interrogator")]
    pairs = list(zip(*said, strict=True))
    same = sum(a == b for a, b in pairs)
    first = sum(a.split()[:1] == b.split()[:1] for a, b in pairs)
    print(
        f"clip and interrogator: {same} of {len(pairs)} captions the same, {first} with the same first word"
    )


def main() -> None:
    """Print the figures of docs/methods.md."""
    warnings.simplefilter("ignore")
    models = Models(load_profile("storybook"), resolve_compute("cpu", "float32", "auto"))
    captions = views()
    rules(models, captions)
    positions(models, captions)
    captioners(models)


if __name__ == "__main__":
    main()
