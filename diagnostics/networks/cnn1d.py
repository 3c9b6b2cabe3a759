"""A small convolutional network on the raw waveform.

The layout is that of WDCNN [1]_, with a mean over time at the end instead of a flat layer,
so that any length of window fits.

References
----------
.. [1] W. Zhang, G. Peng, C. Li, Y. Chen and Z. Zhang, "A New Deep Learning Model for Fault
   Diagnosis with Good Anti-Noise and Domain Adaptation Ability on Raw Vibration Signals",
   Sensors 17(2), 425, 2017.
"""

from __future__ import annotations

from torch import Tensor, nn

from diagnostics.networks.convolution import blocks, first_layer
from diagnostics.networks.network import Network
from diagnostics.training.card import Value


class Cnn1d(Network):
    def __init__(
        self, channels: int, classes: int, width: int, block_count: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = first_layer(channels, width, kernel)
        self.blocks, wide = blocks(width, block_count)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(wide, classes))

    @property
    def explained_layer(self) -> nn.Module:
        return self.blocks[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.blocks(self.first(windows)).mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> Cnn1d:
    return Cnn1d(
        channels,
        classes,
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        kernel=int(parameters["kernel"]),
        dropout=float(parameters["dropout"]),
    )
