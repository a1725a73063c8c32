"""The text tower of CLIP, which is Bob's text encoder too: trained before there is any picture tower.

A caption is matched to the truth of its scene by contrast, among scenes that differ in one attribute, and
heads, thrown away afterwards, read the facts from the pooled state and the looks of each subject from the
state of its noun. So colours are bound to kinds where the receiver's cross-attention looks for them.

    python -m training.text_tower --minutes 6
"""

from __future__ import annotations

import argparse
import random

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import common
from training import lexicon as lx
from training.language import caption, degrade, human_captions, parse_truth
from training.trainer import Losses, fit
from training.truth import CLASSES, TruthEncoder, altered, labels
from training.vocabulary import CLIP_LENGTH, clip_tokenizer
from training.world import COLOURS, KINDS, Scene, sample_scene

NAME = "clip_text"
WIDTH = 256
JOINT = 256  # width of the space that texts and pictures share
BOB_SHARE = 0.9
IGNORED = -100


def text_config() -> dict[str, object]:
    """The text half of the CLIP configuration."""
    tokenizer = clip_tokenizer()
    return {
        "vocab_size": len(tokenizer), "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH,
        "num_hidden_layers": 3, "num_attention_heads": 4, "max_position_embeddings": CLIP_LENGTH,
        "projection_dim": JOINT,
        "hidden_act": "gelu", "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip


class TextTower(nn.Module):
    """The tower, its projection, and what only its training needs."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import CLIPTextConfig, CLIPTextModel

        # The fused attention's bfloat16 backward pass is several times slower than the plain one on a CPU.
        self.tower = CLIPTextModel._from_config(CLIPTextConfig(**text_config()), attn_implementation="eager")
        self.projection = nn.Linear(WIDTH, JOINT, bias=False)
        self.truth = TruthEncoder(JOINT)
        self.scale = nn.Parameter(torch.tensor(2.66))
        self.facts = nn.Linear(WIDTH, sum(CLASSES))
        self.looks = nn.Linear(WIDTH, len(KINDS) + len(COLOURS) + 1)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Token ids [B, L] to states [B, L, W], pooled [B, W] and joint, of unit length [B, J]."""
        out = self.tower(input_ids=ids)
        return (
            out.last_hidden_state,
            out.pooler_output,
            F.normalize(self.projection(out.pooler_output), dim=-1),
        )


def tell(scene: Scene, rng: random.Random) -> str:
    """A caption for Bob's ear: mostly his dialect, a few human ones."""
    draw = rng.random()
    if draw < 0.04:
        return human_captions(scene, rng, 1)[0]
    return caption(scene, "bob" if rng.random() < BOB_SHARE else "alice", rng)


def facts_loss(logits: Tensor, truths: Tensor) -> Tensor:
    """Mean cross-entropy over all fields; [B, sum(CLASSES)] against [B, F]."""
    parts = logits.split(list(CLASSES), dim=1)
    return torch.stack([F.cross_entropy(p, truths[:, i]) for i, p in enumerate(parts)]).mean()


def noun_targets(texts: list[str], encoded: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Kind and colour (0 none) at every noun that is a single token, elsewhere ignored; each [B, L]."""
    tokenizer = clip_tokenizer()
    nouns = {tokenizer.convert_tokens_to_ids(w + "</w>"): w for w in lx.KIND_OF}
    longest = max(map(len, encoded))
    kinds = torch.full((len(texts), longest), IGNORED)
    colours = kinds.clone()
    for row, (text, ids) in enumerate(zip(texts, encoded, strict=True)):
        where = [i for i, token in enumerate(ids) if token in nouns]
        said = {s.kind: s.colour for s in parse_truth(text).subjects}
        for i in where:
            kind = lx.KIND_OF[nouns[ids[i]]]
            if kind in said:
                kinds[row, i] = KINDS.index(kind)
                colours[row, i] = COLOURS.index(said[kind]) + 1 if said[kind] else 0
    return kinds, colours


def pad(encoded: list[list[int]], length: int) -> Tensor:
    """Token lists as one tensor [B, length], filled up with the end token as the receiver does."""
    end = clip_tokenizer().eos_token_id
    return torch.tensor([ids + [end] * (length - len(ids)) for ids in encoded])


def losses_of(model: TextTower, rng: random.Random, batch: int) -> Losses:
    """One batch: half of it scenes, half the same scenes with one attribute changed."""
    scenes = [sample_scene(rng) for _ in range(batch // 2)]
    scenes += [altered(s, rng) for s in scenes]
    clean = [tell(s, rng) for s in scenes]
    texts = [degrade(t, rng) if rng.random() < 0.25 else t for t in clean]
    encoded = clip_tokenizer()(texts, truncation=True).input_ids
    longest = max(map(len, encoded))
    truths = labels(scenes)
    with common.autocast():
        states, pooled, joint = model(pad(encoded, longest))
        facts = facts_loss(model.facts(pooled).float(), truths)
        looks = model.looks(states).float()
        target = F.normalize(model.truth(truths), dim=-1)
    kinds, colours = noun_targets(texts, encoded)
    kind_logits, colour_logits = looks.split([len(KINDS), len(COLOURS) + 1], dim=-1)
    noun = F.cross_entropy(kind_logits.flatten(0, 1), kinds.flatten(), ignore_index=IGNORED)
    noun = noun + F.cross_entropy(colour_logits.flatten(0, 1), colours.flatten(), ignore_index=IGNORED)
    logits = model.scale.clamp(max=4.6).exp() * joint.float() @ target.float().T
    # An altered scene may be told in the same words when its change was left out; harmless noise.
    here = torch.arange(len(scenes))
    contrast = (F.cross_entropy(logits, here) + F.cross_entropy(logits.T, here)) / 2
    return {"contrast": contrast, "facts": 2 * facts, "noun": 0.25 * noun}


@torch.no_grad()
def measure(model: nn.Module, count: int = 400) -> dict[str, float]:
    """Over held-out scenes, how often the pooled state of a caption tells the facts, and how often the
    caption's own scene is nearer than the one with an attribute changed."""
    assert isinstance(model, TextTower)
    rng = random.Random(5)
    scenes = [sample_scene(rng, "held_out") for _ in range(count)]
    changed = [altered(s, rng) for s in scenes]
    result = {}
    for dialect in ("bob", "alice"):
        texts = [caption(s, dialect, rng) for s in scenes]  # type: ignore[arg-type]
        _, pooled, joint = model(pad(clip_tokenizer()(texts).input_ids, CLIP_LENGTH))
        right = [
            p.argmax(1) == labels(scenes)[:, i]
            for i, p in enumerate(model.facts(pooled).split(list(CLASSES), 1))
        ]
        own = (joint * F.normalize(model.truth(labels(scenes)), dim=-1)).sum(1)
        other = (joint * F.normalize(model.truth(labels(changed)), dim=-1)).sum(1)
        result |= {
            f"{dialect}_place": right[0].float().mean().item(),
            f"{dialect}_kinds": (right[2] & right[6] & right[10]).float().mean().item(),
            f"{dialect}_colours": (right[3] & right[7] & right[11]).float().mean().item(),
            f"{dialect}_all": torch.stack(right).all(0).float().mean().item(),
            f"{dialect}_own_first": (own > other).float().mean().item(),
        }
    return result


def train(minutes: float, batch: int, seed: int) -> None:
    """Train and leave the checkpoint."""
    torch.manual_seed(seed)
    model = TextTower()
    fit(
        NAME,
        model,
        lambda rng: losses_of(model, rng, batch),
        minutes=minutes,
        seed=seed,
        measure=measure,
        every=60,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    train(options.minutes, options.batch, options.seed)
