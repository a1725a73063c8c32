"""Noise from the command line: sweeps and trials, what is stored of them, and the channel by itself."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from lsccli.cli import make_app
from lsccli.core.registry.plugins import use_files
from tests.cli.shell import Lsc

DOCS = Path(__file__).parents[2] / "docs"
NOISY = ("--channel", "awgn", "--modulation", "16qam")


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


def documented(page: str) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def _steps(lsc: Lsc, point: float, store: Path | None = None) -> list[tuple[object, ...]]:
    query = (
        "SELECT t.trial, r.key, s.k, s.sent, s.received, s.channel_bits, s.symbols, s.bit_errors, s.rounds "
        "FROM step s JOIN transmission t ON t.id = s.transmission_id JOIN ranking r ON r.id = t.ranking_id "
        f"JOIN config c ON c.id = t.config_id WHERE json_extract(c.settings, '$.ebn0_db') = {point} "
        "ORDER BY t.trial, r.key, s.k"
    )
    if store is None:
        return lsc.sql(query)
    with sqlite3.connect(store) as connection:
        return connection.execute(query).fetchall()


def test_a_point_alone_is_the_same_as_in_its_sweep(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    order = ("transmit", "-m", "order", "--captioner", "dataset", *NOISY)
    swept = lsc.json(*order, "--ebn0-db", "0:6:2", "--trials", "3")
    assert (swept["units"], swept["new"]) == (36, 36)
    alone = ("--db", str(tmp_path / "alone.sqlite"))
    lsc(*alone, "caption", small, "--captioner", "dataset")
    assert lsc.json(*alone, *order, "--ebn0-db", "4", "--trials", "2")["new"] == 6
    first_two = [row for row in _steps(lsc, 4.0) if row[0] in (0, 1)]
    assert _steps(lsc, 4.0, tmp_path / "alone.sqlite") == first_two
    assert any(row[7] for row in first_two)
    again = lsc.json(*alone, *order, "--ebn0-db", "4", "--trials", "3")
    assert (again["new"], again["cached"]) == (3, 6)


def test_run_draws_what_arrived_at_each_point(lsc: Lsc, small: Path) -> None:
    done = lsc.json(
        "run", small, "--captioner", "dataset", "-m", "order", *NOISY, "--ebn0-db", "2:40:38", "--trials", "2"
    )
    curves = {curve["settings"]["channel"]["ebn0_db"]: curve for curve in done["report"]["curves"]}
    assert set(curves) == {2.0, 40.0}
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    clean = next(c for c in lsc.json("report")["curves"] if c["settings"]["channel"]["channel"] == "ideal")
    assert clean["points"] == curves[40.0]["points"]
    assert clean["points"] != curves[2.0]["points"]
    assert lsc.json("generate")["new"] == 0


def test_a_word_that_cannot_be_coded_fails_alone(lsc: Lsc, small: Path) -> None:
    (small / "captions.txt").write_text(
        (small / "captions.txt").read_text(encoding="utf-8").replace("a cat", "a café"), encoding="utf-8"
    )
    lsc("caption", small, "--captioner", "dataset")
    done = lsc(
        "--json", "transmit", "-m", "order", "--captioner", "dataset", "--source-code", "ascii7", code=1
    )
    assert (done.json["new"], done.json["failed"]) == (2, 1)
    assert "ascii7 has no code for 'é', U+00E9 (LATIN SMALL LETTER E WITH ACUTE)" in done.err


def test_options_that_do_not_go_together_are_refused(lsc: Lsc) -> None:
    for command in (("transmit", "-m", "order"), ("run", "."), ("channel",)):
        done = lsc(*command, "--ber", "0.1", "--channel", "awgn", "--ebn0-db", "3", code=2)
        assert "--ber goes with --channel bsc, not with awgn" in done.err


def test_the_channel_by_itself(lsc: Lsc, tmp_path: Path) -> None:
    sweep = ("channel", "--ebn0-db", "0:8:4", "--packets", "200")
    shown = lsc(*sweep, "--out", tmp_path / "rates.png")
    assert (tmp_path / "rates.png").stat().st_size > 10_000
    assert "7.86e-2" in shown.out  # Q(√2), BPSK at 0 dB
    points = lsc.json(*sweep)["points"]
    assert [point["ebn0_db"] for point in points] == [0, 4, 8]
    for point in points:
        for name in ("bits", "symbols", "words"):
            rate = point[name]
            # No error in so few packets says no more than the closed form's own spread.
            spread = (rate["closed_form"] / 200) ** 0.5 if name == "words" else 0.0
            assert abs(rate["simulated"] - rate["closed_form"]) <= 3 * max(rate["margin"], spread) + 1e-3
    assert lsc.json("channel", "--ebn0-db", "4", "--packets", "200")["points"] == [points[1]]
    assert not list(tmp_path.glob("*.sqlite"))


def test_a_figure_of_one_point_is_refused(lsc: Lsc) -> None:
    assert "draws a sweep" in lsc("channel", "--ebn0-db", "1", "--out", "x.png", code=2).err
    assert (
        "name a .png, .pdf or .svg file" in lsc("channel", "--ebn0-db", "1:3:1", "--out", "x.txt", code=2).err
    )


def test_the_file_of_defaults_may_name_the_channel(lsc: Lsc, small: Path) -> None:
    Path("lsc.toml").write_text('[transmit]\nchannel = "bsc"\nber = 0.25\n', encoding="utf-8")
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "-m", "order", "--captioner", "dataset")
    (settings,) = lsc.sql("SELECT settings FROM config WHERE kind = 'channel'")[0]
    assert json.loads(settings)["ber"] == 0.25


@pytest.mark.parametrize("reorder", ["free", "coded"])
def test_order_is_restored_over_noise(lsc: Lsc, small: Path, reorder: str) -> None:
    lsc("caption", small, "--captioner", "dataset")
    lsc("transmit", "-m", "random", "--captioner", "dataset", "--reorder", reorder, *NOISY, "--ebn0-db", "50")
    prompts = {text for (text,) in lsc.sql("SELECT text FROM prompt")}
    assert {"a red ball", "two birds", "a cat"} <= prompts


def test_what_captions_cost(lsc: Lsc, small: Path) -> None:
    shown = lsc("channel", "--captions", small)
    assert "-log2 p" in shown.out
    told = lsc.json("channel", "--captions", small)
    codes = {code["code"]: code for code in told["codes"]}
    texts = [line.split(",", 1)[1] for line in (small / "captions.txt").read_text("utf-8").splitlines()[1:]]
    assert told["captions"] == len(texts)
    assert codes["ascii8"]["bits"] == pytest.approx(8 * sum(map(len, texts)) / len(texts))
    lsc("caption", small, "--captioner", "dataset")
    rows = lsc.json("export", "captions")["captions"]
    firsts = [row["model_bits"] for row in rows]
    assert all(bits > 0 for bits in firsts)
    assert all(row["zlib_bits"] >= 8 * 8 for row in rows)
    assert "leave --ebn0-db out" in lsc("channel", "--captions", small, "--ebn0-db", "3", code=2).err
    coco = small.parent / "coco.json"
    images = [{"id": 1, "file_name": "scene-0.png"}]
    coco.write_text(json.dumps({"images": images, "annotations": [{"image_id": 1, "caption": "one owl"}]}))
    assert "with --images DIR" in lsc("channel", "--captions", coco, code=2).error
    told = lsc.json("channel", "--captions", coco, "--images", small)
    assert (told["captions"], told["codes"][0]["bits"]) == (1, 8 * len("one owl"))
    assert "--images goes with --captions" in lsc("channel", "--images", small, code=2).error


def test_bob_knows_the_words_of_a_file(lsc: Lsc, small: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("dog 3\ncat 2\nfox\n", encoding="utf-8")
    lsc("caption", small, "--captioner", "dataset")
    send = ("transmit", "-m", "order", "--captioner", "dataset", "--channel", "bsc", "--ber", "0.01")
    known = (*send, "--decoder", "vocabulary", "--vocabulary")
    assert lsc.json(*known, tmp_path / "own.txt")["new"] == 3
    assert lsc.json(*known, "english")["new"] == 3
    assert lsc.json(*known, "storybook")["new"] == 3
    assert lsc.json(*known, "storybook")["new"] == 0
    digests = {
        json.loads(text).get("vocabulary")
        for (text,) in lsc.sql("SELECT settings FROM config WHERE kind = 'channel'")
    }
    assert len(digests) == 3
    assert None in digests
    (tmp_path / "own.txt").write_text("dog 3\ndog 2\n", encoding="utf-8")
    assert "line 2: 'dog' stands in line 1 already" in lsc(*known, tmp_path / "own.txt", code=2).err
    assert "--vocabulary goes with" in lsc(*send, "--vocabulary", "english", code=2).err


def test_the_options_of_the_channel_are_the_same_everywhere(lsc: Lsc) -> None:
    commands = typer.main.get_group(make_app()).commands
    listed = {name: [each.name for each in commands[name].params] for name in ("run", "transmit", "channel")}
    declared = [name for name in listed["run"] if name in listed["transmit"] and name in listed["channel"]]
    assert {"channel", "source_code", "ber", "modulation", "ebn0_db", "code", "rate", "crc"} <= set(declared)
    for name in ("run", "transmit"):
        assert {"scc", "scc_closeness", "trials"} <= set(listed[name]) - set(listed["channel"])
        assert [each for each in listed[name] if each in declared] == declared
    shown = lsc("transmit", "--help").out
    assert "[default: bpsk]" in shown
    assert "--trials" in shown
    assert "No such option" in lsc("channel", "--trials", "2", code=2).err


def test_a_channel_of_ones_own_is_like_any_other(lsc: Lsc) -> None:
    (lsc.folder / "bec.py").write_text(documented("channel.md")[0], encoding="utf-8")
    plugin = ("--plugin", "bec.py")
    points = lsc.json(*plugin, "channel", "--channel", "bec", "--lost", "0:0.2:0.1", "--packets", "200")[
        "points"
    ]
    assert [point["settings"]["lost"] for point in points] == [0, 0.1, 0.2]
    assert [point["bits"]["closed_form"] for point in points] == [0, 0.05, 0.1]
    for command in (("channel",), ("transmit", "-m", "order"), ("run", ".")):
        assert (
            "--lost goes with --channel bec, not with bsc"
            in lsc(*plugin, *command, "--channel", "bsc", "--ber", "0.1", "--lost", "0.1", code=2).error
        )
    assert "--lost" in lsc(*plugin, "run", "--help").out
    # Without the file there is neither the channel nor its option.
    assert "choose ideal, awgn, bsc, rayleigh" in lsc("channel", "--channel", "bec", code=2).error
    assert "No such option" in lsc("channel", "--lost", "0.1", code=2).error
    (lsc.folder / "lsc.toml").write_text('plugins = ["bec.py"]\n[channel]\nlost = 0.1\n', encoding="utf-8")
    assert (
        lsc.json("--trust", "channel", "--channel", "bec", "--packets", "20")["points"][0]["settings"]["lost"]
        == 0.1
    )


def test_an_option_that_lsc_has_already_is_refused(lsc: Lsc) -> None:
    example = documented("channel.md")[0].replace("lost:", "limit:").replace("options.lost", "options.limit")
    (lsc.folder / "bec.py").write_text(example, encoding="utf-8")
    assert (
        "declares the option --limit, which lsc has already"
        in lsc("--plugin", "bec.py", "transmit", "-m", "order", code=2).error
    )


def test_framing_is_sent_counted_and_told(lsc: Lsc, small: Path) -> None:
    lsc("caption", small, "--captioner", "dataset")
    send = ("transmit", "-m", "order", "--captioner", "dataset")
    lsc(*send, "--framing", "ideal")
    for framing in ("fixed", "coded", "Coded"):
        lsc(*send, "--framing", framing, "--vocabulary", "storybook")
    settings = [json.loads(text) for (text,) in lsc.sql("SELECT settings FROM config WHERE kind = 'channel'")]
    assert sorted(one.get("framing", "ideal") for one in settings) == ["coded", "fixed", "ideal"]
    rows = lsc.sql(
        "SELECT json_extract(g.settings, '$.framing'), sum(s.channel_bits), sum(s.k > 0), sum(s.k = 1) "
        "FROM step s JOIN transmission t ON t.id = s.transmission_id "
        "JOIN config g ON g.id = t.config_id GROUP BY 1"
    )
    sums = {framing or "ideal": (bits, words, messages) for framing, bits, words, messages in rows}
    bits, words, messages = sums["ideal"]
    # A word and the end of a message are a packet each: of 89 bits, or with a length of 4 bits.
    assert sums["fixed"] == (89 * (words + messages), words, messages)
    assert sums["coded"] == (bits + 4 * (words + messages), words, messages)
    assert "choose" in lsc(*send, "--framing", "none", code=2).error


def test_at_capacity_zero_lengths_are_worth_a_third_of_the_words(lsc: Lsc) -> None:
    known = ("--decoder", "vocabulary", "--vocabulary", "storybook", "--packets", "1000")
    zero = ("channel", "--channel", "bsc", "--ber", "0.5", *known)
    (ideal,) = lsc.json(*zero)["points"]
    assert 1 - ideal["words"]["simulated"] == pytest.approx(ideal["floor"], abs=0.05)
    assert ideal["floor"] > 0.25
    for framing in ("fixed", "coded"):
        (point,) = lsc.json(*zero, "--framing", framing)["points"]
        assert point["settings"]["framing"] == framing
        assert 1 - point["words"]["simulated"] <= point["floor"] + 0.03
        assert point["floor"] < 0.12
        assert (point["needed"], point["excess_db"]) == (0, None)
    shown = lsc("channel", "--ebn0-db", "2", "--decoder", "language", "--packets", "50").out
    assert "floor" in shown
    assert "could be read by guessing from its length alone" in " ".join(shown.split())
    assert "beaten with a probability of 10^-6 at most" in " ".join(shown.split())
