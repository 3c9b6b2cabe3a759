"""Signals: filters, spectra, envelopes, orders, quality; and the file of a recording."""
