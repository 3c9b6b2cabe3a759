"""Pictures of bearings whose damage is known, for ``docs/guide/known-bearings.md``.

The recordings are public but not ours to ship: they are read from a folder, and only pictures of
plots are kept. ``python -m scripts.screenshots_real FOLDER``; without a folder that of
``ROTORSCOPE_REAL_DATA``, or ``../shared/data``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from scripts.screenshots import IMAGES, keep
from server import create_server
from services.dataset_service import DatasetService
from services.signal_view_service import SignalViewService
from settings import Settings
from tests.running import Up, free_port, run_cli, start, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.site import Site, SiteBrowser

USUAL = Path(__file__).parents[2] / "shared" / "data"
# What is imported, by the name of the data set; the table beside an archive describes it.
SOURCES = {
    "CWRU": ("cwru/cwru_12k_DE_5s.npz", "cwru/cwru_12k_DE_5s.csv"),
    "MFPT": ("mfpt",),
}
# As the rule looks: the squared envelope in the best band of the kurtogram. The bearing is that
# of the recording, which the import knows.
VIEW = {"plot": "envelope", "band": "kurtogram", "squared": "true", "zoom_low": 0, "zoom_high": 520}
# The verdict of the rule and the plot below it fill the screen together.
BRING = """
const found = document.querySelector(".signals-found");
found.style.scrollMarginTop = "72px";
found.scrollIntoView({block: "start", behavior: "instant"});
"""
DRAWN = """
const graph = document.querySelector("#signals-plot .js-plotly-plot");
return Boolean(graph && graph.layout.shapes && graph.layout.shapes.length);
"""


@dataclass(frozen=True)
class Known:
    """A recording whose damage is known."""

    name: str
    dataset: str
    recording: str

    def address(self, dataset_id: int, recording_id: int) -> str:
        place = {"dataset": dataset_id, "recording": recording_id}
        return f"/signals?{urlencode({**place, **VIEW})}"


KNOWN = (
    Known("cwru-inner", "CWRU", "IR007_0"),
    Known("cwru-outer", "CWRU", "OR007@6_0"),
    # Of the balls of 28 mil only the nominal speed is known.
    Known("cwru-ball-clear", "CWRU", "B028_2"),
    Known("cwru-ball-silent", "CWRU", "B014_0"),
    Known("cwru-ball-wrong", "CWRU", "B021_2"),
    Known("mfpt-inner", "MFPT", "InnerRaceFault_vload_1"),
    Known("mfpt-outer", "MFPT", "OuterRaceFault_vload_1"),
)


def main(arguments: list[str]) -> int:
    data = Path(arguments[0] if arguments else os.environ.get("ROTORSCOPE_REAL_DATA", USUAL))
    missing = [name for names in SOURCES.values() for name in names if not (data / name).exists()]
    if missing:
        sys.stderr.write(f"The recordings are not in {data}: {', '.join(missing)} is missing.\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="rotorscope-") as folder:
        up = start(Path(folder) / "var", free_port())
        try:
            up.wait_until_ready()
            server = create_server(Settings.from_environment({"DATA_FOLDER": str(up.folder)}))
            site = Site(up, server)
            addresses = prepare(site, data)
            with SiteBrowser(site, folder) as browser:
                take_all(browser, addresses)
        finally:
            up.stop()
    return 0


def prepare(site: Site, data: Path) -> dict[str, str]:
    """Import the recordings; the address of each picture."""
    with site.acting("analyst") as analyst:
        for dataset, names in SOURCES.items():
            bring(site.up, dataset, [data / name for name in names], analyst.name)
        ids = {one["name"]: one["id"] for one in DatasetService.list_names()}
        found = {
            (dataset, one["name"]): one["id"]
            for dataset in SOURCES
            for one in SignalViewService.list_choices(ids[dataset], None)
        }
    return {
        known.name: known.address(ids[known.dataset], found[known.dataset, known.recording])
        for known in KNOWN
    }


def bring(up: Up, dataset: str, paths: list[Path], user: str) -> None:
    """Import into a data set as anybody would."""
    told = run_cli(up, "data", "import", *map(str, paths), "--dataset", dataset, "--as", user)
    if told.returncode:
        raise RuntimeError(f"The recordings of {dataset} were not imported:\n{told.stdout}")


def take_all(browser: SiteBrowser, addresses: Mapping[str, str]) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    browser.sign_in("analyst")
    browser.theme("light")
    for name, address in addresses.items():
        browser.open(address)
        show_verdict(browser)
        keep(browser, f"real-{name}")


def show_verdict(browser: SiteBrowser) -> None:
    """Open the panel of the lines, and bring what the rule says and the plot on the screen."""
    line = browser.driver.find_element(By.CSS_SELECTOR, "summary:has(#signals-overlay-told)")
    browser.driver.execute_script("arguments[0].focus()", line)
    line.send_keys(Keys.ENTER)
    verdict = browser.driver.find_element(By.ID, "signals-overlay-verdict")
    wait_for(lambda: verdict.text)
    wait_for(lambda: browser.driver.execute_script(DRAWN))
    browser.settle()
    browser.driver.execute_script(BRING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
