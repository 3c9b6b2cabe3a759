"""Pages of campaigns: the list, a new one, one of them."""
