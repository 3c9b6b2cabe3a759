"""Files of tensors and plain values: whole or not there, and read without running anything."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch

from diagnostics.errors import TrainingError


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write under another name first: a reader, or a crash, never meets half a file.

    Parameters
    ----------
    state : dict
        Of tensors, numbers, texts, lists and dicts of them.
    path : Path
        Its folder is made when it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """What :func:`save_checkpoint` wrote. Anything but tensors and plain values is refused.

    Raises
    ------
    TrainingError
        If the file is broken or holds something else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise TrainingError("The checkpoint is broken or holds more than weights.") from error
    if not isinstance(state, dict):
        raise TrainingError("The checkpoint holds something else than a training state.")
    return state
