"""What soft decisions and iterations are worth: against likelihoods written out, and Sionna's decoders."""

import numpy as np
import pytest

from lsccli.core.channel.codes.base import ChannelCode
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.received import Received
from lsccli.core.channel.settings import resolved


class Recorded:
    """The noise of a packet, and what was drawn of it."""

    def __init__(self, number: int) -> None:
        self._noise = PacketNoise(0, "image", 0, number + 1)
        self.drawn: dict[str, np.ndarray] = {}

    def __getattr__(self, name: str):
        def draw(count: int) -> np.ndarray:
            self.drawn[name] = getattr(self._noise, name)(count)
            return self.drawn[name]

        return draw


@pytest.mark.parametrize("fading", ["fast", "block"])
def test_rayleigh_ratios_are_the_likelihoods_of_what_was_received(fading: str) -> None:
    # BPSK: ln P(y | 1) / P(y | 0) of y = h x + w, with w complex Gaussian of energy N0 and h known.
    settings = resolved(channel="rayleigh", fading=fading, esn0_db=2.0)
    bits = np.random.default_rng(3).integers(0, 2, (8, 60), dtype=np.uint8)
    noises = [Recorded(number) for number in range(8)]
    got = settings.model.send(bits, noises, soft=True)
    energy = 10 ** (-0.2)
    for row, noise in enumerate(noises):
        fade, unit, mask = (noise.drawn[name] for name in ("fades", "noise", "scrambling"))
        sent = 1.0 - 2.0 * (bits[row] ^ mask[:60])
        heard = fade * sent + np.sqrt(energy) * unit
        far = [np.abs(heard - fade * (1.0 - 2.0 * (bit ^ mask[:60]))) ** 2 / energy for bit in (0, 1)]
        np.testing.assert_allclose(got.ratios[row], far[0] - far[1], rtol=1e-5, atol=1e-5)


def _block_errors(
    code: ChannelCode, k: int, esn0_db: float, seed: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """The block error rate over BPSK, the ratios that the decoder saw, and the bits."""
    count, generator = 400, np.random.default_rng(seed)
    bits = generator.integers(0, 2, (count, k), dtype=np.uint8)
    coded = code.encode(bits)
    energy = 10 ** (-esn0_db / 10)
    heard = (1.0 - 2.0 * coded) + generator.normal(scale=np.sqrt(energy / 2), size=coded.shape)
    ratios = -4 * heard / energy
    received = Received((ratios > 0).astype(np.uint8), np.zeros(count, np.int64), ratios)
    return float((code.decode(received, k) != bits).any(axis=1).mean()), ratios, bits


def _sionna_errors(decoder: object, ratios: np.ndarray, bits: np.ndarray) -> float:
    import torch

    with torch.inference_mode():
        found = decoder(torch.from_numpy(ratios.astype(np.float32))).numpy().round()
    return float((found != bits).any(axis=1).mean())


def test_polar_decoding_keeps_a_list_of_eight() -> None:
    from sionna.phy.fec.polar import Polar5GDecoder, Polar5GEncoder

    code = resolved(code="polar5g", rate=0.5).channel_coder
    rate, ratios, bits = _block_errors(code, 64, -1.0, 5)
    how = {"precision": "single", "device": "cpu"}
    encoder = Polar5GEncoder(64, 128, **how)
    by_list = {
        size: _sionna_errors(Polar5GDecoder(encoder, dec_type="SCL", list_size=size, **how), ratios, bits)
        for size in (1, 8)
    }
    assert rate == pytest.approx(by_list[8], abs=0.01)
    assert by_list[1] > rate + 0.05


def test_ldpc_decoding_iterates_twenty_times() -> None:
    from sionna.phy.fec.ldpc import LDPC5GDecoder, LDPC5GEncoder

    code = resolved(code="ldpc5g", rate=0.5).channel_coder
    rate, ratios, bits = _block_errors(code, 200, -1.5, 6)
    how = {"precision": "single", "device": "cpu"}
    encoder = LDPC5GEncoder(200, 400, **how)
    by_count = {
        count: _sionna_errors(LDPC5GDecoder(encoder, num_iter=count, **how), ratios, bits)
        for count in (2, 20)
    }
    assert rate == pytest.approx(by_count[20], abs=0.01)
    assert by_count[2] > rate + 0.2
