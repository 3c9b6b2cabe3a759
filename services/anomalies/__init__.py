"""Parts of the detection of anomalies: asking, running, batches, comparison, labels."""
