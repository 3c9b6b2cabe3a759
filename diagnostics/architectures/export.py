"""A searched network as one Python file that needs nothing but torch."""

from __future__ import annotations

import ast
import pprint
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnostics.architectures.architecture import Architecture

_LAYERS = Path(__file__).with_name("layers.py")
_HEAD = '''"""A network for windows of vibration, found by a search of architectures.

{architecture}

    network = load("model.pt")                  # the checkpoint of the experiment
    probabilities = network.predict(windows)    # (windows, channels, samples), as measured

SHA-256 of the architecture: {hash}
"""

from __future__ import annotations

'''
_TAIL = '''

class Diagnosis(nn.Module):
    """A network with what was decided before it was trained."""

    def __init__(self, network: StageNetwork, normaliser: dict[str, Any]) -> None:
        super().__init__()
        self.network = network
        self.normaliser = normaliser

    def forward(self, windows: Tensor) -> Tensor:
        """Scores of windows as they were measured, at SAMPLE_RATE_HZ, channels in their order."""
        return self.network(normalise(windows, self.normaliser))

    @torch.inference_mode()
    def predict(self, windows: Tensor) -> Tensor:
        """Probabilities of CLASS_NAMES for each window."""
        return self(windows).double().softmax(dim=1)


def normalise(windows: Tensor, normaliser: dict[str, Any]) -> Tensor:
    """To a common scale: each channel of each window by itself, or as the training part was."""
    if normaliser["kind"] == "training":
        mean, deviation = (
            torch.tensor(normaliser[name], dtype=torch.float32)[:, None]
            for name in ("mean", "deviation")
        )
        return (windows - mean) / deviation
    centred = (windows - windows.double().mean(dim=-1, keepdim=True)).float()
    spread = centred.double().square().mean(dim=-1, keepdim=True).sqrt()
    return centred / torch.where(spread == 0, 1.0, spread).float()


def build() -> StageNetwork:
    """A new network, which has learned nothing."""
    return StageNetwork(CHANNELS, len(CLASS_NAMES), ARCHITECTURE, DROPOUT)


def load(path: str) -> Diagnosis:
    """The trained network of a checkpoint; nothing in the file is run."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = build()
    network.load_state_dict(state["weights"])
    return Diagnosis(network, state["about"]["normaliser"]).eval()
'''


@dataclass(frozen=True)
class Use:
    """What a network is for.

    Parameters
    ----------
    channels : int
        How many.
    class_names : sequence of str
        In the order of the scores.
    window : int
        Samples of a window in training; others from 1024 on do as well.
    sample_rate_hz : float
    dropout : float
    """

    channels: int
    class_names: Sequence[str]
    window: int
    sample_rate_hz: float
    dropout: float


def python_source(architecture: Architecture, use: Use) -> str:
    """The text of a module that builds the network, and loads what an experiment has learned.

    Parameters
    ----------
    architecture : Architecture
    use : Use

    Returns
    -------
    str
        With ``build()`` and ``load(path)``.
    """
    imports, layers = _layers()
    head = _HEAD.format(architecture=textwrap.fill(architecture.text, 96), hash=architecture.hash)
    constants = {
        "ARCHITECTURE": architecture.to_dict(),
        "CHANNELS": use.channels,
        "CLASS_NAMES": list(use.class_names),
        "WINDOW": use.window,
        "SAMPLE_RATE_HZ": use.sample_rate_hz,
        "DROPOUT": use.dropout,
    }
    written = "\n".join(
        f"{name} = {pprint.pformat(value, width=90, sort_dicts=False)}"
        for name, value in constants.items()
    )
    return f"{head}{imports}\n\n{written}\n\n{layers}\n{_TAIL}"


def _layers() -> tuple[str, str]:
    """The imports of the layers, and what comes after them."""
    text = _LAYERS.read_text()
    rows = text.splitlines()
    found = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    imports = [node for node in found if getattr(node, "module", "") != "__future__"]
    first, last = imports[0].lineno - 1, imports[-1].end_lineno or 0
    return "\n".join(rows[first:last]), "\n".join(rows[last:]).strip()
