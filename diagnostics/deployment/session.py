"""Run an exported model with ONNX Runtime: numbers in, probabilities out, no torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.manifest import ENTRY, INPUT, OUTPUT, Manifest
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

    def scores(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network says before the softmax.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)
            As they were measured, at the rate and in the unit of the manifest.

        Returns
        -------
        array of shape (windows, classes)

        Raises
        ------
        DeploymentError
            If the runtime cannot compute it.
        """
        try:
            found: NDArray[np.float32] = self.session.run([OUTPUT], {INPUT: windows})[0]
        except _errors() as error:
            raise DeploymentError(
                f"The model cannot take windows of the shape {windows.shape}."
            ) from error
        return found

    def probabilities(self, windows: NDArray[np.float32]) -> Floats:
        """Class probabilities of windows, calibrated where the manifest has a temperature.

        Shapes as in :meth:`scores`; rows sum to 1.
        """
        parts = [
            self.scores(np.ascontiguousarray(windows[first : first + AT_ONCE], dtype=np.float32))
            for first in range(0, len(windows), AT_ONCE)
        ]
        return softmax(np.concatenate(parts), self.manifest.temperature)


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
    if [one.name for one in session.get_inputs()] != [INPUT]:
        raise DeploymentError("The model takes something else than windows.")
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
