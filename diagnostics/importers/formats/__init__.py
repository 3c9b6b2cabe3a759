"""One file for each format: what it holds, in the shape of Contents."""
