"""Files as other programs write them, made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import savemat

COUNT = 400


def waves(count: int = COUNT) -> dict[str, np.ndarray]:
    time = np.arange(count) / 1000
    return {"one": np.sin(300 * time), "two": np.cos(170 * time) + 0.1 * np.sin(7 * time)}


def write(path: Path, values: dict[str, np.ndarray]) -> Path:
    """The arrays in the format that the ending names."""
    if path.suffix == ".mat":
        savemat(path, values, do_compression=True)
    elif path.suffix == ".npz":
        np.savez_compressed(path, **values)
    elif path.suffix == ".npy":
        np.save(path, np.stack(list(values.values())))
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        rows = np.stack(list(values.values()), axis=1)
        np.savetxt(path, rows, delimiter=separator, header=separator.join(values), comments="")
    return path
