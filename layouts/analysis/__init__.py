"""The parts of the signals page: panels of settings, plots, and what stands around them."""
