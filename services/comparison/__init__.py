"""Experiments side by side: what is read of them, shown, written, and said in sentences."""
