from __future__ import annotations

import time

import pytest

from models import Detection, Event, Job, JobKind, JobStatus
from services.actor import acting_as
from services.alarm_service import AlarmService
from services.anomalies.labels import AnomalyLabelService
from services.anomalies.rows import AnomalyRowService
from services.anomalies.running import AnomalyRunService
from services.anomaly_service import AnomalyService
from services.errors import Conflict, Forbidden, InvalidField, NotFound
from services.notifications.sources import message_of
from services.runtime import artefacts, unit_of_work
from services.source_service import SourceService
from tests.anomalous import ODD, detection, source, table_csv


def test_a_detection_from_asking_to_its_result(analyst, sent):
    source_id = source()
    detection_id = AnomalyService.detect(source_id, "statistical", config={"threshold": 4})
    assert sent[-1][0] is JobKind.DETECT_ANOMALIES
    waiting = AnomalyService.get_detection(detection_id)
    assert (waiting["status"], waiting["anomalies"]) == ("pending", [])
    assert waiting["config"]["method"] == "zscore"
    AnomalyRunService.detect(detection_id)
    found = AnomalyService.get_detection(detection_id)
    assert (found["status"], found["total_rows"]) == ("success", 300)
    assert found["columns_analyzed"] == ["flow_in", "flow", "heat"]
    assert {one["row_index"] for one in found["anomalies"][:3]} == set(ODD)
    assert found["anomaly_rate"] == pytest.approx(found["anomaly_count"] / 300)
    assert AnomalyService.latest_detection(source_id)["id"] == detection_id
    with unit_of_work() as session:
        told = message_of(session, session.query(Event).filter_by(type="detection.found").one())
    assert (told.user_ids, told.link) == ([analyst.user_id], f"/anomalies/{detection_id}")
    assert "flags 3 of 300 rows" in told.text


def test_the_status_follows_from_the_job(analyst):
    detection_id = AnomalyService.detect(source(), "statistical")
    for status, told in (
        (JobStatus.RUNNING, "running"),
        (JobStatus.CANCELLED, "cancelled"),
        (JobStatus.FAILED, "error"),
    ):
        with unit_of_work() as session:
            row = session.get_one(Detection, detection_id)
            job = session.get_one(Job, row.job_id)
            job.status, job.error = status, "too few rows"
        assert AnomalyService.get_detection(detection_id)["status"] == told
    assert AnomalyService.get_detection(detection_id)["error_message"] == "too few rows"


def test_wait_gives_up_and_tells_the_state(analyst):
    detection_id = AnomalyService.detect(source(), "statistical")
    began = time.monotonic()
    assert AnomalyService.wait(detection_id, 0.1)["status"] == "pending"
    assert 0.1 <= time.monotonic() - began < 1
    AnomalyRunService.detect(detection_id)
    assert AnomalyService.wait(detection_id, 30)["status"] == "success"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"algorithm": "oracle"}, "algorithm"),
        ({"config": {"n_estimators": 5}}, "config.n_estimators"),
        ({"config": {"colour": 1}}, "config.colour"),
        ({"columns": ["flow", "pressure"]}, "columns"),
        ({"columns": ["flow", "flow"]}, "columns"),
        ({"sample_size": 99}, "sample_size"),
        ({"threshold_policy": {"kind": "calibrated", "value": 2}}, "threshold_policy"),
        ({"fit_on": {"rows": [5, 999]}}, "fit_on.rows"),
        ({"fit_on": {"rows": [5, 24]}}, "fit_on.rows"),
        ({"fit_on": {"source_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"}}, "fit_on.source_id"),
        (
            {
                "config": {"contamination": 0.2},
                "threshold_policy": {"kind": "contamination", "value": 0.1},
            },
            "threshold_policy",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(analyst, sent, given, field):
    source_id, before = source(), len(sent)
    with pytest.raises(InvalidField) as refused:
        AnomalyService.detect(source_id, **given)
    assert refused.value.details["errors"][0]["field"] == field
    assert len(sent) == before


def test_train_on_one_part_and_judge_all(analyst):
    usual, other = source(), source(table_csv(120, 5), "other.csv")
    asked = {"fit_on": {"source_id": other, "rows": [0, 100]}}
    found = AnomalyService.get_detection(detection(usual, **asked))
    assert found["fit_on"] == asked["fit_on"]
    assert {one["row_index"] for one in found["anomalies"][:3]} == set(ODD)


def test_a_column_that_names_the_rows_is_refused_before_any_work(analyst, sent):
    lines = "\n".join(f"{n % 7},part {n}" for n in range(60))
    named = source(f"flow,serial\n{lines}\n".encode())
    with pytest.raises(InvalidField, match="“serial” holds 60 different texts in 60 rows"):
        AnomalyService.detect(named, columns=["flow", "serial"])
    assert sent == []


def test_a_text_column_is_judged_when_it_is_named(analyst):
    found = AnomalyService.get_detection(detection(source(), columns=["flow", "state"]))
    assert found["columns_analyzed"] == ["flow", "state"]
    assert found["anomalies"][0]["column_values"]["state"] in ("on", "off")


def test_enough_flagged_rows_raise_the_alarm_of_the_source_and_fewer_clear_it(analyst):
    source_id = source()

    def judged(alarm_from):
        given = {"config": {"threshold": 4}, "alarm_from": alarm_from}  # 3 of 300 rows are flagged
        AnomalyRunService.detect(AnomalyService.detect(source_id, "statistical", **given))
        return [one["object"] for one in AlarmService.list_alarms() if not one["cleared_at"]]

    assert judged(4) == []
    assert judged(3) == [f"source:{source_id}"]
    (alarm,) = AlarmService.list_alarms()
    assert (alarm["kind"], alarm["severity"]) == ("anomaly", "warning")
    assert "flags 3 of 300 rows" in alarm["message"]
    assert judged(None) == [f"source:{source_id}"]  # it was not asked about
    assert judged(4) == []
    judged(1)
    with unit_of_work() as session:
        session.query(Job).update({"status": JobStatus.DONE})
    SourceService.delete_source(source_id)
    assert [one for one in AlarmService.list_alarms() if not one["cleared_at"]] == []
    with pytest.raises(InvalidField, match="at least 1"):
        AnomalyService.detect(source(), "statistical", alarm_from=0)


def test_another_threshold_flags_anew_without_fitting(analyst, viewer):
    detection_id = detection(source())
    found = AnomalyService.set_threshold(detection_id, "contamination", 0.01)
    assert found["anomaly_count"] == 3
    assert [one["is_anomaly"] for one in found["anomalies"][:4]] == [True, True, True, False]
    assert found["column_summaries"][1]["anomaly_count"] == 3
    raw = AnomalyService.set_threshold(detection_id, "threshold", 1e9)
    assert (raw["anomaly_count"], raw["threshold"]) == (0, 1e9)
    with pytest.raises(InvalidField):
        AnomalyService.set_threshold(detection_id, "calibrated", 1.5)
    with acting_as(viewer), pytest.raises(Forbidden):
        AnomalyService.set_threshold(detection_id, "calibrated", 0.5)


def test_rows_are_paged_sorted_and_exported(analyst):
    detection_id = detection(source())
    highest = AnomalyRowService.list_rows(
        detection_id, 3, 0, "anomaly_score", descending=True, only_anomalies=True
    )
    assert {one["row_index"] for one in highest["rows"]} == set(ODD)
    last = AnomalyRowService.list_rows(detection_id, 10, 295)
    assert ([one["row_index"] for one in last["rows"]], last["total"]) == ([*range(295, 300)], 300)
    lines = "".join(AnomalyRowService.export_csv(detection_id)).splitlines()
    assert (len(lines), lines[0]) == (301, "row_index,anomaly_score,raw_score,is_anomaly")
    scores = AnomalyRowService.get_scores(detection_id)
    assert sum(scores["counts"]) == 300
    assert scores["levels"][100][2] == 0
    step, line, above = scores["levels"][60]
    moved = AnomalyService.set_threshold(detection_id, "calibrated", step)
    assert (moved["anomaly_count"], moved["threshold"]) == (above, line)
    with pytest.raises(InvalidField):
        AnomalyRowService.list_rows(detection_id, sort="colour")


def test_labels_and_what_follows_from_them(analyst):
    source_id = source()
    detection_id = detection(source_id)
    with pytest.raises(NotFound):
        AnomalyLabelService.get_metrics(detection_id)
    said = [{"row_index": row, "is_anomaly": True} for row in ODD]
    said += [{"row_index": 1, "is_anomaly": False}, {"row_index": 2, "is_anomaly": True}]
    assert AnomalyLabelService.set_labels(detection_id, said) == 5
    AnomalyService.set_threshold(detection_id, "contamination", 0.01)
    found = AnomalyLabelService.get_metrics(detection_id)
    assert (found["precision"], found["recall"]) == (1.0, 0.75)
    # Another detection of the same rows is measured by the same labels.
    assert AnomalyLabelService.count_labels(detection(source_id, "ecod")) == 5
    assert AnomalyLabelService.set_labels(detection_id, [{"row_index": 2, "is_anomaly": None}]) == 4
    assert AnomalyLabelService.get_metrics(detection_id)["roc_auc"] == 1.0
    with pytest.raises(InvalidField):
        AnomalyLabelService.set_labels(detection_id, [{"row_index": 300, "is_anomaly": True}])


def test_deleting_takes_the_files_along(analyst):
    detection_id = detection(source())
    with unit_of_work() as session:
        row = session.get_one(Detection, detection_id)
        keys = [row.scores_key, row.detector_key]
    with pytest.raises(Conflict):
        AnomalyService.delete_detection(detection_id)
    with unit_of_work() as session:
        session.get_one(
            Job, session.get_one(Detection, detection_id).job_id
        ).status = JobStatus.DONE
    AnomalyService.delete_detection(detection_id)
    assert [artefacts().exists(key) for key in keys] == [False, False]
    with pytest.raises(NotFound):
        AnomalyService.get_detection(detection_id)
