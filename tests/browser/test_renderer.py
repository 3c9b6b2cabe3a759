"""How much Dash's renderer does when a page of many parts appears."""

from __future__ import annotations

# Counts how often the notes change that Dash keeps about what it drew.
COUNT = """
let before = window.store.getState().layoutHashes;
window.changes = 0;
window.store.subscribe(() => {
  const now = window.store.getState().layoutHashes;
  if (now !== before) window.changes += 1;
  before = now;
});
"""


def test_parts_that_appear_do_not_change_the_store_one_by_one(browser):
    browser.sign_in("analyst")
    browser.open("/machines")
    browser.driver.execute_script(COUNT)
    browser.follow("/generate")
    parts = len(browser.find_elements("#shell-main *"))
    changes = browser.driver.execute_script("return window.changes")
    assert parts > 300, "the page has become small, and says nothing about large ones"
    assert changes < parts / 4
