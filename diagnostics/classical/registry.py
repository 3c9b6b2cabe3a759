"""The classifiers that learn from features of windows, in the order in which pages offer them.

To add one: write a module as :class:`diagnostics.classical.model.Model` says in this folder
and list its card here.
"""

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
        source="L. Breiman, Random Forests, Machine Learning 45, 2001",
    ),
    Card(
        "svm",
        "Support vector machine",
        "Draws smooth borders between the classes with a Gaussian kernel. Good with few windows;"
        " its time grows with the square of their number, 20 000 at most.",
        Family.CLASSICAL,
        "diagnostics.classical.svm",
        (
            Parameter(
                "penalty", "Penalty C", 10.0, 1e-3, 1e4, "Higher: fewer errors, bumpier borders."
            ),
            Parameter(
                "gamma", "Gamma", 0.0, 0.0, 100.0, "Narrowness of the kernel; 0: by the features."
            ),
        ),
        source="C. Cortes and V. Vapnik, Support-Vector Networks, Machine Learning 20, 1995;"
        " J. Platt, Probabilistic Outputs for Support Vector Machines, 1999",
    ),
    Card(
        "hist_gradient_boosting",
        "Gradient boosting",
        "Small decision trees, each correcting the ones before. Quick on many windows, and often"
        " the strongest on features.",
        Family.CLASSICAL,
        "diagnostics.classical.hist_gradient_boosting",
        (
            Parameter("rounds", "Rounds", 100, 10, 1000, "In each one tree for every class."),
            Parameter("learning_rate", "Step", 0.1, 1e-3, 1.0, "How much each tree corrects."),
            Parameter("leaves", "Leaves", 31, 2, 255, "Of a tree, at most."),
            Parameter("leaf", "Windows in a leaf", 20, 1, 1000, "At least so many in each leaf."),
            Parameter("l2", "Regularisation", 0.0, 0.0, 1000.0, "Pulls the leaves towards 0."),
        ),
        source="J. Friedman, Greedy Function Approximation, Annals of Statistics 29, 2001; G. Ke"
        " et al., LightGBM, NeurIPS 2017",
    ),
    Card(
        "logistic_regression",
        "Logistic regression",
        "One weight for each feature and class. Draws straight borders only, trains at once, and"
        " its weights can be read: what it cannot tell apart needs more.",
        Family.CLASSICAL,
        "diagnostics.classical.logistic_regression",
        (Parameter("penalty", "Penalty C", 1.0, 1e-4, 1e4, "Higher: larger weights are allowed."),),
        source="D. R. Cox, The Regression Analysis of Binary Sequences, Journal of the Royal"
        " Statistical Society B 20, 1958",
    ),
)
