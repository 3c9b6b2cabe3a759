"""Whole data sets as files of common formats, written block by block."""
