"""From a trained network to an ONNX file that takes windows as they were measured.

The time axis is exported with ``Dim.DYNAMIC``: torch 2.13's exporter fixes an axis without an
error when it is given a named ``Dim`` with bounds. Whether an axis stayed open is looked up in
what was made, and tried by running it (:mod:`diagnostics.deployment.agreement`).
"""

from __future__ import annotations

import json
import logging
import math
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from diagnostics.deployment.manifest import (
    ENTRY,
    ESTIMATES,
    INPUT,
    OUTPUT,
    ExportedHead,
    Manifest,
)
from diagnostics.errors import DeploymentError
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import Network
from diagnostics.training.config import Normalisation
from diagnostics.training.normalisation import Normaliser

if TYPE_CHECKING:
    import onnx

OPSET = 18
"""The lowest that the exporter makes without converting."""
# The exporter writes the path of modules to each node; this part stays in full precision.
PREPARING = "prepare"
SCOPES = "pkg.torch.onnx.name_scopes"
IDLE = "noop_with_empty_axes"


class Prepare(nn.Module):
    """What :meth:`Normaliser.apply` does, as a part of the graph."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, normaliser: Normaliser) -> None:
        super().__init__()
        self.by_window = normaliser.kind is Normalisation.WINDOW
        self.register_buffer("mean", torch.from_numpy(_column(normaliser.mean)))
        self.register_buffer("deviation", torch.from_numpy(_column(normaliser.deviation)))

    def forward(self, windows: Tensor) -> Tensor:
        if not self.by_window:
            return (windows - self.mean) / self.deviation
        wide = windows.double()
        centred = (wide - wide.mean(dim=-1, keepdim=True)).float()
        spread = centred.double().square().mean(dim=-1, keepdim=True).sqrt().float()
        return centred / torch.where(spread == 0, torch.ones_like(spread), spread)


class Measured(nn.Module):
    """Windows as they were measured in, scores out."""

    def __init__(self, network: nn.Module, normaliser: Normaliser) -> None:
        super().__init__()
        self.prepare = Prepare(normaliser)
        self.network = network

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.network(self.prepare(windows))
        return scores


class Estimating(nn.Module):
    """As :class:`Measured`, with what some heads estimate beside the class, on their own scale."""

    def __init__(self, network: Network, normaliser: Normaliser, places: Sequence[int]) -> None:
        super().__init__()
        self.prepare = Prepare(normaliser)
        self.network = network
        self.places = tuple(places)

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        scores, estimates = self.network.answer(self.prepare(windows))
        return scores, torch.cat([estimates[:, n : n + 1] for n in self.places], dim=1)


def heads_of(fitted: FittedNetwork) -> tuple[ExportedHead, ...]:
    """What a network estimates beside the class; a head that was not trained says nothing."""
    return tuple(
        ExportedHead(
            scale.name,
            scale.head.unit,
            scale.mean,
            scale.deviation,
            *(end if math.isfinite(end) else None for end in (scale.head.low, scale.head.high)),
        )
        for scale in fitted.about.heads
        if not scale.off
    )


def export_network(fitted: FittedNetwork, manifest: Manifest) -> bytes:
    """The ONNX file of a trained network, with its normalisation and its manifest inside.

    Parameters
    ----------
    fitted : FittedNetwork
        Stays as it is.
    manifest : Manifest
        With the heads that shall be in the file.

    Returns
    -------
    bytes
        Batch and time are free, unless the exporter fixed them: ask :func:`frozen_axes`. The
        output ``estimates`` has a column for each head of the manifest; without heads there is
        none.

    Raises
    ------
    DeploymentError
        If the exporter cannot read the network.
    """
    about = fitted.about
    shape = (2, len(about.channels), about.window)
    if manifest.heads:
        names = [scale.name for scale in about.heads]
        places = [names.index(head.name) for head in manifest.heads]
        both = Estimating(fitted.network, about.normaliser, places).eval()
        made = to_onnx(both, shape, opset=manifest.opset, outputs=(OUTPUT, ESTIMATES))
    else:
        plain = Measured(fitted.network, about.normaliser).eval()
        made = to_onnx(plain, shape, opset=manifest.opset)
    return with_manifest(made, manifest)


def to_onnx(
    module: nn.Module,
    shape: tuple[int, ...],
    *,
    opset: int = OPSET,
    optimise: bool = True,
    dynamic: bool = True,
    outputs: Sequence[str] = (OUTPUT,),
) -> bytes:
    """Any module that takes one tensor, as ONNX.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode.
    shape : tuple of int
        Of an example; (batch, channels, samples) for windows.
    opset : int
        Of the standard operators. Below 18 what the exporter makes is converted.
    optimise : bool
        Fold what is constant.
    dynamic : bool
        Leave the first and the last axis open.
    outputs : sequence of str
        Names of what the module gives.

    Raises
    ------
    DeploymentError
        If the exporter cannot read the module, or there is no such version of the operators.
    """
    import onnx
    from torch.export import Dim
    from torch.onnx import OnnxExporterError

    free: Any = ({0: Dim.DYNAMIC, len(shape) - 1: Dim.DYNAMIC},) if dynamic else None
    # A size of 1 would be taken for a constant; from a length that divides by 16 the exporter
    # makes an inequality that it cannot solve.
    example = torch.zeros((max(2, shape[0]), *shape[1:-1], shape[-1] | 1) if dynamic else shape)
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")  # deprecations inside torch
            program = torch.onnx.export(
                module,
                (example,),
                input_names=[INPUT],
                output_names=list(outputs),
                dynamo=True,
                opset_version=max(opset, OPSET),
                dynamic_shapes=free,
                optimize=optimise,
                verbose=False,
            )
            if program is None:
                raise DeploymentError("The exporter gave no model.")
            path = Path(folder) / "model.onnx"
            program.save(path)
            model = onnx.load_from_string(path.read_bytes())
            return _without_traces(_of_version(model, opset))
    except (OnnxExporterError, RuntimeError, ValueError) as error:
        raise DeploymentError(
            f"The exporter cannot read this network: {str(error).splitlines()[0]}"
        ) from error
    finally:
        logger.setLevel(level)


def _of_version(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """The model for a version of the operators; the exporter keeps another one without an error
    where it cannot make the one that is asked for.
    """
    import onnx

    if opset < OPSET:
        for node in model.graph.node:
            # The converter leaves this attribute behind, which lower versions do not know.
            kept = [one for one in node.attribute if one.name != IDLE or one.i]
            del node.attribute[:]
            node.attribute.extend(kept)
        try:
            model = onnx.version_converter.convert_version(model, opset)
            onnx.checker.check_model(model)
        except onnx.checker.ValidationError as error:
            raise DeploymentError(
                f"The network cannot be brought to version {opset} of the operators of ONNX."
            ) from error
    if opset not in [one.version for one in model.opset_import if one.domain == ""]:
        raise DeploymentError(f"There is no way to version {opset} of the operators of ONNX.")
    return model


def _without_traces(model: onnx.ModelProto) -> bytes:
    """The exporter writes to each node from which line of which file it comes, path and all."""
    for node in model.graph.node:
        scopes = [one for one in node.metadata_props if one.key == SCOPES]
        del node.metadata_props[:]
        node.metadata_props.extend(scopes)
        node.ClearField("doc_string")
    made: bytes = model.SerializeToString()
    return made


def with_manifest(content: bytes, manifest: Manifest) -> bytes:
    """The same model with another manifest inside."""
    import onnx

    model = onnx.load_from_string(content)
    kept = {one.key: one.value for one in model.metadata_props if one.key != ENTRY}
    text = json.dumps(manifest.to_dict(), ensure_ascii=False, sort_keys=True)
    onnx.helper.set_model_props(model, {**kept, ENTRY: text})
    made: bytes = model.SerializeToString()
    return made


def frozen_axes(content: bytes) -> list[str]:
    """Which of batch and time have a fixed size in a model.

    Examples
    --------
    >>> frozen_axes(to_onnx(nn.ReLU(), (2, 1, 64), dynamic=False))
    ['batch', 'time']
    """
    import onnx

    shape = onnx.load_from_string(content).graph.input[0].type.tensor_type.shape.dim
    named = {"batch": shape[0], "time": shape[len(shape) - 1]}
    return [name for name, axis in named.items() if axis.HasField("dim_value")]


def _column(values: tuple[float, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32).reshape(1, -1, 1)
