"""The two captioners: BlipForConditionalGeneration, Alice's in her dialect and Bob's in his.

python -m training.captioner alice --minutes 8
python -m training.captioner alice --export
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from training import common, vision
from training.language import MAX_WORDS, Dialect, caption, parse_truth
from training.trainer import Losses, fit, trained
from training.vision import Bank, DenseHeads
from training.vocabulary import BERT_LENGTH, bert_tokenizer
from training.world import Scene

if TYPE_CHECKING:
    from transformers import BertTokenizer, BlipConfig, BlipProcessor

FOLDERS = {"alice": "captioner", "bob": "bob_captioner"}
SEEDS = {"alice": 31, "bob": 32}


def blip_config() -> BlipConfig:
    """Configuration of captioners and matcher alike, 3.4 M parameters."""
    from transformers import BlipConfig

    tokenizer = bert_tokenizer()
    text = {
        "vocab_size": len(tokenizer), "hidden_size": vision.WIDTH, "intermediate_size": 2 * vision.WIDTH,
        "num_hidden_layers": 3, "num_attention_heads": 6, "max_position_embeddings": BERT_LENGTH,
        "projection_dim": vision.WIDTH, "bos_token_id": tokenizer.cls_token_id,
        "eos_token_id": tokenizer.sep_token_id, "sep_token_id": tokenizer.sep_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    return BlipConfig(
        text_config=text,
        vision_config=vision.vision_config(),
        projection_dim=vision.WIDTH,
        image_text_hidden_size=128,
    )


def processor() -> BlipProcessor:
    """Squashes any picture to 64x64 in [-1, 1]; cuts text at 40 tokens."""
    from transformers import BlipImageProcessor, BlipProcessor

    half = [0.5, 0.5, 0.5]
    images = BlipImageProcessor(size={"height": 64, "width": 64}, image_mean=half, image_std=half)
    return BlipProcessor(images, bert_tokenizer())


def encode(texts: list[str], tokenizer: BertTokenizer | None = None) -> tuple[Tensor, Tensor]:
    """Token ids and mask, each [B, L], by the tokenizer of the trainings where none is named."""
    batch = (tokenizer or bert_tokenizer())(texts, padding=True, truncation=True, return_tensors="pt")
    return batch.input_ids, batch.attention_mask


class CaptionerTrainer(nn.Module):
    """The captioner, and the dense heads that keep its eyes sharp while it learns to speak."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import BlipForConditionalGeneration

        self.blip = BlipForConditionalGeneration(blip_config())
        self.heads = DenseHeads()

    def start(self) -> None:
        """Takes over the pretrained vision tower and its heads."""
        eyes = trained(vision.NAME, vision.VisionTrainer())
        self.blip.vision_model.load_state_dict(eyes.tower.state_dict())
        self.heads.load_state_dict(eyes.heads.state_dict())

    def losses(self, source: Bank, rng: random.Random, batch: int, dialect: Dialect, tune: bool) -> Losses:
        """Losses of one batch; without `tune` the vision tower stays as it is."""
        where, pixels, facts, patches = source.batch(rng, batch)
        # A caption that got longer than any seen in training would never end, so show a few longer ones.
        most = [rng.choice((15, 16, 18)) if rng.random() < 0.15 else MAX_WORDS for _ in where]
        ids, mask = encode(
            [caption(source.scenes[i], dialect, rng, m) for i, m in zip(where, most, strict=True)]
        )
        with common.autocast():
            with torch.set_grad_enabled(tune):
                states = self.blip.vision_model(pixel_values=pixels).last_hidden_state
            out = self.blip.text_decoder(
                input_ids=ids, attention_mask=mask, encoder_hidden_states=states,
                labels=ids.masked_fill(mask == 0, -100), reduction="mean", use_cache=False,
            )  # fmt: skip
            result = {"words": out.loss.float()}
            if tune:
                result |= {k: 0.25 * v for k, v in self.heads.losses(states, facts, patches).items()}
        return result


def right(text: str, scene: Scene) -> dict[str, bool]:
    """Whether place, all subjects in order, and all stated colours of a caption agree with the scene."""
    facts = parse_truth(text)
    kinds = [s.kind for s in scene.subjects]
    colour_of = {s.kind: s.colour for s in scene.subjects}
    return {
        "place": facts.place == scene.place,
        "subjects": [s.kind for s in facts.subjects] == kinds,
        "colours": all(s.colour is None or colour_of.get(s.kind) == s.colour for s in facts.subjects),
    }


@torch.no_grad()
def tell(
    model: Any, held: Bank, count: int = 300, beams: int = 3, tokenizer: BertTokenizer | None = None
) -> list[str]:
    """What a captioner says of the first scenes of a bank, by its own tokenizer where it is named."""
    tokenizer = tokenizer or bert_tokenizer()
    texts: list[str] = []
    for start in range(0, count, 50):
        where = list(range(start, min(start + 50, count)))
        ids = model.generate(pixel_values=held.at(where)[0], num_beams=beams, max_new_tokens=24)
        texts += tokenizer.batch_decode(ids, skip_special_tokens=True)
    return texts


def right_captions(texts: Sequence[str], scenes: Sequence[Scene]) -> dict[str, Tensor]:
    """Which captions, bool [B], are right on place, subjects and stated colours."""
    found = [right(text, scene) for text, scene in zip(texts, scenes, strict=True)]
    return {key: torch.tensor([one[key] for one in found]) for key in found[0]}


def measure(model: Any, held: Bank, count: int = 300, beams: int = 3) -> dict[str, float]:
    """The shares of held-out scenes of which a captioner says what is right."""
    found = right_captions(tell(model, held, count, beams), held.scenes[:count])
    return {key: one.float().mean().item() for key, one in found.items()}


def train(dialect: Dialect, minutes: float, batch: int, rate: float, tune: bool) -> None:
    """Train and leave the checkpoint."""
    torch.manual_seed(SEEDS[dialect])
    source, held = Bank.load(common.WORK / "bank"), Bank.load(common.WORK / "bank-held")
    model = CaptionerTrainer()
    model.start()
    model.blip.vision_model.requires_grad_(tune)
    model.heads.requires_grad_(tune)
    fit(
        FOLDERS[dialect], model, lambda rng: model.losses(source, rng, batch, dialect, tune), minutes=minutes,
        seed=SEEDS[dialect], rate=rate, measure=lambda m: measure(m.blip, held, 100, 1),
    )  # fmt: skip


def write(name: str, trainer: Any, count: int = 300) -> None:
    """Write a trained captioner into the bundle, half precision, and print how it does there."""
    from transformers import BlipForConditionalGeneration

    folder = common.BUNDLE / name
    trainer.blip.half().save_pretrained(folder)
    processor().save_pretrained(folder)
    again = BlipForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True
    ).eval()
    print(name, measure(again, Bank.load(common.WORK / "bank-held"), count))


def export(dialect: Dialect, count: int = 300) -> None:
    """`write` the captioner of a dialect."""
    write(FOLDERS[dialect], trained(FOLDERS[dialect], CaptionerTrainer()), count)


if __name__ == "__main__":
    parser = common.trainer_options(__doc__, 8, 64, 2e-3)
    parser.add_argument("dialect", choices=("alice", "bob"))
    parser.add_argument("--freeze-vision", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not options.export:
        train(options.dialect, options.minutes, options.batch, options.rate, not options.freeze_vision)
    else:
        export(options.dialect, options.count)
