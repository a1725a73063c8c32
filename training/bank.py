"""A bank of drawn scenes on disk, shared by the trainers: pictures as one array, truths in the same order."""

from __future__ import annotations

import argparse
import os
import pickle
import random
import time
from multiprocessing import Pool
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from training.world import KINDS, SIZE, Scene, Split, draw, sample_scene

GRID = 8  # patches per side of the 64x64 picture, as every vision tower here has them
_BLOCK = 500


def _block(job: tuple[int, Split]) -> tuple[list[Scene], npt.NDArray[np.uint8]]:
    seed, split = job
    rng = random.Random(seed)
    scenes = [sample_scene(rng, split) for _ in range(_BLOCK)]
    return scenes, np.stack([np.asarray(draw(s), dtype=np.uint8) for s in scenes])


def make(folder: Path, count: int, seed: int, split: Split = "train", workers: int = 1) -> None:
    """Draws `count` scenes of a split into `folder`: pictures.npy (N, 64, 64, 3) uint8 and scenes.pickle."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = -(-count // _BLOCK)
    pictures = np.lib.format.open_memmap(
        folder / "pictures.part.npy", mode="w+", dtype=np.uint8, shape=(blocks * _BLOCK, SIZE, SIZE, 3)
    )
    scenes: list[Scene] = []
    with Pool(workers) as pool:
        for i, (truths, block) in enumerate(
            pool.imap(_block, [(seed * 100_003 + b, split) for b in range(blocks)])
        ):
            pictures[i * _BLOCK : (i + 1) * _BLOCK] = block
            scenes += truths
    pictures.flush()
    with open(folder / "scenes.pickle", "wb") as file:
        pickle.dump(scenes, file)
    os.replace(folder / "pictures.part.npy", folder / "pictures.npy")


def load(folder: Path) -> tuple[npt.NDArray[np.uint8], list[Scene]]:
    """The pictures (memory-mapped) and their scenes; only banks made by `make` are unpickled."""
    with open(folder / "scenes.pickle", "rb") as file:
        scenes = pickle.load(file)
    return np.load(folder / "pictures.npy", mmap_mode="r"), scenes


def patch_owner(scene: Scene) -> npt.NDArray[np.int64]:
    """Index of the subject that covers most of each patch, -1 for background; (GRID * GRID,).

    A patch belongs to a subject when the box covers at least a third of it; later subjects win ties only when
    they are drawn nearer, which is where the box reaches lower.
    """
    side = SIZE // GRID
    owner = np.full((GRID, GRID), -1, dtype=np.int64)
    for i in sorted(range(len(scene.subjects)), key=lambda i: scene.subjects[i].box[3]):
        x0, y0, x1, y1 = scene.subjects[i].box
        across = np.clip(
            np.minimum(x1, np.arange(1, GRID + 1) * side) - np.maximum(x0, np.arange(GRID) * side), 0, side
        )
        down = np.clip(
            np.minimum(y1, np.arange(1, GRID + 1) * side) - np.maximum(y0, np.arange(GRID) * side), 0, side
        )
        owner[np.outer(down, across) * 3 >= side * side] = i
    return owner.reshape(-1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=get_args(Split), default="train")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    started = time.time()
    make(options.folder, options.count, options.seed, options.split, options.workers)
    print(f"{options.count} scenes of {len(KINDS)} kinds in {time.time() - started:.0f} s")
