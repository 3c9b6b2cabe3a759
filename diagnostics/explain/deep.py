"""DeepLIFT-SHAP: multipliers through the layers in place of gradients, where they add up."""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from diagnostics.explain.asking import device_of
from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.gradcam import run_order
from diagnostics.explain.paths import along_paths
from diagnostics.explain.shap_library import shap_library
from diagnostics.progress import Report, silent

GREATEST_ERROR = 0.05
_SMALL, _NO_DIFFERENCE = 1e-3, 1e-12
_INSTEAD = "Use integrated gradients or gradient SHAP, which need only a gradient."
_SHARED = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.MaxPool1d)


def deep_shap(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """DeepLIFT against each baseline, averaged: an approximation of Shapley values [1]_ [2]_.

    One pass back per baseline, so it is far quicker than integrated gradients. Its rule is
    defined for layers, rectifiers and pools that are modules of their own and run once. Where a
    network multiplies signals with each other (attention, gates, memories) or squares them, the
    parts do not add up to the change of the score: that is measured, and such a network is
    refused instead of explained wrongly.

    Parameters
    ----------
    network, windows, question, report
        As :func:`diagnostics.explain.integrated_gradients.integrated_gradients`.

    Returns
    -------
    Attribution

    Raises
    ------
    ExplanationError
        If the architecture does not allow it, or the question makes no sense for the network.

    References
    ----------
    .. [1] A. Shrikumar, P. Greenside, A. Kundaje, "Learning Important Features Through
       Propagating Activation Differences", ICML 2017, arXiv:1704.02685.
    .. [2] S. Lundberg, S.-I. Lee, "A Unified Approach to Interpreting Model Predictions",
       NIPS 2017, arXiv:1705.07874.
    """
    # The library hangs hooks and attributes on the modules: they stay on the copy.
    own = copy.deepcopy(network.eval())
    score = _OneScore(own, question.target_class)
    checked: list[bool] = []

    def gradients_of(window: Windows, _batch: int) -> Iterator[tuple[float, Floats, Floats]]:
        if not checked:
            _check_architecture(own, window)
            checked.append(True)
        for baseline in question.baselines:
            difference = (window - baseline).astype(np.float64)
            yield 1 / len(question.baselines), difference, _multipliers(score, window, baseline)

    details = {"baselines": len(question.baselines)}
    found = along_paths(own, windows, question, gradients_of, report, details)
    _check_sum(found)
    return found


class _OneScore(nn.Module):
    """The score of one class: the library would go back through all of them."""

    def __init__(self, network: nn.Module, target: int) -> None:
        super().__init__()
        self.network = network
        self.target = target

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.network(windows)[:, [self.target]]
        return scores


def _multipliers(network: nn.Module, window: Windows, baseline: Windows) -> Floats:
    """What a difference from the baseline is multiplied with; 0 where there is none."""
    device = device_of(network)
    given, resting = (torch.tensor(part[None], device=device) for part in (window, baseline))
    library = shap_library()
    with warnings.catch_warnings():
        # It warns of containers that it does not know; the sum is checked afterwards.
        warnings.simplefilter("ignore")
        explainer = library.DeepExplainer(network, resting)
        found = explainer.shap_values(given, check_additivity=False)
    added = np.asarray(found, dtype=np.float64).reshape(window.shape)
    difference = (window - baseline).astype(np.float64)
    moved = np.abs(difference) > _NO_DIFFERENCE
    return np.where(moved, added / np.where(moved, difference, 1.0), 0.0)


def _check_architecture(network: nn.Module, window: Windows) -> None:
    if any(isinstance(module, nn.RNNBase) for module in network.modules()):
        raise ExplanationError(
            f"DeepLIFT-SHAP has no rule for a recurrent memory, which this network has. {_INSTEAD}"
        )
    given = torch.tensor(window[None], device=device_of(network))
    often = Counter(name for name, _ in run_order(network, given))
    modules = dict(network.named_modules())
    twice = [n for n, count in often.items() if count > 1 and isinstance(modules[n], _SHARED)]
    if twice:
        raise ExplanationError(
            f"DeepLIFT-SHAP needs a module of its own for every rectifier, and “{twice[0]}” runs "
            f"{often[twice[0]]} times in this network. {_INSTEAD}"
        )


def _check_sum(found: Attribution) -> None:
    """Whether the parts add up; windows that change the score little say nothing of it."""
    telling = np.abs(found.change) > _SMALL * max(1.0, float(np.abs(found.change).max()))
    worst = float(found.completeness[telling].max()) if telling.any() else 0.0
    if worst > GREATEST_ERROR:
        raise ExplanationError(
            "DeepLIFT-SHAP cannot explain this architecture: its parts miss the change of the "
            f"score by {100 * worst:.0f} %, for the network has steps (attention, gates, squares, "
            f"pools that overlap, rectifiers that are no module) that its rule does not cover. "
            + _INSTEAD
        )
