"""Experiments side by side, as somebody compares them and sends the link on."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from tests.running import wait_for


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def offered(browser):
    return [one.text for one in browser.find_elements(".dash-dropdown-option")]


def choose(browser, words):
    """Open the list, search, take the one that is found, close."""
    browser.click("#compare-chooser")
    browser.wait_for_element(".dash-dropdown-search").send_keys(words)
    wait_for(lambda: len(offered(browser)) == 1 and words in offered(browser)[0])
    browser.find_element(".dash-dropdown-option").click()
    browser.find_element(".dash-dropdown-search").send_keys(Keys.ESCAPE)
    browser.settle()


def test_two_are_chosen_compared_and_the_link_shows_the_same(browser, sample):
    browser.sign_in("viewer")
    browser.open("/compare")
    assert "Choose two experiments or more" in text(browser, "#compare-result")
    choose(browser, "1-D CNN by bearing")
    choose(browser, "random forest by bearing")
    wait_for(lambda: "What can be said" in text(browser, "#compare-result"))
    said = text(browser, ".compare-said")
    assert "Demo: 1-D CNN by bearing" in said
    wanted = f"/compare?experiments={sample.experiment_id},{sample.forest_id}"
    wait_for(lambda: browser.driver.current_url.endswith(wanted))
    browser.open(wanted)
    assert text(browser, ".compare-said") == said
    browser.find_element("#compare-windows").click()
    wait_for(lambda: "by window (not independent)" in text(browser, "#compare-result"))
    assert browser.driver.current_url.endswith(f"{wanted}&windows=1")
    assert browser.violations() == []
    script = (
        "const [url, done] = arguments;"
        "fetch(url, {credentials: 'same-origin'}).then((answer) => done(answer.status));"
    )
    links = browser.find_elements("#compare-result .section-actions a")
    hrefs = [link.get_attribute("href") for link in links]
    assert [browser.driver.execute_async_script(script, href) for href in hrefs] == [200, 200]


def test_a_link_to_what_cannot_be_compared_says_why_and_back_returns(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/experiments/{sample.experiment_id}")
    browser.wait_for_element("a[href*='/compare?']").click()
    wait_for(lambda: "What can be said" in text(browser, "#compare-result"))
    browser.driver.back()
    browser.wait_for_element("#evaluation-result h2")
    browser.open(f"/compare?experiments={sample.experiment_id},99999")
    wait_for(lambda: "There is no experiment 99999." in text(browser, "#compare-result"))


def test_rows_of_the_experiments_page_are_compared(browser, sample):
    browser.sign_in("viewer")
    browser.open("/experiments")
    link = browser.find_element("#experiments-compare")
    assert not link.is_displayed()
    for number in (sample.experiment_id, sample.forest_id):
        browser.click(f"[row-id='{number}'] input[type=checkbox]")
    wait_for(link.is_displayed)
    assert browser.violations() == []
    link.click()
    wait_for(lambda: "What can be said" in text(browser, "#compare-result"))
