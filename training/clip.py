"""Bob's CLIP: the trained text tower, frozen, and a picture tower fitted to it (locked-text tuning).

python -m training.clip --minutes 8
python -m training.clip --export
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import common, text_tower, vision
from training.language import caption
from training.text_tower import JOINT, TextTower, pad, tell, text_config
from training.trainer import Losses, fit, trained
from training.truth import altered
from training.vision import Bank, DenseHeads
from training.vocabulary import clip_tokenizer

if TYPE_CHECKING:
    from transformers import CLIPModel, CLIPProcessor, CLIPTextModel, CLIPTokenizer

NAME = "clip"


def text_encoder() -> tuple[CLIPTextModel, CLIPTokenizer]:
    """Bob's text encoder and its tokenizer, for the receiver (float32, evaluation mode)."""
    tower: Any = trained(text_tower.NAME, TextTower()).tower
    return tower.requires_grad_(False), clip_tokenizer()


def make() -> CLIPModel:
    """CLIP with the trained text tower, and a picture tower that starts from the dense one."""
    from transformers import CLIPConfig, CLIPModel

    eyes = vision.vision_config() | {"projection_dim": JOINT}
    config = CLIPConfig(text_config=text_config(), vision_config=eyes, projection_dim=JOINT)
    model = CLIPModel._from_config(config, attn_implementation="eager")
    text: Any = trained(text_tower.NAME, TextTower())
    model.text_model.load_state_dict(text.tower.state_dict())
    model.text_projection.load_state_dict(text.projection.state_dict())
    model.logit_scale.data.copy_(text.scale.data)
    return model


@torch.no_grad()
def take_over(clip: nn.Module, blip: nn.Module) -> None:
    """Copies BLIP's vision tower into CLIP's, which differs by split queries, keys and values, by a norm
    before the layers and by a patch embedding without bias."""
    eyes: Any = clip
    source: dict[str, Tensor] = blip.state_dict()
    positions = source["embeddings.position_embedding"][0].clone()
    positions[1:] += source["embeddings.patch_embedding.bias"]
    target: dict[str, Tensor] = {
        "embeddings.class_embedding": source["embeddings.class_embedding"].flatten(),
        "embeddings.patch_embedding.weight": source["embeddings.patch_embedding.weight"],
        "embeddings.position_embedding.weight": positions,
    }
    for key, value in source.items():
        if "qkv" in key:
            for part, piece in zip("qkv", value.chunk(3), strict=True):
                target[key.replace("qkv", f"{part}_proj")] = piece
        elif key.startswith(("encoder", "post_layernorm")):
            target[key.replace(".projection.", ".out_proj.")] = value
    rest = set(eyes.state_dict()) - set(target)
    if rest != {"pre_layrnorm.weight", "pre_layrnorm.bias"}:
        raise ValueError(f"cannot map these weights of the vision tower: {sorted(rest)}")
    eyes.load_state_dict(target, strict=False)
    # The norm in front would change the scale of what the layers were trained on.
    picture = torch.rand(64, 3, 64, 64) * 2 - 1
    eyes.pre_layrnorm.weight.fill_(blip.embeddings(picture).std(-1).mean().item())  # type: ignore[operator]


class ClipTrainer(nn.Module):
    """CLIP with heads on its picture tower; only that tower and its projection are trained."""

    def __init__(self) -> None:
        super().__init__()
        self.clip: Any = make()
        self.heads = DenseHeads()
        self.clip.text_model.requires_grad_(False)
        self.clip.text_projection.requires_grad_(False)

    def losses(self, source: Bank, rng: random.Random, batch: int) -> Losses:
        """Pictures against captions of their scenes and of the same scenes with one attribute changed."""
        where, pixels, facts, patches = source.batch(rng, batch)
        scenes = [source.scenes[i] for i in where]
        texts = [tell(s, rng) for s in scenes] + [tell(altered(s, rng), rng) for s in scenes]
        encoded = clip_tokenizer()(texts, truncation=True).input_ids
        with common.autocast():
            with torch.no_grad():
                words = self.clip.text_model(input_ids=pad(encoded, max(map(len, encoded)))).pooler_output
                words = F.normalize(self.clip.text_projection(words).float(), dim=-1)
            out = self.clip.vision_model(pixel_values=pixels)
            dense = self.heads.losses(out.last_hidden_state, facts, patches)
            pictures = F.normalize(self.clip.visual_projection(out.pooler_output).float(), dim=-1)
        logits = self.clip.logit_scale.clamp(max=4.6).exp() * pictures @ words.T
        here = torch.arange(batch)
        contrast = (F.cross_entropy(logits, here) + F.cross_entropy(logits[:, :batch].T, here)) / 2
        return {"contrast": contrast, **{k: 0.25 * v for k, v in dense.items()}}


@torch.no_grad()
def right(
    model: Any, held: Bank, count: int = 300, tokenizer: CLIPTokenizer | None = None
) -> dict[str, Tensor]:
    """Of which scenes, bool [count], the right caption is first among 100, or `count` if that is less, and
    above one with one attribute changed."""
    rng = random.Random(9)
    tokenizer = tokenizer or clip_tokenizer()
    pictures = F.normalize(
        model.visual_projection(
            model.vision_model(pixel_values=held.at(list(range(count)))[0]).pooler_output
        ),
        dim=-1,
    )
    words = []
    for changed in (False, True):
        texts = [caption(altered(s, rng) if changed else s, "bob", rng) for s in held.scenes[:count]]
        pooled = model.text_model(input_ids=pad(tokenizer(texts).input_ids, 40)).pooler_output
        words.append(F.normalize(model.text_projection(pooled), dim=-1))
    hundreds = zip(pictures.split(100), words[0].split(100), strict=True)
    first = [(p @ w.T).argmax(1) == torch.arange(len(p)) for p, w in hundreds]
    pairs = (pictures * words[0]).sum(1) > (pictures * words[1]).sum(1)
    return {"first_of_100": torch.cat(first), "pairs": pairs}


def measure(model: Any, held: Bank, count: int = 300) -> dict[str, float]:
    """The shares of scenes that are `right`."""
    return {name: found.float().mean().item() for name, found in right(model, held, count).items()}


def processor() -> CLIPProcessor:
    """Squashes any picture to 64x64 in [-1, 1]; cuts text at 40 tokens."""
    from transformers import CLIPImageProcessor, CLIPProcessor

    half, size = [0.5, 0.5, 0.5], {"height": 64, "width": 64}
    images = CLIPImageProcessor(
        size=size, crop_size=size, do_center_crop=False, image_mean=half, image_std=half
    )
    return CLIPProcessor(images, clip_tokenizer())


def train(minutes: float, batch: int, seed: int, rate: float) -> None:
    """Train and leave the checkpoint."""
    torch.manual_seed(seed)
    source, held = Bank.load(common.WORK / "bank"), Bank.load(common.WORK / "bank-held")
    model = ClipTrainer()
    eyes: Any = trained(vision.NAME, vision.VisionTrainer())
    take_over(model.clip.vision_model, eyes.tower)
    fit(
        NAME, model, lambda rng: model.losses(source, rng, batch), minutes=minutes, seed=seed, rate=rate,
        measure=lambda m: measure(m.clip, held),
    )  # fmt: skip


def export(count: int) -> None:
    """Write the averaged model into the bundle, half precision, and print how it does there."""
    from transformers import CLIPModel

    folder = common.BUNDLE / NAME
    model: Any = trained(NAME, ClipTrainer()).clip
    model.half().save_pretrained(folder)
    processor().save_pretrained(folder)
    again = CLIPModel.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()
    print(NAME, measure(again, Bank.load(common.WORK / "bank-held"), count))


if __name__ == "__main__":
    parser = common.trainer_options(__doc__, 8, 64, 1e-3)
    parser.add_argument("--seed", type=int, default=51)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not options.export:
        train(options.minutes, options.batch, options.seed, options.rate)
    else:
        export(options.count)
