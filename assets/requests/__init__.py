"""Requests for office space: the six approval items, the rooms they get, and what is given back."""
