"""Smaller numbers for an exported model, by ONNX Runtime's own tools.

What it brings depends on the processor: eight-bit convolutions can be many times slower than
those in full precision, and half precision is computed in single where the processor has no
half. So no variant is called faster before it was timed.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.export import PREPARING, SCOPES
from diagnostics.deployment.manifest import INPUT
from diagnostics.errors import DeploymentError

_AT_ONCE = 8


def to_fp16(content: bytes) -> bytes:
    """Weights and computing in half precision; input, output and normalisation stay as they are."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = onnx.load_from_string(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that become 0
        made = convert_float_to_float16(
            model, keep_io_types=True, node_block_list=preparing_nodes(model)
        )
    _drop_doubled(made)
    return _bytes(made)


def to_dynamic_int8(content: bytes) -> bytes:
    """Weights in eight bits; activations are turned at run time, by their range in each call.

    Only matrix products are turned: convolutions that work so are slow everywhere.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    def run(source: Path, target: Path, skipped: list[str]) -> None:
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            # Seven bits, as below.
            reduce_range=True,
            nodes_to_exclude=skipped,
            op_types_to_quantize=["MatMul", "Gemm"],
        )

    return _through_files(content, run)


def to_static_int8(content: bytes, calibration: NDArray[np.float32]) -> bytes:
    """Weights and activations in eight bits, per channel, their ranges from real windows.

    Parameters
    ----------
    content : bytes
        Of a model in full precision.
    calibration : array of shape (windows, channels, samples)
        Of the training part, as they were measured.

    Raises
    ------
    DeploymentError
        If there are no windows.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    if len(calibration) == 0:
        raise DeploymentError("Static quantisation needs windows of the training part.")

    def run(source: Path, target: Path, skipped: list[str]) -> None:
        quantize_static(
            _prepared(source),
            target,
            _reader(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            # Seven bits: processors without VNNI add two products in 16 bits, and run over.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=skipped,
        )

    return _through_files(content, run)


def preparing_nodes(model: Any) -> list[str]:
    """Names of the nodes that normalise a window: their precision decides about small signals."""
    found = []
    for node in model.graph.node:
        scopes = next((one.value for one in node.metadata_props if one.key == SCOPES), "")
        if f"'{PREPARING}'" in scopes:
            found.append(node.name)
    return found


def _drop_doubled(model: Any) -> None:
    """The converter casts some values twice under one name, which the runtime refuses."""
    known: set[str] = set()
    kept = []
    for node in model.graph.node:
        if node.op_type != "Cast" or node.output[0] not in known:
            kept.append(node)
        known.add(node.output[0])
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _prepared(source: Path) -> Path:
    """With its constants folded and the shapes written that the tools look for."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = source.with_name("prepared.onnx")
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    return prepared


def _reader(windows: NDArray[np.float32]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Windows(CalibrationDataReader):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            self._rest: Iterator[int] = iter(range(0, len(windows), _AT_ONCE))

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            first = next(self._rest, None)
            return None if first is None else {INPUT: windows[first : first + _AT_ONCE]}

    return Windows()


def _through_files(content: bytes, run: Any) -> bytes:
    """The tools work from file to file."""
    import logging

    import onnx

    root = logging.getLogger()
    level = root.level
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source, target = Path(folder) / "source.onnx", Path(folder) / "target.onnx"
        model = onnx.load_from_string(content)
        # The tools transpose weights, and trip over shapes that were written down before.
        del model.graph.value_info[:]
        onnx.save(model, source)
        root.setLevel(logging.ERROR)  # they advise by the root logger
        try:
            run(source, target, preparing_nodes(model))
        finally:
            root.setLevel(level)
        made = onnx.load(target)
    kept = {one.key: one.value for one in model.metadata_props}
    onnx.helper.set_model_props(made, kept)
    return _bytes(made)


def _bytes(model: Any) -> bytes:
    made: bytes = model.SerializeToString()
    return made
