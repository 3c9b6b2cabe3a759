"""Votes of experiments: who may vote together, and what comes of it."""
