from __future__ import annotations

from dash import no_update

from callbacks.deleting import register_deletion
from layouts.source import Ids


class App:
    """Keeps what is registered."""

    def __init__(self):
        self.kept = []

    def callback(self, *_wired, **_how):
        return self.kept.append


def test_nothing_is_asked_or_deleted_before_somebody_clicks():
    app, deleted = App(), []
    register_deletion(
        app,
        Ids,
        lambda chosen: f"Delete {chosen}?",
        lambda chosen: deleted.append(chosen) or "/sources",
    )
    ask, delete = app.kept
    assert ask(None, "a") == (no_update, no_update)
    assert delete(None, "a") is no_update
    assert deleted == []
    assert ask(1, "a") == ("Delete a?", True)
    assert (delete(1, "a"), deleted) == ("/sources", ["a"])
