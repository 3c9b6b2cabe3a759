"""Two searches on real bearings with a worker killed in the middle, and pictures of their pages.

For ``docs/guide/searches-on-cwru.md``. The recordings are public but not ours to ship: they are
read from a folder, and only pictures and figures are kept.
``python -m scripts.searches_real settings|networks [FOLDER]``; without a folder that of
``ROTORSCOPE_REAL_DATA``, or ``../shared/data``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.screenshots import IMAGES, keep, show
from scripts.screenshots_real import USUAL, bring
from services.campaigns.campaign_service import CampaignService
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter, Selection
from services.hpo_service import HPOService
from services.nas_service import NASService
from services.version_service import VersionService
from tests.beside import beside
from tests.running import free_port, start, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.site import DESK, PHONE, Site, SiteBrowser

SOURCES = ("cwru/cwru_12k_DE_5s.npz", "cwru/cwru_12k_DE_5s.csv")
OWN = {"STALE_AFTER_S": "12", "WORKER_CONCURRENCY": "2"}
# Eleven bearings with damage. The first fold is the test, and each trial is trained ten times,
# with another bearing left out each time.
BEARINGS = 11
CONFIG: dict[str, Any] = {
    "group_by": "bearing",
    "split": {"by": "folds", "folds": BEARINGS, "seed": 1},
    "window": 2048,
    "hop": 2048,
    "draw": "one_each",
    "normalisation": "window",
    "batch_size": 16,
    "patience": 0,
}
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 3e-4, "high": 3e-2, "log": True},
    "weight_decay": {"type": "float", "low": 1e-4, "high": 1e-1, "log": True},
    "parameters.width": {"type": "int", "low": 4, "high": 16},
    "parameters.blocks": {"type": "int", "low": 1, "high": 4},
}
NETWORKS = {"depth": [3, 5], "widths": [8, 16], "stem_widths": [8, 16], "kernels": [3, 7, 15]}
EPOCHS = {"settings": 9, "networks": 6}
TRIALS = {"settings": 30, "networks": 15}
KILL_AFTER = 0.4  # of the trials
MOST_S = 280.0
PARTS = {
    "scores": "#campaign-history",
    "settings": "#campaign-parallel",
    "pair": "#campaign-pair",
    "importance": "#campaign-importance section",
    "network": "#campaign-network-shown",
    "trials": "#campaign-trials",
}


def main(arguments: list[str]) -> int:
    what, *folder = arguments
    data = Path(folder[0] if folder else os.environ.get("ROTORSCOPE_REAL_DATA", USUAL))
    if not all((data / name).exists() for name in SOURCES):
        sys.stderr.write(f"The recordings are not in {data}.\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="rotorscope-") as place:
        up = start(Path(place) / "var", free_port(), **OWN)
        try:
            up.wait_until_ready()
            site = Site(up, beside(up))
            with site.acting("analyst") as analyst:
                bring(up, "CWRU", [data / name for name in SOURCES], analyst.name)
                campaign_id = begin(what)
                told = watch(site, campaign_id, TRIALS[what])
            sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            with SiteBrowser(site, place) as browser:
                take_all(browser, f"/campaigns/{campaign_id}", what)
        finally:
            up.stop()
    return 0


def begin(what: str) -> int:
    """Leave out what has no damage, and begin."""
    (dataset,) = DatasetService.list_names()
    healthy = Selection(chosen=RecordingFilter(label="normal"))
    VersionService.remove_selected(dataset["id"], healthy, "one recording without damage")
    config = {**CONFIG, "epochs": EPOCHS[what]}
    if what == "settings":
        made: Any = HPOService.create_campaign(
            *("Hyperband on CWRU", "hyperband", "cnn1d", dataset["id"], SPACE, TRIALS[what]),
            config=config,
            seed=1,
            parallel=2,
        )
    else:
        del config["epochs"]
        made = NASService.create_nas_campaign(
            *("Networks on CWRU", dataset["id"], NETWORKS, "evolution", TRIALS[what]),
            EPOCHS[what],
            config=config,
            seed=1,
            parallel=2,
        )
    return int(made["id"])


def watch(site: Site, campaign_id: int, trials: int) -> dict[str, Any]:
    """Kill both processes of the worker in the middle, and wait for the end; what came out."""
    begun = time.monotonic()
    wait_for(lambda: over(campaign_id) >= KILL_AFTER * trials, MOST_S)
    at_work = wait_for(lambda: running(campaign_id))
    for process in site.up.child("training").children():
        process.kill()
    killed = {"trials over": over(campaign_id), "in work": at_work, "after_s": since(begun)}
    wait_for(lambda: _ended(campaign_id), MOST_S)
    took = since(begun)
    CampaignService.request_importance(campaign_id)
    wait_for(lambda: CampaignService.get_campaign(campaign_id)["importance"] is not None)
    CampaignService.evaluate_best(campaign_id)
    wait_for(lambda: CampaignService.get_campaign(campaign_id)["final"] is not None)
    found = CampaignService.get_campaign(campaign_id)
    rows = CampaignService.list_trials(campaign_id, 500)
    return {
        "seconds": took,
        "killed": killed,
        "states": Counter(trial["state"].value for trial in rows),
        "numbers": [trial["number"] for trial in rows] == list(range(1, trials + 1)),
        "epochs": sum(trial["epochs"] for trial in rows),
        "trainings": sum(len(trial["experiment_ids"]) for trial in rows),
        "failed": {trial["number"]: trial["reason"] for trial in rows if trial["value"] is None},
        "values": [trial["value"] for trial in rows],
        "best": json.loads(json.dumps(found["best"], default=str)),
        "importance": {**(found["importance"] or {}), "surfaces": None},
        "final": found["final"],
        "plan": found["plan"]["groups"] | found["plan"]["recordings"],
    }


def over(campaign_id: int) -> int:
    trials = CampaignService.get_campaign(campaign_id)["trials"]
    return sum(trials[state] for state in ("complete", "pruned", "failed"))


def running(campaign_id: int) -> list[int]:
    found = CampaignService.list_trials(campaign_id, 50, 0, ("running",))
    return [trial["number"] for trial in found]


def since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)


def _ended(campaign_id: int) -> bool:
    return CampaignService.get_campaign(campaign_id)["ended_at"] is not None


def take_all(browser: SiteBrowser, address: str, what: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    browser.sign_in("analyst")
    parts = {name: one for name, one in PARTS.items() if _belongs(name, what)}
    for theme, size in (("light", "desk"), ("dark", "phone")):
        browser.size(*(DESK if size == "desk" else PHONE))
        browser.theme(theme)
        browser.open(address)
        keep(browser, f"real-search-{what}-{theme}-{size}")
        sys.stdout.write("".join(f"{one}\n" for one in browser.violations()))
        for name, selector in parts.items() if size == "desk" else ():
            show(browser, selector)
            keep(browser, f"real-search-{what}-{name}-{theme}-{size}")


def _belongs(name: str, what: str) -> bool:
    return name != "network" if what == "settings" else name != "settings"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
