"""Proof that the past was not altered: seals over committed history, and what checks them."""
