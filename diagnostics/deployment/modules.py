"""Smaller numbers for a network that stays a torch module: for trying, not for serving.

What is served comes from :mod:`diagnostics.deployment.quantise`, and is run by ONNX Runtime.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from diagnostics.deployment.latency import Timing, time_calls
from diagnostics.errors import DeploymentError


def dynamic_int8(module: nn.Module) -> nn.Module:
    """A copy whose linear and recurrent layers have weights in eight bits.

    Convolutions stay as they are: torch has no dynamic quantisation of them, so that a network
    of convolutions hardly changes.
    """
    from torch.ao.quantization import quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move to another package
        made: nn.Module = quantize_dynamic(  # type: ignore[no-untyped-call]
            copy.deepcopy(module).eval(), {nn.Linear, nn.LSTM, nn.GRU}, dtype=torch.qint8
        )
    return made


def static_int8(module: nn.Module, calibration: Iterable[Tensor]) -> nn.Module:
    """A graph with weights and activations in eight bits (PT2E), calibrated on real windows.

    Parameters
    ----------
    module : nn.Module
        Stays as it is.
    calibration : iterable of Tensor of shape (batch, channels, samples)
        Prepared as the module takes them. The graph takes this length only.

    Raises
    ------
    DeploymentError
        If there are no windows.
    """
    batches = [batch.float() for batch in calibration]
    if not batches:
        raise DeploymentError("Static quantisation needs windows to calibrate on.")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        from torch.export import Dim
        from torchao.quantization.pt2e import move_exported_model_to_eval
        from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
        from torchao.quantization.pt2e.quantizer.x86_inductor_quantizer import (
            X86InductorQuantizer,
            get_default_x86_inductor_quantization_config,
        )

        example = batches[0]
        if len(example) == 1:  # a size of 1 would be taken for a constant
            example = example.repeat(2, 1, 1)
        graph: Any = torch.export.export(
            copy.deepcopy(module).eval(), (example,), dynamic_shapes=({0: Dim.DYNAMIC},)
        ).module()
        quantiser = X86InductorQuantizer()
        quantiser.set_global(get_default_x86_inductor_quantization_config())
        graph = prepare_pt2e(graph, quantiser)
        for batch in batches:
            graph(batch)
        made: nn.Module = convert_pt2e(graph)
        move_exported_model_to_eval(made)
    return made


def half(module: nn.Module) -> nn.Module:
    """A copy in half precision; it takes windows in half precision."""
    return copy.deepcopy(module).eval().half()


def benchmark(module: nn.Module, input_shape: tuple[int, ...], runs: int) -> Timing:
    """Time a module on a sine of the given shape, in evaluation mode.

    Parameters
    ----------
    module : nn.Module
    input_shape : tuple of int
        (batch, channels, samples).
    runs : int
        After 10 that are not counted.

    Raises
    ------
    DeploymentError
        If there is nothing to time, or the module takes no such input.
    """
    if runs < 1 or len(input_shape) == 0 or min(input_shape) < 1:
        raise DeploymentError(
            f"A timing needs one run or more of an input that is not empty, got {runs} runs of "
            f"the shape {tuple(input_shape)}."
        )
    kind = next((one.dtype for one in module.parameters()), torch.float32)
    count = int(torch.Size(input_shape).numel())
    given = torch.arange(count).div(7).sin().reshape(input_shape).to(kind)
    call: Callable[[], object] = lambda: module(given)  # noqa: E731
    with torch.inference_mode():
        try:
            call()
        except RuntimeError as error:
            raise DeploymentError(
                f"The network does not take an input of the shape {tuple(input_shape)}."
            ) from error
        return time_calls(call, input_shape[0], torch.get_num_threads(), runs, float("inf"))
