"""What a search may choose from, and what chooses."""
