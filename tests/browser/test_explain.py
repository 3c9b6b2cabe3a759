"""The result of an experiment and the explanation of a recording, as somebody reads them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from services.xai_service import XAIService
from tests.running import wait_for


def text(browser, selector):
    """Read at once: an element that is held may be replaced meanwhile."""
    script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''"
    return browser.driver.execute_script(script, selector)


def value(browser, selector):
    return browser.driver.execute_script(
        "return document.querySelector(arguments[0]).value", selector
    )


def choose(browser, selector, wanted):
    browser.wait_for_element(f"{selector} option[value='{wanted}']").click()
    browser.settle()


def query(browser):
    found = parse_qs(urlsplit(browser.driver.current_url).query)
    return {name: values[0] for name, values in found.items()}


def explain_path(sample, **changes):
    shown = {
        "experiment": sample.experiment_id,
        "recording": sample.recording_id,
        "class": sample.true_class,
    }
    return f"/explain?{urlencode(shown | changes)}"


def drawn(browser):
    return bool(browser.find_elements("#explain-overview .main-svg"))


def test_tables_of_the_result_follow_the_level_and_files_can_be_taken(browser, sample):
    browser.sign_in("viewer")
    browser.open(f"/experiments/{sample.experiment_id}")
    assert "On the test side" in text(browser, "#evaluation-result")
    assert "recordings" in text(browser, "#evaluation-detail")
    browser.find_element("#evaluation-level input[value=windows]").click()
    wait_for(lambda: "windows" in text(browser, "#evaluation-detail"))
    assert browser.violations() == []
    links = browser.find_elements(".download-list a")
    script = (
        "const [url, done] = arguments;"
        "fetch(url, {credentials: 'same-origin'}).then((answer) => done(answer.status));"
    )
    statuses = [
        browser.driver.execute_async_script(script, link.get_attribute("href")) for link in links
    ]
    assert statuses == [200] * 4


def test_from_the_worst_recording_to_its_explanation(browser, sample):
    browser.sign_in("analyst")
    browser.open(f"/experiments/{sample.experiment_id}")
    link = browser.wait_for_element("a[href*='/explain?'][href*='recording=']")
    wanted = parse_qs(urlsplit(link.get_attribute("href")).query)
    link.click()
    browser.wait_for_element("#explain-recording")
    browser.settle()
    assert value(browser, "#explain-recording") == wanted["recording"][0]
    assert value(browser, "#explain-class") == wanted["class"][0]


def test_a_kept_explanation_is_there_at_once_window_by_window(browser, sample):
    browser.sign_in("viewer")
    browser.open(explain_path(sample))
    wait_for(lambda: drawn(browser))
    first = int(query(browser)["window"])
    browser.find_element("#explain-next").click()
    wait_for(lambda: int(query(browser)["window"]) != first)
    there = query(browser)
    heading = f"Window {int(there['window']) + 1} of"
    wait_for(lambda: heading in text(browser, "#explain-result"))
    browser.driver.refresh()
    wait_for(lambda: heading in text(browser, "#explain-result"))
    assert query(browser) == there
    assert browser.violations() == []


def test_another_class_is_explained_while_the_page_waits(browser, sample):
    with browser.site.acting("analyst"):
        networks = XAIService.list_networks()
    chosen = next(n for n in networks if n["experiment_id"] == sample.experiment_id)
    other = next(name for name in chosen["class_names"] if name != sample.true_class)
    browser.sign_in("viewer")
    browser.open(explain_path(sample, **{"class": other}))
    assert "Ask an analyst" in text(browser, "#explain-state")
    assert not browser.find_element("#explain-run").is_enabled()
    browser.sign_in("analyst")
    browser.open(explain_path(sample))
    wait_for(lambda: drawn(browser))
    choose(browser, "#explain-class", other)
    wait_for(lambda: "Press Explain" in text(browser, "#explain-state"))
    browser.find_element("#explain-run").click()
    wait_for(lambda: f"{other} explained" in text(browser, "#explain-result"))
    assert query(browser)["class"] == other
    assert sample.true_class in text(browser, ".recent-explanations")


def test_methods_are_made_and_stand_side_by_side(browser, sample):
    browser.sign_in("analyst")
    browser.open(explain_path(sample))
    wait_for(lambda: drawn(browser))
    for method in ("integrated_gradients", "occlusion"):
        browser.find_element(f"#explain-methods input[value='{method}']").click()
    wait_for(lambda: "passes through the classifier" in text(browser, "#explain-estimate"))
    wait_for(lambda: browser.find_element("#explain-run").is_enabled())
    browser.find_element("#explain-run").click()
    wait_for(lambda: "Agreement" in text(browser, "#explain-result"), seconds=60)
    wait_for(lambda: text(browser, "#explain-state").strip() == "", seconds=60)
    assert query(browser)["methods"] == "gradcam,integrated_gradients,occlusion"
    result = text(browser, "#explain-result")
    for part in ("Is it looking at the fault frequency?", "Is it any good?", "Take it along"):
        assert part in result
    assert browser.violations() == []
    link = browser.find_element("#explain-result a[href$='/csv']").get_attribute("href")
    script = (
        "const [url, done] = arguments;"
        "fetch(url, {credentials: 'same-origin'}).then((a) => a.text()).then(done);"
    )
    assert browser.driver.execute_async_script(script, link).startswith("time_s,relevance")
