"""The variants of a trained network, in the order in which pages offer them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DeploymentError

if TYPE_CHECKING:
    from diagnostics.deployment.manifest import Manifest
    from diagnostics.networks.fitted import FittedNetwork

FP32 = "fp32"


@dataclass(frozen=True)
class Kind:
    """``prunes`` takes a share; ``calibrates`` needs windows of the training part;
    ``of_features`` also fits classifiers on features.
    """

    name: str
    title: str
    about: str
    prunes: bool = False
    calibrates: bool = False
    of_features: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(
        FP32,
        "ONNX, full precision",
        "What was trained, as it is. The other variants of a network are held to it; a classical"
        " classifier has this one only.",
        of_features=True,
    ),
    Kind("fp16", "Half precision", "Half the size. Faster only where the processor computes so."),
    Kind(
        "int8_dynamic",
        "INT8, dynamic",
        "Matrix products in eight bits; convolutions stay as they are.",
    ),
    Kind(
        "int8_static",
        "INT8, static",
        "Convolutions, too, in eight bits; their ranges come from windows of the training part.",
        calibrates=True,
    ),
    Kind(
        "l1_unstructured",
        "Pruned, smallest weights",
        "The smallest weights are zero. The file packs better; nothing gets faster.",
        prunes=True,
    ),
    Kind(
        "random_unstructured",
        "Pruned, random weights",
        "Weights that chance picks are zero: what the smallest ones are held against.",
        prunes=True,
    ),
    Kind(
        "structured",
        "Pruned, whole channels",
        "Channels with the smallest filters are taken out: a smaller network with less to compute.",
        prunes=True,
    ),
)


def kind_of(name: str) -> Kind:
    """The kind of that name.

    Raises
    ------
    DeploymentError
        If there is none.
    """
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        names = ", ".join(kind.name for kind in KINDS)
        raise DeploymentError(f"There is no variant “{name}”. There are: {names}.")
    return found


def make_variant(
    fitted: FittedNetwork,
    name: str,
    manifest: Manifest,
    amount: float | None = None,
    calibration: NDArray[np.float32] | None = None,
    tune: Callable[[FittedNetwork], FittedNetwork] | None = None,
) -> bytes:
    """The ONNX file of a variant; the network stays as it is.

    Parameters
    ----------
    fitted : FittedNetwork
    name : str
        Of :data:`KINDS`.
    manifest : Manifest
        Of the network; the variant is written into it. A pruned one has no heads beside the
        class: they were trained on what the network saw before, and nothing says how far off
        they are now.
    amount : float, optional
        Share that is pruned.
    calibration : array of shape (windows, channels, samples), optional
        Of the training part.
    tune : function, optional
        Lets a pruned network learn on (:mod:`diagnostics.deployment.fine_tuning`).

    Raises
    ------
    DeploymentError
        If the kind does not exist, or the network cannot be turned so.
    """
    import torch

    from diagnostics.deployment import quantise
    from diagnostics.deployment.export import export_network, frozen_axes, with_manifest
    from diagnostics.deployment.pruning import DEFAULT_AMOUNT, prune_network
    from diagnostics.networks.fitted import FittedNetwork

    kind = kind_of(name)
    if kind.prunes:
        share = DEFAULT_AMOUNT if amount is None else amount
        example = torch.zeros(2, len(fitted.about.channels), fitted.about.window)
        pruned = prune_network(fitted.network, share, name, example=example)
        fitted = FittedNetwork(pruned, fitted.about)  # type: ignore[arg-type]
        fitted = fitted if tune is None else tune(fitted)
        manifest = replace(manifest, heads=())
    made = export_network(fitted, replace(manifest, variant=name))
    if name == "fp16":
        made = quantise.to_fp16(made)
    elif name == "int8_dynamic":
        made = quantise.to_dynamic_int8(made)
    elif name == "int8_static":
        given = np.empty((0, 1, 1), np.float32) if calibration is None else calibration
        made = quantise.to_static_int8(made, given)
    frozen = "time" in frozen_axes(made)
    return with_manifest(made, replace(manifest, variant=name, any_length=not frozen))
