"""What a test says: scores with intervals, curves, errors, and comparisons of classifiers."""
