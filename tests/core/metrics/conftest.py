import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def pictures():
    """Smooth coloured scenes, (B, 64, 64, 3) uint8: closer to photographs than noise is."""
    generator = np.random.default_rng(7)
    y, x = np.mgrid[0:64, 0:64] / 64
    found = []
    for _ in range(5):
        waves = [
            np.sin(6 * (generator.normal() * x + generator.normal() * y) + generator.uniform(0, 6))
            for _ in range(3)
        ]
        disc = (x - generator.uniform(0.3, 0.7)) ** 2 + (y - generator.uniform(0.3, 0.7)) ** 2 < 0.04
        scene = np.stack(waves, axis=-1) * 100 + 128
        scene[disc] = generator.uniform(0, 255, 3)
        found.append(np.clip(scene, 0, 255).astype(np.uint8))
    return np.stack(found)
