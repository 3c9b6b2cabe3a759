"""What belongs to an exported model: classes, rate, unit, window, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from diagnostics.errors import DeploymentError

FORMAT = "rotorscope-model"
VERSION = 1
# The name of the entry in the metadata of the ONNX file.
ENTRY = "rotorscope"
INPUT, OUTPUT = "windows", "scores"


@dataclass(frozen=True)
class Manifest:
    """Stands inside the ONNX file, so that neither is ever used without the other.

    Parameters
    ----------
    variant : str
        How it was made, such as ``fp32`` or ``int8_static``.
    classifier : str
        Name in the registry.
    class_names : tuple of str
        In the order of the scores.
    units : tuple of str
        Of each channel, as in the training; empty if the recordings there had several.
    window : int
        Samples in a window.
    sample_rate_hz : float
    normalisation : str
        Done inside the graph: it takes windows as they were measured.
    temperature : float
        Scores are divided by it before the softmax; 1 leaves them as they are.
    experiment_id : int
    checkpoint_hash, data_hash : str
        Of the weights and of the version of the data set that it comes from.
    opset : int
    any_length : bool
        Whether the graph takes windows of other lengths than ``window``.
    tuned_epochs : int
        How long it learned on after it was pruned.
    """

    variant: str
    classifier: str
    class_names: tuple[str, ...]
    units: tuple[str, ...]
    channels: int
    window: int
    sample_rate_hz: float
    normalisation: str
    temperature: float
    experiment_id: int
    checkpoint_hash: str
    data_hash: str
    opset: int
    any_length: bool = True
    tuned_epochs: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, **json.loads(json.dumps(asdict(self)))}

    @staticmethod
    def from_dict(given: Mapping[str, Any]) -> Manifest:
        """The manifest in plain values.

        Raises
        ------
        DeploymentError
            If it is of something else, or of a version that is not known here.
        """
        rest = dict(given)
        if rest.pop("format", None) != FORMAT:
            raise DeploymentError("The file is no model that this application exported.")
        if rest.pop("version", None) != VERSION:
            raise DeploymentError("The model was exported by another version. Export it again.")
        try:
            made = Manifest(**rest)
            return Manifest(
                **{
                    **asdict(made),
                    "class_names": tuple(str(name) for name in made.class_names),
                    "units": tuple(str(unit) for unit in made.units),
                    "window": int(made.window),
                    "channels": int(made.channels),
                    "sample_rate_hz": float(made.sample_rate_hz),
                    "temperature": float(made.temperature),
                }
            )
        except (TypeError, ValueError) as error:
            raise DeploymentError("The manifest of the model is incomplete.") from error
