"""The classifiers that learn from features of windows, in the order in which pages offer them."""

from __future__ import annotations

from diagnostics.training.card import Card, Family, Parameter

CLASSICAL: tuple[Card, ...] = (
    Card(
        "random_forest",
        "Random forest",
        "Many decision trees on the basic features of each window. Trains in seconds and shows"
        " how far simple numbers go: a baseline for every network.",
        Family.CLASSICAL,
        "diagnostics.classical.random_forest",
        (
            Parameter("trees", "Trees", 200, 10, 2000),
            Parameter("depth", "Greatest depth", 0, 0, 100, "0 lets every tree grow fully."),
            Parameter("leaf", "Windows in a leaf", 1, 1, 1000, "At least so many in each leaf."),
        ),
    ),
)
