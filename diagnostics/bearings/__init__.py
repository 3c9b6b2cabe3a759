"""Bearings: sizes of known ones, and the frequencies that their faults would have."""
