"""``make screenshots``: a picture of every page for the user guide, on generated data only."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from selenium.webdriver.common.by import By

from layouts.page import Page
from layouts.registry import PAGES
from server import create_server
from services import runtime
from services.upload_service import UploadService
from settings import Settings
from tasks.celery_app import make_celery, make_sender
from tests.running import free_port, start, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import Sample, prepare
    from tests.browser.site import DESK, PHONE, Site, SiteBrowser

# What stands below the first screen and is told of in the guide, by page.
PARTS = {
    "import_data": {"preview": "#import-data-grouped"},
    "generate": {"preview": "#generate-preview"},
    "dataset": {
        "recordings": "#dataset-recordings-section",
        "classes": "#dataset-content-preview",
        "exports": "#dataset-exports-files",
    },
}
BRING = """
const part = arguments[0].closest("section") || arguments[0];
part.style.scrollMarginTop = "64px";
part.scrollIntoView({block: "start"});
"""
IMAGES = Path(__file__).parents[1] / "docs" / "guide" / "images"
DRAWN_S = 1.0  # grids fetch their rows, and figures draw, after the callbacks have ended
SIZES = {"desk": DESK, "phone": PHONE}
# More than a test trains: the curves and the result should look like something.
TRAINING = {
    "split": {"by": "fractions", "test": 0.34, "validation": 0.17, "seed": 1},
    "epochs": 20,
    "window": 4096,
    "hop": 2048,
}


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rotorscope-") as folder:
        up = start(Path(folder) / "var", free_port())
        try:
            up.wait_until_ready()
            settings = Settings.from_environment({"DATA_FOLDER": str(up.folder)})
            server = create_server(settings)
            runtime.send_with(server, make_sender(make_celery(settings)))
            site = Site(up, server)
            with SiteBrowser(site, folder) as browser:
                sample = prepare(site, TRAINING)
                upload_examples(site)
                take_all(browser, sample)
        finally:
            up.stop()
    return 0


def take_all(browser: SiteBrowser, sample: Sample) -> None:
    """Sign-in, then every page and its lower parts, in both themes and sizes."""
    for theme in ("light", "dark"):
        for size, extent in SIZES.items():
            browser.size(*extent)
            browser.forget()
            browser.driver.get(f"{browser.site.up.url}/sign-in")
            browser.theme(theme)
            browser.driver.refresh()
            keep(browser, f"sign-in-{theme}-{size}")
            browser.sign_in("admin")
            for page in PAGES:
                browser.open(sample.address(page))
                keep(browser, f"{file_name(page)}-{theme}-{size}")
                for part, selector in PARTS.get(page.slug, {}).items():
                    show(browser, selector)
                    keep(browser, f"{file_name(page)}-{part}-{theme}-{size}")


def upload_examples(site: Site) -> None:
    """Two files that wait for their import: one says everything, one must be asked about."""
    rng = np.random.default_rng(3)
    with site.acting("admin"):
        for name, head in (("pump-3/outer.csv", "time (s),drive end (g)"), ("fan.csv", "s,x")):
            rows = (
                f"{n / 12_000:.6f},{value:.5f}" for n, value in enumerate(rng.normal(size=6000))
            )
            content = "\n".join([head, *rows]).encode()
            upload = UploadService.begin(name, len(content), hashlib.sha256(content).hexdigest())
            UploadService.append(upload["id"], 0, content, hashlib.sha256(content).hexdigest())


def show(browser: SiteBrowser, selector: str) -> None:
    """Wait for what comes from a job, and bring it under the header."""
    part = wait_for(lambda: browser.driver.find_element(By.CSS_SELECTOR, selector))
    wait_for(lambda: part.text)
    browser.driver.execute_script(BRING, part)
    browser.settle()


def keep(browser: SiteBrowser, name: str) -> None:
    time.sleep(DRAWN_S)
    (IMAGES / f"{name}.png").write_bytes(browser.picture())
    sys.stdout.write(f"{name}\n")


def file_name(page: Page) -> str:
    return re.sub(r"[^a-z0-9]+", "-", page.slug)


if __name__ == "__main__":
    sys.exit(main())
