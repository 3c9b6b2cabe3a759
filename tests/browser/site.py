"""The running application and the browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_core_python.selenium import Axe
from dash.testing.browser import Browser
from dash.testing.errors import TestingTimeoutError
from dash.testing.wait import until
from flask import Flask
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from models import Role
from services.actor import COMMAND_LINE, Actor, acting_as
from services.user_service import UserService
from tests.running import Up

PASSWORD = "lattice orbit vane 47 pump"  # of people who live as long as a test
DESK, PHONE = (1440, 900), (390, 844)
# A browser in a container: no sandbox, no graphics card, and it calls nobody by itself.
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb"),
    *("--force-prefers-reduced-motion", "--remote-debugging-port=0"),
)
SERIOUS = ("serious", "critical")
# Only what is wrong is described in full: on a page of many figures the rest takes minutes.
AXE = {"resultTypes": ["violations"]}
# A theme changes colours and nothing else; all other rules are for the light one.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What plotly draws is one picture with a name; its thousands of parts have none.
NOT_DRAWN = {"exclude": [[".main-svg"]]}


@dataclass
class Site:
    """A running ``up``, and the same application in this process to prepare things in."""

    up: Up
    server: Flask
    people: dict[str, Actor] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)

    @property
    def rig(self) -> Path:
        """The folder of the server that people may import from."""
        return self.up.folder.parent / "rig"

    @contextmanager
    def acting(self, role: Role | str = Role.ANALYST) -> Iterator[Actor]:
        """Call services as the person of a role, on the data that the browser sees."""
        actor = self.person(Role(role))
        with self.server.app_context(), acting_as(actor):
            yield actor

    def person(self, role: Role) -> Actor:
        """The one person of a role, made at the first call; named like the role."""
        if role.value not in self.people:
            with self.server.app_context(), acting_as(COMMAND_LINE):
                user, token = UserService.invite(role.value, role)
                UserService.accept_link(token, role.value, PASSWORD)
            self.people[role.value] = Actor(user["id"], role, frozenset(), "page", role.value)
        return self.people[role.value]


class SiteBrowser(Browser):
    """Chromium with the words of our tests: open, sign in, theme, log, accessibility."""

    def __init__(self, site: Site, download_path: str) -> None:
        super().__init__("chrome", download_path=download_path, percy_run=False, wait_timeout=90)
        self.driver.implicitly_wait(0)
        self.site = site
        self.size(*DESK)

    def size(self, width: int, height: int) -> None:
        """Give the page itself a size, whatever the window takes for its frame."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, path: str) -> None:
        """Open a page of the site, and wait until it has settled."""
        self.driver.get(self.site.up.url + path)
        self.settle()

    def follow(self, path: str) -> None:
        """Go to a page from another one as a link does, and wait until it has settled."""
        self.driver.execute_script(FOLLOW, path)
        until(lambda: self.driver.execute_script(ARRIVED), timeout=60, poll=0.02)

    def settle(self, timeout: float = 60.0) -> None:
        """Wait until the page is drawn and no callback runs."""
        try:
            until(self._is_settled, timeout=timeout, poll=0.05)
        except TestingTimeoutError:
            state = {
                "address": self.driver.current_url,
                "pending": self.driver.execute_script(PENDING),
                "log": self.messages(),
                "text": self.find_element("body").text[:2000],
            }
            raise AssertionError(f"The page did not settle: {state}") from None

    def sign_in(self, role: Role | str) -> None:
        """Be signed in as the person of a role; the form is filled once for each of them."""
        person = self.site.person(Role(role))
        self.forget()
        if person.name in self.site.cookies:
            self.driver.execute_cdp_cmd(
                "Network.setCookies", {"cookies": self.site.cookies[person.name]}
            )
            return
        self.driver.get(self.site.up.url + "/sign-in")
        self.fill_sign_in(person.name, PASSWORD)
        cookies = self.driver.execute_cdp_cmd("Network.getCookies", {})["cookies"]
        self.site.cookies[person.name] = cookies

    def fill_sign_in(self, name: str, password: str) -> None:
        """Fill the form that is open, and wait for the first page."""
        self.type_into("#name", name)
        self.type_into("#password", password)
        self.click("button[type=submit]")
        self.wait_for_element("#shell-main h1")
        self.settle()

    def forget(self) -> None:
        """Forget the cookies, as a new browser would."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def click(self, selector: str) -> None:
        """Click what is shown, or will be, from under the header that stays at the top.

        A list draws its cells anew when rows arrive: one that went meanwhile is looked for again.
        """
        until(lambda: self.driver.execute_script(SHOWN, selector), timeout=60, poll=0.05)
        until(lambda: self._clicks(selector), timeout=60, poll=0.05)

    def type_into(self, selector: str, text: str) -> None:
        element = self.wait_for_element(selector)
        element.clear()
        element.send_keys(text)

    def choose(self, selector: str, label: str) -> None:
        """Search a list for an option and choose it; one that is not offered fails the test.

        Dash's own ``select_dcc_dropdown`` logs that and goes on with what was chosen before.
        """
        self.click(selector)
        self.wait_for_element(".dash-dropdown-search").send_keys(label)
        until(lambda: self.driver.execute_script(OFFERED, label), timeout=60, poll=0.05)
        self.driver.execute_script(f"({OPTION})(arguments[0]).click()", label)
        self.wait_for_contains_text(selector, label)
        self.settle()

    def theme(self, name: str) -> None:
        """Choose ``light``, ``dark`` or ``system``, as the button in the header does."""
        self.driver.execute_script("localStorage.setItem('rotorscope-theme', arguments[0])", name)

    def messages(self) -> list[str]:
        """What the browser's console has held since the last call, chatter left out."""
        return [
            f"{entry['level']} {entry['message']}"
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("WARNING", "SEVERE")
            and not any(words in entry["message"] for words in NO_GRAPHICS_CARD)
        ]

    def violations(self) -> list[str]:
        """Serious findings of axe-core on the page as it is."""
        dark = self.find_element("html").get_attribute("data-bs-theme") == "dark"
        options = {**AXE, **COLOURS} if dark else AXE
        found = Axe().run(self.driver, context=NOT_DRAWN, options=options)["violations"]
        return [
            f"{finding['id']}: {finding['help']} {node['target']} {node['failureSummary']}"
            for finding in found
            if finding["impact"] in SERIOUS
            for node in finding["nodes"]
        ]

    def picture(self) -> bytes:
        png: bytes = self.driver.get_screenshot_as_png()
        return png

    def _clicks(self, selector: str) -> bool:
        try:
            element = self.find_element(selector)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
        except StaleElementReferenceException:
            return False
        return True

    def _is_settled(self) -> bool:
        return bool(self.driver.execute_script(SETTLED))

    def _get_chrome(self) -> Any:
        options = Options()
        options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
        for flag in FLAGS:
            options.add_argument(flag)
        prefs = {"download.default_directory": self.download_path}
        options.add_experimental_option("prefs", prefs)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(_program("chromedriver"))
        return webdriver.Chrome(options=options, service=service)


# What a browser without a graphics card says when figures are drawn by WebGL.
NO_GRAPHICS_CARD = ("software WebGL", "GL Driver Message")
# A choice of a closed list has no place on the page; its list has.
SHOWN = """
const found = document.querySelector(arguments[0]);
return !!found && (found.closest("select") || found).checkVisibility();
"""
OPTION = """
(label) => [...document.querySelectorAll(".dash-dropdown-option")]
    .find((option) => option.innerText.trim() === label)
"""
OFFERED = f"return !!({OPTION})(arguments[0])"

# Drawn, and nothing under way: Dash keeps its store in window.store where tests may look.
SETTLED = """
if (document.readyState !== "complete") return false;
if (!document.querySelector("#shell-main h1")) return !document.getElementById("react-entry-point");
if (document.querySelector("[data-dash-is-loading='true']")) return false;
if (!window.store) return true;
const state = Object.assign({}, window.store.getState().callbacks);
delete state.stored; delete state.completed;
return [].concat(...Object.values(state)).length === 0;
"""

# The heading of the page that is left is marked; on the next page stands another one.
FOLLOW = """
document.querySelector("#shell-main h1").dataset.left = "";
history.pushState({}, "", arguments[0]);
window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
"""
ARRIVED = f"""
if (document.querySelector("h1[data-left]")) return false;
{SETTLED}
"""

# Outputs of the callbacks that are under way, for the message of a test that waited in vain.
PENDING = """
if (!window.store) return [];
const state = Object.assign({}, window.store.getState().callbacks);
delete state.stored; delete state.completed;
return [].concat(...Object.values(state)).map((one) => one.callback && one.callback.output);
"""


def _program(*names: str) -> str:
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError(f"{names[0]} is missing: apt install chromium chromium-driver")
