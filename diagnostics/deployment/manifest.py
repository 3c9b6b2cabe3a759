"""What belongs to an exported model: classes, rate, unit, window, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from diagnostics.errors import DeploymentError

FORMAT = "rotorscope-model"
VERSION = 1
# The name of the entry in the metadata of the ONNX file.
ENTRY = "rotorscope"
INPUT, OUTPUT = "windows", "scores"
# What classifiers on features take in place of windows, and what heads beside the class say.
ROWS, ESTIMATES = "features", "estimates"


@dataclass(frozen=True)
class ExportedHead:
    """What a network estimates beside the class: a column of the output ``estimates``.

    What comes out of the graph times ``deviation``, plus ``mean``, is in the unit; it is held
    between ``low`` and ``high`` (None for no bound).
    """

    name: str
    unit: str
    mean: float
    deviation: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FeatureColumns:
    """What is computed of a window for a classifier on features: a row for its graph.

    Parameters
    ----------
    keys : tuple of str
        Features with their versions, such as ``rms@1``, in the order of the columns. Basic ones
        are computed of each channel, one channel after the other.
    of_set : bool
        Whether they are columns of a feature set, of the catalogue; else they are basic ones.
    channels : tuple of int
        Positions that the channels had in the recordings of the training.
    normaliser : dict
        What is done to samples first: ``kind``, and by channel ``mean`` and ``deviation``.
    band_hz : (float, float) or None
        Where the envelope is taken; None by the sampling rate.
    median, mean, deviation : tuple of float
        Of columns of a set: what stands for a number that is not known, then by what a column is
        scaled. Empty for basic features.
    """

    keys: tuple[str, ...]
    of_set: bool
    channels: tuple[int, ...]
    normaliser: dict[str, Any]
    band_hz: tuple[float, float] | None = None
    median: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Columns of a row."""
        return len(self.keys) * (1 if self.of_set else len(self.channels))


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
        Done inside the graph of a network: it takes windows as they were measured. For a
        classifier on features it is done before these, as ``features`` says.
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
    heads : tuple of ExportedHead
        What the graph estimates beside the class, in the order of its columns.
    features : FeatureColumns or None
        What a classifier on features takes in place of windows; None for a network.
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
    heads: tuple[ExportedHead, ...] = ()
    features: FeatureColumns | None = None

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
            columns = made.features
            return Manifest(
                **{
                    **{one.name: getattr(made, one.name) for one in fields(made)},
                    "class_names": tuple(str(name) for name in made.class_names),
                    "units": tuple(str(unit) for unit in made.units),
                    "window": int(made.window),
                    "channels": int(made.channels),
                    "sample_rate_hz": float(made.sample_rate_hz),
                    "temperature": float(made.temperature),
                    "heads": tuple(ExportedHead(**one) for one in rest.get("heads", ())),
                    "features": None if columns is None else _columns(rest["features"]),
                }
            )
        except (TypeError, ValueError) as error:
            raise DeploymentError("The manifest of the model is incomplete.") from error


def _columns(given: Mapping[str, Any]) -> FeatureColumns:
    """Lists of JSON as tuples."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    return FeatureColumns(**values)
