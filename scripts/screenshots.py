"""``make screenshots``: a picture of every page for the user guide, on generated data only."""

from __future__ import annotations

import re
import sys
import tempfile
import time
import warnings
from pathlib import Path

from layouts.page import Page
from layouts.registry import PAGES
from server import create_server
from services import runtime
from settings import Settings
from tasks.celery_app import make_celery, make_sender
from tests.running import free_port, start

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import Sample, prepare
    from tests.browser.site import DESK, PHONE, Site, SiteBrowser

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
                take_all(browser, prepare(site, TRAINING))
        finally:
            up.stop()
    return 0


def take_all(browser: SiteBrowser, sample: Sample) -> None:
    """Sign-in, then every page, in both themes and sizes."""
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


def keep(browser: SiteBrowser, name: str) -> None:
    time.sleep(DRAWN_S)
    (IMAGES / f"{name}.png").write_bytes(browser.picture())
    sys.stdout.write(f"{name}\n")


def file_name(page: Page) -> str:
    return re.sub(r"[^a-z0-9]+", "-", page.slug)


if __name__ == "__main__":
    sys.exit(main())
