"""A convolutional network that chooses the moments it looks at.

A mean over time dilutes an impact that is there once per window. Here the features of each
moment are weighted before they are added up, and the weights are learned: a few sets of
them (hops), each adding up to 1 over time, as for the words of a sentence [1]_.

References
----------
.. [1] Z. Lin et al., "A Structured Self-attentive Sentence Embedding", ICLR 2017,
   arXiv:1703.03130.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diagnostics.networks.convolution import blocks, first_layer
from diagnostics.networks.network import Network
from diagnostics.training.card import Value


class AttentionPool(nn.Module):
    """Sums over time with learned weights: (batch, width, time) → (batch, hops × width)."""

    def __init__(self, width: int, hops: int) -> None:
        super().__init__()
        # The last layer has no bias: one number added to all moments changes no softmax.
        self.score = nn.Sequential(
            nn.Conv1d(width, width // 2, 1), nn.Tanh(), nn.Conv1d(width // 2, hops, 1, bias=False)
        )

    def forward(self, maps: Tensor) -> Tensor:
        weights = self.score(maps).softmax(dim=-1)
        return torch.bmm(weights, maps.transpose(1, 2)).flatten(1)


class AttentionCnn(Network):
    def __init__(
        self, channels: int, classes: int, width: int, block_count: int, hops: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = first_layer(channels, width, kernel=64)
        self.blocks, wide = blocks(width, block_count)
        self.pool = AttentionPool(wide, hops)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(wide * hops, classes))

    @property
    def explained_layer(self) -> nn.Module:
        """What the attention weighs: the maps of the last convolution block."""
        return self.blocks[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.pool(self.blocks(self.first(windows))))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> AttentionCnn:
    return AttentionCnn(
        channels,
        classes,
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        hops=int(parameters["hops"]),
        dropout=float(parameters["dropout"]),
    )
