"""Requests that leave this installation for addresses that people have typed in."""
