"""What a person may name is shown as it was typed, and never run, on every page that shows it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Bearing, Dataset, DatasetMember, DatasetVersion, Experiment, Machine, Recording
from services.dataset_service import DatasetService
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from services.search_service import SearchService
from services.tag_service import TagService
from tests import factories
from tests.browser.sample import done

SCRIPT = "<img src=x onerror=document.title='broken'>"
FOREST = {"classifier": "random_forest", "parameters": {"trees": 10}, "window": 1024, "hop": 1024}
SPLIT = {"by": "fractions", "test": 0.34, "validation": 0.33, "seed": 1}
RUN = "return document.querySelectorAll('img[src=x]').length"


@pytest.fixture
def named(browser):
    """A data set, its recordings and classes, machine, bearing, experiment, tag and search."""
    with browser.site.acting("analyst") as owner:
        with unit_of_work() as session:
            version_id = factories.trainable_version(session, owner.user_id).id
            dataset_id = _rename(session, version_id)
        config = {**FOREST, "split": SPLIT}
        made = ExperimentService.create_experiment(SCRIPT, version_id, config)
        with unit_of_work() as session:
            tag = TagService.add_tag_to_experiment(session, made["id"], "<b onclick=alert(1)>")
            saved = SearchService.save_search(session, owner.user_id, SCRIPT, f'"{SCRIPT}"')
        done(made["job"]["id"])
        yield made["id"], dataset_id, tag
        with unit_of_work() as session:
            SearchService.delete_saved_search(session, saved.id, owner.user_id)
        ExperimentCollectionService.delete_experiments([made["id"]])
        DatasetService.delete_dataset(dataset_id)


def _rename(session, version_id: int) -> int:
    version = session.get_one(DatasetVersion, version_id)
    session.get_one(Dataset, version.dataset_id).name = SCRIPT
    of = select(DatasetMember).where(DatasetMember.version_id == version_id)
    for member in session.scalars(of):
        if member.label == "inner":
            member.label = SCRIPT
        recording = session.get_one(Recording, member.recording_id)
        recording.name = f"{SCRIPT} {recording.id}"
        recording.channels[0].name = SCRIPT
        session.get_one(Machine, recording.machine_id).name = SCRIPT
        bearing = session.get_one(Bearing, recording.bearing_id)
        bearing.name = f"{SCRIPT} {bearing.id}"
    return version.dataset_id


def test_no_name_is_run_on_any_page(browser, named):
    experiment_id, dataset_id, _tag = named
    with unit_of_work(writing=False) as session:
        owned = select(Recording).where(Recording.dataset_id == dataset_id).limit(1)
        recording = session.scalars(owned).one()
        machine_id, recording_id = recording.machine_id, recording.id
        assert session.get_one(Experiment, experiment_id).name == SCRIPT
    seen = f"dataset={dataset_id}&recording={recording_id}"
    browser.sign_in("admin")
    for address in (
        *("/datasets", f"/datasets/{dataset_id}", f"/machines/{machine_id}", f"/signals?{seen}"),
        *("/experiments", f"/experiments/{experiment_id}", "/jobs", "/machines"),
        f"/evaluation?experiment={experiment_id}&part=errors",
        f"/compare?experiments={experiment_id}",
        f"/new-experiment?dataset={dataset_id}",
    ):
        browser.open(address)
        assert "broken" not in browser.driver.title, address
        assert browser.driver.execute_script(RUN) == 0, address
        assert "onerror" in browser.find_element("body").text, address
    for address in ("/", "/audit", "/alarms", "/inbox", "/repeated", "/features", "/webhooks"):
        browser.open(address)
        assert "broken" not in browser.driver.title, address
        assert browser.driver.execute_script(RUN) == 0, address
