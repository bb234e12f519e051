"""Writes of requests and returns: the only door."""
