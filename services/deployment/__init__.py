"""Networks for use elsewhere: variants that are made, served, and asked about whole versions."""
