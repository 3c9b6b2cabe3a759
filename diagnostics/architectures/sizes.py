"""How many numbers a network of an architecture learns, counted without building it."""

from __future__ import annotations

from diagnostics.architectures.architecture import Architecture, Kind, Operation, Stage

# As in the layers; a test holds them together.
_REDUCTION, _NARROWEST = 4, 8


def parameter_count(architecture: Architecture, channels: int, classes: int) -> int:
    """Weights and biases, for that many channels and classes.

    Examples
    --------
    >>> from diagnostics.architectures.architecture import read_architecture
    >>> line = "stem k7 s8 w8 > conv3 w8 > separable3 w8 > conv3+skip w8 se"
    >>> parameter_count(read_architecture(line), channels=1, classes=4)
    772
    """
    stem = architecture.stem
    total = channels * stem.width * stem.kernel + 2 * stem.width
    inputs = stem.width
    for stage in architecture.stages:
        total += _of_stage(stage, inputs)
        inputs = stage.width
    return total + inputs * classes + classes


def _of_stage(stage: Stage, inputs: int) -> int:
    width = stage.width
    total = sum(_of_operation(one, inputs, width) for one in stage.operations)
    if stage.skip and inputs != width:
        total += inputs * width + 2 * width
    if stage.squeeze_excite:
        narrow = max(_NARROWEST, width // _REDUCTION)
        total += 2 * width * narrow + narrow + width
    return total


def _of_operation(operation: Operation, inputs: int, width: int) -> int:
    if operation.kind is Kind.SEPARABLE:
        return inputs * operation.kernel + inputs * width + 2 * width
    return inputs * width * operation.kernel + 2 * width
