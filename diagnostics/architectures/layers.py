"""The layers of a searched network. Nothing but torch: an exported file carries this text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

# Fewer could all be silenced by their rectifier from the start.
NARROWEST = 8
REDUCTION = 4
POOLS: dict[str, Callable[[int], nn.Module]] = {
    "none": nn.Identity,
    "max": nn.MaxPool1d,
    "mean": nn.AvgPool1d,
}


class SqueezeExcitation(nn.Module):
    """Weighs each feature by the means of all features over time."""

    def __init__(self, width: int, reduction: int) -> None:
        super().__init__()
        narrow = max(NARROWEST, width // reduction)
        self.weigh = nn.Sequential(
            nn.Linear(width, narrow), nn.ReLU(), nn.Linear(narrow, width), nn.Sigmoid()
        )

    def forward(self, maps: Tensor) -> Tensor:
        weighed: Tensor = maps * self.weigh(maps.mean(dim=-1)).unsqueeze(-1)
        return weighed


class Stage(nn.Module):
    """Operations side by side, added; the sum is weighed if so wanted, and rectified."""

    def __init__(self, inputs: int, given: dict[str, Any]) -> None:
        super().__init__()
        width = int(given["width"])
        self.branches = nn.ModuleList(_branch(n, inputs, width) for n in given["branches"])
        self.weigh: nn.Module = nn.Identity()
        if given["squeeze_excite"]:
            self.weigh = SqueezeExcitation(width, REDUCTION)

    def forward(self, maps: Tensor) -> Tensor:
        total: Tensor = reduce(torch.add, [branch(maps) for branch in self.branches])
        return torch.relu(self.weigh(total))


class StageNetwork(nn.Module):
    """Windows of shape (batch, channels, samples) in, scores of shape (batch, classes) out.

    Takes any number of samples from 1024 on.
    """

    def __init__(
        self, channels: int, classes: int, architecture: dict[str, Any], dropout: float
    ) -> None:
        super().__init__()
        stem, stages = architecture["stem"], architecture["stages"]
        width, kernel = stem["width"], stem["kernel"]
        self.stem = nn.Sequential(
            nn.Conv1d(channels, width, kernel, stem["stride"], padding=kernel // 2, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
        )
        widths = [width, *(stage["width"] for stage in stages)]
        self.stages = nn.ModuleList(map(Stage, widths, stages))
        self.pools = nn.ModuleList(POOLS[stage["pool"]](2) for stage in stages)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(widths[-1], classes))

    def forward(self, windows: Tensor) -> Tensor:
        maps = self.stem(windows)
        for stage, pool in zip(self.stages, self.pools, strict=True):
            maps = pool(stage(maps))
        scores: Tensor = self.head(maps.mean(dim=-1))
        return scores


def _branch(name: str, inputs: int, width: int) -> nn.Module:
    if name == "skip":
        if inputs == width:
            return nn.Identity()
        return nn.Sequential(nn.Conv1d(inputs, width, 1, bias=False), nn.BatchNorm1d(width))
    found = re.fullmatch(r"(conv|separable|dilated)(\d+)(?:x(\d+))?", name)
    if found is None:
        raise ValueError(f"There is no operation {name!r}.")
    kernel, dilation = int(found[2]), int(found[3] or 1)
    padding = dilation * (kernel // 2)
    if found[1] == "separable":
        layers: list[nn.Module] = [
            nn.Conv1d(inputs, inputs, kernel, padding=padding, groups=inputs, bias=False),
            nn.Conv1d(inputs, width, 1, bias=False),
        ]
    else:
        layers = [nn.Conv1d(inputs, width, kernel, padding=padding, dilation=dilation, bias=False)]
    return nn.Sequential(*layers, nn.BatchNorm1d(width))
