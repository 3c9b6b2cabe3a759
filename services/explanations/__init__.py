"""Explanations: what can be asked, how it is kept, and what it says of a machine."""
