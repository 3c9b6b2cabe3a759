"""How a classifier is trained: configuration, split, windows, engine, and checks for leaks."""
