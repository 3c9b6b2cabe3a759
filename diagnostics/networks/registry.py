"""The networks, in the order in which pages offer them.

To add one: write a module with ``build`` in this folder and list its card here. The
wizard, the checks and the contract tests follow from the list.
"""

from __future__ import annotations

from diagnostics.training.card import Card, Family, Parameter

_DROPOUT = Parameter(
    "dropout", "Dropout", 0.2, 0.0, 0.9, "Share of features hidden at random while training."
)

NETWORKS: tuple[Card, ...] = (
    Card(
        "cnn1d",
        "1-D CNN",
        "A wide first filter and a few convolution blocks on the raw waveform. Small and quick:"
        " a good first network for bearing faults.",
        Family.NETWORK,
        "diagnostics.networks.cnn1d",
        (
            Parameter("width", "Filters", 16, 4, 128, "In the first layer; doubled twice."),
            Parameter("blocks", "Blocks", 4, 1, 5, "Convolution blocks after the first layer."),
            Parameter("kernel", "First filter", 64, 8, 512, "Length of the first filter, samples."),
            _DROPOUT,
        ),
    ),
    Card(
        "resnet18",
        "ResNet-18 (1-D)",
        "Eight residual blocks with shortcuts. Learns finer patterns from more data, at many"
        " times the work of the 1-D CNN.",
        Family.NETWORK,
        "diagnostics.networks.resnet18",
        (
            Parameter("width", "Filters", 64, 8, 128, "In the first stage; doubled at each next."),
            _DROPOUT,
        ),
    ),
)
