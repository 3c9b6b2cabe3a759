"""Ask the model beside this file about samples: python predict.py samples.npy

Needs numpy and onnxruntime. The file holds samples at the rate and in the unit of
manifest.json: a .npy array of the shape (samples,) or (channels, samples), or a .csv file with
one row per sample and one column per channel. Prints JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
AT_ONCE = 32


def predict(samples: Any, folder: Path = HERE) -> dict[str, Any]:
    """Class probabilities of the windows of samples, and their vote, as plain values."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    content = (folder / "model.onnx").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise SystemExit("model.onnx is not the file that manifest.json belongs to.")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    windows = cut(np.asarray(samples, dtype=np.float32), manifest)
    scores = np.concatenate(
        [
            session.run(["scores"], {"windows": windows[first : first + AT_ONCE]})[0]
            for first in range(0, len(windows), AT_ONCE)
        ]
    ).astype(np.float64)
    scores /= manifest["temperature"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = (raised / raised.sum(axis=1, keepdims=True)).mean(axis=0)
    return {
        "predicted": manifest["class_names"][int(shares.argmax())],
        "classes": dict(zip(manifest["class_names"], shares.tolist(), strict=True)),
        "windows": len(windows),
    }


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


def read(path: Path) -> Any:
    """Samples of shape (samples,) or (channels, samples)."""
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    return np.loadtxt(path, delimiter=",", ndmin=2).T


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.stdout.write(json.dumps(predict(read(Path(sys.argv[1]))), ensure_ascii=False) + "\n")
