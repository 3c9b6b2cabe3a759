"""Alarms, the health of the installation and quality checks, as an admin meets them."""

from __future__ import annotations

from selenium.webdriver.support.ui import Select

from models import Severity
from services.alarm_service import AlarmService
from services.alarms import raise_alarm
from services.monitoring_service import monitoring_service
from services.runtime import unit_of_work
from tests.browser.site import PHONE
from tests.running import wait_for


def test_an_alarm_is_found_acknowledged_shelved_and_cleared(browser):
    with browser.site.acting("admin"), unit_of_work() as session:
        told = "Envelope spectrum 12 dB above its baseline."
        number = raise_alarm(session, "anomaly", "machine:3", Severity.CRITICAL, told)
    browser.sign_in("analyst")
    browser.open("/alarms?kind=anomaly")
    browser.find_element("#alarms-table a").click()
    browser.wait_for_contains_text("#alarms-detail", f"Alarm {number}")
    browser.type_into("#alarms-note", "on my way")
    browser.click("#alarms-acknowledge")
    browser.wait_for_contains_text("#alarms-detail", "acknowledged")
    assert "on my way" in browser.find_element("#alarms-detail").text
    Select(browser.find_element("#alarms-hours")).select_by_value("24")
    browser.click("#alarms-shelve")
    browser.wait_for_contains_text("#alarms-detail", "until")
    browser.type_into("#alarms-fault", "outer race")
    browser.click("#alarms-confirm")
    browser.wait_for_contains_text("#alarms-detail", "outer race")
    assert browser.violations() == []
    browser.click("#alarms-clear")
    browser.wait_for_contains_text("#alarms-detail", "cleared")
    browser.size(*PHONE)
    browser.open(f"/alarms?id={number}")
    assert browser.violations() == []
    with browser.site.acting("analyst"):
        alarm = AlarmService.get_alarm(number)
    assert (alarm["state"].value, alarm["changed_by_name"]) == ("cleared", "analyst")


def test_health_has_components_workers_and_charts(browser):
    with browser.site.acting("admin"):  # the beat of the site measures by itself
        wait_for(monitoring_service.get_current_metrics)
    browser.sign_in("admin")
    browser.open("/system-health?hours=1")
    browser.wait_for_contains_text("#system-health-components", "The database answers.")
    browser.wait_for_contains_text("#system-health-workers", "interactive")
    browser.wait_for_element("#system-health-charts .js-plotly-plot .scatterlayer path")
    assert len(browser.find_elements("#system-health-charts .js-plotly-plot")) == 6
    assert "lines of jobs" in browser.find_element("#system-health-retention").text
    assert browser.violations() == []


def test_a_check_is_run_and_tells_what_it_found(browser):
    browser.sign_in("admin")
    browser.open("/quality-checks")
    Select(browser.find_element("#quality-checks-check")).select_by_value("quality")
    browser.settle()
    Select(browser.find_element("#quality-checks-path")).select_by_value("models/base.py")
    browser.click("#quality-checks-start")
    browser.wait_for_contains_text("#quality-checks-run", "0 findings, formatted", timeout=120)
    browser.wait_for_contains_text("#quality-checks-history", "passed")
    assert browser.violations() == []
