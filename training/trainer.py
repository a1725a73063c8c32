"""The loop of the language and vision models: Muon for the layers, AdamW for the rest, averaged weights."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor, nn

from training import common

Losses = dict[str, Tensor]


class Optimisers:
    """Muon on the matrices of encoder layers, AdamW on embeddings, heads, norms and biases, at one rate.

    Muon's update is scaled to the size of an Adam update, so that the rate means the same to both.
    """

    def __init__(self, model: nn.Module, weight_decay: float = 0.01) -> None:
        matrices, rest = [], []
        for name, p in model.named_parameters():
            if p.requires_grad:
                (matrices if p.ndim == 2 and ".layer" in name else rest).append(p)
        self.all: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=1e-3, betas=(0.9, 0.98), weight_decay=weight_decay)
        ]
        if matrices:
            self.all.append(
                torch.optim.Muon(matrices, lr=1e-3, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
            )

    def step(self, rate: float) -> None:
        """One update of all parameters with this learning rate; clears the gradients."""
        for optimiser in self.all:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
            optimiser.zero_grad()

    def state(self) -> list[dict[str, object]]:
        """What a checkpoint keeps."""
        return [o.state_dict() for o in self.all]

    def load(self, states: list[dict[str, object]]) -> None:
        """The reverse of `state`."""
        for optimiser, state in zip(self.all, states, strict=True):
            optimiser.load_state_dict(state)


def fit(
    name: str,
    model: nn.Module,
    losses: Callable[[random.Random], Losses],
    *,
    minutes: float,
    seed: int,
    rate: float = 2e-3,
    decay: float = 0.998,
    measure: Callable[[nn.Module], dict[str, float]] | None = None,
    every: float = 120,
) -> nn.Module:
    """Train `model` on the sum of `losses` for a budget of minutes; returns the averaged model.

    `losses` draws its own batch from the generator it is given. `measure` reads the averaged model every
    `every` seconds, when a checkpoint is written too; a second call goes on from there.
    """
    path, journal = common.WORK / f"{name}.pt", common.WORK / f"{name}.jsonl"
    optimisers = Optimisers(model)
    average = common.Average(model, decay)
    clock, step = common.Clock(minutes), 0
    if saved := common.load_checkpoint(path):
        model.load_state_dict(saved["model"])
        average.model.load_state_dict(saved["average"])
        optimisers.load(saved["optimisers"])
        clock, step = common.Clock(minutes, saved["spent"]), saved["step"]
    rng = random.Random(seed + step)
    torch.manual_seed(seed + step)
    sums: dict[str, float] = {}
    count, next_save = 0, clock.seconds() + every
    model.train()
    while step == 0 or clock.progress() < 1:  # however short the budget, one step
        parts = losses(rng)
        sum(parts.values()).backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimisers.step(clock.rate(rate))
        step += 1
        count += 1
        average.update(model, step)
        for key, value in parts.items():
            sums[key] = sums.get(key, 0.0) + value.item()
        if step % 50 == 0:
            common.log(journal, step=step, seconds=clock.seconds(), **{k: v / count for k, v in sums.items()})
            sums, count = {}, 0
        if clock.seconds() > next_save or clock.progress() >= 1:
            if measure is not None:
                common.log(journal, step=step, seconds=clock.seconds(), **measure(average.model))
            common.save_checkpoint(
                path, model=model.state_dict(), average=average.model.state_dict(),
                optimisers=optimisers.state(), step=step, spent=clock.seconds(),
            )  # fmt: skip
            next_save = clock.seconds() + every
    return average.model


def trained(name: str, model: nn.Module) -> nn.Module:
    """`model` with the averaged weights of a checkpoint."""
    saved = common.load_checkpoint(common.WORK / f"{name}.pt")
    if saved is None:
        raise FileNotFoundError(f"no checkpoint {name}.pt in {common.WORK}: train it first")
    model.load_state_dict(saved["average"])
    return model.eval()
