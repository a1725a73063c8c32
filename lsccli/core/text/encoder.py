"""The language models whose self-attention is read: Bob's text encoder and Alice's language model.

Both run in float32 whatever --dtype says, since a ranking follows from small differences of attention, and
with eager attention, the only implementation that returns its weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.loading import LOCAL, load_model, load_processor, one_line, quiet
from lsccli.core.models.profile import Profile


def load_text_encoder(profile: Profile, device: str) -> tuple[Any, Any]:
    """Bob's text encoder and its fast tokenizer.

    Of a pipeline with several encoders the profile names one by `subfolder` and `tokenizer`; an empty
    name means the directory itself, for a model that is no pipeline.
    """
    import transformers

    role = profile.need("text_encoder")
    directory = role.model.find().directory
    folder = _part(directory, role.subfolder, "subfolder")
    config = _config(folder)
    name = (config.architectures or [""])[0]
    # A whole CLIP holds the same text tower as the text_encoder folder of a pipeline. The class that made the
    # weights is preferred to AutoModel, which would build a T5 with a decoder.
    cls: Any = (
        transformers.CLIPTextModel
        if config.model_type == "clip"
        else getattr(transformers, name, transformers.AutoModel)
    )
    model = load_model(cls, folder, device=device, attn_implementation="eager")
    return model, _fast_tokenizer(_part(directory, role.tokenizer, "tokenizer"))


def load_language_model(profile: Profile, device: str) -> tuple[Any, Any]:
    """Alice's language model and its fast tokenizer.

    A BERT-like model, or the text encoder of a BLIP image-text matcher, which without an image is a
    bidirectional language model (cross-attention is skipped).
    """
    from transformers import AutoModel, BlipForImageTextRetrieval

    directory = profile.need("language_model").model.find().directory
    if _config(directory).model_type == "blip":
        # BLIP's text model computes its attention in the open and takes no other implementation.
        model = load_model(BlipForImageTextRetrieval, directory, device=device).text_encoder
    else:
        model = load_model(AutoModel, directory, device=device, attn_implementation="eager")
    return model, _fast_tokenizer(directory)


def _part(directory: Path, name: str, setting: str) -> Path:
    folder = directory / name
    if not folder.is_dir():
        raise MissingModelError(
            f"{directory} has no folder {name!r}: name the right one as {setting} under [text_encoder]."
        )
    return folder


def _config(folder: Path) -> Any:
    from transformers import AutoConfig

    with quiet(), one_line(folder):
        return AutoConfig.from_pretrained(folder, **LOCAL)


def _fast_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = load_processor(AutoTokenizer, folder)
    if not tokenizer.is_fast:
        raise LscError(f"The tokenizer in {folder} gives no character offsets; lsc needs a fast one.")
    return tokenizer
