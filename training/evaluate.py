"""The figures of the bundle on fresh scenes, as one table, printed and written into the model card.

The scenes are those of `training.recipe`, on which nothing was tuned, with 95 % intervals over them. All is
loaded from the bundle as users load it. The receiver is judged by the classifier, which is trained on drawn
scenes only.

    python -m training.evaluate
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lsccli.core.report.stats import Estimate
from training import captioner, classifier, clip, common, distil, matcher, painter, recipe, vision
from training.intervals import auc, mean, ratio, share
from training.language import captions
from training.lexicon import words_of_one
from training.perceptual import StLpips, at_size
from training.world import Scene

CARD = common.BUNDLE / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


@dataclass(frozen=True)
class Row:
    """One figure: what, how it is counted, its value and what is asked of it."""

    part: str
    what: str
    value: Estimate
    target: str = ""


@torch.no_grad()
def distances(metric: StLpips, truth: Tensor, others: dict[str, Tensor], size: int) -> dict[str, Tensor]:
    """ST-LPIPS [B] of pictures [B, 3, 64, 64] to others by name, at size x size; a single one serves all."""
    found: dict[str, list[Tensor]] = {name: [] for name in others}
    alone = {n: metric.features(at_size(o, size)) for n, o in others.items() if len(o) == 1}
    for start in range(0, len(truth), 10):
        ours = metric.features(at_size(truth[start : start + 10], size))
        for name, other in others.items():
            theirs = alone.get(name) or metric.features(at_size(other[start : start + 10], size))
            found[name].append(metric.compare(ours, theirs))
    return {name: torch.cat(parts) for name, parts in found.items()}


def eight_bit(images: Tensor) -> Tensor:
    """Pictures as read back from a file, [B, 3, H, W] in [-1, 1]."""
    return common.to_tensor(common.to_images(images))


def reconstructions(vae: Any, truth: Tensor) -> Tensor:
    """What the autoencoder makes of pictures [B, 3, 64, 64]."""
    with torch.no_grad():
        return eight_bit(torch.cat([vae.decode(vae.encode(t).latents).sample for t in truth.split(50)]))


def judge_rows(judge: classifier.Classifier, truth: Tensor, scenes: list[Scene]) -> list[Row]:
    """How well the judge reads drawn scenes."""
    return attributes(
        "judge", "drawn scenes", judge, truth, scenes, dict.fromkeys(classifier.HEADS, ">= 0.98")
    )


def attributes(
    part: str,
    of_what: str,
    judge: classifier.Classifier,
    pictures: Tensor,
    scenes: list[Scene],
    targets: Mapping[str, str],
) -> list[Row]:
    """Of pictures [B, 3, 64, 64] the share that is read as the scenes, by attribute, where there is one."""
    return [
        Row(part, f"{head}, {of_what}", share(right[classifier.shown(scenes, head)]), targets.get(head, ""))
        for head, right in classifier.right(judge, pictures, scenes).items()
    ]


def receiver_rows(
    pipe: Any, judge: classifier.Classifier, metric: StLpips, truth: Tensor, scenes: list[Scene], large: int
) -> list[Row]:
    """How well captions are drawn: by attribute, and by distance to the original; and the autoencoder."""
    rng = random.Random(31)

    def draw(prompts: list[str]) -> Tensor:
        return eight_bit(painter.generate(pipe, prompts, exact=True))

    bob = [captions(s, "bob", rng) for s in scenes]
    alice = [captions(s, "alice", rng) for s in scenes]
    images = {"Bob's dialect": draw(bob), "Alice's dialect": draw(alice)}
    targets = {
        "place": ">= 0.97",
        "first kind": ">= 0.88",
        "first colour": ">= 0.88",
        "second kind": ">= 0.75",
    }
    # The same pictures against other scenes' truths: what would be right by chance.
    moved = scenes[1:] + scenes[:1]
    novel = common.scenes(random.Random(41), len(scenes), "novel")
    unseen = draw([captions(s, "bob", rng) for s in novel])
    nothing_asked: dict[str, str] = {}
    rows = []
    for of_what, pictures, truths, asked_of in (
        ("Bob's dialect", images["Bob's dialect"], scenes, targets),
        ("Alice's dialect", images["Alice's dialect"], scenes, nothing_asked),
        ("shuffled captions", images["Bob's dialect"], moved, dict.fromkeys(classifier.HEADS, "chance")),
        ("combinations never trained on", unseen, novel, nothing_asked),
    ):
        rows += attributes("receiver", of_what, judge, pictures, truths, asked_of)
    again, nothing = reconstructions(pipe.vae, truth), draw([""])
    drawn = {"again": again, "full": images["Bob's dialect"], "nothing": nothing}
    # 256 pixels cost sixteen times as much as 64, so fewer scenes may have to do there.
    away = {
        256: distances(metric, truth[:large], {k: v[:large] for k, v in drawn.items()}, 256),
        64: distances(metric, truth, drawn, 64),
    }
    other = distances(metric, truth, {"": images["Alice's dialect"]}, 64)[""]
    for size, found in away.items():
        asked = size == 256
        pixels = f"{size} px, {len(found['full'])} scenes"
        rows += [
            Row(
                "autoencoder",
                f"ST-LPIPS of reconstruction, {pixels}",
                mean(found["again"]),
                "<= 0.10" if asked else "",
            ),
            Row("receiver", f"ST-LPIPS of Bob's full caption, {pixels}", mean(found["full"])),
            Row("receiver", f"ST-LPIPS of the empty prompt, {pixels}", mean(found["nothing"])),
            Row(
                "receiver",
                f"full / empty, {pixels}",
                ratio(found["full"], found["nothing"]),
                "<= 0.40" if asked else "",
            ),
        ]
    rows += [
        Row("receiver", "ST-LPIPS of Alice's full caption, 64 px", mean(other)),
        Row("receiver", "Alice's minus Bob's caption, 64 px, paired", mean(other - away[64]["full"])),
    ]
    return rows


def curve_row(pipe: Any, metric: StLpips, truth: Tensor, scenes: list[Scene], size: int = 64) -> str:
    """Mean distance after the first k words of Bob's captions, carried forward after the last."""
    rng = random.Random(51)
    texts = [captions(s, "bob", rng).split() for s in scenes]
    longest = max(map(len, texts))
    drawn = {
        str(k): eight_bit(painter.generate(pipe, [" ".join(t[:k]) for t in texts]))
        for k in range(longest + 1)
    }
    means = [d.mean().item() for d in distances(metric, truth, drawn, size).values()]
    return f"ST-LPIPS at {size} px after the first k = 0, 1, … words, {len(scenes)} scenes: " + " ".join(
        f"{m:.3f}" for m in means
    )


def load(kind: Any, folder: Path) -> Any:
    """A model of the bundle, in float32."""
    return kind.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()


def own_tokenizer(name: str) -> Any:
    """The tokenizer that ships with a model of the bundle; that of a training may be another."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(common.BUNDLE / name)


def captioner_rows(pipe: Any, metric: StLpips, truth: Tensor, held: vision.Bank) -> list[Row]:
    """What the captioners get right, whose words they use, and how close Bob's drawings of these are."""
    from transformers import BlipForConditionalGeneration

    rows, away = [], {}
    asked = {"place": ">= 0.97", "subjects": ">= 0.92", "colours": ">= 0.92"}
    names = {
        "Alice": captioner.FOLDERS["alice"],
        "distilled Alice": distil.NAME,
        "Bob": captioner.FOLDERS["bob"],
    }
    for who, name in names.items():
        if not (common.BUNDLE / name / "config.json").exists():
            continue
        part = f"captioner, {who}"
        model = load(BlipForConditionalGeneration, common.BUNDLE / name)
        texts = captioner.tell(model, held, len(truth), tokenizer=own_tokenizer(name))
        found = captioner.right_captions(texts, held.scenes[: len(truth)])
        rows += [Row(part, key, share(right), asked.get(key, "")) for key, right in found.items()]
        own = torch.tensor([words_of_one(text) for text in texts])
        rows.append(
            Row(part, "share of Bob's words among those of one dialect", ratio(own[:, 0], own.sum(1)))
        )
        images = eight_bit(painter.generate(pipe, texts, exact=True))
        away[who] = distances(metric, truth, {"": images}, 64)[""]
        rows.append(Row(part, "ST-LPIPS of Bob's drawing, 64 px", mean(away[who])))
    for one, other in (("distilled Alice", "Alice"), ("distilled Alice", "Bob")):
        if {one, other} <= set(away):
            what = f"drawing of hers minus of {other}'s, 64 px, paired"
            rows.append(Row(f"captioner, {one}", what, mean(away[one] - away[other])))
    return rows


def language_rows(held: vision.Bank, count: int) -> list[Row]:
    """The parts that read captions, where the bundle has them."""
    from transformers import BlipForImageTextRetrieval, CLIPModel

    rows = []
    if (common.BUNDLE / clip.NAME / "config.json").exists():
        found = clip.right(load(CLIPModel, common.BUNDLE / clip.NAME), held, count, own_tokenizer(clip.NAME))
        rows += [
            Row("CLIP", "right caption first among 100", share(found["first_of_100"]), ">= 0.75"),
            Row("CLIP", "own caption above one with an attribute changed", share(found["pairs"])),
        ]
    for name, part in ((matcher.NAME, "matcher"), (matcher.PLAIN, "matcher, pointing not taught")):
        if (common.BUNDLE / name / "config.json").exists():
            model = load(BlipForImageTextRetrieval, common.BUNDLE / name)
            own, other = matcher.scores(model, held, count, own_tokenizer(name))
            rows += [Row(part, "AUC, one attribute changed", auc(own, other), ">= 0.95")]
            rows += [Row(part, "pairs in the right order", share(own > other))]
    return rows


def pointing_rows(scenes: list[Scene]) -> list[Row]:
    """Whether words point at what they name, in the scene for Alice and in his own picture for Bob."""
    from training import pointing

    drawn, kept = pointing.of_receiver(scenes)
    rows = []
    parts = [
        ("matcher", "Grad-CAM", pointing.of_matcher(scenes), ">= 0.75"),
        ("receiver", "cross-attention", drawn, ">= 0.65"),
    ]
    untaught = common.BUNDLE / matcher.PLAIN
    if (untaught / "config.json").exists():
        found = pointing.of_matcher(scenes, folder=untaught)
        parts.append(("matcher, pointing not taught", "Grad-CAM", found, ""))
    for part, name, found, asked in parts:
        for one in found:
            target = asked if one.kind == "noun" else ""
            rows += [
                Row(part, f"{name} of a {one.kind} peaks in its subject's box", one.hit, target),
                Row(part, f"{name} of a {one.kind}, the boxes' share of the picture", one.chance, "chance"),
            ]
    if len(kept):
        rows.append(Row("receiver", "overlap of box and drawn shape, scenes of one subject", mean(kept)))
    return rows


def told(value: Estimate) -> str:
    """A figure with its interval."""
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def table(rows: list[Row], count: int, notes: list[str]) -> str:
    """The rows as Markdown."""
    lines = [f"{count} fresh scenes.", "", "| part | figure | value, 95 % | asked |", "|---|---|---|---|"]
    lines += [f"| {r.part} | {r.what} | {told(r.value)} | {r.target} |" for r in rows]
    return "\n".join([*lines, "", *notes] if notes else lines)


def write_card(text: str) -> None:
    """Put the table between the card's markers, where there is a card."""
    if not CARD.exists():
        return
    card = CARD.read_text(encoding="utf-8")
    head, rest = card.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    CARD.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    """Measure, print and write."""
    parser = common.options(__doc__)
    parser.add_argument("--count", type=int, default=1000, help="scenes, the first of the recipe")
    parser.add_argument(
        "--size", type=int, default=256, help="pixels at which ST-LPIPS of the receiver is taken"
    )
    parser.add_argument("--large", type=int, default=1000, help="scenes measured at 256 pixels")
    parser.add_argument("--curve", type=int, default=60, help="scenes for the curve over k, 0 for none")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only-print", action="store_true")
    options = parser.parse_args()
    common.claim_cores(options.threads)
    held = vision.Bank.draw([entry.scene for entry in recipe.read(recipe.RECIPE)[1][: options.count]])
    scenes, truth = held.scenes, common.pixels(held.pictures)
    metric, judge = StLpips().requires_grad_(False), classifier.load()
    pipe = painter.bundled_receiver()
    rows = judge_rows(judge, truth, scenes)
    rows += receiver_rows(pipe, judge, metric, truth, scenes, options.large)
    rows += captioner_rows(pipe, metric, truth, held)
    rows += language_rows(held, len(scenes))
    rows += pointing_rows(scenes)
    curve = options.curve
    notes = [curve_row(pipe, metric, truth[:curve], scenes[:curve])] if curve else []
    text = table(rows, len(scenes), notes)
    print(text)
    if not options.only_print:
        write_card(text)


if __name__ == "__main__":
    main()
