"""Detectors for endless series of points: each point is judged against those before it."""
