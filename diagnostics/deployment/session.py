"""Run an exported model with ONNX Runtime: numbers in, probabilities out, no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.feature_rows import check_features, rows_of
from diagnostics.deployment.manifest import (
    ENTRY,
    ESTIMATES,
    INPUT,
    OUTPUT,
    ROWS,
    ExportedHead,
    Manifest,
)
from diagnostics.errors import DeploymentError

Floats = NDArray[np.float64]
# Windows at once, so that a long recording takes time and no memory.
AT_ONCE = 32
_QUIET = 3


@dataclass(frozen=True)
class DeployedModel:
    """An open model. Several threads may ask it at the same time."""

    manifest: Manifest
    session: Any

    def scores(self, windows: NDArray[np.float32]) -> NDArray[Any]:
        """What the model says before the softmax.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)
            As they were measured, at the rate and in the unit of the manifest. Features are
            computed of them where the manifest says so.

        Returns
        -------
        array of shape (windows, classes)
            Minus infinity for a class that a classifier on features does not know.

        Raises
        ------
        DeploymentError
            If the runtime cannot compute it.
        """
        return self.run(windows)[0]

    def probabilities(self, windows: NDArray[np.float32]) -> Floats:
        """Class probabilities of windows, calibrated where the manifest has a temperature.

        Shapes as in :meth:`scores`; rows sum to 1.
        """
        return self.answer(windows)[0]

    def answer(self, windows: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Class probabilities, and what the heads of the manifest estimate, in their units.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)

        Returns
        -------
        two arrays, of shape (windows, classes) and (windows, heads)
        """
        parts = [
            self.run(np.ascontiguousarray(windows[first : first + AT_ONCE], np.float32))
            for first in range(0, len(windows), AT_ONCE)
        ]
        scores, raw = (np.concatenate(part) for part in zip(*parts, strict=True))
        return softmax(scores, self.manifest.temperature), in_units(self.manifest.heads, raw)

    def run(self, windows: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Scores as in :meth:`scores`, and what heads say before it is brought to their units.

        Raises
        ------
        DeploymentError
            If the runtime cannot compute it.
        """
        if self.manifest.features is None:
            given: dict[str, Any] = {INPUT: windows}
        else:
            given = {ROWS: rows_of(self.manifest, windows)}
        wanted = [OUTPUT, ESTIMATES] if self.manifest.heads else [OUTPUT]
        try:
            found: list[NDArray[Any]] = self.session.run(wanted, given)
        except _errors() as error:
            raise DeploymentError(
                f"The model cannot take windows of the shape {windows.shape}."
            ) from error
        return found[0], found[1] if self.manifest.heads else np.zeros((len(windows), 0))


def in_units(heads: Sequence[ExportedHead], raw: NDArray[Any]) -> Floats:
    """What heads say, in the units of their quantities and held where these can lie.

    Examples
    --------
    >>> in_units([ExportedHead("severity", "", 0.5, 0.2, 0.0, 1.0)], np.array([[-1.0], [9.0]]))
    array([[0.3],
           [1. ]])
    """
    if not heads:
        return np.zeros((len(raw), 0))
    columns = [
        np.clip(raw[:, place].astype(np.float64) * one.deviation + one.mean, one.low, one.high)
        for place, one in enumerate(heads)
    ]
    return np.stack(columns, axis=1)


def softmax(scores: NDArray[Any], temperature: float = 1.0) -> Floats:
    """Probabilities from scores of shape (windows, classes), in double precision.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    scaled = scores.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=1, keepdims=True)
    return probabilities


def open_model(content: bytes, sha256: str | None = None, threads: int = 1) -> DeployedModel:
    """The model in an ONNX file that was exported here.

    Parameters
    ----------
    content : bytes
    sha256 : str, optional
        What the file must have; anything else is refused before it is read.
    threads : int
        Of the runtime; 0 uses all cores.

    Raises
    ------
    DeploymentError
        If the file is another one than was kept, is broken, or was not exported here.
    """
    import onnxruntime as ort

    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DeploymentError(
            "The file of the model has changed since it was exported, so it is not used."
            " Export it again."
        )
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    try:
        session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except _errors() as error:
        raise DeploymentError("The file is broken, or no ONNX model.") from error
    manifest = _manifest(session)
    if [one.name for one in session.get_inputs()] != [ROWS if manifest.features else INPUT]:
        raise DeploymentError("The model takes something else than windows.")
    if manifest.features is not None:
        check_features(manifest.features)
    return DeployedModel(manifest, session)


def _errors() -> tuple[type[Exception], ...]:
    """What the runtime raises: its errors have no common ancestor but ``Exception``."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [one for one in vars(state).values() if isinstance(one, type)]
    return (*(one for one in own if issubclass(one, Exception)), RuntimeError, ValueError)


def _manifest(session: Any) -> Manifest:
    text = session.get_modelmeta().custom_metadata_map.get(ENTRY, "{}")
    try:
        given = json.loads(text)
    except ValueError as error:
        raise DeploymentError("The manifest of the model cannot be read.") from error
    return Manifest.from_dict(given if isinstance(given, dict) else {})
