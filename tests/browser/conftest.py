"""One running application and one browser for all browser tests; each begins signed out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from services import runtime
from tests.beside import beside
from tests.mailbox import HOST, Mailbox, smtp_server
from tests.running import free_port, start

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that dash[testing] brings
    from tests.browser.sample import ALLOWED, Sample, prepare
    from tests.browser.site import DESK, Site, SiteBrowser

# The browser's driver is of 2022 and leaves sockets and old names behind.
THEIRS = ("ignore::DeprecationWarning", "ignore::ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            for theirs in THEIRS:
                item.add_marker(pytest.mark.filterwarnings(theirs))


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def site(tmp_path_factory, mailbox) -> Iterator[Site]:
    place = tmp_path_factory.mktemp("site")
    (place / "rig").mkdir()
    given = {
        "IMPORT_FOLDERS": f"rig={place / 'rig'}",
        "QUALITY_CHECKS": "1",
        **ALLOWED,
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "rotorscope@example.com",
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(mailbox.port),
        "SMTP_SECURITY": "none",
    }
    up = start(place / "var", free_port(), **given)
    try:
        up.wait_until_ready()
        server = beside(up)
        yield Site(up, server)
        with server.app_context():
            runtime.engine().dispose()
    finally:
        up.stop()


@pytest.fixture(scope="session")
def sample(site) -> Sample:
    """A generated data set, an experiment and an explanation, for pages with something on them."""
    return prepare(site)


@pytest.fixture(scope="session")
def chromium(site, tmp_path_factory) -> Iterator[SiteBrowser]:
    with SiteBrowser(site, str(tmp_path_factory.mktemp("downloads"))) as browser:
        yield browser


@pytest.fixture
def browser(chromium) -> Iterator[SiteBrowser]:
    """A browser that nobody has signed in to; what it logs fails the test."""
    chromium.size(*DESK)
    chromium.forget()
    chromium.driver.get(chromium.site.up.url + "/sign-in")
    chromium.clear_storage()
    chromium.messages()
    yield chromium
    while len(chromium.driver.window_handles) > 1:
        chromium.driver.switch_to.window(chromium.driver.window_handles[-1])
        chromium.driver.close()
    chromium.driver.switch_to.window(chromium.driver.window_handles[0])
    assert chromium.messages() == []
