"""Which parts of a window spoke for a class, by several methods, and how far to believe it."""
