"""Search of experiments: the language, what it means as SQL, and the rows that it reads."""
