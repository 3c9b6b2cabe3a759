"""Programs for developers: licence list, pinned versions, pictures of the guide."""
