"""A small convolutional network on the raw waveform.

The first filter is long, so that it spans the ringing of an impact, and steps over eight
samples at once; short filters follow (the layout of WDCNN [1]_, with a mean over time at the
end instead of a flat layer, so that any length of window fits).

References
----------
.. [1] W. Zhang, G. Peng, C. Li, Y. Chen and Z. Zhang, "A New Deep Learning Model for Fault
   Diagnosis with Good Anti-Noise and Domain Adaptation Ability on Raw Vibration Signals",
   Sensors 17(2), 425, 2017.
"""

from __future__ import annotations

from torch import Tensor, nn

from diagnostics.networks.network import Network
from diagnostics.training.card import Value

_STRIDE = 8
# The width doubles after the first blocks only: more would make most of the weights late ones.
_DOUBLED = 2


class Cnn1d(Network):
    def __init__(
        self, channels: int, classes: int, width: int, blocks: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv1d(channels, width, kernel, _STRIDE, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.MaxPool1d(2),
        )
        layers: list[nn.Module] = []
        for block in range(blocks):
            wider = width * 2 if block < _DOUBLED else width
            layers.append(_block(width, wider, last=block == blocks - 1))
            width = wider
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, classes))

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
        blocks=int(parameters["blocks"]),
        kernel=int(parameters["kernel"]),
        dropout=float(parameters["dropout"]),
    )


def _block(inputs: int, outputs: int, *, last: bool) -> nn.Sequential:
    layers = [
        nn.Conv1d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm1d(outputs),
        nn.ReLU(),
    ]
    return nn.Sequential(*layers) if last else nn.Sequential(*layers, nn.MaxPool1d(2))
