from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import DetectionError
from diagnostics.tables.agreement import Agreement, agree, rank_correlations
from diagnostics.tables.detecting import Question, detect_in
from diagnostics.tables.judged import Judged, plane
from diagnostics.tables.readers import open_table
from diagnostics.tables.stored import StoredTable
from diagnostics.tables.writing import write_table
from tests.anomalous import ODD, table_csv


@pytest.fixture
def stored(tmp_path) -> StoredTable:
    path = tmp_path / "pump.csv"
    path.write_bytes(table_csv())
    write_table(open_table(path, "csv", tmp_path), tmp_path / "t.parquet")
    return StoredTable(tmp_path / "t.parquet")


def test_what_stands_out_is_found_with_the_column_that_makes_it(stored):
    answer = detect_in(stored, Question("statistical", {}, ["flow_in", "flow", "heat"]))
    judged, threshold = answer.judged, answer.detected.detector.threshold
    shown = judged.anomalies(threshold)
    assert {one["row_index"] for one in shown[:3]} == set(ODD)
    assert [one["anomaly_score"] for one in shown] == sorted(
        (one["anomaly_score"] for one in shown), reverse=True
    )
    flow = judged.column_summaries(threshold, answer.about)[1]
    assert flow["column"] == "flow"
    assert set(flow["top_anomaly_indices"][:3]) == set(ODD)
    assert flow["max_value"] > 10
    again = Judged.from_bytes(judged.to_bytes())
    assert again.anomalies(threshold) == shown


def test_rows_of_a_sample_are_told_by_their_place_in_the_source(stored):
    question = Question("statistical", {}, ["flow"], sample_size=200, shown=["state"])
    judged = detect_in(stored, question).judged
    one = judged.anomalies(0.0)[0]
    assert one["row_index"] in ODD
    assert set(one["column_values"]) == {"state", "flow"}
    assert len(judged.raw) == 200


def test_lines_for_scores_and_shares(stored):
    judged = detect_in(stored, Question("statistical", {}, ["flow"])).judged
    assert (judged.raw > judged.threshold_for("contamination", 0.01)).sum() == 3
    line = judged.threshold_for("calibrated", 0.5)
    assert ((judged.raw > line) == (judged.calibrated > 0.5)).all()
    assert judged.threshold_for("threshold", 4.0) == 4.0
    with pytest.raises(DetectionError, match="damaged"):
        Judged.from_bytes(b"no")


@pytest.mark.parametrize(("rows", "columns"), [(200, 5), (3, 8), (40, 2)])
def test_rows_are_drawn_along_their_first_two_principal_components(rows, columns):
    values = np.random.default_rng(rows).normal(size=(rows, columns)) * np.arange(1, columns + 1)
    values = np.clip(values, -10.0, 10.0)
    left, lengths, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    expected = (left * lengths)[:, :2]
    assert np.abs(plane(values)) == pytest.approx(np.abs(expected), abs=1e-9)


@pytest.mark.parametrize(("shape", "first"), [((4, 1), [1.5, 0.5, 0.5, 1.5]), ((1, 3), [0.0])])
def test_what_has_no_second_component_lies_on_a_line(shape, first):
    found = plane(np.arange(float(np.prod(shape))).reshape(shape))
    assert np.abs(found[:, 0]).tolist() == first
    assert not found[:, 1].any()


def test_agreement_by_hand():
    flags = {
        "a": np.array([1, 1, 1, 0, 0], bool),
        "b": np.array([1, 1, 0, 0, 0], bool),
        "c": np.array([1, 0, 0, 1, 0], bool),
    }
    scores = {name: flag.astype(float) for name, flag in flags.items()}
    found = agree(flags, scores, np.array([10, 11, 12, 13, 14]))
    assert found.rows.tolist() == [10, 11, 12, 13]
    summary = found.summary()
    counted = [
        summary[f"{name}_count"]
        for name in ("all_agree", "majority_agree", "some_agree", "one_only")
    ]
    assert counted == [1, 1, 0, 2]
    assert sum(counted) == summary["total_unique_anomalies"]
    assert summary["agreement_matrix"]["a"] == {"a": 3, "b": 2, "c": 1}
    assert summary["jaccard_matrix"]["a"]["c"] == pytest.approx(1 / 4)
    first = Agreement.from_bytes(found.to_bytes()).records(0, 1)[0]
    assert (first["detected_by"], first["agreement_level"]) == (["a", "b", "c"], "all")
    assert first["confidence_score"] == 1.0
    ranks = rank_correlations({"up": np.arange(5.0), "down": -np.arange(5.0), "same": np.ones(5)})
    assert ranks["up"]["down"] == pytest.approx(-1)
    assert ranks["up"]["same"] is None
