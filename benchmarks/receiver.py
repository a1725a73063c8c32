"""Images per second of the receiver of a profile: `python benchmarks/receiver.py [PROFILE]`.

Each combination of batch size and number format is timed in turn, several rounds, so that a machine whose
speed drifts slows all of them alike; the median is printed, and the ratio to the first, batch 1 in float32.
"""

from __future__ import annotations

import statistics
import sys
import time

from lsccli.core.models.profile import load_profile
from lsccli.core.receiver.diffusion import DiffusionReceiver

ROUNDS = 5
BATCHES = (1, 8, 16)
DTYPES = ("float32", "bfloat16")


def main() -> None:
    """Print a table of images per second."""
    profile = load_profile(sys.argv[1] if len(sys.argv) > 1 else "storybook")
    role = profile.need("receiver")
    directory = role.model.find().directory
    prompts = [f"a brown dog running on the beach next to {n} red balls" for n in range(max(BATCHES))]
    receivers = {
        (dtype, size): DiffusionReceiver(directory, role, "cpu", dtype, size)
        for dtype in DTYPES
        for size in BATCHES
    }
    times: dict[tuple[str, int], list[float]] = {setting: [] for setting in receivers}
    for round_ in range(ROUNDS + 1):
        for (dtype, size), receiver in receivers.items():
            start = time.perf_counter()
            receiver.draw(prompts[:size], role.seed)
            if round_:  # the first warms up
                times[dtype, size].append((time.perf_counter() - start) / size)
    base = statistics.median(times["float32", 1])
    for (dtype, size), found in times.items():
        seconds = statistics.median(found)
        print(f"{dtype:9} batch {size:2}: {1 / seconds:6.1f} images/s, {base / seconds:5.2f} × the first")


if __name__ == "__main__":
    main()
