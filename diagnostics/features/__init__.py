"""Numbers of windows: their definitions, their tables, and which of them are worth keeping."""
