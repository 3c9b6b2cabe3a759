"""Classifiers that learn from features of windows, and how they are kept without pickle."""
