"""Grad-CAM: which stretches of a window a convolutional network took for a class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diagnostics.explain.asking import check_class, checked_probabilities, device_of, evaluating
from diagnostics.explain.attribution import Attribution, Question, Windows
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.paths import score_change
from diagnostics.explain.spectral import spread_frames, spread_spectrum
from diagnostics.networks.network import Network
from diagnostics.progress import Progress, Report, silent

METHOD = "gradcam"
BATCH = 32


@dataclass(frozen=True)
class GradCam:
    """One explanation of several windows.

    Parameters
    ----------
    attribution : array of shape (windows, samples)
        At least 0, in units of the class score (logit) that depend on the network:
        compare within one network and class, never between networks.
    probabilities : array of shape (windows, classes)
        What the network says of each window.
    target_class : int
    layer : str
        Name of the module whose maps were looked at.
    positions : int
        How many values that layer gives for a window: ``samples / positions`` is how
        finely the attribution can tell stretches apart.
    """

    attribution: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    target_class: int
    layer: str
    positions: int


def last_feature_maps(network: nn.Module, example: torch.Tensor) -> tuple[str, nn.Module]:
    """The module that gives the maps of the last convolution, rectified if the network does.

    The last convolution is the one that *runs* last; a shortcut that is defined after the
    main path may run before it. Its own output comes before normalisation and
    rectification: what is negative there never reaches the decision, and the zero of the
    scale is arbitrary. So the last module is taken that still gives maps of that shape:
    the rectifier, or the residual block, behind the convolution.

    Parameters
    ----------
    network : torch.nn.Module
    example : tensor of shape (1, channels, samples)

    Returns
    -------
    pair of str and torch.nn.Module
        The name within the network, and the module.

    Raises
    ------
    ExplanationError
        If the network has no 1-D convolution.
    """
    ran = run_order(network, example)
    convolutions = [
        number for number, (name, _) in enumerate(ran) if _is_convolution(network, name)
    ]
    if not convolutions:
        raise ExplanationError(
            "Grad-CAM needs a network with a convolution over time, and this one has none. "
            "Choose an experiment with a convolutional network."
        )
    last = convolutions[-1]
    often = Counter(name for name, _ in ran)
    # A module that runs twice has two outputs: it could not be said which one is meant.
    fitting = [name for name, shape in ran[last:] if shape == ran[last][1] and often[name] == 1]
    name = fitting[-1] if fitting else ran[last][0]
    return name, network.get_submodule(name)


def run_order(network: nn.Module, example: torch.Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Name and shape of output of each module, in the order in which they finish."""
    ran: list[tuple[str, tuple[int, ...]]] = []

    def note(name: str, output: object) -> None:
        if isinstance(output, torch.Tensor):
            ran.append((name, tuple(output.shape)))

    hooks = [
        module.register_forward_hook(lambda _module, _inputs, output, name=name: note(name, output))
        for name, module in network.named_modules()
    ]
    try:
        with torch.no_grad():
            network(example)
    finally:
        for hook in hooks:
            hook.remove()
    return ran


def _is_convolution(network: nn.Module, name: str) -> bool:
    return isinstance(network.get_submodule(name), nn.Conv1d)


def grad_cam(
    network: nn.Module,
    windows: NDArray[np.float32],
    target_class: int,
    layer: nn.Module | None = None,
    report: Report = silent,
) -> GradCam:
    """Where in each window the last convolution found what speaks for a class.

    The feature maps are added up, each weighted with the mean gradient of the class score with
    respect to it, and what is negative is set to 0 [1]_: what is left pulled the score
    up. It is drawn out linearly to the length of the window.

    For a machine it answers “which impacts or stretches made it say outer race?”. It is
    coarse: the layer gives few values per window, and each has seen a far longer stretch
    than it is drawn over. It shows what the network used, not what the fault is, and a
    network that learnt the sensor or the load shows that just as confidently. Maps that
    are 0 everywhere mean that nothing in this layer speaks for the class. Tokens behind
    self-attention have heard of the whole window: there a stretch is where the network noted
    something, which may have happened elsewhere.

    Parameters
    ----------
    network : torch.nn.Module
        Takes (batch, channels, samples), gives one score (logit) per class.
    windows : array of shape (windows, channels, samples)
        Prepared as in training (scaled in the same way).
    target_class : int
    layer : torch.nn.Module, optional
        The one that the network names, or that of :func:`last_feature_maps`, unless given.
    report : callable
        Called after each batch.

    Returns
    -------
    GradCam

    Raises
    ------
    ExplanationError
        If the network has no convolution, there are no windows, or no such class.

    References
    ----------
    .. [1] R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via
       Gradient-based Localization", ICCV 2017, arXiv:1610.02391.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
    ...                         nn.Flatten(), nn.Linear(2, 3))
    >>> found = grad_cam(network, np.zeros((4, 1, 64), dtype=np.float32), target_class=2)
    >>> found.attribution.shape, found.layer, found.positions
    ((4, 64), '1', 62)
    """
    if windows.ndim != 3 or windows.shape[0] == 0:
        raise ExplanationError(
            f"Expected windows as (windows, channels, samples), got the shape {windows.shape}."
        )
    with evaluating(network):
        name, chosen = _chosen_layer(network, layer, windows[:1])
        attributions, probabilities, positions = [], [], 0
        for first in range(0, windows.shape[0], BATCH):
            batch = torch.tensor(windows[first : first + BATCH], device=device_of(network))
            coarse, shares = _map(network, chosen, batch, target_class)
            probabilities.append(shares.cpu().numpy())
            positions = coarse.shape[-1]
            fine = nn.functional.interpolate(coarse, (batch.shape[-1],), mode="linear")
            attributions.append(fine.cpu().numpy()[:, 0])
            done = min(first + BATCH, windows.shape[0])
            report(Progress("explain", done, windows.shape[0], f"{done} windows"))
    return GradCam(
        attribution=np.concatenate(attributions).astype(np.float32),
        probabilities=np.concatenate(probabilities).astype(np.float32),
        target_class=target_class,
        layer=name,
        positions=positions,
    )


def explain(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """Grad-CAM with the answer that all methods give.

    It knows no channels and no baseline: the map is shared evenly among the channels, and the
    relevance of a stretch is spread over frequencies by the energy there.

    Raises
    ------
    ExplanationError
        As :func:`grad_cam`, and if a value is not finite.
    """
    with evaluating(network):
        probabilities = checked_probabilities(network, windows, question)
    found = grad_cam(network, windows, question.target_class, report=report)
    channels = windows.shape[1]
    values = np.repeat(found.attribution[:, None] / channels, channels, axis=1)
    framed = spread_frames(values.astype(np.float64), windows.astype(np.float64))
    return Attribution(
        values=values,
        spectrum=spread_spectrum(framed, windows.shape[2]).astype(np.float32),
        frames=framed.astype(np.float32),
        probabilities=probabilities,
        change=score_change(network, windows, question),
        completeness=np.full(len(windows), np.nan),
        positions=found.positions,
        exact_spectrum=False,
        details={"layer": found.layer, "positions": found.positions},
    )


def _chosen_layer(
    network: nn.Module, layer: nn.Module | None, example: NDArray[np.float32]
) -> tuple[str, nn.Module]:
    if layer is None and isinstance(network, Network):
        layer = network.explained_layer
    if layer is None:
        return last_feature_maps(network, torch.as_tensor(example).to(device_of(network)))
    for name, module in network.named_modules():
        if module is layer:
            return name, module
    raise ExplanationError("The chosen layer does not belong to this network.")


def _map(
    network: nn.Module, layer: nn.Module, batch: torch.Tensor, target_class: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The rectified map at the resolution of the layer, and the probabilities.

    One pass forward, and back to the layer only: its output is cut off from what lies before, so
    that nothing is kept there for a way back that is not taken.
    """
    kept: list[torch.Tensor] = []

    def cut(_module: nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        torch.set_grad_enabled(True)  # until the pass is over
        kept[:] = [output.detach().requires_grad_(True)]
        return kept[0].clone()

    hook = layer.register_forward_hook(cut)
    try:
        with torch.no_grad():
            scores = network(batch)
            check_class(target_class, scores.shape[1])
            (gradient,) = torch.autograd.grad(scores[:, target_class].sum(), kept)
    finally:
        hook.remove()
    maps = kept[0].detach()
    if maps.ndim < 3:
        raise ExplanationError(
            "The chosen layer has no time axis, so nothing can be shown along it. Choose a "
            "convolution."
        )
    weights = gradient.mean(dim=tuple(range(2, gradient.ndim)), keepdim=True)
    coarse = torch.relu((weights * maps).sum(dim=1, keepdim=True))
    return coarse.detach(), scores.detach().softmax(dim=1)
