"""What the networks of the transformer kind share: positions and layers of self-attention.

All of it is from [1]_. The room that attention takes grows with the number of tokens and not
with its square, since the weights are never written down: there is no dropout among them.

References
----------
.. [1] A. Vaswani et al., "Attention Is All You Need", NeurIPS 2017, arXiv:1706.03762.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

_LONGEST_WAVE = 10_000.0


def positions(count: int, width: int) -> Tensor:
    """Sines and cosines that tell the places of tokens apart, for any number of them.

    Parameters
    ----------
    count : int
        Tokens.
    width : int
        Numbers for each token.

    Returns
    -------
    Tensor of shape (count, width)
        Sines first, then cosines of the same waves.

    Examples
    --------
    >>> positions(3, 4)[0]
    tensor([0., 0., 1., 1.])
    """
    half = (width + 1) // 2
    waves = torch.exp(torch.arange(half) * (-math.log(_LONGEST_WAVE) / half))
    angles = torch.arange(count).unsqueeze(1) * waves
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]


class SelfAttention(nn.Module):
    """Every token asks all others: (batch, tokens, width) in and out.

    No bias in front: one that is added to all keys changes no softmax.
    """

    def __init__(self, width: int, heads: int, *, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width, bias=False)
        self.answer = nn.Linear(width, width, bias=bias)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        split = self.ask(tokens).reshape(batch, count, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        heard = scaled_dot_product_attention(query, key, value)
        answer: Tensor = self.answer(heard.transpose(1, 2).reshape(batch, count, width))
        return answer


class NormOverBatch(nn.Module):
    """Batch normalisation of tokens: each of the numbers over all tokens of the batch."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)

    def forward(self, tokens: Tensor) -> Tensor:
        normed: Tensor = self.norm(tokens.transpose(1, 2))
        return normed.transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention and two dense layers, with a shortcut around each.

    Parameters
    ----------
    width, heads : int
        The width must be a multiple of the heads.
    dropout : float
    norm_first : bool
        Layer normalisation before each part; else batch normalisation behind each shortcut.
    """

    def __init__(self, width: int, heads: int, dropout: float, *, norm_first: bool) -> None:
        super().__init__()
        self.norm_first = norm_first
        # A normalisation right behind it would take a bias away again.
        self.attention = nn.Sequential(
            SelfAttention(width, heads, bias=norm_first), nn.Dropout(dropout)
        )
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(2 * width, width, bias=norm_first),
            nn.Dropout(dropout),
        )
        kind = nn.LayerNorm if norm_first else NormOverBatch
        self.norms = nn.ModuleList([kind(width), kind(width)])

    def forward(self, tokens: Tensor) -> Tensor:
        for part, norm in zip((self.attention, self.dense), self.norms, strict=True):
            before = norm(tokens) if self.norm_first else tokens
            tokens = tokens + part(before)
            if not self.norm_first:
                tokens = norm(tokens)
        return tokens
