"""Repeated experiments meet in folds × seeds, if these are the same."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import fold_comparison
from models import Experiment
from services.block_comparison_service import BlockComparisonService
from services.errors import Invalid, NotFound
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from tests.trained import FOREST, tiny_version

pytestmark = pytest.mark.usefixtures("analyst")
CONFIG = {
    **FOREST,
    "split": {"by": "folds", "folds": 3, "validation": 0.34},
    "group_by": "load_hp",
    "window": 1024,
    "hop": 1024,
}


def answered(version_id, name, scores, seeds=(0, 1), **changes):
    """A repeated experiment whose runs have these accuracies."""
    made = RepeatedExperimentService.create_repeated(name, version_id, {**CONFIG, **changes}, seeds)
    with unit_of_work() as session:
        for run, score in zip(made["members"], scores, strict=False):
            names = ("accuracy", "balanced_accuracy", "macro_f1")
            level = {name: {"value": score, "low": None, "high": None} for name in names}
            row = session.get_one(Experiment, run["experiment_id"])
            row.summary = {"recordings": level, "windows": level, "n": {"recordings": 2}}
    return made["id"]


def three(version_id):
    good = [0.9, 0.8, 1.0, 0.85, 0.9, 0.95]
    return [
        answered(version_id, name, [score - less for score in good])
        for name, less in (("best", 0.0), ("middle", 0.05), ("last", 0.2))
    ]


def test_three_are_ranked_over_folds_and_seeds(client):
    found = BlockComparisonService.compare_repeated(three(tiny_version()))
    assert len(found["blocks"]) == 6
    assert found["blocks"][0] == {
        "fold": 1,
        "seed": 0,
        "recordings": 2,
        "scores": pytest.approx([0.9, 0.85, 0.7]),
    }
    assert [one["average_rank"] for one in found["methods"]] == [1.0, 2.0, 3.0]
    assert found["friedman"]["statistic"] == pytest.approx(12.0)
    assert found["pairs"][0]["wins"] == 6
    assert found["pairs"][0]["p"] == pytest.approx(found["pairs"][0]["smallest_p"])
    assert "not independent" in found["notes"][0]
    ids = ",".join(str(one["repeated_id"]) for one in found["methods"])
    answer = client.get(f"/api/v1/repeated-experiments/comparison?repeated={ids}")
    assert answer.json["friedman"]["blocks"] == 6


def test_only_common_finished_blocks_count():
    version_id = tiny_version()
    first = answered(version_id, "first", [0.9, 0.8, 1.0], seeds=(0, 1))
    second = answered(version_id, "second", [0.8, 0.7, 0.9], seeds=(0, 5))
    found = BlockComparisonService.compare_repeated([first, second])
    assert [(block["fold"], block["seed"]) for block in found["blocks"]] == [(1, 0), (2, 0), (3, 0)]
    assert found["friedman"] is None
    assert "three repeated" in found["no_friedman"]
    third = answered(version_id, "third", [0.5, 0.5, 0.5])
    found = BlockComparisonService.compare_repeated([first, second, third])
    assert "needs 6 blocks (folds × seeds) or more; these have 3" in found["no_friedman"]


def test_other_folds_are_refused():
    version_id = tiny_version()
    first = answered(version_id, "first", [0.9] * 6)
    two = {"by": "folds", "folds": 2, "validation": 0.0}
    other = answered(version_id, "other", [0.9] * 4, split=two)
    with pytest.raises(Invalid, match="not tested on the same folds"):
        BlockComparisonService.compare_repeated([first, other])
    unfinished = answered(version_id, "unfinished", [])
    with pytest.raises(Invalid, match="No fold with a seed is finished"):
        BlockComparisonService.compare_repeated([first, unfinished])
    with pytest.raises(Invalid, match="Choose 2 to 6"):
        BlockComparisonService.compare_repeated([first, first])
    with pytest.raises(NotFound):
        BlockComparisonService.compare_repeated([first, 999])
    with pytest.raises(Invalid, match="score is one of"):
        BlockComparisonService.compare_repeated([first, other], "luck")


def test_the_page_shows_them_and_its_address_opens_them_again():
    ids = three(tiny_version())
    options, chosen = fold_comparison.show_choices([ids[0], 999])
    assert {one["value"] for one in options} == {*ids, 999}
    assert chosen == [ids[0], 999]
    shown, address = fold_comparison.show(ids, "accuracy")
    text = json.dumps(shown, cls=PlotlyJSONEncoder, ensure_ascii=False)
    assert address == f"?repeated={','.join(map(str, ids))}&score=accuracy"
    assert "Friedman’s test over 6 blocks" in text
    assert "best less middle" in text
    assert "Fold 3, seed 1" in text
    shown, _ = fold_comparison.show([ids[0], 999], "accuracy")
    assert "no repeated experiment 999" in json.dumps(shown, cls=PlotlyJSONEncoder)
    assert "Choose two" in json.dumps(
        fold_comparison.show([], "accuracy")[0], cls=PlotlyJSONEncoder
    )
