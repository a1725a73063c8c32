"""Training in the CPU's quick type from float32 weights: Muon for matrices, Adam for the rest, an average."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from training import common

# Newton-Schulz coefficients of K. Jordan et al., "Muon: an optimizer for hidden layers", 2024.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """The matrix [m, n] with all singular values moved near 1, in the quick type."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(common.quick())
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    return x.T if tall else x


class MixedPrecision:
    """Casts a model to the quick type (`common.quick`) and updates it from float32 copies of its weights."""

    def __init__(self, model: nn.Module, decay: float, betas: tuple[float, float] = (0.9, 0.99)) -> None:
        self.names = [n for n, _ in model.named_parameters()]
        self.params = list(model.parameters())
        self.master = [p.detach().float().clone() for p in self.params]
        self.average = [m.clone() for m in self.master]
        model.to(common.quick())
        # Inner weights are matrices whose update directions matter alike; input, output and time are not.
        self.is_matrix = [
            p.ndim >= 2
            and not n.startswith(("conv_in", "conv_out", "time_embedding"))
            and min(p.shape[:2]) >= 64
            for n, p in zip(self.names, self.params, strict=True)
        ]
        for m in self.master:
            m.grad = torch.zeros_like(m)
        rest = [m for m, matrix in zip(self.master, self.is_matrix, strict=True) if not matrix]
        self.adam = torch.optim.AdamW(rest, lr=1e-3, betas=betas, weight_decay=0.0)
        self.momentum = [
            torch.zeros_like(m) if matrix else None
            for m, matrix in zip(self.master, self.is_matrix, strict=True)
        ]
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update with this learning rate; clears the gradients."""
        grads = [p.grad.float() if p.grad is not None else torch.zeros_like(m)
                 for p, m in zip(self.params, self.master, strict=True)]  # fmt: skip
        norm = torch._foreach_norm(grads)
        clip = min(1.0, 1.0 / (torch.stack(norm).norm().item() + 1e-6))
        torch._foreach_mul_(grads, clip)
        for master, grad, momentum in zip(self.master, grads, self.momentum, strict=True):
            if momentum is None:
                master.grad.copy_(grad)
                continue
            momentum.lerp_(grad, 0.05)
            update = orthogonal(grad.lerp(momentum, 0.95).reshape(len(grad), -1))
            # Scaled to the size of an Adam update, so that one rate serves both.
            scale = 0.2 * max(update.shape) ** 0.5
            master.add_(update.reshape(master.shape).float(), alpha=-rate * scale)
        for group in self.adam.param_groups:
            group["lr"] = rate
        self.adam.step()
        torch._foreach_copy_(self.params, self.master)
        for p in self.params:
            p.grad = None
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.average, self.master, 1 - keep)

    @torch.no_grad()
    def copy_average(self, model: nn.Module) -> None:
        """Give a model of the same shape the averaged weights."""
        for p, a in zip(model.parameters(), self.average, strict=True):
            p.copy_(a)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "master": [m.detach() for m in self.master], "average": self.average,
            "adam": self.adam.state_dict(), "momentum": [m for m in self.momentum if m is not None],
            "steps": self.steps,
        }  # fmt: skip

    @torch.no_grad()
    def load(self, state: dict[str, Any]) -> None:
        """The reverse of `state`."""
        kept = [m for m in self.momentum if m is not None]
        for mine, key in ((self.master, "master"), (self.average, "average"), (kept, "momentum")):
            for m, s in zip(mine, state[key], strict=True):
                m.copy_(s)
        self.adam.load_state_dict(state["adam"])
        self.steps = state["steps"]
        torch._foreach_copy_(self.params, self.master)
