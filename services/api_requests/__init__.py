"""What was asked of the API: noted in memory, written by the batch, read as sums."""
