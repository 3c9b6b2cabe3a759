"""Gradient boosting of scikit-learn as ONNX, written node by node.

Its trees lie in arrays of nodes (``TreePredictor.nodes``) that converters do not know in every
version. A tree goes left where a feature is at most the threshold, and where the node says so for
one that is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, OF_TREES = 18, 3


def boosting_graph(estimator: Any, width: int, given: str, said: str) -> Any:
    """A model with one input and one output in double precision.

    Parameters
    ----------
    estimator : HistGradientBoostingClassifier
    width : int
        Columns of a row.
    given, said : str
        Names of the input, of shape (rows, width), and of the output, of shape (rows, classes).

    Returns
    -------
    onnx.ModelProto
        Whose output are probabilities in the order of ``estimator.classes_``.
    """
    from onnx import TensorProto, helper, numpy_helper

    trees = _TreeArrays()
    for together in estimator._predictors:
        for target, tree in enumerate(together):
            trees.add(tree.nodes, target)
    baseline = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            [given],
            ["sums"],
            domain="ai.onnx.ml",
            n_targets=baseline.size,
            aggregate_function="SUM",
            post_transform="NONE",
            base_values_as_tensor=numpy_helper.from_array(baseline, "base_values"),
            **trees.attributes(),
        ),
        helper.make_node("Cast", ["sums"], ["exact_sums"], to=TensorProto.DOUBLE),
    ]
    if baseline.size == 1:
        # One tree for two classes: the softmax of 0 and a sum is its sigmoid.
        nodes += [
            helper.make_node("Sub", ["exact_sums", "exact_sums"], ["nothing"]),
            helper.make_node("Concat", ["nothing", "exact_sums"], ["raw"], axis=1),
        ]
    last = nodes[-1].output[0]
    nodes.append(helper.make_node("Softmax", [last], [said], axis=1))
    classes = len(estimator.classes_)
    graph = helper.make_graph(
        nodes,
        "boosting",
        [helper.make_tensor_value_info(given, TensorProto.DOUBLE, ["rows", width])],
        [helper.make_tensor_value_info(said, TensorProto.DOUBLE, ["rows", classes])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OF_TREES)]
    return helper.make_model(graph, opset_imports=opsets)


class _TreeArrays:
    """The nodes of all trees side by side, as the operator takes them."""

    def __init__(self) -> None:
        self._parts: list[Any] = []
        self._targets: list[int] = []

    def add(self, nodes: Any, target: int) -> None:
        self._parts.append(nodes)
        self._targets.append(target)

    def attributes(self) -> dict[str, Any]:
        from onnx import numpy_helper

        sizes = [len(part) for part in self._parts]
        tree_of = np.repeat(np.arange(len(sizes)), sizes)
        number = np.concatenate([np.arange(size) for size in sizes])
        nodes = np.concatenate(self._parts)
        leaf = nodes["is_leaf"].astype(bool)
        # A leaf has no branches; what stands there is not looked at.
        threshold = np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64)
        return {
            "nodes_treeids": _ints(tree_of),
            "nodes_nodeids": _ints(number),
            "nodes_featureids": _ints(np.where(leaf, 0, nodes["feature_idx"])),
            "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_values_as_tensor": numpy_helper.from_array(threshold, "nodes_values"),
            "nodes_truenodeids": _ints(np.where(leaf, 0, nodes["left"])),
            "nodes_falsenodeids": _ints(np.where(leaf, 0, nodes["right"])),
            "nodes_missing_value_tracks_true": _ints(
                np.where(leaf, 0, nodes["missing_go_to_left"])
            ),
            "target_treeids": _ints(tree_of[leaf]),
            "target_nodeids": _ints(number[leaf]),
            "target_ids": _ints(np.repeat(self._targets, sizes)[leaf]),
            "target_weights_as_tensor": numpy_helper.from_array(
                nodes["value"][leaf].astype(np.float64), "target_weights"
            ),
        }


def _ints(values: NDArray[Any]) -> list[int]:
    return [int(value) for value in values]
