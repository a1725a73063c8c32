"""Weights saved under a name of their own, as `save_pretrained(…, variant="fp16")` does."""

from __future__ import annotations

import re
from pathlib import Path

# As transformers and diffusers name them, in one file or in parts; the variant before or after the part.
_PART = r"-\d{5}-of-\d{5}"
_WEIGHTS = re.compile(
    rf"(?:model|diffusion_pytorch_model)(?:\.(?P<early>[^.]+?))?(?:{_PART})?(?:\.(?P<late>[^.]+))?\.safetensors"
)
_HALF = "fp16"


def variant_of(directory: Path) -> str | None:
    """The variant by which a model or pipeline must be loaded; None where it has plain weights."""
    pipeline = (directory / "model_index.json").is_file()
    # A checker of what was drawn is never loaded.
    parts = [one for one in directory.iterdir() if one.is_dir() and one.name != "safety_checker"]
    folders = parts if pipeline else [directory]
    lone: set[str] = set()
    for folder in folders:
        found = [_WEIGHTS.fullmatch(file.name) for file in folder.glob("*.safetensors")]
        names = {match["early"] or match["late"] for match in found if match}
        if None not in names:
            lone |= names
    return _HALF if _HALF in lone else min(lone, default=None)
