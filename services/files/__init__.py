"""Files beside the database: what is kept, what is being written, and how much room is left."""
