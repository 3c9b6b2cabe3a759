"""The inception network for time series, behind a layer that lowers the rate.

Each module runs filters of three lengths and a running maximum side by side; a shortcut goes
around every three of them [1]_. Three things are not as in the paper. The series there have a
few hundred to a few thousand values and keep their rate through the whole network, which would
take gigabytes for a long window: here a first layer steps over several samples (a step of 1
leaves it out). The lengths are made odd, so that filters have a middle. And this is one
network; the paper lets five vote that differ in their seed.

References
----------
.. [1] H. Ismail Fawaz et al., "InceptionTime: Finding AlexNet for time series
   classification", Data Mining and Knowledge Discovery 34, 1936-1962, 2020,
   arXiv:1909.04939.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diagnostics.networks.network import Network
from diagnostics.training.card import Value

_SHORTER = (1, 2, 4)
_BRANCHES = len(_SHORTER) + 1
_AROUND = 3
_STEM_KERNEL = 8
"""Length of the first filter in steps."""


class Inception(nn.Module):
    """Four branches side by side, with as many filters each."""

    def __init__(self, inputs: int, filters: int, kernel: int) -> None:
        super().__init__()
        self.narrow: nn.Module = nn.Identity()
        if inputs > filters:
            self.narrow = nn.Conv1d(inputs, filters, 1, bias=False)
        narrow = min(inputs, filters)
        lengths = [kernel // part | 1 for part in _SHORTER]
        self.branches = nn.ModuleList(
            nn.Conv1d(narrow, filters, length, padding=length // 2, bias=False)
            for length in lengths
        )
        self.peak = nn.Sequential(
            nn.MaxPool1d(3, 1, padding=1), nn.Conv1d(inputs, filters, 1, bias=False)
        )
        self.norm = nn.BatchNorm1d(_BRANCHES * filters)

    def forward(self, windows: Tensor) -> Tensor:
        narrow = self.narrow(windows)
        branches = [*(branch(narrow) for branch in self.branches), self.peak(windows)]
        return torch.relu(self.norm(torch.cat(branches, dim=1)))


class Group(nn.Module):
    """A few modules one after another, and a shortcut around them."""

    def __init__(self, inputs: int, filters: int, kernel: int, depth: int) -> None:
        super().__init__()
        outputs = _BRANCHES * filters
        self.body = nn.Sequential(
            *(Inception(inputs if n == 0 else outputs, filters, kernel) for n in range(depth))
        )
        self.shortcut = nn.Sequential(
            nn.Conv1d(inputs, outputs, 1, bias=False), nn.BatchNorm1d(outputs)
        )

    def forward(self, windows: Tensor) -> Tensor:
        return torch.relu(self.body(windows) + self.shortcut(windows))


class InceptionTime(Network):
    def __init__(
        self,
        channels: int,
        classes: int,
        *,
        filters: int,
        depth: int,
        kernel: int,
        step: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.stem: nn.Module = nn.Identity()
        inputs = channels
        if step > 1:
            length = _STEM_KERNEL * step + 1
            self.stem = nn.Sequential(
                nn.Conv1d(channels, filters, length, step, padding=length // 2, bias=False),
                nn.BatchNorm1d(filters),
                nn.ReLU(),
            )
            inputs = filters
        groups: list[nn.Module] = []
        for first in range(0, depth, _AROUND):
            groups.append(Group(inputs, filters, kernel, min(_AROUND, depth - first)))
            inputs = _BRANCHES * filters
        self.groups = nn.Sequential(*groups)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    @property
    def explained_layer(self) -> nn.Module:
        return self.groups[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.groups(self.stem(windows)).mean(dim=-1))
        return scores


def build(parameters: dict[str, Value], channels: int, classes: int) -> InceptionTime:
    return InceptionTime(
        channels,
        classes,
        filters=int(parameters["filters"]),
        depth=int(parameters["depth"]),
        kernel=int(parameters["kernel"]),
        step=int(parameters["step"]),
        dropout=float(parameters["dropout"]),
    )
