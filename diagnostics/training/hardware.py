"""Where a network computes: the processor, or a GPU with mixed precision.

On a GPU most of a network runs in bfloat16, which has the range of single precision and fewer
digits, so that no gradient vanishes and no loss has to be scaled [1]_; weights, losses and
steps stay in single precision. A GPU without bfloat16 computes in single precision throughout.

References
----------
.. [1] D. Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training",
   arXiv:1905.12322, 2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from diagnostics.networks.network import Network
from diagnostics.training.config import Precision


@dataclass(frozen=True)
class Hardware:
    """Windows go to the device, answers come back in single precision to where losses are summed.

    Parameters
    ----------
    device : torch.device
    mixed : bool
        Whether a network computes in bfloat16 where that is safe.
    """

    device: torch.device
    mixed: bool = False

    def answer(self, network: Network, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and estimates of the network, which lies on the device."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            scores, estimates = network.answer(windows.to(self.device))
        return scores.float().cpu(), estimates.float().cpu()

    @contextmanager
    def repeatable(self) -> Iterator[None]:
        """Let the same seed give the same numbers, as far as the library of the GPU can."""
        kept = torch.backends.cudnn.deterministic
        torch.backends.cudnn.deterministic = True
        try:
            yield
        finally:
            torch.backends.cudnn.deterministic = kept

    def random_state(self) -> Any:
        """Of the device's own generator, which dropout draws from; None on the processor."""
        return torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None

    def set_random_state(self, state: Any) -> None:
        """Set what :meth:`random_state` gave; a state of another kind of device is left alone."""
        if state is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state, self.device)

    def __str__(self) -> str:
        if self.device.type != "cuda":
            return "the processor, single precision"
        name = torch.cuda.get_device_name(self.device)
        return f"{name}, {'mixed with bfloat16' if self.mixed else 'single precision'}"


PROCESSOR = Hardware(torch.device("cpu"))


def present(precision: Precision) -> Hardware:
    """The GPU, where there is one, and else the processor."""
    if not torch.cuda.is_available():
        return PROCESSOR
    mixed = precision is Precision.MIXED and torch.cuda.is_bf16_supported()
    return Hardware(torch.device("cuda"), mixed)
