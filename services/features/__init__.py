"""Feature sets: where their windows come from, how they are made, and what is seen in them."""
