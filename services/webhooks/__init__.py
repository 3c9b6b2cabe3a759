"""Webhooks: what is queued, what is sent where, and how it looks there."""
