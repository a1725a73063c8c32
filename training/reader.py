"""A second judge of pictures: Alice's captioner, whose caption is read back as a scene.

Another architecture than `training.classifier` and another seed, trained on drawn scenes only as well: a
vision transformer that was taught to name patches, and a text decoder. What it does not say is wrong.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import captioner, classifier, common
from training.language import parse_truth
from training.world import COLOURS, KINDS, PLACES


class Reader(nn.Module):
    """Pictures [B, 3, 64, 64] in [-1, 1] to logits of each head of the first judge: 0 or `SURE`."""

    SURE = 10.0

    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoTokenizer, BlipForConditionalGeneration

        folder = common.BUNDLE / captioner.FOLDERS["alice"]
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.blip: Any = BlipForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True
        ).eval()

    @torch.no_grad()
    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Logits [B, classes] of each head."""
        rows: dict[str, list[int]] = {head: [] for head in classifier.HEADS}
        for part in images.split(50):
            ids = self.blip.generate(pixel_values=part, num_beams=1, max_new_tokens=24)
            for text in self.tokenizer.batch_decode(ids, skip_special_tokens=True):
                for head, answer in answers(text).items():
                    rows[head].append(answer)
        # A place or a colour that was not said is class -1, that is a row of zeros after the cut.
        return {
            head: self.SURE * F.one_hot(torch.tensor(rows[head]) + 1, classes + 1)[:, 1:].float()
            for head, classes in classifier.HEADS.items()
        }


def answers(text: str) -> dict[str, int]:
    """The class of each head that a caption tells, -1 where it leaves it open."""
    facts = parse_truth(text)
    found = {"place": PLACES.index(facts.place) if facts.place in PLACES else -1}
    for i, ordinal in enumerate(classifier.ORDINALS):
        there = facts.subjects[i] if i < len(facts.subjects) else None
        found[f"{ordinal} kind"] = KINDS.index(there.kind) if there else len(KINDS)
        colour = COLOURS.index(there.colour) if there and there.colour else -1
        found[f"{ordinal} colour"] = colour if there else len(COLOURS)
        if not there and i == 0:  # the first has no class for "none"
            found["first kind"], found["first colour"] = -1, -1
    return found
