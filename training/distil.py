"""The distilled Alice: her captioner, fine-tuned on what Bob's says of pictures, never on the truth.

Bob's side is heard as it ships: the captioner `clip` of the storybook profile, beams re-ranked by CLIP. What
he says is kept in a file that is named after his models, so that listening goes on where it stopped.

    python -m training.distil --listen 7 --minutes 5 --threads 1
    python -m training.distil --export
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from lsccli.core.captioners.base import Captioner
from training import bank, captioner, common, vision
from training.captioner import CaptionerTrainer, encode
from training.trainer import Losses, fit, trained

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from lsccli.core.models.models import Models

NAME = "distilled_captioner"
SEED = 33
_HEARD_AT_ONCE = 32


def teacher() -> Models:
    """The models of the storybook profile, whose captioner `clip` is Bob's."""
    from lsccli.core.models.models import Compute, Models
    from lsccli.core.models.profile import load_profile

    return Models(load_profile("storybook"), Compute(batch_size=_HEARD_AT_ONCE))


def heard(models: Models) -> Path:
    """Where captions by this very Bob are kept."""
    from lsccli.core.store.keys import key

    return (
        common.WORK
        / f"distil-{key('captioner', captioner=models.captioner_identity('clip')).hex()[:12]}.jsonl"
    )


def listen(minutes: float, pictures: npt.NDArray[np.uint8], models: Models) -> dict[int, str]:
    """What Bob says of training pictures, in a seeded order, for so many more minutes: index -> caption."""
    from PIL import Image

    path = heard(models)
    told = read(path)
    order = random.Random(SEED).sample(range(len(pictures)), len(pictures))
    todo = [index for index in order if index not in told]
    end = time.monotonic() + 60 * minutes
    while todo and time.monotonic() < end:
        batch, todo = todo[:_HEARD_AT_ONCE], todo[_HEARD_AT_ONCE:]
        texts = cast(Captioner, models.captioner("clip")).caption(
            [Image.fromarray(pictures[index]) for index in batch]
        )
        cut = path.exists() and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as stream:
            stream.write("\n" * cut)  # after a line that a kill cut short
            for index, text in zip(batch, texts, strict=True):
                stream.write(json.dumps([index, text]) + "\n")
        told |= dict(zip(batch, texts, strict=True))
    return told


def read(path: Path) -> dict[int, str]:
    """The captions kept in a file; a line that a kill cut short is left out."""
    told: dict[int, str] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                index, text = json.loads(line)
            except ValueError:
                continue
            told[index] = text
    return told


class Student(CaptionerTrainer):
    """Alice's trained captioner, her eyes as they are, learning to say what Bob says."""

    def start(self) -> None:
        """Takes over Alice's captioner."""
        self.load_state_dict(trained(captioner.FOLDERS["alice"], CaptionerTrainer()).state_dict())
        self.blip.vision_model.requires_grad_(False)
        self.heads.requires_grad_(False)

    def imitation(self, pixels: Tensor, texts: list[str]) -> Losses:
        """Cross-entropy of Bob's words, given the pictures [B, 3, 64, 64]."""
        ids, mask = encode(texts)
        with common.autocast():
            with torch.no_grad():
                states = self.blip.vision_model(pixel_values=pixels).last_hidden_state
            out = self.blip.text_decoder(
                input_ids=ids, attention_mask=mask, encoder_hidden_states=states,
                labels=ids.masked_fill(mask == 0, -100), reduction="mean", use_cache=False,
            )  # fmt: skip
        return {"words": out.loss.float()}


def train(listening: float, minutes: float, batch: int, rate: float) -> None:
    """Listen to Bob, then train and leave the checkpoint."""
    torch.manual_seed(SEED)
    pictures, _ = bank.load(common.WORK / "bank")
    told = listen(listening, pictures, teacher())
    print(f"{len(told)} captions by Bob", flush=True)
    known = sorted(told)
    student = Student()
    student.start()

    def losses(rng: random.Random) -> Losses:
        where = rng.sample(known, min(batch, len(known)))
        return student.imitation(vision.to_pixels(pictures[where]), [told[index] for index in where])

    held = vision.Bank.load(common.WORK / "bank-held")
    fit(
        NAME, student, losses, minutes=minutes, seed=SEED, rate=rate,
        measure=lambda m: captioner.measure(m.blip, held, 100, 1),
    )  # fmt: skip


def export(count: int = 300) -> None:
    """Write the averaged model into the bundle, half precision, and print how it does there."""
    captioner.write(NAME, trained(NAME, Student()), count)


if __name__ == "__main__":
    parser = common.trainer_options(__doc__, 5, 64, 1e-3)
    parser.add_argument("--listen", type=float, default=7, help="minutes of Bob's captions")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not options.export:
        train(options.listen, options.minutes, options.batch, options.rate)
    else:
        export(options.count)
