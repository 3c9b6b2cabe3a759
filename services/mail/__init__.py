"""Mail: what is written, how it waits, and how it leaves."""
