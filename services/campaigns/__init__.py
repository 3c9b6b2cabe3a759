"""Searches with many trials: what all kinds of them share, and the kinds themselves."""
