"""The benchmark of framing on a caption or two."""

from benchmarks.framing import row, table
from lsccli.core.channel.transmit import Message


def test_rows_and_the_energy_between_points() -> None:
    messages = [Message(["a", "red", "ball"], range(3), "", trial) for trial in range(20)]
    rows = [
        row(messages, decoder, "ideal", (-14, 14), source_code="ascii8") for decoder in ("raw", "vocabulary")
    ]
    raw, known = rows
    # 8, 32 and 40 bits, spaces among them.
    assert raw.bits == known.bits == 80 / 3
    assert raw.read[14] == known.read[14] == 1.0
    assert raw.read[-14] < known.read[-14]
    assert raw.enough is not None
    assert known.enough is not None
    assert raw.energy[-14] < known.enough < raw.enough < raw.energy[14]
    shown = table(rows, (14,)).splitlines()
    assert shown[2].startswith("| `raw` | `ideal` | 26.7 | 1.000 |")
    assert shown[3].endswith(f"| {raw.enough - known.enough:.1f} |")
