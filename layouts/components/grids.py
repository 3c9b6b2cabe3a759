"""What all long lists have in common."""

from __future__ import annotations

from typing import Any

# Arrows go from cell to cell, Enter follows the link of one; Tab leaves the list, which else
# takes it through every cell of every row.
GRID: dict[str, Any] = {
    "theme": "themeQuartz",
    "tabToNextCell": {"function": "leaveGrid()"},
}
