from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Channel, Signal, Unit
from services.errors import Invalid, NotFound
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.runtime import artefacts, unit_of_work
from tests import factories

RNG = np.random.default_rng(5)
LABELS = np.repeat(["inner", "outer"], 60).tolist()
GROUPS = [f"{label} {n % 3}" for n, label in enumerate(LABELS)]
NAMES = ["RMS", "Kurtosis", "Skewness"]
TABLE = np.stack(
    [
        np.where(np.array(LABELS) == "inner", 2.0, 1.0) + 0.1 * RNG.normal(size=120),
        RNG.normal(size=120),
        RNG.normal(size=120),
    ],
    axis=1,
)


@pytest.fixture
def dataset_id(analyst) -> int:
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).dataset_id


def test_extraction_gives_a_table_with_names_and_time(dataset_id):
    found = FeatureService.extract_features(dataset_id, "envelope", {"window": 2048})
    assert found["feature_names"] == [
        *("EnvelopeRMS", "EnvelopeKurtosis", "EnvelopePeak", "ModulationFreq")
    ]
    assert found["features"].shape == (24, 4)
    assert found["extraction_time"] > 0
    assert len(found["labels"]) == len(found["groups"]) == 24
    assert len(set(found["groups"])) == 6


def test_the_default_takes_windows_of_4096(dataset_id):
    assert FeatureService.extract_features(dataset_id, "time")["features"].shape == (12, 7)


@pytest.mark.parametrize(
    ("domain", "config", "told"),
    [
        ("sound", None, "no domain"),
        ("time", {"window": 8192}, "longer than every recording"),
        ("time", {"channel": 1}, "no recording|No recording"),
        ("time", {"group_by": "colour"}, "colour"),
        ("time", {"size": 1}, "size"),
    ],
)
def test_what_nothing_fits_is_refused(dataset_id, domain, config, told):
    with pytest.raises(Invalid, match=told):
        FeatureService.extract_features(dataset_id, domain, config)


def test_recordings_that_do_not_fit_are_left_out_and_named(analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        data = factories.dataset(session, **owner)
        two = Signal(
            np.ones((2, 600)),
            1000.0,
            (Channel("x", Unit.ACCELERATION_G), Channel("y", Unit.VELOCITY)),
        )
        ids = [
            factories.recording(session, signal, dataset_id=data.id, **owner).id
            for signal in (factories.sine(count=300), factories.sine(count=600), two)
        ]
        factories.version(session, dict.fromkeys(ids), data.id, created_by=analyst.user_id)
        dataset_id = data.id
    made = FeatureService.make_feature_set(dataset_id, "some", ["time"], {"window": 512})
    summary = FeatureSetService.get_feature_set(made["feature_set_id"])["summary"]
    assert (summary["recordings"], summary["unit"]) == (2, "")
    told = " ".join(summary["notes"])
    assert "1 recording has fewer samples than a window" in told
    assert "levels cannot be compared" in told
    assert "Sampling rates from 1000 to 2000 Hz" in told
    other = {"window": 512, "channel": 1}
    made = FeatureService.make_feature_set(dataset_id, "some", ["time", "order"], other)
    view = FeatureSetService.get_feature_set(made["feature_set_id"])
    assert (made["number"], view["summary"]["unit"]) == (2, "mm/s")
    assert view["summary"]["unknown"]["ShaftAmplitude_1X"] == "The speed of the shaft is not known."
    rows = FeatureSetService.list_rows(view["id"])["rows"]
    assert rows[0]["values"][0] == 0.0
    assert rows[0]["values"][-1] is None


def test_importance_finds_what_tells_the_classes_apart(analyst):
    found = FeatureService.compute_feature_importance(TABLE, LABELS, NAMES)
    assert found["ranking"][0] == "RMS"
    assert (found["method"], found["folds"]) == ("mutual_info", 1)
    assert "Too few groups" in found["notes"][0]
    apart = FeatureService.compute_feature_importance(TABLE, LABELS, NAMES, groups=GROUPS)
    assert apart["folds"] == 3


def test_permutation_needs_groups(analyst):
    with pytest.raises(Invalid, match="groups held out"):
        FeatureService.compute_feature_importance(TABLE, LABELS, NAMES, "permutation")


def test_selection_gives_the_columns_too(analyst):
    found = FeatureService.select_features(TABLE, LABELS, NAMES, "mrmr", 1, groups=GROUPS)
    assert found["selected_features"] == ["RMS"]
    assert found["features"] == pytest.approx(TABLE[:, :1])
    assert found["recall_chosen"] == 1.0
    assert len(found["held_out_groups"]) == 2


def test_correlation_is_that_of_numpy(analyst):
    found = FeatureService.compute_feature_correlation(TABLE, NAMES)
    order = [NAMES.index(name) for name in found["feature_names"]]
    expected = np.corrcoef(TABLE[:, order].T)
    assert found["correlation_matrix"] == pytest.approx(expected)


@pytest.mark.parametrize("table", [[], [[]], [1.0, 2.0], [["a"]]])
def test_what_is_no_table_is_refused(analyst, table):
    with pytest.raises(Invalid):
        FeatureService.compute_feature_correlation(table, NAMES)


def test_a_table_of_somebodys_own_is_kept_under_a_key(dataset_id):
    about = {"name": "mine", "groups": GROUPS, "unit": "g"}
    key = FeatureService.save_feature_set(
        dataset_id, TABLE, LABELS, ["RMS", "my number", "Skewness"], "time", about, "features/mine"
    )
    assert key.startswith("features/mine/")
    assert artefacts().exists(key)
    found = FeatureSetService.get_feature_set(FeatureSetService.list_feature_sets()[0]["id"])
    assert (found["name"], found["artefact_key"], found["row_count"]) == ("mine", key, 120)
    assert [one["name"] for one in found["features"]] == ["RMS@1", "my number", "Skewness@1"]
    assert [one["unit"] for one in found["features"]] == ["g", "", ""]
    assert found["summary"]["groups"] == 6


@pytest.mark.parametrize("folder", ["/etc", "../out", "features/../x", "models", "features//x"])
def test_a_folder_outside_is_refused(dataset_id, folder):
    with pytest.raises(Invalid, match="output folder"):
        FeatureService.save_feature_set(dataset_id, TABLE, LABELS, NAMES, "time", {}, folder)


def test_a_table_that_does_not_fit_is_refused(dataset_id):
    with pytest.raises(Invalid, match="label"):
        FeatureService.save_feature_set(dataset_id, TABLE, ["inner"], NAMES, "time")
    with pytest.raises(Invalid):
        FeatureService.save_feature_set(dataset_id, TABLE, LABELS, NAMES[:2], "time")
    given = {"recording_ids": [1]}
    with pytest.raises(Invalid, match="recording"):
        FeatureService.save_feature_set(dataset_id, TABLE, LABELS, NAMES, "time", given)


def test_two_clicks_are_one_job(dataset_id, sent):
    asked = (dataset_id, "levels", ["time"], {"window": 1024})
    assert FeatureService.submit_extraction(*asked) == FeatureService.submit_extraction(*asked)
    assert len(sent) == 1


def test_there_must_be_something_to_extract_from(analyst):
    with unit_of_work() as session:
        empty = factories.dataset(session, owner_id=analyst.user_id).id
    with pytest.raises(Invalid, match="Import some"):
        FeatureService.submit_extraction(empty, "levels", ["time"])
    with pytest.raises(NotFound):
        FeatureService.submit_extraction(10**6, "levels", ["time"])
