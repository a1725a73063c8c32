"""Pictures of the model card: held-out scenes beside what Bob draws, and what he draws word by word.

    python -m training.sheet

writes docs/samples.png (each scene as it is, drawn from a caption in Bob's dialect, drawn from one in
Alice's) and docs/samples-by-words.png (the first k = 0, 1, … words of Bob's captions).
"""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from training import common, painter
from training.language import captions
from training.world import draw

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCENES, ACROSS, STRIPS = 16, 4, 4
SIDE, GAP, LINE = 96, 4, 12
SEED = 2027


def text(drawing: ImageDraw.ImageDraw, x: int, y: int, words: str, letters: int, lines: int) -> None:
    """Words below a picture, so many letters a line."""
    font = ImageFont.load_default(size=10)
    for i, line in enumerate(textwrap.wrap(words, letters)[:lines]):
        drawing.text((x, y + i * LINE), line, fill="black", font=font)


def tile(picture: Image.Image) -> Image.Image:
    """A picture, enlarged without smoothing, so that one sees the pixels there are."""
    return picture.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def samples(
    truth: list[Image.Image], told: list[tuple[str, str]], drawn: list[list[Image.Image]]
) -> Image.Image:
    """Groups of three: the scene, Bob's drawing of Bob's caption, and of Alice's; both captions below."""
    wide, high = 3 * SIDE + 4 * GAP, SIDE + 5 * LINE + 2 * GAP
    sheet = Image.new("RGB", (ACROSS * wide, LINE + GAP + -(-len(truth) // ACROSS) * high), "white")
    drawing = ImageDraw.Draw(sheet)
    for column in range(ACROSS):
        for i, title in enumerate(("scene", "from Bob's words", "from Alice's words")):
            text(drawing, column * wide + i * (SIDE + GAP), 0, title, 40, 1)
    for i, (scene, captions_, row) in enumerate(zip(truth, told, drawn, strict=True)):
        x, y = i % ACROSS * wide, LINE + GAP + i // ACROSS * high
        for j, picture in enumerate((scene, *row)):
            sheet.paste(tile(picture), (x + j * (SIDE + GAP), y))
        for j, (who, caption) in enumerate(zip(("Bob", "Alice"), captions_, strict=True)):
            text(drawing, x, y + SIDE + 2 + 2 * j * LINE, f"{who}: {caption}", 58, 2)
    return sheet


def strips(truth: list[Image.Image], told: list[list[str]], drawn: list[list[Image.Image]]) -> Image.Image:
    """A row per caption: the scene, then what Bob draws after each word, which stands below."""
    longest = max(map(len, told))
    sheet = Image.new("RGB", ((longest + 2) * (SIDE + GAP), len(truth) * (SIDE + LINE + 3 * GAP)), "white")
    drawing = ImageDraw.Draw(sheet)
    for i, (scene, words, row) in enumerate(zip(truth, told, drawn, strict=True)):
        y = i * (SIDE + LINE + 3 * GAP)
        for j, (picture, label) in enumerate(zip((scene, *row), ("scene", "(no word)", *words), strict=True)):
            sheet.paste(tile(picture), (j * (SIDE + GAP), y))
            text(drawing, j * (SIDE + GAP), y + SIDE + 1, label, 20, 1)
    return sheet


def main() -> None:
    """Draw and write both."""
    rng = random.Random(SEED)
    scenes = common.scenes(rng, SCENES, "held_out")
    told = [(captions(s, "bob", rng), captions(s, "alice", rng)) for s in scenes]
    pipe = painter.bundled_receiver()
    drawn = [common.to_images(painter.generate(pipe, [t[i] for t in told], exact=True)) for i in (0, 1)]
    truth = [draw(scene) for scene in scenes]
    samples(truth, told, [list(row) for row in zip(*drawn, strict=True)]).save(DOCS / "samples.png")
    words = [bob.split() for bob, _ in told[:STRIPS]]
    prompts = [" ".join(w[:k]) for w in words for k in range(len(w) + 1)]
    left = iter(common.to_images(painter.generate(pipe, prompts, exact=True)))
    rows = [[next(left) for _ in range(len(w) + 1)] for w in words]
    strips(truth[:STRIPS], words, rows).save(DOCS / "samples-by-words.png")


if __name__ == "__main__":
    main()
