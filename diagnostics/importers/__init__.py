"""Recordings out of the files of other programs. No file is trusted: nothing in it is run."""
