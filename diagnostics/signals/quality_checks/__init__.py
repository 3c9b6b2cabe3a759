"""What a signal is checked for: one file for each kind of trace that a fault leaves."""
