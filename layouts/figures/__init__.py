"""Plotly figures from plain values. One file per subject; all use one template."""
