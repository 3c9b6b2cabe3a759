"""What an ONNX file holds: how many numbers, and how many of them are zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LEAST = 16


@dataclass(frozen=True)
class Contents:
    """``numbers`` in all arrays of the file; ``sparsity`` is the share of zeros in its weights.

    Weights are the arrays of two axes or more: a bias of zero is no saved work.
    """

    numbers: int
    sparsity: float


def contents_of(content: bytes) -> Contents:
    """Count what is stored in an ONNX file."""
    import onnx
    from onnx import numpy_helper

    numbers = weights = zeros = 0
    for tensor in onnx.load_from_string(content).graph.initializer:
        array = np.asarray(numpy_helper.to_array(tensor))
        numbers += array.size
        if array.ndim >= 2 and array.size >= _LEAST:
            weights += array.size
            zeros += int((array == 0).sum())
    return Contents(numbers, zeros / weights if weights else 0.0)
