"""Ask the model beside this file: python predict.py samples.npy

Needs numpy and onnxruntime. The file holds samples at the rate and in the unit of
manifest.json: a .npy array of the shape (samples,) or (channels, samples), or a .csv file with
one row per sample and one column per channel. Prints JSON.

A model that learned of a feature set ("of_set" in manifest.json) takes a table of its features
instead: python predict.py features.csv, with a row for each window. The first row has the keys
of the columns ("keys" in manifest.json) in any order; others may stand beside them, and an empty
cell is a number that is not known. A .npy array of the shape (windows, columns) has them in the
order of the manifest.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
AT_ONCE = 32


def predict(given: Any, folder: Path = HERE) -> dict[str, Any]:
    """Class probabilities of the windows of samples, and their vote, as plain values."""
    manifest = manifest_in(folder)
    content = (folder / "model.onnx").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise SystemExit("model.onnx is not the file that manifest.json belongs to.")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rows = prepared(given, manifest)
    heads = manifest.get("heads") or []
    outputs = ["scores", "estimates"] if heads else ["scores"]
    taken = session.get_inputs()[0].name
    parts = [
        session.run(outputs, {taken: rows[first : first + AT_ONCE]})
        for first in range(0, len(rows), AT_ONCE)
    ]
    scores = np.concatenate([part[0] for part in parts]).astype(np.float64)
    scores /= manifest["temperature"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = (raised / raised.sum(axis=1, keepdims=True)).mean(axis=0)
    estimates = []
    for place, head in enumerate(heads):
        raw = np.concatenate([part[1][:, place] for part in parts]).astype(np.float64)
        values = np.clip(raw * head["deviation"] + head["mean"], head["low"], head["high"])
        mean = float(values.mean())
        estimates.append({"name": head["name"], "unit": head["unit"], "value": mean})
    return {
        "predicted": manifest["class_names"][int(shares.argmax())],
        "classes": dict(zip(manifest["class_names"], shares.tolist(), strict=True)),
        "windows": len(rows),
        "estimates": estimates,
    }


def manifest_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def prepared(given: Any, manifest: dict[str, Any]) -> Any:
    """What the model takes: windows, or rows of features."""
    features = manifest.get("features")
    if features is None:
        return cut(np.asarray(given, dtype=np.float32), manifest)
    if not features["of_set"]:
        windows = normalised(cut(np.asarray(given, dtype=np.float32), manifest), features)
        return basic_features(windows, manifest["sample_rate_hz"])
    values = np.asarray(given, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(features["keys"]) or len(values) == 0:
        shape = f"(windows, {len(features['keys'])})"
        raise SystemExit(f"Expected features of the shape {shape}, got {values.shape}.")
    filled = np.where(np.isfinite(values), values, np.array(features["median"]))
    return (filled - np.array(features["mean"])) / np.array(features["deviation"])


def cut(samples: Any, manifest: dict[str, Any]) -> Any:
    """Windows side by side, of shape (windows, channels, samples)."""
    channels, window = manifest["channels"], manifest["window"]
    given = samples[None] if samples.ndim == 1 else samples
    if given.ndim != 2 or given.shape[0] != channels:
        raise SystemExit(f"Expected the shape ({channels}, samples), got {samples.shape}.")
    count = given.shape[1] // window
    if count == 0:
        raise SystemExit(f"A window has {window} samples, got {given.shape[1]}.")
    used = given[:, : count * window]
    if not np.isfinite(used).all():
        raise SystemExit("Some samples are not finite numbers.")
    return np.ascontiguousarray(used.reshape(channels, count, window).swapaxes(0, 1))


def normalised(windows: Any, features: dict[str, Any]) -> Any:
    """Windows on the scale of the training, in single precision as there."""
    how = features["normaliser"]
    if how["kind"] == "training":
        mean, deviation = (
            np.array(how[name], dtype=np.float32)[:, None] for name in ("mean", "deviation")
        )
        return (windows - mean) / deviation
    centred = (windows - windows.mean(axis=-1, keepdims=True, dtype=np.float64)).astype(np.float32)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True, dtype=np.float64))
    spread[spread == 0] = 1.0
    return centred / spread.astype(np.float32)


def basic_features(windows: Any, sample_rate_hz: float) -> Any:
    """RMS, kurtosis, skewness, peak, mean, deviation, dominant frequency, spectral centroid: of
    each channel, one channel after the other.
    """
    samples = windows.astype(np.float64)
    mean = samples.mean(axis=-1)
    off = samples - mean[..., None]
    squares = off * off
    deviation = np.sqrt(squares.mean(axis=-1))
    size = np.abs(samples).max(axis=-1)
    # A constant window keeps a rest of the rounding of its mean.
    varies = deviation > 1e-12 * size
    below = np.where(varies, deviation, 1.0)
    columns = [
        np.sqrt(np.mean(samples**2, axis=-1)),
        np.where(varies, (squares * squares).mean(axis=-1) / below**4, 0.0),
        np.where(varies, (squares * off).mean(axis=-1) / below**3, 0.0),
        size,
        mean,
        samples.std(axis=-1),
        *spectral_features(off, np.ptp(samples, axis=-1) > 0, sample_rate_hz),
    ]
    return np.ascontiguousarray(np.stack(columns, axis=-1).reshape(len(windows), -1))


def spectral_features(off: Any, vibrates: Any, sample_rate_hz: float) -> list[Any]:
    """Frequency of the highest line of the spectrum (Hann), and its mean weighted by power."""
    count = off.shape[-1]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(count) / count)
    lines = np.abs(np.fft.rfft(off * hann, axis=-1))
    # All lines but these have a mirror image.
    lines[..., 0] /= 2
    if count % 2 == 0:
        lines[..., -1] /= 2
    frequencies = np.arange(lines.shape[-1]) * (sample_rate_hz / count)
    power = lines**2
    total = np.where(vibrates, power.sum(axis=-1), 1.0)
    highest = frequencies[lines.argmax(axis=-1)]
    return [np.where(vibrates, found, 0.0) for found in (highest, power @ frequencies / total)]


def read(path: Path, manifest: dict[str, Any]) -> Any:
    """Samples of shape (samples,) or (channels, samples); or a table of features."""
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    features = manifest.get("features")
    if features is not None and features["of_set"]:
        return read_table(path, features["keys"])
    return np.loadtxt(path, delimiter=",", ndmin=2).T


def read_table(path: Path, keys: list[str]) -> Any:
    """The columns of the model in its order, NaN for an empty cell."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    lacking = [key for key in keys if not rows or key not in rows[0]]
    if lacking:
        raise SystemExit(f"The table has no rows, or lacks the columns {', '.join(lacking)}.")
    return np.array([[float(row[key] or "nan") for key in keys] for row in rows])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    answer = predict(read(Path(sys.argv[1]), manifest_in(HERE)))
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
