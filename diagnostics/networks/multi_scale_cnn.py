"""A convolutional network whose first filters have several lengths.

A short filter catches the beginning of an impact, a long one tells tones apart that lie close
together. Both are run over the waveform side by side and their answers are stacked, the idea
of MC-CNN [1]_; unlike there, each length has as many filters as the others, and short
filters follow as in the 1-D CNN.

References
----------
.. [1] W. Huang, J. Cheng, Y. Yang and G. Guo, "An improved deep convolutional neural network
   with multi-scale information for bearing fault diagnosis", Neurocomputing 359, 77-92, 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diagnostics.networks.convolution import STRIDE, blocks
from diagnostics.networks.network import Network
from diagnostics.training.card import Value

_SHORTER = (1, 4, 16)


class MultiScaleCnn(Network):
    def __init__(
        self, channels: int, classes: int, width: int, block_count: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        # Odd lengths only: then all branches give equally many values.
        lengths = [kernel // part | 1 for part in _SHORTER]
        self.branches = nn.ModuleList(
            nn.Conv1d(channels, width, length, STRIDE, padding=length // 2, bias=False)
            for length in lengths
        )
        wide = width * len(lengths)
        self.merge = nn.Sequential(nn.BatchNorm1d(wide), nn.ReLU(), nn.MaxPool1d(2))
        self.blocks, wide = blocks(wide, block_count)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(wide, classes))

    @property
    def explained_layer(self) -> nn.Module:
        return self.blocks[-1]

    def forward(self, windows: Tensor) -> Tensor:
        side_by_side = torch.cat([branch(windows) for branch in self.branches], dim=1)
        scores: Tensor = self.head(self.blocks(self.merge(side_by_side)).mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> MultiScaleCnn:
    return MultiScaleCnn(
        channels,
        classes,
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        kernel=int(parameters["kernel"]),
        dropout=float(parameters["dropout"]),
    )
