"""ResNet-18 along time: two residual blocks in each stage. See :mod:`.residual`."""

from __future__ import annotations

from diagnostics.networks.residual import ResidualNetwork
from diagnostics.training.card import Value

_DEPTHS = (2, 2, 2, 2)


def build(parameters: dict[str, Value], channels: int, classes: int) -> ResidualNetwork:
    return ResidualNetwork(
        channels,
        classes,
        _DEPTHS,
        width=int(parameters["width"]),
        dropout=float(parameters["dropout"]),
    )
