"""Channel models, channel codes, source codes and decoders of one's own: one new file each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsccli.commands.channel_options import Asked, channels
from lsccli.core.channel.link import ENTRIES, names_of
from lsccli.core.channel.models.base import CHANNEL_MODELS, ModelSpec
from lsccli.core.channel.models.ideal import Ideal
from lsccli.core.channel.rates import measure
from lsccli.core.channel.settings import ChannelSettings, resolved, typed
from lsccli.core.channel.shannon import capacity
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.errors import LscError
from lsccli.core.options import Settings, option
from lsccli.core.registry.plugins import use_files
from lsccli.core.store.keys import key

MODEL = re.findall(
    r"```python\n(.*?)```",
    (Path(__file__).parents[3] / "docs" / "channel.md").read_text(encoding="utf-8"),
    re.DOTALL,
)[0]
CODE = """
import numpy as np
from lsccli.core.channel.codes.base import channel_code
from lsccli.core.options import Settings, option

class Parity(Settings):
    block: int = option(7, ge=1, le=100, help="Information bits for each parity.")

@channel_code("parity", summary="a parity behind each block, which is not used", options=Parity)
class WithParity:
    soft = False

    def __init__(self, options):
        self.block = options.block
        self.nominal_rate = options.block / (options.block + 1)

    def length(self, k):
        return k + -(-k // self.block)

    def encode(self, bits):
        sums = [bits[:, at : at + self.block].sum(axis=1) % 2 for at in range(0, bits.shape[1], self.block)]
        return np.concatenate([bits, np.stack(sums, axis=1).astype(np.uint8)], axis=1)

    def decode(self, received, k):
        return received.bits[:, :k]
"""
SOURCE = """
import numpy as np
from lsccli.core.channel.source.base import SourceCode, source_code

@source_code("unary", summary="the places of letters in the alphabet, in ones, each with a zero behind it")
class Unary(SourceCode):
    def encode(self, text):
        return np.array([int(bit) for letter in text for bit in "1" * (ord(letter) % 128) + "0"], np.uint8)

    def decode(self, bits):
        return "".join(chr(len(run)) for run in "".join(map(str, bits)).split("0")[:-1])
"""
CHAIN = """
from lsccli.core.channel.source.ascii import Ascii8
from lsccli.core.channel.source.base import source_code

@source_code("reversed", summary="every second word backwards")
class Chained(Ascii8):
    contextual = True

    def __init__(self, odd=False):
        self.odd = odd

    def given(self, said):
        return Chained(len(said) % 2 == 1)

    def encode(self, text):
        return super().encode(text[::-1] if self.odd else text)

    def decode(self, bits):
        text = super().decode(bits)
        return text[::-1] if self.odd else text
"""
DECODER = """
from lsccli.core.channel.decoders.base import decoder
from lsccli.core.channel.decoders.raw import Raw

@decoder("loud", summary="characters in capitals")
class Loud(Raw):
    def __call__(self, bits, before, ratios, said):
        return super().__call__(bits, before, ratios, said).upper()
"""


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


def use(folder: Path, *sources: str) -> None:
    files = []
    for number, source in enumerate(sources):
        files.append(folder / f"mine{number}.py")
        files[-1].write_text(source, encoding="utf-8")
    use_files(files)


def received(settings: ChannelSettings, *words: str) -> list[str]:
    (row,) = send_messages([Message(words, range(len(words)), "ab", 0)], settings)
    assert isinstance(row, list), row
    return [step.received for step in row[1:]]


def test_a_channel_model(tmp_path: Path) -> None:
    use(tmp_path, MODEL)
    assert names_of("channel")[-1] == "bec"
    settings = resolved(channel="bec", lost=0.1)
    rates = measure(settings, 400)
    for rate in (rates.bits, rates.symbols, rates.words):
        assert rate.closed_form is not None
        assert abs(rate.simulated - rate.closed_form) < 3 * rate.margin
    assert rates.bits.closed_form == 0.05
    assert capacity(settings) == 0.9
    assert received(resolved(channel="bec", lost=0.0), "a", "dog") == ["a", "dog"]
    # Bob's decoder reads the ratios of what is lost, which say nothing.
    known = measure(resolved(channel="bec", lost=0.3, decoder="vocabulary"), 200)
    assert known.words.simulated < measure(resolved(channel="bec", lost=0.3), 200).words.simulated / 3
    assert settings.facts()["lost"] == 0.1
    assert typed(settings) == ["--channel", "bec", "--lost", "0.1"]
    assert ChannelSettings.of(settings.facts()) == settings
    assert [point.lost for point in channels(Asked({"channel": "BEC", "lost": "0:0.2:0.1"}))] == [0, 0.1, 0.2]
    for options, line in (
        ({"channel": "bec"}, "--channel bec needs --lost, probability of a lost bit."),
        ({"channel": "bec", "lost": 2.0}, "--channel bec --lost 2.0: give a number from 0 to 1."),
        ({"channel": "bsc", "ber": 0.1, "lost": 0.1}, "--lost goes with --channel bec, not with bsc."),
        ({"channel": "bec", "lost": 0.1, "ber": 0.1}, "--ber goes with --channel bsc, not with bec."),
        ({"arq": 2}, "--arq goes with --channel awgn, bsc, rayleigh and bec, not with ideal."),
    ):
        with pytest.raises(LscError) as refused:
            resolved(**options)
        assert str(refused.value) == line


def test_a_channel_code(tmp_path: Path) -> None:
    use(tmp_path, CODE)
    settings = resolved(channel="awgn", esn0_db=30.0, code="parity", block=4)
    assert (settings.nominal_rate, settings.block, settings.points_db[0]) == (0.8, 4, pytest.approx(30.9691))
    assert received(settings, "dog") == ["dog"]
    assert (
        measure(settings, 20).channel_bits > measure(resolved(channel="awgn", esn0_db=30.0), 20).channel_bits
    )
    assert typed(settings) == ["--channel", "awgn", "--esn0-db", "30.0", "--code", "parity", "--block", "4"]
    assert "block" not in resolved(code="parity").identity().named
    with pytest.raises(LscError, match="--block goes with --code parity, not with none"):
        resolved(block=3)


def test_a_source_code_and_one_that_knows_what_was_said(tmp_path: Path) -> None:
    use(tmp_path, SOURCE, CHAIN)
    assert received(resolved(source_code="unary"), "a", "dog") == ["a", "dog"]
    assert received(resolved(source_code="reversed"), "a", "dog") == ["a", "dog"]
    noisy = {"channel": "bsc", "ber": 0.01, "decoder": "vocabulary"}
    for name in ("unary", "reversed"):
        assert received(resolved(source_code=name, **noisy), "a", "dog", "red") == ["a", "dog", "red"]


def test_a_decoder(tmp_path: Path) -> None:
    use(tmp_path, DECODER)
    assert received(resolved(channel="bsc", ber=0.0, decoder="loud"), "a", "dog") == ["A", "DOG"]
    with pytest.raises(LscError, match="--vocabulary goes with --decoder language and vocabulary"):
        channels(Asked({"channel": "bsc", "ber": 0.1, "decoder": "loud", "vocabulary": "english"}))


USES: list[tuple[str, str, dict[str, Any]]] = [
    ("channel", MODEL, {"channel": "bec", "lost": 0.1}),
    ("code", CODE, {"code": "parity"}),
    ("source_code", SOURCE, {"source_code": "unary"}),
    ("decoder", DECODER, {"channel": "bsc", "ber": 0.1, "decoder": "loud"}),
]


@pytest.mark.parametrize(("kind", "source", "options"), USES, ids=[use[0] for use in USES])
def test_an_edited_file_is_another_link(
    tmp_path: Path, kind: str, source: str, options: dict[str, Any]
) -> None:
    use(tmp_path, source)
    before = resolved(**options)
    spec = ENTRIES[kind].find(options[kind])
    assert before.identity().named["entries"] == {kind: {"plugin": spec.origin.digest}}
    assert before.facts()["entries"][kind]["plugin"].startswith("sha256:")
    use(tmp_path, source + "\n# edited\n")
    after = resolved(**options)
    assert after.identity().named != before.identity().named
    assert key("transmission", link=after.identity()) != key("transmission", link=before.identity())
    # What a store holds of the first edition can still be read.
    assert ChannelSettings.of(before.facts()) == after


def test_a_new_option_at_its_default_changes_no_key_and_another_default_does() -> None:
    class One(Settings):
        first: int = option(1, help="One.")

    class More(One):
        second: int = option(2, help="Two.")

    class Other(One):
        second: int = option(3, born=2, help="Two.")

    def named(options: type[Settings]) -> ChannelSettings:
        spec = ModelSpec(name="made-up", make=Ideal, options=options)
        CHANNEL_MODELS._entries["made-up"] = spec
        return resolved(channel="made-up")

    try:
        first = named(One).identity()
        assert dict(first.named) == {"channel": "made-up"}
        assert dict(named(More).identity().named) == dict(first.named)
        assert dict(named(Other).identity().named) == {"channel": "made-up", "second": 3}
        # Facts of before it was there.
        assert ChannelSettings.of(first.settings).second == 2
    finally:
        del CHANNEL_MODELS._entries["made-up"]


def test_options_of_one_name_are_told_apart_or_refused(tmp_path: Path) -> None:
    use(tmp_path, MODEL.replace("lost:", "rate:").replace("options.lost", "options.rate"))
    assert resolved(channel="bec", rate=0.1).facts()["rate"] == 0.1
    with pytest.raises(LscError, match="two options are called 'rate'"):
        resolved(channel="bec", rate=0.5, code="ldpc5g")
    use(tmp_path, MODEL.replace("lost:", "seed:").replace("options.lost", "options.seed"))
    with pytest.raises(LscError, match="two options are called 'seed'"):
        resolved(channel="bec", seed=0)


def test_what_a_store_holds_of_an_entry_that_is_gone_is_refused(tmp_path: Path) -> None:
    use(tmp_path, MODEL)
    facts = resolved(channel="bec", lost=0.1).facts()
    use_files([])
    with pytest.raises(LscError, match="--channel 'bec': choose ideal, awgn, bsc, rayleigh"):
        ChannelSettings.of(facts)
    with pytest.raises(LscError, match="no option 'warp'"):
        ChannelSettings.of({"channel": "ideal", "warp": 9})


class Later(Settings):
    """Options whose defaults have changed since they were born."""

    loud: bool = option(False, born=True, help="Whether it is loud.")
    most: int | None = option(None, born=3, ge=1, help="How many at most.")


def test_a_default_that_changed_is_named_also_where_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModelSpec(name="later", make=Ideal, options=Later)
    monkeypatch.setitem(CHANNEL_MODELS._entries, "later", spec)
    now, then = resolved(channel="later"), resolved(channel="later", loud=True, most=3)
    assert then.identity().named == {"channel": "later"}
    assert now.identity().named == {"channel": "later", "loud": False, "most": None}
    for link in (now, then):
        assert ChannelSettings.of(link.facts()) == link
    # What was stored before the options were there had the values that they were born with.
    assert ChannelSettings.of({"channel": "later"}) == then
