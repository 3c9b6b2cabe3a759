"""ResNet-18 with filters along time instead of over a picture.

The layout is that of the original [1]_: a stem, four stages of two residual blocks, a mean
over time. The channel of each stage is twice that of the one before.

References
----------
.. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition",
   CVPR 2016, 770-778.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diagnostics.networks.network import Network
from diagnostics.training.card import Value

_STAGES = 4


class Residual(nn.Module):
    """Two convolutions and a shortcut around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Conv1d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm1d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs)
            )

    def forward(self, windows: Tensor) -> Tensor:
        return torch.relu(self.body(windows) + self.shortcut(windows))


class ResNet18(Network):
    def __init__(self, channels: int, classes: int, width: int, dropout: float) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(channels, width, 7, 2, padding=3, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.MaxPool1d(3, 2, padding=1),
        )
        stages: list[nn.Module] = []
        inputs = width
        for stage in range(_STAGES):
            outputs = width * 2**stage
            first = Residual(inputs, outputs, stride=1 if stage == 0 else 2)
            stages.append(nn.Sequential(first, Residual(outputs, outputs, stride=1)))
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    @property
    def explained_layer(self) -> nn.Module:
        return self.stages[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.stages(self.stem(windows)).mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> ResNet18:
    return ResNet18(
        channels, classes, width=int(parameters["width"]), dropout=float(parameters["dropout"])
    )
