"""What pages look like: plain values in, components out."""
