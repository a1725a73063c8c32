"""What lsc computes beside what others compute: one table, each line a quantity by two ways.

    python -m benchmarks.truth
    python -m benchmarks.truth --store lsc.sqlite      # also the curves of a store, from its exports

The second way shares no code with the first: a closed form that is written out here, a simulation in NumPy,
SciPy, scikit-image, constriction, or Blahut's and Arimoto's algorithm. Seeds are fixed. The last column is
how far apart the two may be: rounding for what is exact, 99 % of what chance does for what is simulated.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsccli.core.channel.distortion import of_groups
from lsccli.core.channel.noise import PacketNoise
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.shannon import capacity
from lsccli.core.channel.theory import bit_error_rate
from lsccli.core.metrics.base import METRICS
from lsccli.core.report.inference import holm, sign_flip_p, t_intervals

Z99 = 2.5758


@dataclass(frozen=True)
class Check:
    """A quantity by two ways, and how far apart they may be."""

    what: str
    how: str
    ours: float
    theirs: float
    within: float

    @property
    def holds(self) -> bool:
        """Whether they are no further apart."""
        return abs(self.ours - self.theirs) <= self.within

    def __str__(self) -> str:
        digits = [f"{value:.6g}" for value in (self.ours, self.theirs)]
        off = abs(self.ours - self.theirs)
        mark = "" if self.holds else " **no**"
        return (
            f"| {self.what} | {self.how} | {digits[0]} | {digits[1]} | {off:.1e} of {self.within:.1e}{mark} |"
        )


def _sent(k: int, packets: int, **options: object) -> NDArray[np.bool_]:
    """(packets, k) whether each information bit was read wrongly over a link of these options."""
    settings = resolved(**options)
    bits = np.random.default_rng(1).integers(0, 2, (packets, k), dtype=np.uint8)
    code = settings.channel_coder
    noises = [PacketNoise(1, "image", trial, 1) for trial in range(packets)]
    received = settings.model.send(code.encode(bits), noises, soft=code.soft)
    return np.asarray(code.decode(received, k) != bits)


def _chance(wrong: NDArray[np.bool_]) -> float:
    """How far the mean of these packets may be off, 99 times in 100."""
    rates = wrong.reshape(len(wrong), -1).mean(axis=1)
    return Z99 * float(rates.std(ddof=1)) / math.sqrt(len(rates))


def q(x: float) -> float:
    """The Gaussian tail."""
    return math.erfc(x / math.sqrt(2)) / 2


def uncoded() -> Iterator[Check]:
    """Bit error rates without a code."""
    for ebn0_db in (0.0, 4.0, 7.0):
        ratio = 10 ** (ebn0_db / 10)
        wrong = _sent(9600, 105, channel="awgn", modulation="qpsk", ebn0_db=ebn0_db)
        yield Check(
            f"QPSK over AWGN, Eb/N0 {ebn0_db:g} dB: bit error rate, simulated",
            "Q(√(2 Eb/N0))",
            float(wrong.mean()),
            q(math.sqrt(2 * ratio)),
            _chance(wrong),
        )
    # 16-QAM as two Gray-labelled 4-PAM, by nearest levels, with numbers of their own.
    random, esn0 = np.random.default_rng(7), 10**1.0
    levels, labels = np.array([-3, -1, 1, 3]) / math.sqrt(10), np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    sent = random.integers(0, 4, 2_000_000)
    heard = levels[sent] + random.normal(0, math.sqrt(1 / esn0 / 2), len(sent))
    found = np.abs(heard[:, None] - levels).argmin(axis=1)
    errors = (labels[sent] != labels[found]).mean(axis=1)
    yield Check(
        "16-QAM over AWGN, Es/N0 10 dB: bit error rate, closed form",
        "NumPy, 4 million bits",
        bit_error_rate("16qam", esn0),
        float(errors.mean()),
        Z99 * float(errors.std()) / math.sqrt(len(errors)),
    )
    wrong = _sent(2000, 400, channel="rayleigh", fading="fast", modulation="bpsk", ebn0_db=10.0)
    yield Check(
        "BPSK over fast Rayleigh fading, Eb/N0 10 dB: bit error rate, simulated",
        "(1 − √(γ/(1+γ))) / 2",
        float(wrong.mean()),
        (1 - math.sqrt(10 / 11)) / 2,
        _chance(wrong),
    )


def coded() -> Iterator[Check]:
    """Codes with closed forms: hard decisions, and soft ones over fades."""
    p = 0.02
    wrong = _sent(4, 40_000, channel="bsc", ber=p, code="hamming74").any(axis=1)[:, None]
    yield Check(
        "Hamming (7,4), bits flipped with .02: block error rate",
        "1 − (1−p)⁷ − 7p(1−p)⁶",
        float(wrong.mean()),
        1 - (1 - p) ** 7 - 7 * p * (1 - p) ** 6,
        _chance(wrong),
    )
    for count in (3, 5):
        esn0_db = 3.0
        wrong = _sent(
            400,
            2000,
            channel="rayleigh",
            fading="fast",
            modulation="bpsk",
            esn0_db=esn0_db,
            code=f"repetition{count}",
        )
        mu = math.sqrt(1 / (1 + 10 ** (-esn0_db / 10)))
        tail = sum(math.comb(count - 1 + i, i) * ((1 + mu) / 2) ** i for i in range(count))
        yield Check(
            f"repetition of {count}, soft, BPSK over fast Rayleigh fading, Es/N0 3 dB: bit error rate",
            "maximum-ratio combining (Proakis)",
            float(wrong.mean()),
            ((1 - mu) / 2) ** count * tail,
            _chance(wrong),
        )
        wrong = _sent(400, 1000, channel="awgn", modulation="bpsk", esn0_db=-3.0, code=f"repetition{count}")
        yield Check(
            f"repetition of {count}, soft, BPSK over AWGN, Es/N0 −3 dB: bit error rate",
            "Q(√(2 n Es/N0))",
            float(wrong.mean()),
            q(math.sqrt(2 * count * 10**-0.3)),
            _chance(wrong),
        )


def information() -> Iterator[Check]:
    """Capacities and rate-distortion."""
    from scipy.integrate import quad

    ratio = 10**0.7
    mean, _ = quad(lambda g: math.log2(1 + g * ratio) * math.exp(-g), 0, 60, epsabs=1e-12)
    found = capacity(resolved(channel="rayleigh", fading="fast", esn0_db=7.0))
    yield Check(
        "capacity of fast Rayleigh fading, Es/N0 7 dB, bits a symbol", "SciPy's quad", found or 0, mean, 1e-6
    )
    bsc = capacity(resolved(channel="bsc", ber=0.11))
    by_hand = 1 + 0.11 * math.log2(0.11) + 0.89 * math.log2(0.89)
    yield Check("capacity of bits flipped with .11", "1 − h(p)", bsc or 0, by_hand, 1e-9)
    p = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    weight, joint = np.full(5, 0.2), np.eye(5)
    for _ in range(20_000):
        joint = weight * np.exp(-1.5 * (1 - np.eye(5)))
        joint *= (p / joint.sum(axis=1))[:, None]
        weight = joint.sum(axis=0)
    seen = joint > 1e-30
    rate = float((joint[seen] * np.log2(joint[seen] / (p[:, None] * weight)[seen])).sum())
    wrong = float((joint * (1 - np.eye(5))).sum())
    yield Check(
        f"rate-distortion of five words, {wrong:.3f} of them wrong, bits",
        "Blahut and Arimoto",
        of_groups([list(p)]).rate(wrong),
        rate,
        1e-3,
    )


def metrics() -> Iterator[Check]:
    """SSIM and PSNR."""
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    random = np.random.default_rng(3)
    smooth = np.kron(random.integers(0, 256, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    noisy = np.clip(smooth + random.normal(0, 25, smooth.shape), 0, 255).astype(np.uint8)

    def ours(name: str) -> float:
        made = METRICS.find(name).make("cpu")
        return made.compare(made.features(smooth[None]), made.features(noisy[None]))[0]

    how = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 2}
    theirs = float(structural_similarity(smooth, noisy, data_range=255, **how))
    yield Check("SSIM of two pictures", "scikit-image", ours("ssim"), theirs, 1e-9)
    decibels = float(peak_signal_noise_ratio(smooth, noisy, data_range=255))
    yield Check("PSNR of two pictures, dB", "scikit-image", ours("psnr"), decibels, 1e-9)


def statistics() -> Iterator[Check]:
    """Intervals, permutation tests, Holm's rule."""
    from scipy import stats

    gaps = np.random.default_rng(5).normal(0.1, 0.3, (10, 1))
    known = stats.ttest_1samp(gaps[:, 0], 0).confidence_interval(0.95)
    yield Check(
        "upper end of a 95 % interval, 10 images",
        "SciPy's t test",
        t_intervals(gaps)[1][0],
        known.high,
        1e-12,
    )
    exact = stats.permutation_test((gaps[:, 0],), np.mean, permutation_type="samples", n_resamples=np.inf)
    yield Check(
        "p by changes of signs, 10 images",
        "SciPy's permutation test",
        sign_flip_p(gaps)[0],
        exact.pvalue,
        1e-12,
    )
    yield Check(
        "Holm's p of the third of .01 .02 .03 .04",
        "by hand: 2 × .03",
        holm(np.array([0.01, 0.02, 0.03, 0.04]))[2],
        0.06,
        1e-12,
    )


def sources() -> Iterator[Check]:
    """Lengths of what the language model codes."""
    import constriction

    from lsccli.core.channel.source.lm import LanguageModel

    first = LanguageModel()
    words = ["a", "red", "dog", "the", "blue", "cat", "is", "on", "grass", "two", "birds", "running"]
    shares = np.array([2 ** -first.information(word) for word in words])
    shares /= shares.sum()
    drawn = np.random.default_rng(3).choice(len(words), 20_000, p=shares).astype(np.int32)
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(drawn, constriction.stream.model.Categorical(shares, perfect=False))
    ideal = float(-np.log2(shares[drawn]).mean())
    yield Check(
        "information of a first word by the language model, bits a word, 20,000 words",
        "constriction's range coder",
        ideal,
        coder.num_bits() / len(drawn),
        2e-3,
    )


CHECKS: tuple[Callable[[], Iterator[Check]], ...] = (
    uncoded,
    coded,
    information,
    metrics,
    statistics,
    sources,
)


def curves(store: str) -> Iterator[Check]:
    """AUC over bits and words of each curve of a store on an ideal channel, out of its exports alone."""

    def lsc(*words: str) -> str:
        command = [sys.executable, "-m", "lsccli", "--db", store, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    csv.field_size_limit(1 << 30)
    scores = {
        (row["image"], row["prompt"]): float(row["value"])
        for row in csv.DictReader(io.StringIO(lsc("export", "scores")))
    }
    sent: dict[tuple[str, ...], dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(io.StringIO(lsc("export", "steps"))):
        name = row["method"], row["importance"], row["captioner"]
        sent[name][row["image"]].append((int(row["channel_bits"]), scores[row["image"], row["prompt"]]))
    report = json.loads(lsc("--json", "report"))
    most = max(sum(bits for bits, _ in steps) for by in sent.values() for steps in by.values())
    longest = max(len(steps) - 1 for by in sent.values() for steps in by.values())
    for curve in report["curves"]:
        by_image = sent[curve["method"], curve["importance"] or "", curve["captioner"]]
        over_bits, over_words = [], []
        for steps in by_image.values():
            at = np.cumsum([bits for bits, _ in steps])
            values = np.array([value for _, value in steps])
            over_bits.append(float((values * np.diff([*at, most])).sum() / most))
            held = np.concatenate([values, np.full(longest + 1 - len(values), values[-1])])
            over_words.append(float(np.trapezoid(held) / longest))
        label = f"`{curve['label']}` on {curve['captioner']}'s captions, {len(by_image)} images: AUC over"
        for axis, means in (("bits", over_bits), ("words", over_words)):
            ours = curve["areas"][axis]["mean"]
            yield Check(f"{label} {axis}", "from the exports", ours, float(np.mean(means)), 1e-9)


def main() -> None:
    """Print the table; exit 1 where two ways do not agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--store", help="a store whose curves are computed again from its exports")
    asked = parser.parse_args()
    started = time.monotonic()
    print("| what | by another way | lsc | the other | apart, of what may be |\n|---|---|---|---|---|")
    wrong = 0
    every = [*CHECKS, *([lambda: curves(asked.store)] if asked.store else [])]
    for check in (one for make in every for one in make()):
        print(check, flush=True)
        wrong += not check.holds
    print(f"\n{time.monotonic() - started:.0f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
