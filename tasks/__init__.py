"""The work of jobs, and the processes that do it. Thin: services read and write."""
