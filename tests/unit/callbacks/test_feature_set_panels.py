from __future__ import annotations

import pytest
from dash import dcc, html, no_update

from callbacks import feature_set_panels as page
from layouts import feature_set_panels as panels
from layouts.feature_set_panels import PANELS
from models import Job, JobStatus
from models.base import now
from services.actor import acting_as
from services.feature_analysis_service import FeatureAnalysisService
from services.runtime import unit_of_work
from tests import factories

BY_KIND = {panel.kind: panel for panel in PANELS}
MAP = BY_KIND["projection"]


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def known(analyst):
    with unit_of_work() as session:
        made = factories.feature_set(session, owner_id=analyst.user_id)
        return {"id": made.id, "dataset": 1, "channel": 0}


def graphs(parts):
    every = [one for part in parts for one in (part, *part._traverse())]
    return [one for one in every if isinstance(one, dcc.Graph)]


def test_panels_and_services_know_the_same_methods(analyst):
    assert {p.kind: list(p.methods) for p in PANELS} == {
        kind: sorted(methods, key=list(BY_KIND[kind].methods).index)
        for kind, methods in FeatureAnalysisService.list_methods().items()
    }


def test_nothing_is_shown_before_it_was_asked_for(known, viewer):
    progress, shown, _, button = page.show_panel(MAP, {}, 0, "pca", known, None)
    assert progress == ""
    assert "Nothing has been computed yet" in str(shown)
    assert button is None
    with acting_as(viewer):
        assert page.show_panel(MAP, {}, 0, "pca", known, None)[3] == {"display": "none"}
    assert page.show_panel(MAP, {}, 0, "pca", None, None) == (no_update,) * 4


def test_a_set_that_was_deleted_meanwhile_is_told(known):
    gone = {**known, "id": 10**6}
    _, shown, _, button = page.show_panel(MAP, {}, 0, "pca", gone, None)
    assert "not there any more" in str(shown)
    assert button == {"display": "none"}


def test_many_features_that_are_left_out_are_counted_and_folded_away():
    few = panels._left_out({"Kurtosis@1": "It never changes.", "own": "It never changes."})
    assert str(few[0].children) == "Left out, it never changes: Kurtosis; own."
    many = panels._left_out({f"own {n}": "No window has a number." for n in range(24)})
    assert isinstance(many[0], html.Details)
    summary, body = many[0].children
    assert "24 features are left out" in str(summary)
    assert "No window has a number: own 0; own 1; " in str(body)


def test_a_job_is_asked_for_and_followed(known, sent):
    assert page.ask(MAP, None, "pca", 15, 0.01, known, 0) is no_update
    assert page.ask(MAP, 1, "pca", 15, 0.01, known, 0) == 1
    running = str(page.show_panel(MAP, {}, 1, "pca", known, None)[0])
    assert "progress" in running
    assert "'verb': 'cancel'" in running
    with unit_of_work() as session:
        job = session.get_one(Job, sent[0][1])
        job.status, job.error, job.finished_at = JobStatus.FAILED, "It broke.", now()
    assert "It broke." in str(page.show_panel(MAP, {}, 1, "pca", known, None)[0])
    FeatureAnalysisService.analyse(known["id"], "projection", "pca")
    assert page.show_panel(MAP, {}, 1, "pca", known, None)[0] == ""


@pytest.mark.parametrize(
    ("kind", "method", "text"),
    [
        ("projection", "pca", "of the variance"),
        ("correlation", "pearson", "Coefficient"),
        ("importance", "random_forest", "guessing gives 50 %"),
        ("selection", "variance", "Open the set of the chosen features"),
    ],
)
def test_what_was_seen_is_drawn_once(known, kind, method, text):
    panel = BY_KIND[kind]
    FeatureAnalysisService.analyse(known["id"], kind, method, {"threshold": 0})
    _, parts, shown, _ = page.show_panel(panel, {}, 0, method, known, None)
    assert text in " ".join(map(str, [*parts, *(graph.figure for graph in graphs(parts))]))
    assert len(graphs(parts)) == (kind != "selection")
    for graph in graphs(parts):
        assert graph.figure.layout.xaxis.title.text
        assert graph.figure.layout.yaxis.title.text
    assert page.show_panel(panel, {}, 0, method, known, shown)[1] is no_update


def test_points_of_the_map_know_their_windows(known):
    FeatureAnalysisService.analyse(known["id"], "projection", "pca")
    parts = page.show_panel(MAP, {}, 0, "pca", known, None)[1]
    drawn = graphs(parts)[0].figure
    assert drawn.layout.meta == {"dataset": 1, "channel": 0, "path": "/signals"}
    assert [len(trace.x) for trace in drawn.data] == [12, 12]
    assert tuple(drawn.data[0].customdata[1][1:]) == (0.256, 0.512)
