"""What the signals page shows of recordings: settings, plots, bearings, trends, sound."""
