"""The pages of detections, batches and comparisons, without a browser."""

from __future__ import annotations

import pytest
from dash import no_update

from callbacks import anomalies, detection_batch, detection_comparison, detection_row, new_detection
from callbacks import detection as page
from layouts.detection import Ids
from layouts.new_detection import Ids as NewIds
from models import Detection, Job, JobStatus
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparing import AnomalyComparingService
from services.anomalies.explaining import AnomalyExplainingService
from services.anomalies.labels import AnomalyLabelService
from services.anomaly_service import AnomalyService
from services.errors import Invalid
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.sources.making import SourceMakingService
from tests import factories
from tests.anomalous import ODD, comparison, detection, source
from tests.unit.callbacks.pages import clicked


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    for module in (page, detection_row, detection_batch, detection_comparison):
        monkeypatch.setattr(module, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def source_id(analyst) -> str:
    return source()


@pytest.fixture
def known(source_id) -> dict:
    return page.show_detection({}, detection(source_id), None)[3]


def ended(detection_id: str) -> None:
    with unit_of_work() as session:
        session.get_one(
            Job, session.get_one(Detection, detection_id).job_id
        ).status = JobStatus.DONE


def test_the_history_says_what_to_do_first(analyst):
    assert "Make a source" in str(anomalies.show_detections({}, "*", 1)[0])
    source_id = source()
    assert "Nothing was detected yet" in str(anomalies.show_detections({}, "*", 1)[0])
    detection(source_id)
    comparison(source_id)
    AnomalyBatchService.create_batch([source_id], "night", "statistical")
    shown, pages, hidden = anomalies.show_detections({}, source_id, 1)
    assert ("pump.csv" in str(shown), pages, hidden) == (True, 1, True)
    batches, comparisons = anomalies.show_others({}, "*")
    assert "night" in str(batches)
    assert "ECOD" in str(comparisons)
    assert anomalies.show_detections({}, "nobody", 1)[1] == 1
    assert anomalies.offer_sources("", "*")[0][1]["value"] == source_id


def test_forms_come_from_the_algorithms(source_id):
    cards = [{"name": "lof"}, {"name": "ecod"}]
    with clicked(NewIds.card):
        forms, text, button, off = new_detection.show_forms(
            [True, False], [source_id], [], [], cards
        )
    assert "Neighbours" in str(forms)
    assert (text, off) == ("", False)
    with clicked(NewIds.sources):
        _, text, button, off = new_detection.show_forms([True, True], [source_id], [], [], cards)
        assert ("Compare 2" in str(button), off) == (True, False)
        assert new_detection.show_forms([True, True], ["a", "b"], [], [], cards)[3] is True
        assert new_detection.show_forms([True, False], [], [], [], cards)[3] is True
    assert new_detection.offer_columns([source_id])[0][1]["value"] == "flow"
    assert new_detection.offer_columns(["a", "b"])[2:] == (True, False)
    assert new_detection.offer_sources([source_id])[1] == [source_id]


def start(sources, ticked, values=(), ids=(), **more):
    given = {"columns": [], "sample": None, "policy": "auto", "value": None}
    given |= {"fit_source": "*", "fit_first": None, "fit_end": None, "alarm_from": None, "name": ""}
    given |= more
    cards = [{"name": "statistical"}, {"name": "ecod"}]
    with clicked(NewIds.start):
        asked = (1, sources, ticked, cards, list(values), list(ids))
        return new_detection.start(*asked, **given)[0]


def test_what_is_started_follows_from_the_choice(source_id):
    entry = {"of": "statistical", "name": "threshold"}
    address = start([source_id], [True, False], ["4,5"], [entry])
    made = AnomalyService.latest_detection(source_id)
    assert address == f"/anomalies/{made['id']}"
    assert made["config"]["threshold"] == 4.5
    policy = {"policy": "calibrated", "value": 0.6}
    start([source_id], [True, False], **policy)
    made = AnomalyService.latest_detection(source_id)
    assert made["threshold_policy"] == {"kind": "calibrated", "value": 0.6}
    with pytest.raises(Invalid, match="Give one of both"):
        start([source_id], [True, False], ["4,5"], [entry], **policy)
    assert start([source_id], [True, True]).startswith("/anomaly-comparisons/")
    for of_one in (policy, {"alarm_from": 3}):
        with pytest.raises(Invalid, match="choose one algorithm"):
            start([source_id], [True, True], **of_one)
    assert start([source_id, source()], [True, False]).startswith("/anomaly-batches/")
    with pytest.raises(Invalid):
        start([], [True, False])
    with pytest.raises(Invalid, match="first row"):
        start([source_id], [True, False], fit_first=3)


def copied(**named) -> dict[str, str]:
    return {"source": "", "copy": "", "comparison": "", "algorithm": "", **named}


def test_a_detection_is_asked_again_as_it_was(source_id):
    config = {"threshold": 4.5}
    fit_on = {"source_id": None, "rows": [8, 70]}
    more = {"columns": ["flow"], "config": config, "fit_on": fit_on, "alarm_from": 3}
    made = detection(source_id, "statistical", **more)
    sources, given, size, alarm, first, end, policy, value = new_detection.begin(copied(copy=made))
    assert (sources, size, alarm, first, end) == ([source_id], None, 3, 8, 70)
    assert (policy, value) == ("auto", None)  # the config draws the line itself
    cards = new_detection.show_cards(given, sources)
    ticked = [card.children[0].children[0].value for card in cards]
    assert [card.children[0].children[0].id["name"] for card, on in zip(cards, ticked, strict=True)
            if on] == ["statistical"]  # fmt: skip
    with clicked(NewIds.card):
        forms = new_detection.show_forms([True], sources, [], [], [{"name": "statistical"}], given)
    assert "value=4.5" in str(forms[0])
    assert new_detection.offer_columns(sources, given)[1] == ["flow"]
    assert new_detection.offer_sources(sources, given)[3] == new_detection.THIS
    assert f"copy={made}" in str(page.show_detection({}, made, None)[0])
    assert "Learned from the rows 8 to 69." in str(page.show_detection({}, made, None)[0])


def test_an_address_that_names_nothing_begins_anew(source_id):
    for named in ({"copy": "x"}, {"comparison": "x"}, {}):
        assert new_detection.begin(copied(**named))[:2] == ([], None)
    assert new_detection.begin(copied(source=source_id))[:2] == ([source_id], None)
    ticked = [one.children[0].children[0] for one in new_detection.show_cards(None, [])]
    assert [one.id["name"] for one in ticked if one.value] == ["ensemble"]


def test_a_comparison_learns_from_rows_and_leads_to_a_detection(source_id):
    address = start([source_id], [True, True], fit_first=0, fit_end=100)
    made = address.rpartition("/")[2]
    AnomalyComparingService.compare(made)
    shown = str(detection_comparison.show_comparison({}, made, None)[:3])
    assert "Learned from the rows 0 to 99." in shown
    assert f"comparison={made}&algorithm=ecod" in shown
    given = new_detection.begin(copied(comparison=made, algorithm="ecod"))[1]
    assert list(given["configs"]) == ["ecod"]
    assert given["fit_on"]["rows"] == [0, 100]
    assert len(new_detection.begin(copied(comparison=made))[1]["configs"]) == 2


def test_a_detection_is_drawn_once_and_its_rows_come_in_blocks(source_id, known):
    assert known["status"] == "success"
    assert page.show_detection({}, known["id"], known)[0] is no_update
    scores, over_time, plane, columns, definitions, levels, line, off = page.draw(known)
    assert (len(scores.data), len(over_time.data), len(plane.data)) == (1, 2, 2)
    assert ("flow" in str(columns), len(levels), off) == (True, 101, False)
    assert [one["headerName"] for one in definitions][4:] == ["flow_in", "flow", "heat"]
    rows, text = page.give_rows({"startRow": 0, "sortModel": []}, known, False)
    assert {one["row"] for one in rows["rowData"][:3]} == set(ODD)
    assert (rows["rowCount"], text) == (300, "300 rows")
    moved = page.move_line(1.0, known)
    assert page.move_line(line, known) is no_update
    assert AnomalyService.get_detection(known["id"])["anomaly_count"] == 0
    assert moved["threshold"] != known["threshold"]
    assert (known["flagged"] > 0, moved["flagged"]) == (True, 0)
    assert "0 of 300" in str(page.redraw_head(moved))


def test_a_row_is_chosen_explained_and_labelled(known):
    with clicked(Ids.time):
        assert detection_row.choose(None, {"points": [{"customdata": 7}]}, None) == 7
    with clicked(Ids.grid):
        assert detection_row.choose([{"row": 150}], None, None) == 150
    assert "Row 7" in str(detection_row.tell_row(7, known))
    assert detection_row.show_explanation({}, 1, 7, "shap", known) == []
    assert detection_row.ask(1, 7, "shap", known, 0) == 1
    assert "being computed" in str(detection_row.show_explanation({}, 1, 7, "shap", known))
    AnomalyExplainingService.explain(known["id"], [7], "shap", 10, 100)
    assert "flow" in str(detection_row.show_explanation({}, 1, 7, "shap", known))
    assert "precision and recall are shown" in str(detection_row.show_metrics(known, 0))
    with clicked({"type": Ids.label, "say": "yes"}):
        assert detection_row.label([1, None, None], 7, known, 0) == 1
    told = str(detection_row.show_metrics(known, 1))
    assert "Recall" in told
    assert "of 0 ordinary rows" in told


def test_a_detection_is_deleted(known):
    ended(known["id"])
    assert page.delete(known["id"]) == "/anomalies"
    assert "There is no such detection" in str(page.show_detection({}, known["id"], None)[1])


def test_a_window_leads_back_to_its_recording(analyst):
    with unit_of_work() as session:
        dataset_id = factories.trainable_version(session, analyst.user_id).dataset_id
    asked = {"dataset_id": dataset_id, "window": 512}
    source_id = SourceService.create_source("dataset", asked)
    SourceMakingService.make_version(source_id)
    known = page.show_detection({}, detection(source_id), None)[3]
    rows, _ = page.give_rows({"startRow": 0}, known, False)
    assert rows["rowData"][0]["href"].startswith("/signals?dataset=")
    assert page.draw(known)[4][0]["cellRenderer"] == "RecordingLink"


def test_a_batch_and_a_comparison_are_shown(source_id, told):
    batch_id = AnomalyBatchService.create_batch([source_id], "night", "statistical")
    head, body, known = detection_batch.show_batch({}, 0, batch_id, None)
    assert "0 of 1 sources" in str(body)
    assert detection_batch.show_batch({}, 0, batch_id, known)[0] is no_update
    assert detection_batch.cancel(1, batch_id, 0) == 1
    assert "cancelled" in str(detection_batch.show_batch({}, 1, batch_id, known)[0])
    assert detection_batch.delete(batch_id) == "/anomalies"
    assert "no such batch" in str(detection_batch.show_batch({}, 0, batch_id, None)[1])
    comparison_id = comparison(source_id)
    head, _, body, status = detection_comparison.show_comparison({}, comparison_id, None)
    assert "Agreement" in str(body)
    records, pages, hidden = detection_comparison.show_records(status, 1, comparison_id)
    assert ("Rows by confidence" in str(records), pages, hidden) == (True, 1, True)
    assert "no such comparison" in str(detection_comparison.show_comparison({}, "x", None)[2])
    assert head


def test_labels_draw_curves_with_n_once_both_kinds_have_some(source_id):
    def shown() -> str:
        made = comparison(source_id)
        return str(detection_comparison.show_comparison({}, made, None)[2])

    detection_id = detection(source_id)
    assert "No row had a label when this ran." in shown()
    AnomalyLabelService.set_labels(detection_id, [{"row_index": 7, "is_anomaly": True}])
    assert "1 anomalies, 0 ordinary. Curves need both kinds." in shown()
    AnomalyLabelService.set_labels(detection_id, [{"row_index": 1, "is_anomaly": False}])
    both = shown()
    for part in ("n = 2 labelled rows: 1 anomalies, 1 ordinary", "ROC curves", "area 1.00"):
        assert part in both
    assert "'symbol': 'diamond'" in both
