"""Files on their way to recordings: folders, previews, choices, duplicates, results."""
