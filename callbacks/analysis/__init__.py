"""What happens in the parts of the signals page; ``callbacks.signals`` registers them."""
