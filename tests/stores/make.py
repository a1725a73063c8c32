"""Makes the store that is kept of a version: `python -m tests.stores.make`; run once for each release.

Its models are the bundled ones under pinned names: it stays remembered when the bundle has better ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import lsccli
from lsccli.core.models.reference import FoundModel, ModelRef

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CAPTION = "A brown dog runs"
BUNDLE = Path(lsccli.__file__).parent / "bundle" / "storybook"
# Everything that a run of then has left: captions, searches, shuffles, heads, noise, SCC, two metrics.
RUNS: tuple[tuple[str, ...], ...] = (
    ("-m", "order", "-m", "random", "--seeds", "2", "-m", "prompttune:heads", "-m", "prompttune:nouns"),
    (
        "-m",
        "allBob",
        "-m",
        "partBob:most",
        "-m",
        "Alice",
        "-m",
        "bothAtt",
        "--metric",
        "ssim",
        "--metric",
        "psnr",
    ),
    ("-m", "order", "--channel", "awgn", "--ebn0-db", "4", "--modulation", "qpsk", "--code", "hamming74"),
    (
        "-m",
        "order",
        "--channel",
        "rayleigh",
        "--esn0-db",
        "6",
        "--crc",
        "crc6",
        "--arq",
        "2",
        "--trials",
        "2",
    ),
    ("-m", "order", "--channel", "bsc", "--ber", "0.05", "--decoder", "vocabulary", "--scc", "longer"),
    ("-m", "prompttune:heads", "--only-heads", "--source-code", "lm", "--reorder", "free"),
)


def found(reference: ModelRef) -> FoundModel:
    """A bundled model under a digest that follows from its name alone."""
    name = reference.name.removeprefix("bundle:")
    return FoundModel(BUNDLE / name, f"kept:{name}")


@contextmanager
def pinned() -> Iterator[None]:
    """Models, weights and the parser go by names that never change."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(ModelRef, "find", found))
        stack.enter_context(patch("lsccli.core.text.parse.Parser.version", "kept"))
        yield


def data(folder: Path) -> Path:
    """A folder with one scene and a caption."""
    folder.mkdir()
    shutil.copy(ROOT / "examples" / "storybook" / "scene-01.png", folder)
    (folder / "captions.txt").write_text(f"image,caption\nscene-01.png,{CAPTION}\n", encoding="utf-8")
    return folder


def command(store: Path, scenes: Path, run: tuple[str, ...]) -> list[str]:
    """`lsc run` on a store, small and quick."""
    metric = () if "--metric" in run else ("--metric", "ssim")
    return [
        *("--db", str(store), "--device", "cpu", "--json", "run", str(scenes), "--captioner", "dataset"),
        *run,
        *metric,
    ]


def main() -> None:
    """Make the store of this version."""
    from lsccli.cli import main as lsc

    target = HERE / lsccli.__version__
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with pinned(), TemporaryDirectory() as folder:
        scenes = data(Path(folder) / "scenes")
        for run in RUNS:
            try:
                lsc(command(target / "lsc.sqlite", scenes, run))
            except SystemExit as left:
                if left.code:
                    raise


if __name__ == "__main__":
    main()
