"""``make screenshots``: a picture of every page for the user guide, on generated data only.

With names of pages (``python -m scripts.screenshots explain``) only theirs are taken anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from PIL import Image
from selenium.webdriver.common.by import By

from layouts.page import Page
from layouts.registry import PAGES
from services import actor
from services.api_key_service import APIKeyService
from services.deployment_service import DeploymentService
from services.explanations.batches import ExplanationBatchService
from services.streaming.replay_service import StreamReplayService
from services.streaming_service import StreamingService
from services.upload_service import UploadService
from services.xai_service import XAIService
from tests.beside import beside
from tests.running import free_port, start, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import ALLOWED, Sample, done, prepare
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
    "explain": {
        "answers": ".explain-answers",
        "score-card": "[aria-label='Score card']",
        "several": "#explain-many-result .table-scroll",
    },
}
BRING = """
const part = arguments[0].closest("section") || arguments[0];
part.style.scrollMarginTop = "64px";
part.scrollIntoView({block: "start"});
"""
IMAGES = Path(__file__).parents[1] / "docs" / "guide" / "images"
REAL = "real-"  # taken by hand of recordings that are not part of the project
COLOURS = 256  # a third of the size, and nothing is seen of it
DRAWN_S = 1.0  # grids fetch their rows, and figures draw, after the callbacks have ended
SIZES = {"desk": DESK, "phone": PHONE}
# More than a test trains: the curves and the result should look like something.
TRAINING = {
    "split": {"by": "fractions", "test": 0.34, "validation": 0.17, "seed": 1},
    "epochs": 20,
    "window": 4096,
    "hop": 2048,
}


def main(names: Sequence[str] = ()) -> int:
    pages = [page for page in PAGES if not names or page.slug in names]
    IMAGES.mkdir(parents=True, exist_ok=True)
    if not names:
        for old in IMAGES.glob("*.png"):
            if not old.name.startswith(REAL):
                old.unlink()
    with tempfile.TemporaryDirectory(prefix="rotorscope-") as folder:
        up = start(Path(folder) / "var", free_port(), **ALLOWED)
        try:
            up.wait_until_ready()
            site = Site(up, beside(up))
            with SiteBrowser(site, folder) as browser:
                sample = prepare(site, TRAINING)
                upload_examples(site)
                ask_the_api(site)
                more = {p.slug: MORE[p.slug](site, sample) for p in pages if p.slug in MORE}
                take_all(browser, sample, pages, more)
        finally:
            up.stop()
    return 0


def take_all(
    browser: SiteBrowser, sample: Sample, pages: Sequence[Page], more: Mapping[str, str]
) -> None:
    """Sign-in, then every page and its lower parts, in both themes and sizes.

    ``more`` is what stands behind the address of a page.
    """
    for theme in ("light", "dark"):
        for size, extent in SIZES.items():
            browser.size(*extent)
            browser.forget()
            browser.driver.get(f"{browser.site.up.url}/sign-in")
            browser.theme(theme)
            browser.driver.refresh()
            if len(pages) == len(PAGES):
                keep(browser, f"sign-in-{theme}-{size}")
            browser.sign_in("admin")
            for page in pages:
                browser.open(sample.address(page) + more.get(page.slug, ""))
                keep(browser, f"{file_name(page)}-{theme}-{size}")
                for part, selector in PARTS.get(page.slug, {}).items():
                    show(browser, selector)
                    keep(browser, f"{file_name(page)}-{part}-{theme}-{size}")


def explain_more(site: Site, sample: Sample) -> str:
    """Two methods and all held-out recordings; what the address says of them."""
    methods = ("gradcam", "integrated_gradients")
    with site.acting("analyst"):
        rows = XAIService.list_recordings(sample.experiment_id)
        held_out = [row["recording_id"] for row in rows if row["side"] == "test"]
        about = (sample.experiment_id, held_out, methods, sample.true_class)
        job_id = ExplanationBatchService.request_batch(*about)
        if job_id is not None:
            done(job_id)
    return f"&{urlencode({'methods': ','.join(methods), 'more': ','.join(map(str, held_out))})}"


def stream_more(site: Site, sample: Sample) -> str:
    """A session that has judged the rows of a source."""
    with site.acting("analyst"):
        source_id = sample.anomalies.source_id
        session_id = StreamingService.start_session(source_id=source_id, name="Pump 3")["id"]
        done(StreamReplayService.request_table_replay(session_id, source_id))
    return f"?{urlencode({'id': session_id})}"


def deploy_more(site: Site, sample: Sample) -> str:
    """More variants of the sample's network, beside the one that answers."""
    with site.acting("analyst"):
        for kind in ("fp16", "int8_static"):
            done(DeploymentService.request_variant(sample.experiment_id, kind))
    return ""


# What some pages show beside the sample, and how their address says so.
MORE: Mapping[str, Callable[[Site, Sample], str]] = {
    "explain": explain_more,
    "streams": stream_more,
    "deployments": deploy_more,
}


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


def ask_the_api(site: Site) -> None:
    """As two programs would, now and then in vain."""
    for name, times in (("Historian", 40), ("Press line", 12)):
        with site.acting("admin"):
            key = APIKeyService.generate_key(actor.myself(), name)["key"]
        for number in range(times):
            path = ("datasets", "experiments", "jobs", f"recordings/{number}")[number % 4]
            url = f"{site.up.url}/api/v1/{path}"
            request = urllib.request.Request(url, headers={"X-API-Key": key})
            with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request):
                pass


def show(browser: SiteBrowser, selector: str) -> None:
    """Wait for what comes from a job, and bring it under the header."""
    part = wait_for(lambda: browser.driver.find_element(By.CSS_SELECTOR, selector))
    wait_for(lambda: part.text)
    browser.driver.execute_script(BRING, part)
    browser.settle()


def keep(browser: SiteBrowser, name: str) -> None:
    time.sleep(DRAWN_S)
    with Image.open(io.BytesIO(browser.picture())) as picture:
        picture.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)
    sys.stdout.write(f"{name}\n")


def file_name(page: Page) -> str:
    return re.sub(r"[^a-z0-9]+", "-", page.slug)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
