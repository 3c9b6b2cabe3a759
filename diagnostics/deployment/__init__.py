"""Variants of a trained network: smaller, faster, in other formats, judged and timed."""
