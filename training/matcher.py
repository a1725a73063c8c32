"""Alice's matcher, BlipForImageTextRetrieval; run without a picture it is her language model too.

Matching is trained on the true caption against that of the scene with one attribute changed and against
another scene's. Contrast and heads on the text alone give its self-attention a meaning without a picture; a
small term keeps the cross-attention of a noun inside the box of its subject, so that Grad-CAM points there.

    python -m training.matcher --minutes 8
    python -m training.matcher --export

`--plain` makes a second matcher, `plain_matcher`, without that term, whose attention nobody taught to point.
It sees with the eyes of the first, which are kept as they are.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import bank, common, vision
from training import lexicon as lx
from training.captioner import blip_config, encode, processor
from training.language import caption
from training.text_tower import facts_loss
from training.trainer import Losses, fit, trained
from training.truth import CLASSES, altered
from training.vision import Bank, DenseHeads
from training.vocabulary import bert_tokenizer
from training.world import Scene

if TYPE_CHECKING:
    from transformers import BertTokenizer

NAME = "matcher"
PLAIN = "plain_matcher"
ALICE_SHARE = 0.8


def tell(scene: Scene, rng: random.Random) -> str:
    """A caption, mostly in Alice's dialect."""
    return caption(scene, "alice" if rng.random() < ALICE_SHARE else "bob", rng)


def noun_boxes(scenes: list[Scene], ids: Tensor) -> Tensor:
    """1 where a noun's token [B, L] should look: the patches [64] of its subject's box; else 0."""
    tokenizer = bert_tokenizer()
    nouns = {tokenizer.convert_tokens_to_ids(word): kind for word, kind in lx.KIND_OF.items()}
    where = torch.zeros(*ids.shape, bank.GRID**2)
    for row, (scene, tokens) in enumerate(zip(scenes, ids.tolist(), strict=True)):
        owner = bank.patch_owner(scene)
        subject = {s.kind: i for i, s in enumerate(scene.subjects)}
        for column, token in enumerate(tokens):
            if (i := subject.get(nouns.get(token, ""))) is not None:
                where[row, column] = torch.from_numpy((owner == i).astype(np.float32))
    return where


class MatcherTrainer(nn.Module):
    """The matcher with the heads that only training needs."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import BlipForImageTextRetrieval

        self.blip = BlipForImageTextRetrieval(blip_config())
        self.heads = DenseHeads()
        self.facts = nn.Linear(vision.WIDTH, sum(CLASSES))
        self.scale = nn.Parameter(torch.tensor(2.66))

    def start(self) -> None:
        """Takes over the pretrained vision tower and its heads."""
        eyes = trained(vision.NAME, vision.VisionTrainer())
        self.blip.vision_model.load_state_dict(eyes.tower.state_dict())
        self.heads.load_state_dict(eyes.heads.state_dict())

    def start_from_bundle(self) -> None:
        """Takes over the vision tower of the matcher that ships, which the trainings leave as it was."""
        from transformers import BlipForImageTextRetrieval

        ours = BlipForImageTextRetrieval.from_pretrained(common.BUNDLE / NAME, dtype=torch.float32)
        self.blip.vision_model.load_state_dict(ours.vision_model.state_dict())

    def losses(self, source: Bank, rng: random.Random, batch: int, tune: bool, plain: bool = False) -> Losses:
        """Losses of one batch: each picture with its caption, a changed one and another's.

        With `plain`, without the term that keeps a noun's attention in its box.
        """
        where, pixels, facts, patches = source.batch(rng, batch)
        scenes = [source.scenes[i] for i in where]
        ids, mask = encode([tell(s, rng) for s in scenes] + [tell(altered(s, rng), rng) for s in scenes])
        with common.autocast():
            with torch.set_grad_enabled(tune):
                states = self.blip.vision_model(pixel_values=pixels).last_hidden_state
            alone = self.blip.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
            texts = F.normalize(self.blip.text_proj(alone).float(), dim=-1)
            pictures = F.normalize(self.blip.vision_proj(states[:, 0]).float(), dim=-1)
            logits = self.scale.clamp(max=4.6).exp() * pictures @ texts.T
            # The hardest caption of another scene in this batch, by contrast so far.
            with torch.no_grad():
                rivals = logits[:, :batch].masked_fill(torch.eye(batch, dtype=torch.bool), -1e4).argmax(1)
            choice = torch.cat([torch.arange(2 * batch), rivals])
            out = self.blip.text_encoder(
                input_ids=ids[choice], attention_mask=mask[choice],
                encoder_hidden_states=states.repeat(3, 1, 1), output_attentions=True,
            )  # fmt: skip
            match = self.blip.itm_head(out.last_hidden_state[:, 0]).float()
            told = self.facts(alone[:batch]).float()
        targets = torch.zeros(3 * batch, dtype=torch.long)
        targets[:batch] = 1
        here = torch.arange(batch)
        result = {
            "match": 2 * F.cross_entropy(match, targets, weight=torch.tensor([1.0, 1.5])),
            "contrast": 0.5
            * (F.cross_entropy(logits, here) + F.cross_entropy(logits[:, :batch].T, here))
            / 2,
            "told": facts_loss(told, facts),
        }
        if not plain:
            result["look"] = 0.1 * _look(out.cross_attentions, noun_boxes(scenes, ids[:batch]))
        if tune:
            dense = self.heads.losses(states, facts, patches)
            result |= {k: 0.25 * v for k, v in dense.items()}
        return result


def _look(attentions: tuple[Tensor, ...], where: Tensor) -> Tensor:
    """Mean -log of the attention that nouns pay inside their boxes, averaged over heads and layers.

    All layers but the last, where the match score reads nothing but the first token.
    """
    batch = len(where)
    mean = torch.stack([a[:batch, :, :, 1:].float().mean(1) for a in attentions[:-1]]).mean(0)  # [B, L, 64]
    inside = (mean * where).sum(-1)[where.sum(-1) > 0]
    return -inside.clamp(min=1e-4).log().mean()


@torch.no_grad()
def scores(
    model: Any, held: Bank, count: int = 300, tokenizer: BertTokenizer | None = None
) -> tuple[Tensor, Tensor]:
    """The match scores [count] of Alice's true captions, and of those with one attribute changed.

    By the model's own tokenizer where it is named.
    """
    rng = random.Random(9)
    found = []
    for changed in (False, True):
        texts = [caption(altered(s, rng) if changed else s, "alice", rng) for s in held.scenes[:count]]
        ids, mask = encode(texts, tokenizer)
        out = model(input_ids=ids, attention_mask=mask, pixel_values=held.at(list(range(count)))[0])
        found.append(out.itm_score.float().diff(dim=1)[:, 0])
    return found[0], found[1]


def measure(model: Any, held: Bank, count: int = 300) -> dict[str, float]:
    """AUC of the match score, Alice's true captions against those with one attribute changed, and the share
    of pairs in the right order."""
    own, other = scores(model, held, count)
    auc = (own[:, None] > other[None]).float().mean() + 0.5 * (own[:, None] == other[None]).float().mean()
    return {"auc": auc.item(), "pairs": (own > other).float().mean().item()}


def pointing(model: Any, held: Bank, count: int = 100, layer: int = 1) -> dict[str, float]:
    """How often the Grad-CAM of a subject's word on one layer's cross-attention peaks in the subject's box,
    and the mean share of the picture that the box covers, which is chance."""
    rng = random.Random(10)
    scenes = held.scenes[:count]
    ids, mask = encode([caption(s, "alice", rng) for s in scenes])
    states = model.vision_model(pixel_values=held.at(list(range(count)))[0]).last_hidden_state
    out = model.text_encoder(
        input_ids=ids, attention_mask=mask, encoder_hidden_states=states, output_attentions=True
    )
    attention = out.cross_attentions[layer]
    score = model.itm_head(out.last_hidden_state[:, 0])[:, 1].sum()
    (gradient,) = torch.autograd.grad(score, attention)
    maps = (attention * gradient.clamp(min=0)).mean(1)[..., 1:].detach()  # [B, L, 64]
    where = noun_boxes(scenes, ids)
    nouns = where.sum(-1) > 0
    hit = where.gather(-1, maps.argmax(-1, keepdim=True))[..., 0][nouns]
    return {"points": hit.mean().item(), "chance": where[nouns].mean().item(), "words": float(nouns.sum())}


def train(minutes: float, batch: int, seed: int, rate: float, tune: bool, plain: bool = False) -> None:
    """Train and leave the checkpoint."""
    torch.manual_seed(seed)
    source, held = Bank.load(common.WORK / "bank"), Bank.load(common.WORK / "bank-held")
    model = MatcherTrainer()
    if plain:
        model.start_from_bundle()
    else:
        model.start()
    model.blip.vision_model.requires_grad_(tune)
    model.heads.requires_grad_(tune)
    fit(
        PLAIN if plain else NAME, model, lambda rng: model.losses(source, rng, batch, tune, plain),
        minutes=minutes, seed=seed, rate=rate, measure=lambda m: measure(m.blip, held),
    )  # fmt: skip


def export(name: str = NAME, count: int = 300) -> None:
    """Write the averaged model into the bundle, half precision, and print how it does there."""
    from transformers import BlipForImageTextRetrieval

    folder = common.BUNDLE / name
    model: Any = trained(name, MatcherTrainer()).blip
    model.half().save_pretrained(folder)
    processor().save_pretrained(folder)
    again = BlipForImageTextRetrieval.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True
    ).eval()
    held = Bank.load(common.WORK / "bank-held")
    print(name, measure(again, held, count), pointing(again, held))


if __name__ == "__main__":
    parser = common.trainer_options(__doc__, 8, 48, 2e-3)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--freeze-vision", action="store_true")
    parser.add_argument("--plain", action="store_true", help="the matcher without the pointing term")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not options.export:
        train(
            options.minutes,
            options.batch,
            options.seed,
            options.rate,
            not (options.freeze_vision or options.plain),
            options.plain,
        )
    else:
        export(PLAIN if options.plain else NAME, options.count)
