"""The file of a fitted detector: a zip of JSON and arrays of numbers.

Nothing in it is run when it is read. It does not prove where it comes from: whoever keeps it
keeps its digest.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.algorithm import State
from diagnostics.detectors.tail import Tail, check_tail
from diagnostics.errors import DetectionError

FORMAT = 1
MOST_BYTES = 1 << 30
_TAIL = ("start", "scale", "shape", "beyond")
_NUMBERS = "iufb"


def pack(about: dict[str, Any], tail: Tail, state: State) -> bytes:
    """See :meth:`diagnostics.detectors.detector.FittedDetector.to_bytes`."""
    whole = {
        "format": FORMAT,
        "about": about,
        "tail": _numbers(tail),
        "settings": state.settings,
    }
    arrays = {f"model/{name}": array for name, array in state.arrays.items()}
    text = np.frombuffer(json.dumps(whole, allow_nan=False).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, about=text, quantiles=tail.quantiles, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _numbers(tail: Tail) -> dict[str, float]:
    """What JSON can hold: where digits begin nowhere, nothing is said of it."""
    told = {name: getattr(tail, name) for name in _TAIL}
    return told if np.isinf(tail.digits_from) else {**told, "digits_from": tail.digits_from}


def unpack(content: bytes) -> tuple[dict[str, Any], Tail, State]:
    """What :func:`pack` was given.

    Raises
    ------
    DetectionError
        If the content is damaged, too large, or something else.
    """
    try:
        arrays = _arrays(content)
        whole = json.loads(arrays.pop("about").tobytes())
        if whole["format"] != FORMAT:
            raise DetectionError("The stored detector is of another version. Fit it again.")
        numbers = {name: float(whole["tail"][name]) for name in _TAIL}
        numbers["digits_from"] = float(whole["tail"].get("digits_from", np.inf))
        tail = check_tail(Tail(arrays.pop("quantiles"), **numbers))
        parts = {name.removeprefix("model/"): array for name, array in arrays.items()}
        return whole["about"], tail, State(whole["settings"], parts)
    except (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise DetectionError("The stored detector is damaged.") from error


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        # Asked before anything is unpacked: a small file can hold terabytes of zeros.
        if sum(member.file_size for member in file.infolist()) > MOST_BYTES:
            raise DetectionError("The stored detector is too large.")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        found = {str(name): file[name] for name in file.files}
    if any(array.dtype.kind not in _NUMBERS for array in found.values()):
        raise DetectionError("The stored detector is damaged.")
    return found
