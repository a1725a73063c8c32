"""What framing costs, counted by hand, and what comes of it where it is read wrongly."""

from typing import Any

import numpy as np
import pytest

from lsccli.core.channel.framing import Frames
from lsccli.core.channel.settings import ChannelSettings, resolved
from lsccli.core.channel.transmit import Message, Sent, send_messages
from lsccli.core.channel.vocabulary import Vocabulary, shipped
from lsccli.core.errors import LscError

CAPTION = ["a", "brown", "dog"]
MESSAGE = Message(CAPTION, [2, 1, 0], "ab" * 32, 0)


def sent(settings: ChannelSettings, message: Message = MESSAGE) -> list[Sent]:
    (outcome,) = send_messages([message], settings)
    assert isinstance(outcome, list), outcome
    return outcome


def costs(**options: Any) -> list[int]:
    return [step.channel_bits for step in sent(resolved(**options))]


def test_frames_by_hand() -> None:
    fixed = Frames("fixed", 8, 32, 8)
    assert (fixed.room, fixed.field) == (8 + 32 + 1, 0)
    word = np.array([1, 0, 1, 0, 0, 0, 0, 0], np.uint8)
    padding = fixed.padding(8, len(word))
    assert padding.tolist() == [1] + 24 * [0]
    stripped = fixed.word(np.concatenate([word, padding]))
    assert stripped is not None
    assert stripped.tolist() == word.tolist()
    assert fixed.ends(fixed.padding(8, 0))
    assert fixed.word(np.zeros(33, np.uint8)) is None
    assert len(fixed.fitting(np.ones(40, np.uint8))) == 32
    # Four bytes at most: 0 to 4 take three bits, and so up to seven bytes can be said.
    coded = Frames("coded", 8, 32, 8)
    assert (coded.field, coded.room) == (3, 0)
    assert coded.header(24).tolist() == [0, 1, 1]
    assert coded.told(np.array([0, 1, 1], np.uint8)) == 24
    assert len(coded.fitting(np.ones(80, np.uint8))) == 56


def test_bits_by_hand() -> None:
    # The longest of the 196 words has 10 letters: 80 bits by ascii8.
    assert max(map(len, shipped("storybook").words)) == 10
    assert costs() == [0, 24, 48, 16]
    # Space, 80 bits and the mark; with the last word goes the end, which is as long.
    assert costs(framing="fixed") == [0, 89, 89, 2 * 89]
    # A field of 4 bits; the end is one of them.
    assert costs(framing="coded") == [0, 4 + 24, 4 + 48, 4 + 16 + 4]
    assert costs(framing="fixed", reorder="coded") == [0, 95, 95, 190]
    assert costs(framing="coded", reorder="coded") == [0, 34, 58, 30]
    assert [step.source_bits for step in sent(resolved(framing="fixed"))] == [0, 24, 48, 16]


def test_bits_of_check_code_and_symbols_by_hand() -> None:
    point = {"channel": "awgn", "esn0_db": 60.0, "modulation": "16qam", "framing": "coded"}
    # Field of 4 bits: 7. Word and check: 24 + 6 bits fill 8 blocks, 56. Together 63, 16 symbols of 4 bits.
    step = sent(resolved(**point, code="hamming74", crc="crc6"))[1]
    assert (step.channel_bits, step.symbols, step.received) == (64, 16, "dog")
    # 16 + 6 bits fill 6 blocks: 49 with the field, 13 symbols; the end has 7 bits, 2 symbols.
    step = sent(resolved(**point, code="hamming74", crc="crc6"))[3]
    assert (step.channel_bits, step.symbols, step.rounds) == (52 + 8, 13 + 2, 1)


@pytest.mark.parametrize("framing", ["fixed", "coded"])
@pytest.mark.parametrize("source", ["ascii8", "ascii7", "huffman", "lm"])
@pytest.mark.parametrize("decoder", ["raw", "vocabulary", "language"])
@pytest.mark.parametrize(
    "more", [{}, {"code": "hamming74", "crc": "crc11", "arq": 1}, {"code": "ldpc5g"}], ids=str
)
def test_all_is_read_where_there_is_little_noise(
    framing: str, source: str, decoder: str, more: dict[str, Any]
) -> None:
    settings = resolved(
        channel="awgn",
        esn0_db=30.0,
        framing=framing,
        source_code=source,
        decoder=decoder,
        reorder="coded",
        **more,
    )
    steps = sent(settings)
    assert [step.received for step in steps[1:]] == ["dog", "brown", "a"]
    assert steps[-1].prompt == "a brown dog"


def test_a_word_that_is_longer_is_cut() -> None:
    word = "incomprehensibilities"
    (_, step) = sent(resolved(framing="fixed"), Message([word], [0]))
    assert step.received == word[:10]
    # A field of 4 bits counts to 15.
    (_, step) = sent(resolved(framing="coded"), Message([word], [0]))
    assert step.received == word[:15]
    # English has longer words, and so longer packets.
    english = resolved(framing="fixed").knowing(shipped("english").digest, None)
    assert english.frames.room > 89


def test_a_length_read_wrongly_shifts_what_follows() -> None:
    def heard(**options: Any) -> list[list[str]]:
        settings = resolved(channel="bsc", ber=0.1, **options)
        messages = [Message(CAPTION * 3, range(9), "", trial) for trial in range(30)]
        return [[step.received for step in sent(settings, message)[1:]] for message in messages]

    # Some words never come, and some come with others; a message as long without lengths has neither.
    rows = heard(framing="coded")
    assert any("" in row for row in rows)
    assert any(" " in text for row in rows for text in row)
    assert not any("" in row for row in heard())


@pytest.mark.parametrize("source", ["ascii8", "huffman", "lm"])
def test_at_capacity_zero_there_is_nothing_to_read(source: str) -> None:
    captions = [
        Message(["a", "red", "ball", "on", "the", "grass"], range(6), "", trial) for trial in range(60)
    ]
    most = shipped("storybook").share.max()
    for framing, decoder in (("fixed", "vocabulary"), ("coded", "vocabulary"), ("coded", "language")):
        settings = resolved(channel="bsc", ber=0.5, framing=framing, decoder=decoder, source_code=source)
        rows = send_messages(captions, settings)
        right = [step.received == step.sent for row in rows if isinstance(row, list) for step in row[1:]]
        # "a" is the most frequent word, and one in six here.
        assert np.mean(right) <= max(1 / 6, most) + 0.02


def test_what_fixed_takes_by_lm_is_enough_whatever_was_said() -> None:
    settings = resolved(framing="fixed", source_code="lm")
    coder, longest = settings.source_coder, settings.frames.longest
    words = shipped("storybook").words
    bits = [len(coder.given(said).encode(word)) for said in ((), ("a",), ("red", "dog")) for word in words]
    assert max(bits) <= longest <= 24


def test_a_vocabulary_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(LscError, match="can send none of the words"):
        resolved(source_code="ascii7").source_coder.longest(Vocabulary({"é": 1}))


def test_framing_is_in_keys_only_where_it_is_not_ideal() -> None:
    assert resolved(framing="ideal").identity() == resolved().identity()
    assert "framing" not in resolved().facts()
    assert resolved(framing="fixed").identity().named["framing"] == "fixed"
    assert ChannelSettings.of(resolved(framing="coded").facts()) == resolved(framing="coded")
