"""Residual networks with filters along time instead of over a picture.

The layout is that of the original [1]_: a stem, four stages of residual blocks, a mean over
time. The width of each stage is twice that of the one before. Behind each block its features
may be weighed against each other, as in squeeze-and-excitation networks [2]_.

References
----------
.. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition",
   CVPR 2016, 770-778.
.. [2] J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018, 7132-7141.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from diagnostics.architectures.layers import SqueezeExcitation
from diagnostics.networks.network import Network


class Residual(nn.Module):
    """Two convolutions and a shortcut around them; a reduction of 0 weighs no features."""

    def __init__(self, inputs: int, outputs: int, stride: int, reduction: int = 0) -> None:
        super().__init__()
        weighing = [SqueezeExcitation(outputs, reduction)] if reduction else []
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Conv1d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm1d(outputs),
            *weighing,
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs)
            )

    def forward(self, windows: Tensor) -> Tensor:
        return torch.relu(self.body(windows) + self.shortcut(windows))


class ResidualNetwork(Network):
    """``depths`` are the numbers of blocks in each stage."""

    def __init__(
        self,
        channels: int,
        classes: int,
        depths: Sequence[int],
        *,
        width: int,
        dropout: float,
        reduction: int = 0,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(channels, width, 7, 2, padding=3, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.MaxPool1d(3, 2, padding=1),
        )
        stages: list[nn.Module] = []
        inputs = width
        for stage, depth in enumerate(depths):
            outputs = width * 2**stage
            first = Residual(inputs, outputs, 1 if stage == 0 else 2, reduction)
            others = [Residual(outputs, outputs, 1, reduction) for _ in range(depth - 1)]
            stages.append(nn.Sequential(first, *others))
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    @property
    def explained_layer(self) -> nn.Module:
        return self.stages[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.stages(self.stem(windows)).mean(dim=-1))
        return scores
