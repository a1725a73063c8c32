"""Entries of a link from outside that fail, or give what is no result: their message fails alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lsccli.core.channel.settings import resolved
from lsccli.core.channel.transmit import Message, Sent, send_messages
from lsccli.core.registry.base import PluginError
from lsccli.core.registry.plugins import use_files

MESSAGES = [Message(("a", "cat"), (0, 1), "00"), Message(("two", "birds"), (1, 0), "01"),
            Message(("a", "worm"), (1, 0), "02")]  # fmt: skip
# What has 40 bits alone is "birds", which as the first word has no space; "worm" has 32, and "cat" with one.
HERE = "n == 40"
NO_RESULT = ["1 / 0", "next(iter([]))", "None", "float('nan')", "'text'", "5", "count()", "10 ** 400", "[]",
             "object()", "exit()", "[2] * 40", "[float('nan')] * 40", "[0] * 39", "iter([0] * 40)",
             "np.zeros((40, 40))", "{}"]  # fmt: skip
NO_TEXT = ["1 / 0", "next(iter([]))", "float('nan')", "5", "count()", "10 ** 400", "[]", "b'x'", "exit()",
           "'x' * 10 ** 6", "chr(0xd800)", "chr(0)"]  # fmt: skip
NO_NUMBER = [*NO_RESULT[:11], "-1", "0.5", "True", "10 ** 9"]
NO_NUMBER.remove("5")

SOURCE = """
from itertools import count
import numpy as np
from lsccli.api import source_code
from lsccli.core.channel.source.ascii import Ascii8

@source_code("own", summary="s")
class Own(Ascii8):
    def encode(self, text):
        {encode}
        return super().encode(text)
    def decode(self, bits):
        n = len(bits)
        {decode}
        return super().decode(bits)
"""
CODE = """
from itertools import count
import numpy as np
from lsccli.api import channel_code
from lsccli.core.channel.codes.none import Uncoded

@channel_code("own", summary="s")
class Own(Uncoded):
    def length(self, n):
        {length}
        return super().length(n)
    def encode(self, bits):
        n = bits.shape[1]
        {encode}
        return super().encode(bits)
    def decode(self, received, n):
        {decode}
        return super().decode(received, n)
"""
MODEL = """
from itertools import count
import numpy as np
from lsccli.api import Received, channel_model
from lsccli.core.channel.models.bsc import BinarySymmetric, Flips

@channel_model("own", summary="s", options=Flips)
class Own(BinarySymmetric):
    def symbols(self, n):
        {symbols}
        return super().symbols(n)
    def send(self, bits, noises, *, soft):
        n = bits.shape[1]
        {send}
        sent = super().send(bits, noises, soft=soft)
        {bits}
        {errors}
        return sent
"""
DECODER = """
from itertools import count
from lsccli.api import decoder
from lsccli.core.channel.decoders.raw import Raw

@decoder("own", summary="s")
class Own(Raw):
    def __call__(self, bits, before, ratios, said):
        n = len(bits)
        {call}
        return super().__call__(bits, before, ratios, said)
"""
CASES = [
    *(("source_code", SOURCE, "encode", f"if text == 'birds': return {bad}") for bad in NO_RESULT),
    *(("source_code", SOURCE, "decode", f"if {HERE}: return {bad}") for bad in [*NO_TEXT, "None"]),
    *(("code", CODE, "length", f"if {HERE}: return {bad}") for bad in NO_NUMBER),
    *(("code", CODE, "encode", f"if {HERE}: return {bad}") for bad in NO_RESULT),
    *(("code", CODE, "decode", f"if {HERE}: return {bad}") for bad in NO_RESULT),
    *(("channel", MODEL, "symbols", f"if {HERE}: return {bad}") for bad in NO_NUMBER),
    *(("channel", MODEL, "send", f"if {HERE}: return {bad}") for bad in NO_RESULT),
    *(("channel", MODEL, "bits", f"if {HERE}: sent.bits = {bad}") for bad in NO_RESULT),
    *(("channel", MODEL, "errors", f"if {HERE}: sent.symbol_errors = {bad}") for bad in NO_RESULT),
    *(("decoder", DECODER, "call", f"if {HERE}: return {bad}") for bad in NO_TEXT),
]


@pytest.fixture(autouse=True)
def without_plugins() -> Iterator[None]:
    yield
    use_files([])


def with_own(folder: Path, kind: str, source: str, **parts: str) -> list[list[Sent] | Exception]:
    """The outcomes of the messages over a link with an entry of one's own."""
    names = ("encode", "decode", "length", "symbols", "send", "bits", "errors", "call")
    file = folder / "own.py"
    file.write_text(source.format(**{name: parts.get(name, "pass") for name in names}))
    use_files([file])
    return list(send_messages(MESSAGES, resolved(**{"channel": "bsc", "ber": 0.0, kind: "own"})))


@pytest.mark.parametrize(
    ("kind", "source", "part", "line"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_the_message_at_which_an_entry_fails_is_told_and_the_others_are_sent(
    tmp_path: Path, kind: str, source: str, part: str, line: str
) -> None:
    whole = with_own(tmp_path, kind, source)
    first, second, third = with_own(tmp_path, kind, source, **{part: line})
    assert [first, third] == [whole[0], whole[2]]
    assert isinstance(second, Exception)
    names = {"source_code": "source code", "code": "channel code", "channel": "channel model"}
    assert f"The {names.get(kind, kind)} own failed: " in str(second)
    assert str(second).isprintable()
    assert len(str(second)) < 300


@pytest.mark.parametrize("framing", ["fixed", "coded"])
@pytest.mark.parametrize(("kind", "source"), [("source_code", SOURCE), ("code", CODE), ("channel", MODEL)])
def test_a_sound_entry_of_one_s_own_does_what_the_built_in_one_does(
    tmp_path: Path, kind: str, source: str, framing: str
) -> None:
    built_in = {"source_code": "ascii8", "code": "none", "channel": "bsc"}
    options = {"channel": "bsc", "ber": 0.05, "framing": framing, "crc": "crc6", "arq": 2}
    expected = send_messages(MESSAGES, resolved(**{**options, kind: built_in[kind]}))
    with_own(tmp_path, kind, source)
    assert send_messages(MESSAGES, resolved(**{**options, kind: "own"})) == expected


@pytest.mark.parametrize("value", ["None", "0", "-1.0", "1.5", "float('nan')", "'x'", "1 / 0"], ids=range(7))
def test_a_code_of_no_rate_is_told_before_anything_is_sent(tmp_path: Path, value: str) -> None:
    rate = f"    nominal_rate = property(lambda self: {value})\n    def length"
    with pytest.raises(PluginError, match="The channel code own failed: "):
        with_own(tmp_path, "code", CODE.replace("    def length", rate))
