"""Weights by the names that transformers and diffusers give to variants of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsccli.core.models.variants import variant_of


def make(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("files", "variant"),
    [
        (("model.safetensors",), None),
        (("model.fp16.safetensors",), "fp16"),
        (("model.safetensors", "model.fp16.safetensors"), None),
        (("model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors"), "fp16"),
        (("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"), None),
        (("diffusion_pytorch_model-00001-of-00002.bf16.safetensors",), "bf16"),
        (("model.bf16.safetensors", "model.fp16.safetensors"), "fp16"),
        (("pytorch_model.bin",), None),
        (("other.fp16.safetensors",), None),
        ((), None),
    ],
)
def test_a_model(tmp_path: Path, files: tuple[str, ...], variant: str | None) -> None:
    assert variant_of(make(tmp_path, "config.json", *files)) == variant
    # Of what lies deeper a model reads nothing.
    assert variant_of(make(tmp_path, "deep/model.ema.safetensors")) == variant


@pytest.mark.parametrize(
    ("files", "variant"),
    [
        (
            ("unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors"),
            "fp16",
        ),
        (
            ("unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.safetensors"),
            "fp16",
        ),
        (("unet/diffusion_pytorch_model.safetensors", "one-file.fp16.safetensors"), None),
        (("unet/diffusion_pytorch_model.safetensors", "safety_checker/model.fp16.safetensors"), None),
    ],
)
def test_a_pipeline(tmp_path: Path, files: tuple[str, ...], variant: str | None) -> None:
    assert variant_of(make(tmp_path, "model_index.json", *files)) == variant
