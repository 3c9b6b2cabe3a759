"""Mixed jobs under accidents: what was asked for happens, once, and nothing half."""
