"""Parts of the sources: what they are made from, how they are made, how they are shown."""
