"""All that an installation keeps, moved as a whole: to another database, into a file, and back."""
