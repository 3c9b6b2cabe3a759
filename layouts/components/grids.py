"""What all long lists have in common."""

from __future__ import annotations

from typing import Any

# Arrows go from cell to cell, Enter follows the link of one; Tab leaves the list, which else
# takes it through every cell of every row. One request at a time: of two, the component answers
# the last one only and counts the other as under way for ever; after some it asks no more.
GRID: dict[str, Any] = {
    "theme": "themeQuartz",
    "maxConcurrentDatasourceRequests": 1,
    "tabToNextCell": {"function": "leaveGrid()"},
}
NO_ROWS: dict[str, Any] = {"rowData": [], "rowCount": 0}
"""The answer to a list whose rows cannot be known yet: it waits for one before it asks again."""
