"""What it costs to ask a network about one window."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from diagnostics.networks.network import Network, build_network, parameter_count
from diagnostics.progress import Report, silent
from diagnostics.training.cost import Cost, CostQuestion, time_runs

COUNTED = (
    "multiplications and additions of convolutions and matrix products; normalisation,"
    " activation and pooling are left out"
)


def network_cost(question: CostQuestion, report: Report = silent) -> Cost:
    """Count and time a new network: its weights do not matter for either.

    Parameters
    ----------
    question : CostQuestion
        About a network.
    report : function

    Returns
    -------
    Cost
    """
    network = build_network(
        question.card, dict(question.parameters), question.channels, question.classes, seed=0
    ).eval()
    window = torch.randn(
        1, question.channels, question.window, generator=torch.Generator().manual_seed(0)
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            latency = time_runs(lambda: network.answer(window), report)
    finally:
        torch.set_num_threads(threads)
    return Cost(parameter_count(network), operations(network, window), COUNTED, latency)


def operations(network: Network, window: Tensor) -> int:
    """Multiplications and additions of convolutions and matrix products, forward.

    Attention is taken apart into plain products for the count: the counter does not know what
    the processor runs in their place.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    window : Tensor of shape (1, channels, samples)

    Returns
    -------
    int
    """
    recurrent = {torch.ops.aten.mkldnn_rnn_layer: _recurrent_operations}
    counter = FlopCounterMode(display=False, custom_mapping=recurrent)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        network.answer(window)
    return int(counter.get_total_flops())


def _recurrent_operations(
    steps: Sequence[int],
    from_input: Sequence[int],
    from_memory: Sequence[int],
    *_others: object,
    **_named: object,
) -> int:
    """Of a recurrent layer in one direction, from the shapes of its input and its weights."""
    weights = math.prod(from_input) + math.prod(from_memory)
    return 2 * steps[0] * steps[1] * weights
