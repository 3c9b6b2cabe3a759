"""A transformer over all channels at once, behind two convolutions.

The convolutions make one token of every 64 samples: they find the short patterns, and the
encoder [1]_ compares what was found at different times. Beginning with convolutions instead
of bare patches makes training steadier [2]_. The mean over the tokens is classified.

References
----------
.. [1] A. Vaswani et al., "Attention Is All You Need", NeurIPS 2017, arXiv:1706.03762.
.. [2] T. Xiao, M. Singh, E. Mintun, T. Darrell, P. Dollár and R. Girshick, "Early
   Convolutions Help Transformers See Better", NeurIPS 2021, arXiv:2106.14881.
"""

from __future__ import annotations

from torch import Tensor, nn

from diagnostics.networks.attention import EncoderLayer, positions
from diagnostics.networks.network import Network
from diagnostics.training.card import Value


class SignalTransformer(Network):
    def __init__(
        self,
        channels: int,
        classes: int,
        *,
        depth: int,
        heads: int,
        head_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        width = heads * head_width
        self.stem = nn.Sequential(
            nn.Conv1d(channels, width, 65, 16, padding=32, bias=False),
            nn.BatchNorm1d(width),
            nn.GELU(),
            nn.Conv1d(width, width, 9, 4, padding=4, bias=False),
            nn.BatchNorm1d(width),
            nn.GELU(),
        )
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            *(EncoderLayer(width, heads, dropout, norm_first=True) for _ in range(depth)),
            nn.LayerNorm(width),
        )
        self.maps = nn.Identity()
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, classes))

    @property
    def explained_layer(self) -> nn.Module:
        """The tokens behind the last layer.

        The score is the mean of what each of them adds, so the attribution is exact for the
        tokens; but a token has asked all others, and may speak of them.
        """
        return self.maps

    def forward(self, windows: Tensor) -> Tensor:
        tokens = self.stem(windows).transpose(1, 2)
        places = positions(tokens.shape[1], tokens.shape[2]).to(tokens)
        maps = self.maps(self.layers(self.dropout(tokens + places)).transpose(1, 2))
        scores: Tensor = self.head(maps.mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> SignalTransformer:
    return SignalTransformer(
        channels,
        classes,
        depth=int(parameters["depth"]),
        heads=int(parameters["heads"]),
        head_width=int(parameters["head_width"]),
        dropout=float(parameters["dropout"]),
    )
