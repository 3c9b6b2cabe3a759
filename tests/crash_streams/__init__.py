"""Streams while the processes under them are killed: ``python -m tests.crash_streams``."""
