"""How long pages take in a browser, as an address and from another page.

A page counts as opened when it is drawn and no callback is under way; that is asked every
20 ms. In turns, the same page is opened while Dash's store is asked what the program keeps
from it (see ``assets/renderer.js``), to show what that is worth on this machine.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dash.testing.wait import until

from benchmarks.measure import Benchmark, Figure, main, median, percentile
from layouts.registry import PAGES
from tests.beside import beside
from tests.running import free_port, start

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import ALLOWED, prepare
    from tests.browser.site import SETTLED, Site, SiteBrowser

ROUNDS = 3
OPENED = (
    *("home", "datasets", "dataset", "signals", "generate", "features", "new_experiment"),
    *("experiments", "experiment", "compare", "explain", "detection", "jobs"),
)
ELSEWHERE = "/machines"
# A list whose additions nobody can attend to: Dash works as it comes.
AS_IT_COMES = """
window.dash_stores = Object.defineProperty([], "push", { value: Array.prototype.push });
"""
PLAIN, OURS = "as Dash comes", "ours"


def run() -> Benchmark:
    with opened() as (browser, addresses):
        seconds = measure(browser, addresses)
    figures = [figure for slug in OPENED for figure in figures_of(slug, seconds)]
    return Benchmark(
        name="page_opening",
        title="Opening pages",
        method=(
            f"A site with generated data, trained and explained, in Chromium at 1440 × 900, "
            f"signed in as an analyst; time until nothing is under way. {ROUNDS} rounds, medians. "
            f"The ratio is that of a page from another page to the same without the part of ours "
            f"that keeps needless questions from Dash's store."
        ),
        figures=figures,
        command="python -m benchmarks.page_opening",
    )


@contextmanager
def opened() -> Iterator[tuple[SiteBrowser, dict[str, str]]]:
    """A browser that is signed in, and where each page with something on it is."""
    with tempfile.TemporaryDirectory() as folder:
        up = start(Path(folder) / "var", free_port(), **ALLOWED)
        try:
            up.wait_until_ready()
            site = Site(up, beside(up))
            sample = prepare(site)
            with SiteBrowser(site, folder) as browser:
                browser.sign_in("analyst")
                yield browser, {p.slug: sample.address(p) for p in PAGES if p.slug in OPENED}
        finally:
            up.stop()


def measure(browser: SiteBrowser, addresses: dict[str, str]) -> dict[tuple[str, str], list[float]]:
    """Seconds by page and way; the first round fills the browser's cache and does not count."""
    found = defaultdict(list)
    for _turn in range(ROUNDS + 1):
        for slug, address in addresses.items():
            found[slug, "address"].append(_seconds(browser, browser.site.up.url + address))
            found[slug, OURS].append(_followed(browser, address))
            with as_it_comes(browser):
                found[slug, PLAIN].append(_followed(browser, address))
    return {key: values[1:] for key, values in found.items()}


@contextmanager
def as_it_comes(browser: SiteBrowser) -> Iterator[None]:
    """Documents that are opened meanwhile run Dash's store as it comes."""
    command = "Page.addScriptToEvaluateOnNewDocument"
    script = browser.driver.execute_cdp_cmd(command, {"source": AS_IT_COMES})
    try:
        yield
    finally:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        browser.messages()  # that the list could not be changed is said there


def figures_of(slug: str, seconds: dict[tuple[str, str], list[float]]) -> Iterator[Figure]:
    title = next(page.title for page in PAGES if page.slug == slug)
    direct, ours, plain = (seconds[slug, way] for way in ("address", OURS, PLAIN))
    yield _figure(f"{title}: as an address", direct)
    yield _figure(f"{title}: from another page", ours)
    ratio = median(ours) / median(plain)
    note = f"without {median(plain):.2f} s"
    yield Figure(f"{title}: from another page, of that without", ratio, "×", ROUNDS, note=note)


def _figure(name: str, seconds: list[float]) -> Figure:
    return Figure(name, median(seconds), "s", ROUNDS, note=f"most {percentile(seconds, 100):.2f} s")


def _followed(browser: SiteBrowser, address: str) -> float:
    browser.open(ELSEWHERE)
    begun = time.perf_counter()
    browser.follow(address)
    return time.perf_counter() - begun


def _seconds(browser: SiteBrowser, address: str) -> float:
    begun = time.perf_counter()
    browser.driver.get(address)
    until(lambda: browser.driver.execute_script(SETTLED), timeout=60, poll=0.02)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(run)
