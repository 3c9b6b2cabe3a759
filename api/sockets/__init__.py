"""Sockets that stay open: handed over by the web process, served by one of their own."""
