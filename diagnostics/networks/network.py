"""What every network here can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from diagnostics.training.card import Card, Setting


class Network(nn.Module, ABC):
    """Windows in, one score per class out.

    Takes a tensor of shape (batch, channels, samples) with any number of samples from 1024
    on, gives one of shape (batch, classes). The scores become probabilities by softmax.
    """

    @property
    @abstractmethod
    def explained_layer(self) -> nn.Module:
        """The layer for Grad-CAM: the last whose output of shape (batch, maps, time) tells times
        apart. The card of the network says which one that is.
        """

    @abstractmethod
    def forward(self, windows: Tensor) -> Tensor: ...

    def answer(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Scores, and what the heads of the card estimate: shape (batch, heads).

        Estimates are on the scale of the heads: 0 is the mean of the training part, 1 its
        deviation. Most networks have no such heads.
        """
        return self(windows), windows.new_zeros(len(windows), 0)


def build_network(
    card: Card, parameters: Mapping[str, Setting], channels: int, classes: int, seed: int
) -> Network:
    """A new network; the same seed gives the same first weights.

    Parameters
    ----------
    card : Card
        Of a network.
    parameters : dict
        Of the card; missing ones get their defaults.
    channels, classes : int
    seed : int
        The random numbers of the caller stay as they are.

    Returns
    -------
    Network
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: Network = card.load().build(card.check(parameters), channels, classes)
    return network


def parameter_count(network: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
