"""Every page, as every role that may open it: it draws, says nothing wrong, and can be used."""

from __future__ import annotations

import pytest

from layouts.registry import PAGES
from tests.browser.sample import missing_parts

OPENED = [page for page in PAGES if not page.is_template]


@pytest.mark.parametrize("page", OPENED, ids=lambda page: page.slug)
def test_viewer_may_open_the_page_or_is_told_why_not(browser, page):
    """Most are empty for them; both themes are looked at where there is something on a page."""
    browser.sign_in("viewer")
    browser.theme("dark")
    browser.open(page.path)
    assert browser.find_element("h1").text
    assert browser.violations() == []
    shown = browser.find_element("#shell-main").text
    allowed = page.is_for("viewer")
    assert allowed == (page.title in shown) or "role" in shown
    links = [a.get_attribute("href") for a in browser.find_elements("#shell-navigation a")]
    if page.group is not None and page.in_navigation:
        assert allowed == (browser.site.up.url + page.path in links)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_page_with_something_on_it(browser, sample, page):
    assert missing_parts(sample) == []
    browser.sign_in("admin")
    browser.theme("light")
    browser.open(sample.address(page))
    assert browser.violations() == []
    browser.click("#shell-theme")
    assert browser.find_element("html").get_attribute("data-bs-theme") == "dark"
    assert browser.violations() == []
    assert browser.find_elements(".toast-card.level-error") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sign_in_page(browser, theme):
    browser.theme(theme)
    browser.driver.get(f"{browser.site.up.url}/sign-in")
    assert browser.find_element("html").get_attribute("data-bs-theme") == theme
    assert browser.violations() == []


@pytest.mark.parametrize("path", ["/nowhere", "/datasets/0", "/machines/x", "/settings/webhooks/0"])
def test_what_is_not_there_is_said_and_nothing_is_offered_for_it(browser, path):
    browser.sign_in("analyst")
    browser.open(path)
    assert "There is no such" in browser.find_element("#shell-main").text
    buttons = browser.find_elements("#shell-main button")
    assert [one.text for one in buttons if one.is_displayed()] == []
    assert browser.violations() == []
