"""What a person without a mouse does where a page could keep or lose the focus."""

from __future__ import annotations

import pytest
from dash.testing.wait import until
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from layouts import dataset_recordings, sources


@pytest.fixture
def page(browser, sample):
    browser.sign_in("analyst")
    return browser


def press(browser, *keys) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def is_in(browser, selector: str) -> bool:
    script = "return !!document.activeElement.closest(arguments[0])"
    return bool(browser.driver.execute_script(script, selector))


def test_a_list_is_left_by_tab_and_its_links_followed_by_enter(page, sample):
    page.open(f"/datasets/{sample.dataset_id}")
    grid = f"#{dataset_recordings.Ids.grid}"
    page.wait_for_element(f"{grid} .ag-row .ag-cell a[href]")
    page.driver.execute_script(f"document.querySelector('{grid} .ag-row .ag-cell').focus()")
    press(page, Keys.TAB)
    until(lambda: not is_in(page, grid), timeout=20)
    back = ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB)
    back.key_up(Keys.SHIFT).perform()
    until(lambda: is_in(page, grid), timeout=20)
    page.driver.execute_script(
        f"document.querySelector('{grid} .ag-row .ag-cell a[href]').closest('.ag-cell').focus()"
    )
    press(page, Keys.ENTER)
    until(lambda: "/signals?" in page.driver.current_url, timeout=20)


def test_to_pass_a_search_is_not_to_search(page):
    """The list would be drawn anew, and the focus in it lost."""
    page.open("/sources")
    page.wait_for_element(f"#{sources.Ids.place} a")
    page.driver.execute_script(f"document.getElementById('{sources.Ids.text}').focus()")
    press(page, Keys.TAB, Keys.TAB)
    page.settle()
    assert is_in(page, f"#{sources.Ids.place}")
