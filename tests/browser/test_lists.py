"""Long lists, whatever the order in which a browser does what they left for later."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from layouts import dataset_recordings
from layouts.dataset_recordings import NO_MATCH

# What is to be done at once is done a little later, and the list is drawn again and again.
DRAWN_IN_BETWEEN = """
const plain = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => plain(work, ms || 200, ...rest);
const id = arguments[0];
let times = 0;
setInterval(() => {
  const drawn = { className: "datasets-grid drawn-" + (times += 1) };
  window.dash_clientside.set_props(id, drawn);
}, 50);
"""
LINK = f"#{dataset_recordings.Ids.grid} .ag-row .ag-cell a[href]"


@pytest.fixture
def page(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/datasets/{sample.dataset_id}")
    browser.wait_for_element(LINK)
    return browser


def test_rows_come_after_an_answer_of_none(page):
    page.driver.execute_script(DRAWN_IN_BETWEEN, dataset_recordings.Ids.grid)
    page.type_into(f"#{dataset_recordings.Ids.search}", "zzz")
    page.wait_for_contains_text(f"#{dataset_recordings.Ids.grid}", NO_MATCH)
    page.find_element(f"#{dataset_recordings.Ids.search}").send_keys(Keys.BACKSPACE * 3)
    page.wait_for_element(LINK)
