"""Take weights away from a copy of a network: set to zero, or really removed.

Zeros make a file that packs well and nothing else: no runtime here skips them. Channels that
are removed make the network smaller and its work less.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from diagnostics.errors import DeploymentError

METHODS = ("l1_unstructured", "random_unstructured", "structured")
DEFAULT_AMOUNT = 0.3
_FEWEST = 2
_BETWEEN = (nn.BatchNorm1d, nn.ReLU, nn.MaxPool1d, nn.Dropout, nn.Identity)
_WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Linear)


def prune_network(module: nn.Module, amount: float, method: str, seed: int = 0) -> nn.Module:
    """A pruned copy; the original stays as it is.

    Parameters
    ----------
    module : nn.Module
    amount : float
        Share of the weights (of the channels for ``structured``) of each layer, from 0 to below 1.
    method : str
        ``l1_unstructured`` sets the smallest weights of convolutions and linear layers to zero,
        ``random_unstructured`` such as chance picks. ``structured`` removes the channels with
        the smallest filters between two convolutions that follow each other in a ``Sequential``.
    seed : int
        For ``random_unstructured``; the caller's random numbers stay as they are.

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
        _remove_channels(pruned, amount)
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


def _remove_channels(module: nn.Module, amount: float) -> None:
    # A chain over all blocks takes the place of the chains inside of them: nothing is cut twice.
    inside = [part for part in module.modules() if isinstance(part, nn.Sequential)]
    whole = _chain(module)
    chains = [whole] if whole else [list(part.children()) for part in inside]
    removed = sum(
        _shrink(layers, first, amount)
        for layers in chains
        for first, layer in enumerate(layers)
        if isinstance(layer, nn.Conv1d)
    )
    if removed == 0 and amount > 0:
        raise DeploymentError(
            "This network has no two convolutions behind each other whose channels could be"
            " removed. Choose another kind of pruning."
        )


def _chain(module: nn.Module) -> list[nn.Module]:
    """First layer and blocks of the networks that run them one after the other."""
    first, blocks = getattr(module, "first", None), getattr(module, "blocks", None)
    if not (isinstance(first, nn.Sequential) and isinstance(blocks, nn.Sequential)):
        return []
    inner = [layer for block in blocks for layer in block.children()]
    return [*first.children(), *inner]


def _shrink(layers: list[nn.Module], first: int, amount: float) -> int:
    """Remove channels between a convolution and the next; how many."""
    conv = layers[first]
    assert isinstance(conv, nn.Conv1d)
    norms: list[nn.BatchNorm1d] = []
    for layer in layers[first + 1 :]:
        if isinstance(layer, nn.Conv1d):
            return _cut(conv, norms, layer, amount) if conv.groups == layer.groups == 1 else 0
        if not isinstance(layer, _BETWEEN):
            return 0
        if isinstance(layer, nn.BatchNorm1d):
            norms.append(layer)
    return 0


def _cut(conv: nn.Conv1d, norms: list[nn.BatchNorm1d], then: nn.Conv1d, amount: float) -> int:
    sizes = conv.weight.detach().abs().sum(dim=(1, 2))
    for norm in norms:
        # A filter that its normalisation makes small does little.
        assert norm.running_var is not None
        sizes = sizes * (norm.weight.detach().abs() / torch.sqrt(norm.running_var + norm.eps))
    keep = max(_FEWEST, conv.out_channels - int(conv.out_channels * amount))
    removed = conv.out_channels - keep
    if removed <= 0:
        return 0
    kept = sizes.topk(keep).indices.sort().values
    conv.weight = _part(conv.weight, kept, 0)
    if conv.bias is not None:
        conv.bias = _part(conv.bias, kept, 0)
    conv.out_channels = keep
    for norm in norms:
        norm.weight, norm.bias = _part(norm.weight, kept, 0), _part(norm.bias, kept, 0)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean, norm.running_var = norm.running_mean[kept], norm.running_var[kept]
        norm.num_features = keep
    then.weight = _part(then.weight, kept, 1)
    then.in_channels = keep
    return removed


def _part(weights: Tensor, kept: Tensor, axis: int) -> nn.Parameter:
    return nn.Parameter(weights.detach().index_select(axis, kept).clone())
