"""Take weights away from a copy of a network: set to zero, or really removed.

Zeros make a file that packs well and nothing else: no runtime here skips them. Channels that
are removed make the network smaller and its work less.
"""

from __future__ import annotations

import copy

import torch
import torch_pruning
from torch import Tensor, nn
from torch.nn.utils import prune

from diagnostics.errors import DeploymentError
from diagnostics.networks.attention import SelfAttention
from diagnostics.networks.attention_cnn import AttentionPool
from diagnostics.networks.network import Network

METHODS = ("l1_unstructured", "random_unstructured", "structured")
DEFAULT_AMOUNT = 0.3
# Of a window, and of a picture, to follow through a network whose input nobody told.
_SAMPLES, _SIDE = 2048, 64
# Their channels are split into heads or gates by fixed numbers.
_WHOLE = (nn.LSTM, nn.MultiheadAttention, SelfAttention, AttentionPool)
_WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Linear)


def prune_network(
    module: nn.Module, amount: float, method: str, seed: int = 0, example: Tensor | None = None
) -> nn.Module:
    """A pruned copy; the original stays as it is.

    Parameters
    ----------
    module : nn.Module
    amount : float
        Share of the weights (of the channels for ``structured``) of each layer, from 0 to below 1.
    method : str
        ``l1_unstructured`` sets the smallest weights of convolutions and linear layers to zero,
        ``random_unstructured`` such as chance picks. ``structured`` removes the channels with
        the smallest weights, in all layers that depend on each other; recurrent layers and
        attention stay whole.
    seed : int
        For ``random_unstructured``; the caller's random numbers stay as they are.
    example : Tensor, optional
        Two inputs, for ``structured``; without them zeros that fit the first layer.

    Raises
    ------
    DeploymentError
        If amount or method do not exist, or the network has no channels to remove.
    """
    if method not in METHODS:
        raise DeploymentError(f"There is no pruning “{method}”. There are: {', '.join(METHODS)}.")
    if not 0 <= amount < 1:
        raise DeploymentError(f"The share to prune is 0 to below 1, got {amount:g}.")
    pruned = copy.deepcopy(module)
    if method == "structured":
        inner = getattr(pruned, "network", None)
        if isinstance(inner, Network) and not isinstance(pruned, Network):
            _remove_channels(inner, amount, example)  # normalisation stands around it
        else:
            _remove_channels(pruned, amount, example)
        return pruned
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in pruned.modules():
            if isinstance(layer, _WEIGHTED):
                _set_to_zero(layer, amount, method)
    return pruned


def sparsity(module: nn.Module) -> float:
    """Share of zeros among the weights of convolutions and linear layers.

    Examples
    --------
    >>> sparsity(prune_network(nn.Linear(10, 10), 0.3, "l1_unstructured"))
    0.3
    """
    weights = [layer.weight for layer in module.modules() if isinstance(layer, _WEIGHTED)]
    zeros = sum(int((weight == 0).sum()) for weight in weights)
    return zeros / max(1, sum(weight.numel() for weight in weights))


def _set_to_zero(layer: nn.Module, amount: float, method: str) -> None:
    apply = prune.l1_unstructured if method == "l1_unstructured" else prune.random_unstructured
    apply(layer, "weight", amount)  # type: ignore[no-untyped-call]
    prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


def _remove_channels(module: nn.Module, amount: float, example: Tensor | None) -> None:
    """Remove the channels that say least, from layers that depend on each other together.

    What depends on what is found by following an example through the network [1]_: channels
    before a shortcut are the same on both of its ways.

    References
    ----------
    .. [1] G. Fang et al., "DepGraph: Towards Any Structural Pruning", CVPR 2023,
       arXiv:2301.12900.
    """
    given = _example(module) if example is None else example
    # Heads beside the class look at the same channels.
    ask = module.answer if isinstance(module, Network) else module
    with torch.no_grad():
        before = _shapes(ask(given))
    removed = 0
    for parameter in module.parameters():
        parameter.requires_grad_(True)  # dependencies are read off the way back
    pruner = torch_pruning.pruner.BasePruner(
        module,
        given,
        importance=torch_pruning.importance.GroupMagnitudeImportance(p=1),
        pruning_ratio=amount,
        ignored_layers=[part for part in module.modules() if isinstance(part, _WHOLE)],
        forward_fn=lambda _, windows: ask(windows),
    )
    for group in pruner.step(interactive=True):
        # What feeds no other layer is an answer.
        if any(pruner.DG.is_in_channel_pruning_fn(part.dep.handler) for part in group):
            removed += len(group[0].idxs)
            group.prune()
    if removed == 0 and amount > 0:
        raise DeploymentError(
            "This network has no channels between two of its layers that could be removed. Choose"
            " another kind of pruning."
        )
    with torch.no_grad():
        if _shapes(ask(given)) != before:
            raise DeploymentError("The network says something else without these channels.")


def _example(module: nn.Module) -> Tensor:
    """Something that a module takes, by its first layer."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv1d):
            return torch.zeros(2, layer.in_channels, _SAMPLES)
        if isinstance(layer, nn.Conv2d):
            return torch.zeros(2, layer.in_channels, _SIDE, _SIDE)
        if isinstance(layer, nn.Linear):
            return torch.zeros(2, layer.in_features)
    raise DeploymentError("This network has no layers whose channels could be removed.")


def _shapes(answer: Tensor | tuple[Tensor, ...]) -> list[torch.Size]:
    return [one.shape for one in (answer if isinstance(answer, tuple) else (answer,))]
