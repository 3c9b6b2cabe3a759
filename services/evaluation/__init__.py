"""Test results of experiments: computed, kept, and turned into views and tables."""
