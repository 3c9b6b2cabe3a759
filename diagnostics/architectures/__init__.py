"""Architectures that are searched: what one is, which there may be, and steps between them."""
