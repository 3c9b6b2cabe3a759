"""From a classifier on features to an ONNX file that takes rows of features.

The graph computes in double precision, as scikit-learn does; only what trees and kernels sum up
comes out of the runtime in single. What is done before it stands in the manifest.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from diagnostics.classical.columns import Columns
from diagnostics.classical.fitted import FEATURE_KEYS, FittedEstimator
from diagnostics.deployment.boosting import boosting_graph
from diagnostics.deployment.export import with_manifest
from diagnostics.deployment.feature_rows import refuse_beyond_samples
from diagnostics.deployment.manifest import OUTPUT, ROWS, FeatureColumns, Manifest
from diagnostics.errors import DeploymentError

OPSET, OF_TREES = 18, 3
IR_VERSION = 10
# Below this no probability is softened by a temperature: see with_temperature.
LEAST = 1e-6
_GIVEN, _SAID = "given_rows", "said"


def columns_of(fitted: FittedEstimator) -> FeatureColumns:
    """What has to be computed of windows for a classifier.

    Raises
    ------
    DeploymentError
        If it learned of columns that samples alone do not tell.
    """
    about = fitted.about
    normaliser = about.normaliser.to_dict()
    if fitted.columns is None:
        return FeatureColumns(FEATURE_KEYS, False, tuple(about.channels), normaliser)
    columns = fitted.columns
    refuse_beyond_samples(_learned(columns))
    return FeatureColumns(
        columns.recipe.keys,
        True,
        tuple(about.channels),
        normaliser,
        columns.recipe.band_hz,
        columns.median,
        columns.mean,
        columns.deviation,
    )


def _learned(columns: Columns) -> list[str]:
    """Keys of columns that some training window had: what none had is 0 here, always."""
    rows = zip(columns.median, columns.mean, columns.deviation, strict=True)
    return [
        key for key, row in zip(columns.recipe.keys, rows, strict=True) if row != (0.0, 0.0, 1.0)
    ]


def export_estimator(fitted: FittedEstimator, manifest: Manifest) -> bytes:
    """The ONNX file of a classifier on features, with its manifest inside.

    Parameters
    ----------
    fitted : FittedEstimator
        Stays as it is.
    manifest : Manifest
        Of it, with ``features``.

    Returns
    -------
    bytes
        Scores are logarithms of probabilities; those of a class that the training part did not
        have are minus infinity.

    Raises
    ------
    DeploymentError
        If the estimator cannot be turned.
    """
    assert manifest.features is not None
    width = manifest.features.width
    estimator = fitted.estimator
    model = _graph(estimator, width)
    known = [int(one) for one in estimator.classes_]
    _surround(model, width, known, manifest, single=_looks_at_single(estimator))
    made: bytes = model.SerializeToString()
    return with_manifest(made, manifest)


def _graph(estimator: Any, width: int) -> Any:
    """From ``given_rows`` in double precision to probabilities of the known classes, ``said``."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if isinstance(estimator, HistGradientBoostingClassifier):
        return boosting_graph(estimator, width, _GIVEN, _SAID)
    import skl2onnx
    from skl2onnx.common.data_types import DoubleTensorType

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # attributes of scikit-learn that are to go
            made: Any = skl2onnx.to_onnx(
                estimator,
                initial_types=[(_GIVEN, DoubleTensorType([None, width]))],
                final_types=None,
                options={"zipmap": False},
                target_opset={"": OPSET, "ai.onnx.ml": OF_TREES},
            )
    except (RuntimeError, NotImplementedError) as error:  # a part that it does not know
        raise DeploymentError(
            f"The converter cannot read this classifier: {str(error).splitlines()[0]}"
        ) from error
    return made


def _looks_at_single(estimator: Any) -> bool:
    """Whether features are rounded to single precision first, as forests are grown."""
    from sklearn.ensemble import RandomForestClassifier

    return isinstance(estimator, RandomForestClassifier)


def _surround(
    model: Any, width: int, known: list[int], manifest: Manifest, *, single: bool
) -> None:
    """Put what is before and behind a classifier into its graph."""
    from onnx import TensorProto, helper, numpy_helper

    graph, double = model.graph, TensorProto.DOUBLE
    said = graph.output[len(graph.output) - 1].name
    place = np.zeros((len(known), len(manifest.class_names)))
    place[np.arange(len(known)), known] = 1.0
    before = [helper.make_node("Identity", [ROWS], [_GIVEN])]
    if single:
        before = [
            helper.make_node("Cast", [ROWS], ["rounded"], to=TensorProto.FLOAT),
            helper.make_node("Cast", ["rounded"], [_GIVEN], to=double),
        ]
    # What a calibrated answer is divided by is never 0: see with_temperature.
    least = LEAST if manifest.temperature != 1.0 else 0.0
    after = [
        helper.make_node("Cast", [said], ["exact"], to=double),
        helper.make_node("MatMul", ["exact", "place_of_class"], ["all_classes"]),
        helper.make_node("Max", ["all_classes", "least"], ["held"]),
        helper.make_node("Log", ["held"], [OUTPUT]),
    ]
    inner = list(graph.node)
    del graph.node[:]
    graph.node.extend([*before, *inner, *after])
    graph.initializer.extend(
        [
            numpy_helper.from_array(place, "place_of_class"),
            numpy_helper.from_array(np.array([least]), "least"),
        ]
    )
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info(ROWS, double, ["rows", width]))
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(OUTPUT, double, ["rows", len(manifest.class_names)])
    )
    model.ir_version = IR_VERSION
    model.ClearField("doc_string")
