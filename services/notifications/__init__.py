"""Who is told of what, and by which channels."""
