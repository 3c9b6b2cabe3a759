"""What Dash's renderer does when a page of many parts appears."""

from __future__ import annotations

# Counts changes of the notes that Dash keeps about what it drew, and those that change nothing.
COUNT = """
let before = window.store.getState().layoutHashes;
window.changes = [0, 0];
window.store.subscribe(() => {
  const now = window.store.getState().layoutHashes;
  if (now === before) return;
  const paths = Object.keys(now);
  const same = paths.length === Object.keys(before).length;
  window.changes[0] += 1;
  window.changes[1] += same && paths.every((path) => now[path] === before[path]);
  before = now;
});
"""


def test_parts_that_appear_change_the_store_only_where_something_changes(browser):
    browser.sign_in("analyst")
    browser.open("/machines")
    browser.driver.execute_script(COUNT)
    browser.follow("/generate")
    changes, needless = browser.driver.execute_script("return window.changes")
    assert changes > 0
    assert needless == 0
