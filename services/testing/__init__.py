"""The project's own tests and checks, run by name and by nothing else."""
