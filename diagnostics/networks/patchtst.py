"""PatchTST as a classifier: a transformer over patches of each channel by itself.

A window is cut into patches that overlap by half, each patch becomes a token, and the same
encoder reads the tokens of every channel [1]_; only the head sees the channels together. For
windows of any length the places of the tokens are sines instead of learned numbers, and the
head takes the mean over the tokens instead of all of them. The normalisation by instance of
the paper is the “by window” of this application, chosen with the data.

The number of tokens is the window over half a patch: 320 for 20 480 samples at the default.

References
----------
.. [1] Y. Nie, N. H. Nguyen, P. Sinthong and J. Kalagnanam, "A Time Series is Worth 64 Words:
   Long-term Forecasting with Transformers", ICLR 2023, arXiv:2211.14730.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad

from diagnostics.networks.attention import EncoderLayer, positions
from diagnostics.networks.network import Network
from diagnostics.training.card import Value


class PatchTst(Network):
    def __init__(
        self,
        channels: int,
        classes: int,
        *,
        patch: int,
        depth: int,
        heads: int,
        head_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        width = heads * head_width
        self.step = patch // 2
        self.embed = nn.Conv1d(1, width, patch, self.step, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            *(EncoderLayer(width, heads, dropout, norm_first=False) for _ in range(depth))
        )
        self.maps = nn.Identity()
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels * width, classes))

    @property
    def explained_layer(self) -> nn.Module:
        """The tokens behind the last layer, those of all channels beside each other.

        The score is the mean of what each of them adds, so the attribution is exact for the
        tokens; but a token has asked all others, and may speak of them.
        """
        return self.maps

    def forward(self, windows: Tensor) -> Tensor:
        batch, channels, samples = windows.shape
        # As in the paper the end is repeated, so that the last samples are in a patch, too.
        longer = pad(windows, (0, self.step), mode="replicate")
        patches = self.embed(longer.reshape(batch * channels, 1, samples + self.step))
        tokens = patches.transpose(1, 2)
        places = positions(tokens.shape[1], tokens.shape[2]).to(tokens)
        tokens = self.layers(self.dropout(tokens + places)).transpose(1, 2)
        maps = self.maps(tokens.reshape(batch, -1, tokens.shape[2]))
        scores: Tensor = self.head(maps.mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> PatchTst:
    return PatchTst(
        channels,
        classes,
        patch=int(parameters["patch"]),
        depth=int(parameters["depth"]),
        heads=int(parameters["heads"]),
        head_width=int(parameters["head_width"]),
        dropout=float(parameters["dropout"]),
    )
