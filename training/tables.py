"""What both ends of the channel share: Huffman's table of characters, Bob's vocabulary and its company.

    python -m training.tables

Both are learnt from captions of training scenes in both dialects, never from the held-out examples.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np

from lsccli.core.channel.source.huffman import ESCAPE
from training.language import caption, human_captions
from training.world import sample_scene

FOLDER = Path(__file__).resolve().parent.parent / "lsccli" / "core" / "channel" / "data"
SCENES = 20_000


def learn(count: int) -> list[str]:
    """Captions of so many scenes: one per dialect, and two as people would write them."""
    rng = random.Random(5)
    found = []
    for _ in range(count):
        scene = sample_scene(rng, "train")
        found += [caption(scene, "alice", rng), caption(scene, "bob", rng), *human_captions(scene, rng, 2)]
    return found


def code_lengths(counts: dict[str, int]) -> dict[str, int]:
    """Codeword lengths of Huffman's code for these counts; ties are broken by the character."""
    heap = [(count, letter, {letter: 0}) for letter, count in counts.items()]
    heapq.heapify(heap)
    while len(heap) > 1:
        (a, first, left), (b, second, right) = heapq.heappop(heap), heapq.heappop(heap)
        merged = {letter: length + 1 for letter, length in (left | right).items()}
        heapq.heappush(heap, (a + b, min(first, second), merged))
    return heap[0][2]


def company(texts: list[str], words: list[str]) -> np.ndarray:
    """(V, V) how often two words stand in one caption, in either order; uint16."""
    places = {word: place for place, word in enumerate(words)}
    pairs = np.zeros((len(words), len(words)), np.int64)
    for text in texts:
        here = [places[word] for word in text.split()]
        for first, second in itertools.permutations(here, 2):
            pairs[first, second] += 1
    return np.minimum(pairs, 2**16 - 1).astype(np.uint16)


def main() -> None:
    """Write `huffman.json`, `vocabulary.txt` and `pairs.npy`."""
    texts = learn(SCENES)
    letters = Counter(letter for text in texts for letter in text)
    # Every printable character of ASCII has a codeword, however rare; the escape carries all others.
    for code in range(32, 127):
        letters[chr(code)] += 1
    letters[ESCAPE] += 1
    lengths = code_lengths(letters)
    table = dict(sorted(lengths.items(), key=lambda entry: (entry[1], entry[0])))
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, indent=0, ensure_ascii=True)
    (FOLDER / "huffman.json").write_text(text + "\n", encoding="utf-8")
    words = Counter(word for text in texts for word in text.split())
    ordered = sorted(words, key=lambda word: (-words[word], word))
    lines = [f"{word} {words[word]}" for word in ordered]
    (FOLDER / "vocabulary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.save(FOLDER / "pairs.npy", company(texts, ordered))


if __name__ == "__main__":
    main()
