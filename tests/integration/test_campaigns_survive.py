"""Workers, Valkey and everything are killed in the middle of a campaign, which goes on."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager

import psutil

from models import Campaign, Role
from services import runtime
from services.actor import Actor, acting_as
from services.campaigns import studies
from services.campaigns.campaign_service import CampaignService
from services.campaigns.states import CampaignState
from services.hpo_service import HPOService
from services.runtime import unit_of_work
from tests import factories
from tests.beside import beside
from tests.factories import SMALL_SPACE, SMALL_TRAINING
from tests.running import free_port, processes_of, start, wait_for

TRIALS, MORE, EPOCHS = 6, 2, 60
OWN = {"STALE_AFTER_S": "12"}


@contextmanager
def services_of(running):
    """The services on the data of a running site, in this process."""
    server = beside(running)
    with server.app_context():
        yield
        studies.close()
        runtime.engine().dispose()


def begin():
    with unit_of_work() as session:
        owner_id = factories.user(session).id
        version = factories.trainable_version(session, owner_id)
        dataset_id = version.dataset_id
    owner = Actor(owner_id, Role.ANALYST, frozenset(), "page")
    config = {**SMALL_TRAINING, "epochs": EPOCHS, "parameters": {"width": 16, "blocks": 2}}
    with acting_as(owner):
        made = HPOService.create_campaign(
            *("Killed", "bayesian", "cnn1d", dataset_id, SMALL_SPACE, TRIALS),
            config=config,
            parallel=2,
        )
    return owner, made["id"]


def trials_of(campaign_id):
    return CampaignService.list_trials(campaign_id)


def in_work(campaign_id, epochs=3):
    """Trials that train at this moment and have come some way."""
    curves = CampaignService.list_curves(campaign_id)
    reached = {point["number"]: point["epoch"] for point in curves}
    return [
        trial
        for trial in trials_of(campaign_id)
        if trial["state"] == "running" and epochs <= reached.get(trial["number"], 0) < EPOCHS - 10
    ]


def over(campaign_id):
    return CampaignService.get_campaign(campaign_id)["state"] is CampaignState.FINISHED


def kill_everything(running):
    """As when the power is cut: nobody is asked."""
    parent = psutil.Process(running.process.pid)
    victims = [parent, *parent.children(recursive=True)]
    for one in victims:
        one.kill()
    psutil.wait_procs(victims, timeout=30)
    running.process.wait(30)


def test_a_campaign_outlives_its_workers_valkey_and_a_power_cut(tmp_path):
    folder, port = tmp_path / "var", free_port()
    running = start(folder, port, **OWN)
    try:
        running.wait_until_ready()
        with services_of(running):
            owner, campaign_id = begin()
            with acting_as(owner):
                killed = wait_for(lambda: in_work(campaign_id))[0]
                for process in running.child("training").children():
                    os.kill(process.pid, signal.SIGKILL)
                before = wait_for(lambda: in_work(campaign_id))
                running.child("valkey").kill()
                wait_for(lambda: len(trials_of(campaign_id)) > len(before))
                wait_for(lambda: in_work(campaign_id, 1))
                kill_everything(running)
                known = trials_of(campaign_id)
        running = start(folder, port, **OWN)
        running.wait_until_ready()
        with services_of(running), acting_as(owner):
            wait_for(lambda: over(campaign_id), 180)
            # More trials than there were: the same study goes on with the next number.
            CampaignService.change_limits(campaign_id, TRIALS + MORE, 2)
            CampaignService.resume_campaign(campaign_id)
            wait_for(lambda: over(campaign_id) and len(trials_of(campaign_id)) == TRIALS + MORE)
            trials = trials_of(campaign_id)
            assert [trial["number"] for trial in trials] == list(range(1, TRIALS + MORE + 1))
            assert [trial["reason"] for trial in trials if trial["reason"]] == []
            assert {trial["state"] for trial in trials} == {"complete"}
            # A trial that was cut short has gone on as what it was.
            chosen = {trial["number"]: trial["params"] for trial in trials}
            for trial in [killed, *known]:
                if trial["params"] is not None:
                    assert chosen[trial["number"]] == trial["params"]
            with unit_of_work() as session:
                study = studies.open_study(session.get_one(Campaign, campaign_id))
            assert study.running() == []
            told = {t.number: t for t in study.trials() if t.state.name == "COMPLETE"}
            assert len(told) == TRIALS + MORE
            assert sorted(t.value for t in told.values()) == sorted(t["value"] for t in trials)
    finally:
        running.stop()
    left = time.monotonic() + 20
    while processes_of(folder) and time.monotonic() < left:
        time.sleep(0.2)
    assert processes_of(folder) == []
