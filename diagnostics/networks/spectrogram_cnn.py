"""A convolutional network on spectrograms that it computes itself.

The short-time Fourier transform is part of the network: a convolution with windowed sines and
cosines that are not learned, so that a window of samples goes in as for all other networks
and nothing but common operations is needed to export it. Spectrograms as pictures for bearing
faults are from [1]_.

A filter that slides over a picture finds a line wherever it lies. Where a tone lies is what
matters here, so the last layer has weights of its own for every frequency, and only time is
averaged.

References
----------
.. [1] D. Verstraete, A. Ferrada, E. L. Droguett, V. Meruane and M. Modarres, "Deep Learning
   Enabled Fault Diagnosis Using Time-Frequency Image Analysis of Rolling Element Bearings",
   Shock and Vibration 2017, 5067651, 2017.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from diagnostics.networks.network import Network
from diagnostics.training.card import Value

_OVERLAP = 4
"""Frames that each sample is in."""
_FLOOR = 1e-4
"""Added to the power before the logarithm: 40 dB below noise of deviation 1."""


class LogSpectrogram(nn.Module):
    """The logarithm of the power of short frames.

    Takes (batch, channels, samples), gives (batch, channels, bins, frames). Frames have a
    Hann window of unit energy, are centred on every fourth part of a frame, and see zeros
    beyond the ends: white noise of deviation 1 has a power of 1 in every bin.

    Parameters
    ----------
    hop : int
        Samples from frame to frame; a frame is four times as long.
    """

    # Follows from the hop, so that it is no part of the kept weights.
    waves: Tensor

    def __init__(self, hop: int) -> None:
        super().__init__()
        self.hop = hop
        self.frame = frame = _OVERLAP * hop
        self.bins = frame // 2 + 1
        taper = torch.hann_window(frame, dtype=torch.float64)
        taper = taper / taper.square().sum().sqrt()
        turns = torch.outer(torch.arange(self.bins), torch.arange(frame)).double() / frame
        angles = 2 * math.pi * turns
        waves = torch.cat([angles.cos() * taper, angles.sin() * taper]).unsqueeze(1).float()
        self.register_buffer("waves", waves, persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        batch, channels, samples = windows.shape
        rows = windows.reshape(batch * channels, 1, samples)
        parts = conv1d(rows, self.waves, stride=self.hop, padding=self.frame // 2)
        power = parts[:, : self.bins].square() + parts[:, self.bins :].square()
        return (power + _FLOOR).log().reshape(batch, channels, self.bins, -1)


class SpectrogramCnn(Network):
    def __init__(
        self, channels: int, classes: int, *, hop: int, width: int, block_count: int, dropout: float
    ) -> None:
        super().__init__()
        self.spectrogram = LogSpectrogram(hop)
        self.norm = nn.BatchNorm2d(channels)
        layers: list[nn.Module] = []
        inputs, bins = channels, self.spectrogram.bins
        for block in range(block_count):
            # Time is halved once: Grad-CAM is to tell moments apart.
            layers.append(_block(inputs, width, (2, 2 if block == 0 else 1)))
            inputs, bins, width = width, bins // 2, width * 2
        self.blocks = nn.Sequential(*layers)
        self.maps = nn.Sequential(
            nn.Conv2d(inputs, 2 * inputs, (bins, 1), bias=False),
            nn.BatchNorm2d(2 * inputs),
            nn.ReLU(),
            nn.Flatten(1, 2),
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * inputs, classes))

    @property
    def explained_layer(self) -> nn.Module:
        """The maps over time behind the layer that takes all frequencies together."""
        return self.maps

    def forward(self, windows: Tensor) -> Tensor:
        maps = self.maps(self.blocks(self.norm(self.spectrogram(windows))))
        scores: Tensor = self.head(maps.mean(dim=-1))
        return scores


def _block(inputs: int, outputs: int, pool: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(pool),
    )


def build(parameters: dict[str, Value], channels: int, classes: int) -> SpectrogramCnn:
    return SpectrogramCnn(
        channels,
        classes,
        hop=int(parameters["hop"]),
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        dropout=float(parameters["dropout"]),
    )
