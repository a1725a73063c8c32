"""Checks: what they find, against Sionna."""

import numpy as np
import pytest

from lsccli.core.channel import crc


@pytest.mark.parametrize("name", ["crc6", "crc11", "crc16", "crc24a"])
def test_checks_are_those_of_sionna_and_find_errors(name: str) -> None:
    import torch
    from sionna.phy.fec import CRCEncoder

    bits = np.random.default_rng(1).integers(0, 2, (20, 53), dtype=np.uint8)
    checked = crc.attach(bits, name)
    theirs = CRCEncoder(name.upper(), device="cpu")(torch.from_numpy(bits.astype(np.float32))).numpy()
    assert (checked == theirs).all()
    assert crc.holds(checked, name).all()
    for place in range(checked.shape[1]):
        broken = checked.copy()
        broken[:, place] ^= 1
        assert not crc.holds(broken, name).any()
