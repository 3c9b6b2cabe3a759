"""Detectors of anomalies in tables: from the cells to scores, thresholds and reasons."""
