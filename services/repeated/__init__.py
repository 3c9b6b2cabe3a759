"""Repeated experiments: which runs there are, and their results together."""
