"""A network whose layout is written down in a line, as a search of architectures finds it."""

from __future__ import annotations

from torch import nn

from diagnostics.architectures.architecture import read_architecture
from diagnostics.architectures.layers import StageNetwork
from diagnostics.networks.network import Network
from diagnostics.training.card import Setting


class Searched(StageNetwork, Network):
    @property
    def explained_layer(self) -> nn.Module:
        return self.stages[-1]


def build(parameters: dict[str, Setting], channels: int, classes: int) -> Searched:
    architecture = read_architecture(parameters["architecture"])
    return Searched(channels, classes, architecture.to_dict(), float(parameters["dropout"]))
