"""A trained network with all that is needed to use it, and the file it is kept in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diagnostics.errors import TrainingError
from diagnostics.networks.network import Network, build_network
from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint
from diagnostics.training.classifiers import classifier
from diagnostics.training.fitted import About, Answer, check_windows
from diagnostics.training.head_scale import in_units
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Windows

_KIND = "network"


@dataclass(frozen=True)
class FittedNetwork:
    """A network in evaluation mode, and what was decided before it was trained."""

    network: Network
    about: About

    def prepare(self, windows: Windows) -> Tensor:
        """Measured windows as the network takes them: checked, normalised, a tensor."""
        check_windows(self.about, windows)
        return torch.from_numpy(np.ascontiguousarray(self.about.normaliser.apply(windows)))

    def probabilities(
        self, windows: Windows, recordings: Sequence[Candidate] = ()
    ) -> NDArray[np.float64]:
        """See :class:`diagnostics.training.fitted.FittedClassifier`."""
        return self.answer(windows).probabilities

    def answer(self, windows: Windows, recordings: Sequence[Candidate] = ()) -> Answer:
        """See :class:`diagnostics.training.fitted.FittedClassifier`."""
        with torch.inference_mode():
            scores, estimates = self.network.answer(self.prepare(windows))
            return Answer(
                scores.double().softmax(dim=1).numpy(),
                in_units(self.about.heads, estimates.double().numpy()),
            )

    def save(self, path: Path) -> None:
        """Write weights and description; :func:`load_network` reads them."""
        state = {
            "kind": _KIND,
            "about": self.about.to_dict(),
            "weights": self.network.state_dict(),
        }
        save_checkpoint(state, path)


def load_network(path: Path) -> FittedNetwork:
    """The network in a file that :meth:`FittedNetwork.save` wrote.

    Raises
    ------
    TrainingError
        If the file is broken or holds something else.
    """
    state: dict[str, Any] = load_checkpoint(path)
    if state.get("kind") != _KIND:
        raise TrainingError("The file does not hold a trained network.")
    return restore_network(About.from_dict(state["about"]), state["weights"])


def restore_network(about: About, weights: dict[str, Any]) -> FittedNetwork:
    """A network with the given weights, in evaluation mode."""
    card = classifier(about.classifier)
    network = build_network(
        card, about.parameters, len(about.channels), len(about.class_names), seed=0
    )
    network.load_state_dict(weights)
    network.eval()
    return FittedNetwork(network, about)
