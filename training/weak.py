"""Where pictures are weakest: kinds read right by the subject's size and place in the caption, and sharpness.

    python -m training.weak --count 400 --sheet worst.png
    python -m training.weak --judge classifier --differ differ.png
    python -m training.weak --fresh --receiver further

Two tables: the autoencoder's reconstructions of drawn scenes, and what the receiver draws of captions in
Bob's dialect, beside the same figures of the drawn scenes themselves. A subject's size is the shorter side
of its box, in pixels. Sharpness is the mean gradient inside the box over that of the drawn scene. Whatever is
watched while something is trained uses the split `watched`; `--fresh` is for the end, once. There are two
judges; `--differ` draws the subjects of the receiver on which they do not agree.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from training import autoencoder, classifier, common, further, painter, receiver
from training.evaluate import eight_bit, reconstructions
from training.language import captions
from training.reader import Reader
from training.sheet import text, tile
from training.world import Scene, Split, draw, settle

# The fresh scenes: a thousand of the split `fresh` and a thousand of combinations never trained on.
FRESH_SEED, FRESH_COUNT = 20_270_611, 1000
WATCHED_SEED = 21
WORST, ACROSS = 16, 4


@dataclass(frozen=True)
class Found:
    """What a judge makes of one subject of one picture."""

    scene: int  # its number
    place: int  # 0 for the first subject of the caption
    size: int  # the shorter side of its box in pixels
    kind: bool  # read right
    colour: bool
    doubt: float  # minus the log-probability of the true kind
    sharp: float  # mean gradient inside the box, of that of the drawn scene


def size_name(size: int) -> str:
    """The class of a size in pixels."""
    return "under 12 px" if size < 12 else "12-18 px" if size <= 18 else "over 18 px"


def gradient(picture: Tensor, box: tuple[int, int, int, int]) -> float:
    """Mean absolute difference of neighbouring pixels inside the box of a picture [3, 64, 64]."""
    x0, y0, x1, y1 = box
    across, down = autoencoder.gradients(picture[:, y0:y1, x0:x1])
    return float((across.abs().mean() + down.abs().mean()) / 2)


@torch.no_grad()
def judged(judge: Any, pictures: Tensor, truth: Tensor, scenes: list[Scene]) -> list[Found]:
    """Every subject of pictures [B, 3, 64, 64] in [-1, 1]; `truth`, as large, are the drawn scenes."""
    answers = classifier.truths(scenes)
    parts = [judge(p) for p in pictures.split(100)]
    logits = {head: torch.cat([p[head] for p in parts]) for head in classifier.HEADS}
    found = []
    for number, scene in enumerate(scenes):
        for place, subject in enumerate(scene.subjects):
            kind, colour = (f"{classifier.ORDINALS[place]} {what}" for what in ("kind", "colour"))
            x0, y0, x1, y1 = subject.box
            drawn = gradient(truth[number], subject.box)
            found.append(
                Found(
                    number, place, min(x1 - x0, y1 - y0),
                    bool(logits[kind][number].argmax() == answers[kind][number]),
                    bool(logits[colour][number].argmax() == answers[colour][number]),
                    -float(logits[kind][number].log_softmax(0)[answers[kind][number]]),
                    gradient(pictures[number], subject.box) / max(drawn, 1e-6),
                )
            )  # fmt: skip
    return found


def groups(found: Iterable[Found]) -> dict[str, list[Found]]:
    """The subjects by size, by place in the caption, and all together."""
    kept: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        for name in (size_name(one.size), classifier.ORDINALS[one.place], "all"):
            kept[name].append(one)
    order = ("under 12 px", "12-18 px", "over 18 px", *classifier.ORDINALS, "all")
    return {name: kept[name] for name in order if kept[name]}


def table(columns: dict[str, list[Found]]) -> str:
    """Markdown: shares of kinds and colours right, and sharpness, by group; a column per kind of picture."""
    grouped = {name: groups(found) for name, found in columns.items()}
    first = next(iter(grouped.values()))
    lines = ["| subjects | number | " + " | ".join(f"{n}: kind, colour, sharpness" for n in columns) + " |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for name in first:
        cells = []
        for one in grouped.values():
            some = one[name]
            kind, colour = (sum(getattr(f, w) for f in some) / len(some) for w in ("kind", "colour"))
            cells.append(f"{kind:.3f}, {colour:.3f}, {sum(f.sharp for f in some) / len(some):.2f}")
        lines.append(f"| {name} | {len(first[name])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def worst(found: list[Found]) -> list[Found]:
    """The subjects whose true kind the judge believes least, one a picture."""
    chosen: dict[int, Found] = {}
    for one in sorted(found, key=lambda f: -f.doubt):
        chosen.setdefault(one.scene, one)
    return list(chosen.values())[:WORST]


def differing(one: list[Found], other: list[Found]) -> list[Found]:
    """The subjects, as the first of two judges has them, that only one of the two reads right."""
    return [a for a, b in zip(one, other, strict=True) if a.kind != b.kind]


def sheet(found: list[Found], scenes: list[Scene], truth: Tensor, pictures: Tensor) -> Image.Image:
    """The worst subjects: the scene with the subject framed, and the picture, with the judge's doubt."""
    side, high = 200, 124
    whole = Image.new("RGB", (ACROSS * side, -(-len(found) // ACROSS) * high), "white")
    drawing = ImageDraw.Draw(whole)
    for i, one in enumerate(found):
        x, y = i % ACROSS * side, i // ACROSS * high
        scene = common.to_images(truth[one.scene : one.scene + 1])[0]
        picture = common.to_images(pictures[one.scene : one.scene + 1])[0]
        subject = scenes[one.scene].subjects[one.place]
        left = tile(scene)
        scale = left.width / 64
        ImageDraw.Draw(left).rectangle([v * scale for v in subject.box], outline="white")
        whole.paste(left, (x, y))
        whole.paste(tile(picture), (x + left.width + 2, y))
        words = f"{subject.colour} {subject.kind}, {one.size} px, {'right' if one.kind else 'wrong'}"
        text(drawing, x, y + left.height + 2, words, 34, 1)
    return whole


def pictures_of(pipe: Any, scenes: list[Scene], seed: int) -> dict[str, Tensor]:
    """Pictures [B, 3, 64, 64] of scenes: drawn, put back by the autoencoder, drawn by Bob from his words."""
    rng = random.Random(seed)
    told = [captions(scene, "bob", rng) for scene in scenes]
    truth = common.to_tensor([draw(scene) for scene in scenes])
    return {
        "drawn": truth,
        "autoencoder": reconstructions(pipe.vae, truth),
        "receiver": eight_bit(painter.generate(pipe, told, exact=True)),
    }


def main() -> None:
    """Measure, print, and draw the sheet of the worst."""
    parser = common.options(__doc__)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--receiver", choices=("bundle", "checkpoint", "further"), default="bundle")
    parser.add_argument("--judge", choices=("reader", "classifier"), default="reader")
    parser.add_argument(
        "--fresh", action="store_true", help="the scenes that nothing was watched or tuned on"
    )
    parser.add_argument("--sheet", type=Path, help="a picture of the receiver's worst subjects")
    parser.add_argument("--differ", type=Path, help="a picture of subjects on which the judges differ")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    common.claim_cores(options.threads)
    pipes = {"bundle": painter.bundled_receiver, "checkpoint": receiver.load, "further": further.load}
    pipe = pipes[options.receiver]()
    judges: dict[str, Any] = {"reader": Reader, "classifier": classifier.load}
    judge = judges[options.judge]()
    seed, count = (FRESH_SEED, FRESH_COUNT) if options.fresh else (WATCHED_SEED, options.count)
    splits: tuple[Split, ...] = ("fresh" if options.fresh else "watched", "novel")
    for split in splits:
        scenes = [settle(scene) for scene in common.scenes(random.Random(seed), count, split)]
        pictures = pictures_of(pipe, scenes, seed)
        truth, drawn = pictures["drawn"], pictures["receiver"]
        found = {name: judged(judge, p, truth, scenes) for name, p in pictures.items()}
        print(f"{count} scenes, {split}, judged by the {options.judge}\n\n{table(found)}\n", flush=True)
        if split == "novel":
            continue
        if options.sheet:
            sheet(worst(found["receiver"]), scenes, truth, drawn).save(options.sheet)
        if options.differ:
            other = judges["classifier" if options.judge == "reader" else "reader"]()
            second = judged(other, drawn, truth, scenes)
            torn = differing(found["receiver"], second)
            print(f"the judges differ on {len(torn)} of {len(second)} subjects", flush=True)
            sheet(torn[:WORST], scenes, truth, drawn).save(options.differ)


if __name__ == "__main__":
    main()
