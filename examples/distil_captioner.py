"""Fine-tune a BLIP captioner on what another captioner says: the distilled Alice for models of your own.

    lsc --models paper caption photos/ --captioner clip
    lsc --models paper export captions --captioner clip --format csv --out bob.csv
    python examples/distil_captioner.py bob.csv Salesforce/blip-image-captioning-base alice-skd/

The photographs should not be those of the experiment. Only the text decoder learns: Alice sees as before and
speaks as Bob. The result is a directory to name under [distilled_captioner] in a profile's file.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import torch
from PIL import Image, ImageOps
from transformers import BlipForConditionalGeneration, BlipProcessor


def pairs(file: Path) -> list[tuple[Path, str]]:
    """Image and caption of each row of an export."""
    with file.open(encoding="utf-8", newline="") as stream:
        found = [(Path(row["file"]), row["caption"]) for row in csv.DictReader(stream) if row["caption"]]
    if not found:
        raise SystemExit(f"{file} holds no captions; make it with: lsc export captions --captioner clip")
    return found


def distil(
    file: Path, base: str, out: Path, *, steps: int, batch: int, rate: float, seed: int, device: str
) -> list[float]:
    """Train `base` on the captions in `file` and write it to `out`; the loss of each step."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    known = pairs(file)
    processor = BlipProcessor.from_pretrained(base)
    model = BlipForConditionalGeneration.from_pretrained(base, use_safetensors=True, dtype=torch.float32)
    model.to(device).train()
    model.vision_model.requires_grad_(False).eval()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01)
    losses = []
    for step in range(steps):
        chosen = rng.sample(known, min(batch, len(known)))
        images = [ImageOps.exif_transpose(Image.open(path)).convert("RGB") for path, _ in chosen]
        inputs = processor(
            images, [text for _, text in chosen], padding=True, truncation=True, return_tensors="pt"
        ).to(device)
        # Captions open with the decoder's own first token, not with the tokenizer's.
        inputs["input_ids"][:, 0] = model.config.text_config.bos_token_id
        labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        # The rate falls to nothing, so that the last batches do not leave their mark.
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if step % 50 == 0:
            print(f"step {step}: loss {losses[-1]:.3f}", flush=True)
    model.save_pretrained(out)
    processor.save_pretrained(out)
    return losses


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("captions", type=Path, help="CSV of lsc export captions")
    parser.add_argument("base", help="Alice's captioner: a directory or a hub id")
    parser.add_argument("out", type=Path, help="the directory to write")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    distil(options.pop("captions"), options.pop("base"), options.pop("out"), **options)
