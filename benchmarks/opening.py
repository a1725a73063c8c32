"""What it costs to open a store, every page and row of which is looked at first: seconds by its size.

python -m benchmarks.opening --steps 400000
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from lsccli.core.store.keys import identity
from lsccli.core.store.store import Store, add, config_id, prompt_ids
from lsccli.core.store.tables import Caption, Image, RankingRow, Step, Transmission

WORDS = ["a", "brown", "dog", "runs", "over", "the", "wet", "grass"]
PART = 2000


def fill(store: Store, steps: int) -> int:
    """Put transmissions of one caption into a store until it has at least so many steps; how many it has."""
    length = len(WORDS) + 1
    with store.write() as session:
        kinds = ("captioner", "method", "channel")
        captioner, method, channel = (
            config_id(session, kind, "none", identity(**{kind: "x"})) for kind in kinds
        )
        add(session, Image, [{"key": _key("image"), "width": 32, "height": 32}])
        own: dict[str, Any] = {
            "run_id": None,
            "key": _key("caption"),
            "text": " ".join(WORDS),
            "words": WORDS,
        }
        add(session, Caption, [{**own, "image_id": 1, "config_id": captioner, "position": 0}])
        order = {"order": list(range(len(WORDS))), "scores": [0.5] * len(WORDS), "seed": 0, "run_id": None}
        add(session, RankingRow, [{**order, "key": _key("ranking"), "caption_id": 1, "config_id": method}])
        prompts = list(prompt_ids(session, [" ".join(WORDS[:k]) for k in range(length)]).values())
        count = -(-steps // length)
        rows = [
            {"key": _key(f"sent {n}"), "ranking_id": 1, "config_id": channel, "trial": n, "run_id": None}
            for n in range(count)
        ]
        add(session, Transmission, rows)
        for start in range(0, count, PART):
            add(session, Step, list(_steps(range(start + 1, min(start + PART, count) + 1), prompts)))
    return count * length


def _steps(transmissions: range, prompts: list[int]) -> Iterator[dict[str, Any]]:
    for number in transmissions:
        for k, prompt in enumerate(prompts):
            word = WORDS[k - 1] if k else ""
            bits = {"source_bits": 8 * len(word), "channel_bits": 8 * len(word), "symbols": 8 * len(word)}
            told = {"sent": word, "received": word, "bit_errors": 0, "rounds": min(k, 1)}
            yield {"transmission_id": number, "k": k, "prompt_id": prompt, **bits, **told}


def _key(name: str) -> bytes:
    return sha256(name.encode()).digest()


def seconds(path: Path, times: int, *, check: bool) -> float:
    """The median time that opening takes."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        Store(str(path), create=False, check=check).close()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def main() -> None:
    """Fill a store, and open it with the check and without."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--steps", type=int, default=400_000)
    parser.add_argument("--times", type=int, default=5, help="the median of so many")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "lsc.sqlite"
        store = Store(str(path))
        steps = fill(store, asked.steps)
        store.close()
        checked, plain = (seconds(path, asked.times, check=check) for check in (True, False))
        size = path.stat().st_size / 1e6
    print(f"{steps:,} steps, {size:.0f} MB: opened in {checked:.2f} s, without the check in {plain:.3f} s")


if __name__ == "__main__":
    main()
