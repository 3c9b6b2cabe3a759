"""ResNet-34 along time: three to six residual blocks in each stage. See :mod:`.residual`."""

from __future__ import annotations

from diagnostics.networks.residual import ResidualNetwork
from diagnostics.training.card import Value

_DEPTHS = (3, 4, 6, 3)


def build(parameters: dict[str, Value], channels: int, classes: int) -> ResidualNetwork:
    return ResidualNetwork(
        channels,
        classes,
        _DEPTHS,
        width=int(parameters["width"]),
        dropout=float(parameters["dropout"]),
    )
