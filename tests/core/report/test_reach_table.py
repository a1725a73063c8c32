"""Words and bits to a score on the terminal."""

import io

from rich.console import Console

from lsccli.core.metrics.stop import Stop
from lsccli.core.report.reach import ReachReport, build_reach
from lsccli.core.report.reach_table import print_reach
from tests.core.report.stores import ask


def printed(made: ReachReport) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    print_reach(console, made)
    return console.export_text()


def test_the_method_that_needs_the_fewest_words_stands_first(store, maker, two_images):
    for image, words in zip(two_images, ("red dog", "sea"), strict=True):
        maker.send(image, words, method="allBob", sent=list(range(len(words.split())))[::-1])
    maker.score(two_images[0], {"dog": 0.2, "dog red": 0.3})
    text = printed(build_reach(store, ask(), Stop("stlpips-alex", 0.3)))
    rows = [line.split()[0] for line in text.splitlines() if line.startswith(("order", "allBob"))]
    assert rows == ["allBob", "order"]
    assert max(map(len, text.splitlines())) <= 100
    assert "X: stlpips-alex at most 0.3; 2 images; profile storybook, seed 100." in " ".join(text.split())
    assert "allBob (simulates Bob)" in text


def test_where_no_image_is_decided_it_is_one_line(store, maker):
    maker.send(maker.image("a"), "sea")
    text = printed(build_reach(store, ask(), Stop("stlpips-alex", 0.3)))
    assert len(text.strip().splitlines()) == 1
    assert "lsc generate --stop-at 0.3" in text


def test_a_method_that_never_gets_there_has_a_dash(store, two_images):
    text = printed(build_reach(store, ask(), Stop("stlpips-alex", 0.05)))
    (row,) = [line.split() for line in text.splitlines() if line.startswith("order")]
    assert row[2:4] == ["–", "–"]
    # Of two images that never get there Wilson's interval leaves much open: 2 / (2 + 1.96²).
    assert "1.00 [0.34, 1.00]" in " ".join(row)
