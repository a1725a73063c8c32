"""What it is worth to Bob to be told where words end: words read over Eb/N0, and the energy that it takes.

    python -m benchmarks.framing [--source-code NAME] [--code NAME] [--captions DATA]

The captions of the example scenes in their own order over AWGN with QPSK, by each decoder and framing. Bits
are of the channel, a word, framing among them. Energy is Σ symbols · Es over N0 in dB, per caption, where
90 % of the words are read, between two points of the sweep along a straight line. Seeded; the time is told
last.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from lsccli.core.channel.framing import FRAMINGS
from lsccli.core.channel.link import names_of
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.data.dataset import read_dataset
from lsccli.core.text.words import split_words

POINTS = range(-12, 15, 2)
SHOWN = range(-8, 13, 4)
ENOUGH = 0.9


@dataclass(frozen=True)
class Row:
    """One system.

    Attributes:
        read: by Eb/N0 in dB, the share of words read as they were sent.
        energy: by Eb/N0, in dB.
        bits: on the channel, a word.
    """

    decoder: str
    framing: str
    read: dict[int, float]
    energy: dict[int, float]
    bits: float

    @property
    def enough(self) -> float | None:
        """The energy in dB where `ENOUGH` of the words are read; None where that is not within the sweep."""
        points = sorted(self.read)
        for low, high in pairwise(points):
            below, above = self.read[low], self.read[high]
            if below < ENOUGH <= above:
                part = (ENOUGH - below) / (above - below)
                return self.energy[low] + part * (self.energy[high] - self.energy[low])
        return None


def row(messages: Sequence[Message], decoder: str, framing: str, points: Sequence[int], **link: str) -> Row:
    """Send all messages at each point."""
    read, energy, bits = {}, {}, math.nan
    for db in points:
        settings = resolved(
            channel="awgn", modulation="qpsk", ebn0_db=float(db), decoder=decoder, framing=framing, **link
        )
        sent = [steps for steps in send_messages(messages, settings) if isinstance(steps, list)]
        words = [step for steps in sent for step in steps[1:]]
        read[db] = float(np.mean([step.received == step.sent for step in words]))
        symbols = sum(step.symbols for step in words) / len(sent)
        energy[db] = 10 * math.log10(symbols * settings.es_n0)
        bits = float(np.mean([step.channel_bits for step in words]))
    return Row(decoder, framing, read, energy, bits)


def table(rows: Sequence[Row], shown: Sequence[int]) -> str:
    """The rows in Markdown; the last column is against the raw decoder with the same framing."""
    head = ["decoder", "framing", "bits/word", *(f"{db} dB" for db in shown), "energy, dB", "saved, dB"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    raw = {one.framing: one.enough for one in rows if one.decoder == "raw"}
    for one in rows:
        own, plain = one.enough, raw.get(one.framing)
        saved = "–" if own is None or plain is None or one.decoder == "raw" else f"{plain - own:.1f}"
        cells = [f"`{one.decoder}`", f"`{one.framing}`", f"{one.bits:.1f}"]
        cells += [f"{one.read[db]:.3f}" for db in shown]
        lines.append(f"| {' | '.join([*cells, '–' if own is None else f'{own:.1f}', saved])} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and how long it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--captions", default="examples/storybook", help="a data set with captions by people")
    parser.add_argument("--source-code", default="ascii8")
    parser.add_argument("--code", default="none")
    asked = parser.parse_args()
    started = time.monotonic()
    texts = [text for entry in read_dataset(Path(asked.captions), None).entries for text in entry.captions]
    captions = [[word.text for word in split_words(text)] for text in texts]
    messages = [Message(words, range(len(words)), "", trial) for trial, words in enumerate(captions)]
    rows = [
        row(messages, decoder, framing, POINTS, source_code=asked.source_code, code=asked.code)
        for framing, decoder in product(FRAMINGS, names_of("decoder"))
    ]
    print(table(rows, SHOWN))
    print(
        f"\n{len(captions)} captions, {asked.source_code}, code {asked.code}; share of words read;", end=" "
    )
    print(f"energy where {ENOUGH:.0%} are read; {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
