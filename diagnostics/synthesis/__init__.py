"""Vibration of faulty machines by formulas, and whether it shows what they say."""
