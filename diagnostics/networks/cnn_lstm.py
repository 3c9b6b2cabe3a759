"""Convolutions for the shape of an impact, a recurrent layer for the order of impacts.

The maps of the convolutions are read by a long short-term memory, as in [1]_; here in both
directions, since a window is there as a whole, and its answers are averaged over time.

References
----------
.. [1] H. Pan, X. He, S. Tang and F. Meng, "An Improved Bearing Fault Diagnosis Method using
   One-Dimensional CNN and LSTM", Strojniški vestnik – Journal of Mechanical Engineering
   64(7-8), 443-452, 2018.
"""

from __future__ import annotations

from torch import Tensor, nn

from diagnostics.networks.convolution import blocks, first_layer
from diagnostics.networks.network import Network
from diagnostics.training.card import Value


class CnnLstm(Network):
    def __init__(
        self, channels: int, classes: int, width: int, block_count: int, hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = first_layer(channels, width, kernel=64)
        self.blocks, wide = blocks(width, block_count)
        self.memory = nn.LSTM(wide, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * hidden, classes))

    @property
    def explained_layer(self) -> nn.Module:
        """What the memory reads. Its own answers carry all that came before."""
        return self.blocks[-1]

    def forward(self, windows: Tensor) -> Tensor:
        steps = self.blocks(self.first(windows)).transpose(1, 2)
        read, _ = self.memory(steps)
        scores: Tensor = self.head(read.mean(dim=1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> CnnLstm:
    return CnnLstm(
        channels,
        classes,
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        hidden=int(parameters["hidden"]),
        dropout=float(parameters["dropout"]),
    )
