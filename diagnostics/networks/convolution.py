"""The layers that several convolutional networks begin with.

The first filter is long, so that it spans the ringing of an impact, and steps over eight
samples at once; short filters follow, and after each but the last the rate is halved.
"""

from __future__ import annotations

from torch import nn

STRIDE = 8
# The width doubles after the first blocks only: more would make most of the weights late ones.
_DOUBLED = 2


def first_layer(channels: int, width: int, kernel: int) -> nn.Sequential:
    """From samples to features, at a sixteenth of the rate.

    Parameters
    ----------
    channels : int
    width : int
        Filters.
    kernel : int
        Length of a filter, samples.
    """
    return nn.Sequential(
        nn.Conv1d(channels, width, kernel, STRIDE, padding=kernel // 2, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.MaxPool1d(2),
    )


def blocks(width: int, count: int) -> tuple[nn.Sequential, int]:
    """Some convolution blocks, and the width behind the last one.

    Examples
    --------
    >>> made, width = blocks(16, 4)
    >>> len(made), width
    (4, 64)
    """
    layers: list[nn.Module] = []
    for block in range(count):
        wider = width * 2 if block < _DOUBLED else width
        layers.append(_block(width, wider, last=block == count - 1))
        width = wider
    return nn.Sequential(*layers), width


def _block(inputs: int, outputs: int, *, last: bool) -> nn.Sequential:
    layers = [
        nn.Conv1d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm1d(outputs),
        nn.ReLU(),
    ]
    return nn.Sequential(*layers) if last else nn.Sequential(*layers, nn.MaxPool1d(2))
