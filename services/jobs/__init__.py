"""The side of jobs that workers see, and the notices that their ends leave."""
