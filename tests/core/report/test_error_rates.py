"""Error rates as a figure."""

from pathlib import Path

from lsccli.core.channel.rates import Rate, Rates
from lsccli.core.channel.shannon import Limit
from lsccli.core.report.error_rates import draw_error_rates

LIMIT = Limit(0.3, 3.6, 3.0, 5.0, 8.0)


def test_a_point_without_errors_has_no_place_on_a_logarithmic_axis(tmp_path: Path) -> None:
    none = Rate(0.0, 0.0, None)
    rates = [
        Rates(
            ebn0,
            ebn0 + 3.0,
            Rate(rate, rate / 10, rate),
            Rate(rate, rate / 10, None),
            none,
            40.0,
            1.0,
            40.0,
            LIMIT,
        )
        for ebn0, rate in ((0.0, 0.1), (4.0, 0.01), (8.0, 0.0))
    ]
    for per_symbol, axis in ((False, "Eb/N0 in dB"), (True, "Es/N0 in dB")):
        draw_error_rates(rates, tmp_path / "rates.svg", per_symbol=per_symbol)
        text = (tmp_path / "rates.svg").read_text(encoding="utf-8")
        assert f"<!-- {axis} -->" in text
        for name in ("bit", "symbol", "word"):
            assert f"<!-- {name} error rate -->" in text
