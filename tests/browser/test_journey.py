"""From the first start to an explained diagnosis, as one person would go through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from layouts import explain, import_data, new_experiment, signals
from tests.browser.site import PASSWORD, Site, SiteBrowser
from tests.running import free_port, start, wait_for

RATE_HZ = 2_000.0
TONES_HZ = {"inner": 60.0, "outer": 150.0}


@pytest.fixture
def fresh(tmp_path) -> Iterator[SiteBrowser]:
    """A browser in front of an installation that nobody has used yet."""
    up = start(tmp_path / "var", free_port())
    try:
        up.wait_until_ready()
        with SiteBrowser(Site(up, None), str(tmp_path)) as browser:
            yield browser
            assert browser.messages() == []
    finally:
        up.stop()


@pytest.fixture
def files(tmp_path) -> list[Path]:
    """Two faults on four bearings each: arrays that declare neither rate nor unit."""
    rng = np.random.default_rng(4)
    time_s = np.arange(8_192) / RATE_HZ
    paths = []
    for label, tone_hz in TONES_HZ.items():
        for number in range(1, 5):
            samples = np.sin(2 * np.pi * tone_hz * time_s) + rng.normal(0, 0.4, time_s.size)
            paths.append(tmp_path / f"{label}_bearing{number}{label}.npy")
            np.save(paths[-1], samples.astype(np.float32))
    return paths


def test_from_set_up_to_explanation(fresh, files):
    set_up(fresh)
    import_files(fresh, files)
    look_at_a_signal(fresh)
    train(fresh)
    read_the_result(fresh)
    see_why(fresh)
    sign_out(fresh)


def set_up(browser: SiteBrowser) -> None:
    """Follow the printed link, and land on a page that says what to do first."""
    link = re.search(r"http://\S+/link/\S+", browser.site.up.printed).group()
    browser.driver.get(link)
    browser.type_into("#name", "root")
    browser.type_into("#password", PASSWORD)
    browser.type_into("#again", PASSWORD)
    browser.click("button[type=submit]")
    browser.wait_for_contains_text("#shell-main", "First steps")
    browser.settle()
    browser.driver.get(link)
    assert "This link does not open" in browser.find_element("main").text
    assert [message for message in browser.messages() if "403" not in message] == []


def import_files(browser: SiteBrowser, files: list[Path]) -> None:
    ids = import_data.Ids
    browser.open("/import")
    assert browser.find_element(f"#{ids.start}").get_attribute("disabled")
    browser.type_into(f"#{ids.name}", "Rig 7")
    choose = browser.find_element(f"#{ids.choose}-input")
    choose.send_keys("\n".join(map(str, files)))
    browser.wait_for_contains_text(f"#{ids.grouped}", "8 recordings in 8 files")
    browser.wait_for_contains_text(f"#{ids.grouped}", "8 files need a value that only you can know")
    browser.settle()
    browser.type_into(f"#{ids.rate}", f"{RATE_HZ:.0f}{Keys.TAB}")
    browser.click(f"#{ids.unit} option[value=g]")
    browser.type_into(f"#{ids.pattern}", "{label}_{bearing}.npy" + Keys.TAB)
    browser.wait_for_contains_text(f"#{ids.matches}", "bearing1inner")
    browser.settle()
    browser.click(f"#{ids.start}:not(:disabled)")
    browser.wait_for_contains_text(f"#{ids.result}", "8 recordings imported")
    browser.settle()


def look_at_a_signal(browser: SiteBrowser) -> None:
    """The recording is drawn; a time chosen in the waveform reaches everything below it."""
    ids = signals.Ids
    browser.open("/signals")
    browser.wait_for_element(f"#{ids.waveform} .trace")
    browser.type_into(f"#{ids.start}", f"1{Keys.TAB}")
    browser.type_into(f"#{ids.stop}", f"2{Keys.TAB}")
    browser.settle()
    browser.wait_for_contains_text("#shell-main", "1 to 2 s")
    before = browser.driver.current_url
    browser.driver.refresh()
    browser.settle()
    assert browser.driver.current_url == before
    browser.wait_for_contains_text("#shell-main", "1 to 2 s")


def train(browser: SiteBrowser) -> None:
    """Go through the wizard; reload in the middle of the training; see the end."""
    ids = new_experiment.Ids
    browser.open("/new-experiment")
    browser.wait_for_element(f"#{ids.fields}:enabled")
    for _step in range(4):
        browser.click("[data-wizard-move='1']")
        browser.settle()
        assert browser.driver.execute_script("return window.scrollY") == 0
    browser.type_into(f"#{ids.epochs}", f"4{Keys.TAB}")
    browser.click("[data-wizard-move='1']")
    browser.type_into(f"#{ids.name}", f"First{Keys.TAB}")
    browser.settle()
    browser.click(f"#{ids.submit}:not(:disabled)")
    wait_for(lambda: re.search(r"/experiments/\d+$", browser.driver.current_url))
    browser.settle()
    browser.driver.refresh()
    browser.wait_for_contains_text("#shell-main h1", "First")


def read_the_result(browser: SiteBrowser) -> None:
    browser.wait_for_contains_text("#shell-main", "Test result", timeout=240)
    browser.settle()
    text = browser.find_element("#shell-main").text
    for words in ("Balanced accuracy", "no interval can be given", "How the test was split"):
        assert words in text
    assert browser.violations() == []


def see_why(browser: SiteBrowser) -> None:
    ids = explain.Ids
    browser.open("/explain")
    browser.click(f"#{ids.run}:not(:disabled)")
    browser.wait_for_contains_text("#shell-main", "The whole recording")
    browser.settle()


def sign_out(browser: SiteBrowser) -> None:
    browser.driver.get(f"{browser.site.up.url}/settings/security")
    browser.settle()
    browser.driver.delete_all_cookies()
    browser.driver.get(f"{browser.site.up.url}/signals")
    assert "/sign-in" in browser.driver.current_url
