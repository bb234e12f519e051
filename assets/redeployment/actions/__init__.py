"""Writes of redeployment plans: the only door."""
