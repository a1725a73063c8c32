"""Captioners of one's own, each a file: without a model, and with a role of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.metrics.base import METRICS
from lsccli.core.models.models import Compute, Models
from lsccli.core.models.profile import load_profile
from lsccli.core.models.roles import ROLES

Use = Callable[[str], Path]

SHADE = """
from lsccli import captioner, to_rgb

@captioner("shade", summary="whether it is light or dark")
class Shade:
    def __init__(self, profile, device, dtype, batch_size):
        pass

    def caption(self, images):
        return ["light" if max(to_rgb(image).getextrema()[0]) > 127 else "dark" for image in images]
"""
NAMER = """
from safetensors.numpy import load_file
from lsccli import ModelRef, Settings, captioner, role, setting

@role("shades", summary="names of shades")
class Shades(Settings):
    model: ModelRef = setting(help="Thresholds.")
    article: str = setting("a", help="What every caption begins with.")

@captioner("namer", summary="names a shade by a model", roles=["shades"])
class Namer:
    def __init__(self, profile, device, dtype, batch_size):
        own = profile.need("shades")
        self.article = own.article
        self.limit = load_file(own.model.find().directory / "model.safetensors")["limit"][0]

    def caption(self, images):
        names = ["light" if image.convert("L").getextrema()[1] > self.limit else "dark" for image in images]
        return [f"{self.article} {name} one" for name in names]
"""
WHITE, BLACK = Image.new("RGB", (4, 4), "white"), Image.new("L", (9, 5), 3)


def models(profile: Path, dtype: str = "float32") -> Models:
    return Models(load_profile(str(profile)), Compute(dtype=dtype))


def with_shades(folder: Path, tiny_profile: Path, limit: float, extra: str = "") -> Path:
    (folder / "shades").mkdir(exist_ok=True)
    save_file({"limit": np.array([limit], np.float32)}, folder / "shades" / "model.safetensors")
    path = folder / f"shades{limit}.toml"
    path.write_text(f'extends = "{tiny_profile}"\n[shades]\nmodel = "shades"\n{extra}', encoding="utf-8")
    return path


def test_a_captioner_needs_no_model(plug_in: Use, tiny_profile: Path) -> None:
    plug_in(SHADE)
    found = models(tiny_profile)
    assert found.captioner("Shade").caption([WHITE, BLACK]) == ["light", "dark"]
    assert not CAPTIONERS.find("shade").given
    own = found.captioner_identity("shade")
    assert set(own.settings) == {"captioner", "version", "plugin", "roles"}
    # Without a model the number format changes nothing.
    assert models(tiny_profile, "bfloat16").captioner_identity("shade") == own
    plug_in(SHADE.replace("127", "2"))
    assert found.captioner_identity("shade").named != own.named


def test_a_captioner_brings_a_role_of_its_own(plug_in: Use, tiny_profile: Path, tmp_path: Path) -> None:
    plug_in(NAMER)
    found = models(with_shades(tmp_path, tiny_profile, 5))
    assert found.captioner("namer").caption([WHITE, BLACK]) == ["a light one", "a dark one"]
    own = found.captioner_identity("namer")
    assert own.settings["roles"]["shades"]["model"].startswith("sha256:")
    assert "article" not in own.named["roles"]["shades"]
    article = models(with_shades(tmp_path / "..", tiny_profile, 5, 'article = "one"\n'))
    assert article.captioner_identity("namer").named["roles"]["shades"]["article"] == "one"
    (tmp_path / "other").mkdir()
    weights = models(with_shades(tmp_path / "other", tiny_profile, 2))
    assert weights.captioner_identity("namer").named != own.named
    assert models(tmp_path / "shades5.toml", "bfloat16").captioner_identity("namer").named != own.named
    with pytest.raises(MissingModelError, match=r"Profile tiny names no shades: add a \[shades\] table"):
        models(tiny_profile).captioner_identity("namer")


def test_without_the_file_the_role_is_unknown(tiny_profile: Path, tmp_path: Path) -> None:
    with pytest.raises(LscError, match="unknown entry 'shades'"):
        load_profile(str(with_shades(tmp_path, tiny_profile, 5)))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (NAMER.replace('roles=["shades"]', 'roles=["shade"]'), "reads role 'shade'; there are .*shades"),
        (NAMER.replace('"shades"', '"purpose"'), "a role cannot be called 'purpose'"),
        (NAMER.replace('setting("a", help="What every caption begins with.")', '"a"'), "is not declared"),
        (NAMER.replace('"namer"', '"BLIP"'), "Two entries are called 'BLIP'"),
        (NAMER + "\n1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_of_a_file_that_is_refused_nothing_stays(plug_in: Use, broken: str, told: str) -> None:
    metric = '\nfrom lsccli import metric\nmetric("mine", summary="", better="lower")(dict)\n'
    before = [list(registry.all()) for registry in (CAPTIONERS, ROLES, METRICS)]
    with pytest.raises(LscError, match=told) as caught:
        plug_in(metric + broken)
    assert "\n" not in str(caught.value)
    assert [list(registry.all()) for registry in (CAPTIONERS, ROLES, METRICS)] == before
