"""Data sets and versions: membership, changes, differences, numbers, stored samples."""
