"""A family of receivers of one's own, in one file, for models that diffusers does not run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.models import Compute, Models
from lsccli.core.models.profile import load_profile
from lsccli.core.receiver.base import RECEIVERS, check_heat_maps, family_of
from lsccli.core.receiver.diffusion import DiffusionReceiver

Use = Callable[[str], Path]

PAINTER = """
import numpy as np
from safetensors.numpy import load_file
from lsccli import Receiver, receiver

@receiver("painter", summary="one colour", serves=lambda folder: (folder / "paint.json").is_file())
class Painter(Receiver):
    def __init__(self, directory, role, device, dtype, batch_size):
        self.shape = (role.height, role.width, 3)
        self.colour = load_file(directory / "model.safetensors")["colour"]

    def draw(self, prompts, seed):
        return np.stack([np.broadcast_to(self.colour + len(p), self.shape) for p in prompts]).astype(np.uint8)
"""


@pytest.fixture
def painted(tiny_profile: Path, tmp_path: Path) -> Models:
    """The small models with a receiver that is no pipeline."""
    folder = tmp_path / "paint"
    folder.mkdir()
    (folder / "paint.json").write_text("{}")
    save_file({"colour": np.array([1, 2, 3], np.float32)}, folder / "model.safetensors")
    path = tmp_path / "painted.toml"
    path.write_text(
        f'extends = "{tiny_profile}"\n[receiver]\nmodel = "paint"\nwidth = 5\nheight = 4\n', encoding="utf-8"
    )
    return Models(load_profile(str(path)), Compute())


def test_a_file_adds_a_family(plug_in: Use, painted: Models) -> None:
    path = plug_in(PAINTER)
    images = painted.receiver.draw(["", "ab"], 100)
    assert images.shape == (2, 4, 5, 3)
    assert images[1, 3, 4].tolist() == [3, 4, 5]
    assert painted.receiver.window_overflow("any words") == 0
    own = painted.receiver_identity()
    assert own.named["family"] == "painter"
    assert own.named["plugin"].startswith("sha256:")
    assert "seed" not in own.settings
    path.write_text(PAINTER + "\n# edited\n")
    plug_in(PAINTER + "\n# edited\n")
    assert painted.receiver_identity().named != own.named


def test_a_family_without_heat_maps_says_so(plug_in: Use, painted: Models) -> None:
    plug_in(PAINTER)
    with pytest.raises(MissingModelError, match="The receiver painter gives no heat maps"):
        check_heat_maps(painted.profile.receiver.model.find().directory)
    with pytest.raises(MissingModelError, match="Painter has no heat maps"):
        painted.receiver.heat_maps([("a",)], 0)


def test_what_no_family_runs_is_one_line(painted: Models) -> None:
    with pytest.raises(
        LscError, match=r"Cannot load the model in .*paint: no receiver runs .*diffusers"
    ) as caught:
        painted.receiver_identity()
    assert "\n" not in str(caught.value)


def test_pipelines_are_of_the_first_family(plug_in: Use, tiny_profile: Path, tmp_path: Path) -> None:
    models = Models(load_profile(str(tiny_profile)), Compute())
    directory = models.profile.receiver.model.find().directory
    before = models.receiver_identity()
    assert "family" not in before.settings
    plug_in(PAINTER.replace('lambda folder: (folder / "paint.json").is_file()', "lambda folder: True"))
    assert set(RECEIVERS.all()) == {"diffusers", "painter"}
    assert family_of(directory).make is DiffusionReceiver
    assert models.receiver_identity() == before
    check_heat_maps(directory)
    other = Path(shutil.copytree(directory, tmp_path / "other"))
    (other / "model_index.json").write_text("{")
    assert family_of(other).name == "diffusers"  # which will say that the index is damaged
