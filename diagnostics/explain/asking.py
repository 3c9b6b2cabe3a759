"""Ask a network about many windows, and leave it as it should be left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from diagnostics.explain.attribution import Floats, Question, Windows, check_question
from diagnostics.explain.errors import ExplanationError


@contextmanager
def evaluating(network: nn.Module) -> Iterator[torch.device]:
    """The network in evaluation mode, now and afterwards, without gradients left behind."""
    network.eval()
    before = [(weights, weights.grad) for weights in network.parameters()]
    try:
        yield device_of(network)
    finally:
        for weights, gradient in before:
            weights.grad = gradient
        network.eval()


@contextmanager
def telling(network: nn.Module, tell: Callable[[], None]) -> Iterator[None]:
    """Call something at every pass, so that long work can be followed and cancelled."""

    def note(*_given: object) -> None:
        tell()

    hook = network.register_forward_hook(note)
    try:
        yield
    finally:
        hook.remove()


def device_of(network: nn.Module) -> torch.device:
    return next((weights.device for weights in network.parameters()), torch.device("cpu"))


def checked_probabilities(network: nn.Module, windows: Windows, question: Question) -> Windows:
    """What the network says of the windows, once the question makes sense for it.

    Raises
    ------
    ExplanationError
        If the question makes none, the network takes no such windows, or has no such class.
    """
    check_question(windows, question)
    try:
        scores = all_scores(network, windows)
    except RuntimeError as error:
        raise ExplanationError(
            f"The network does not take windows of {windows.shape[1]} channels and "
            f"{windows.shape[2]} samples. Prepare them as in training."
        ) from error
    check_class(question.target_class, scores.shape[1])
    if not np.isfinite(scores).all():
        raise ExplanationError("The network answers with numbers that are not finite.")
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Windows = (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def check_class(target_class: int, classes: int) -> None:
    """Refuse a class that the network does not know."""
    if not 0 <= target_class < classes:
        raise ExplanationError(f"Expected a class from 0 to {classes - 1}, got {target_class}.")


def all_scores(network: nn.Module, windows: NDArray[np.float32], batch: int = 16) -> Floats:
    """The score of every class for every window, without gradients."""
    device = device_of(network)
    parts = []
    with torch.no_grad():
        for first in range(0, len(windows), batch):
            rows = torch.tensor(windows[first : first + batch], device=device)
            parts.append(network(rows).double().cpu().numpy())
    return np.concatenate(parts)


def gradients(network: nn.Module, rows: Tensor, target_class: int) -> Tensor:
    """The gradient of one class score with respect to each of the rows, and to nothing else."""
    asked = rows.detach().requires_grad_(True)
    with torch.enable_grad():
        score = network(asked)[:, target_class].sum()
        (found,) = torch.autograd.grad(score, asked)
    return found


def mean_gradient(
    network: nn.Module,
    baseline: Windows,
    difference: Windows,
    target_class: int,
    places: Floats,
    weights: Floats,
    batch: int,
) -> Floats:
    """The weighted mean of gradients at places (0 to 1) on the way from a baseline.

    Parameters
    ----------
    baseline, difference : array of shape (channels, samples)
    places, weights : array of shape (places,)
        Weights add up to 1.
    batch : int
        Places that are asked about at once.

    Returns
    -------
    array of shape (channels, samples)
    """
    device = device_of(network)
    start, way = (torch.tensor(part, device=device) for part in (baseline, difference))
    total = torch.zeros_like(start, dtype=torch.float64)
    for first in range(0, len(places), batch):
        part = slice(first, first + batch)
        shares = torch.tensor(places[part], dtype=start.dtype, device=device)
        found = gradients(network, start + shares[:, None, None] * way, target_class)
        own = torch.tensor(weights[part], dtype=start.dtype, device=device)
        total += torch.einsum("n,ncs->cs", own, found)
    return np.asarray(total.cpu().numpy())
