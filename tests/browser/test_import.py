"""Files come in through the page: after an upload broke off, and from a folder of the server."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import numpy as np
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from layouts.import_data import Ids
from layouts.import_data_folders import Ids as Folders
from services.dataset_service import DatasetService
from services.upload_service import UploadService

EDGE_BYTES = 65_536

DROP = """
const [place, name, content] = arguments, dragged = new DataTransfer();
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
dragged.items.add(new File([bytes], name));
for (const kind of ["dragenter", "dragover", "drop"]) {
  const given = {dataTransfer: dragged, bubbles: true, cancelable: true};
  document.getElementById(place).dispatchEvent(new DragEvent(kind, given));
}
"""


def table(path: Path, seed: int) -> Path:
    """A file that says everything but its speed, and is longer than both of its edges."""
    rng = np.random.default_rng(seed)
    rows = (f"{n / 2_000},{value:.6f}" for n, value in enumerate(rng.normal(size=9_000)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["time (s),vibration (g)", *rows]))
    return path


def drop(browser, path: Path) -> None:
    content = base64.b64encode(path.read_bytes()).decode()
    browser.driver.execute_script(DROP, Ids.uploader, path.name, content)


def test_an_upload_that_broke_off_goes_on_when_the_file_is_dropped_again(browser, tmp_path):
    path = table(tmp_path / "resumed.csv", 1)
    content = path.read_bytes()
    edges = hashlib.sha256(content[:EDGE_BYTES] + content[-EDGE_BYTES:]).hexdigest()
    half = len(content) // 2
    first = content[:half]
    with browser.site.acting("analyst"):
        begun = UploadService.begin(path.name, len(content), edges)
        UploadService.append(begun["id"], 0, first, hashlib.sha256(first).hexdigest())
    browser.sign_in("analyst")
    browser.open("/import")
    browser.wait_for_contains_text(f"#{Ids.files}", "broke off; choose the file again to go on")
    drop(browser, path)
    browser.wait_for_contains_text(f"#{Ids.grouped}", "1 recording in 1 file")
    with browser.site.acting("analyst"):
        (upload,) = UploadService.list_own()
        assert (upload["id"], upload["is_complete"]) == (begun["id"], True)
        assert UploadService.locate(begun["id"])[1].read_bytes() == content
    browser.settle()
    assert browser.violations() == []
    import_as(browser, "Resumed")


def test_files_of_a_server_folder_are_ticked_and_imported(browser):
    folder = browser.site.rig
    table(folder / "inner" / "1.csv", 2)
    table(folder / "inner" / "2.csv", 3)
    browser.sign_in("analyst")
    browser.open("/import")
    browser.wait_for_contains_text(f"#{Folders.entries}", "inner")
    browser.click(f"#{Folders.entries} button[aria-label='Open the folder inner']")
    browser.wait_for_contains_text(f"#{Folders.entries}", "2.csv")
    browser.settle()
    browser.click(f"#{Folders.entries} input[type=checkbox]")
    browser.wait_for_contains_text(f"#{Folders.told}", "Chosen: 1 file of “rig”")
    browser.wait_for_contains_text(f"#{Ids.grouped}", "1 recording in 1 file")
    browser.settle()
    assert browser.violations() == []
    import_as(browser, "From the server")
    assert (folder / "inner" / "1.csv").exists()


def test_what_is_typed_for_one_file_is_not_asked_for_any_more(browser, tmp_path):
    path = table(tmp_path / "no unit.csv", 4)
    path.write_text(path.read_text().replace("vibration (g)", "vibration"))
    browser.sign_in("analyst")
    browser.open("/import")
    drop(browser, path)
    browser.wait_for_contains_text(f"#{Ids.grouped}", "1 recording in 1 file")
    asked = browser.wait_for_element(".import-asked:has(.state-badge) select")
    badge = browser.find_element(".import-asked .state-badge")
    assert badge.is_displayed()
    Select(asked).select_by_visible_text("g")
    browser.settle()
    assert not badge.is_displayed()
    import_as(browser, "Typed")


def import_as(browser, name: str) -> None:
    """Import into a new data set, see what it came to, and leave nothing for other tests."""
    browser.click("input[value=new]")
    browser.type_into(f"#{Ids.name}", name + Keys.TAB)
    browser.click(f"#{Ids.start}:not(:disabled)")
    browser.wait_for_contains_text(f"#{Ids.result}", f"Version 1 of “{name}” has ")
    browser.settle()
    assert browser.violations() == []
    with browser.site.acting("analyst"):
        (made,) = DatasetService.list_datasets(search_query=name)
        DatasetService.delete_dataset(made["id"])
