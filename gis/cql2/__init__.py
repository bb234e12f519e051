"""Filters in CQL2 (OGC 21-065), text or JSON: one tree, and SQL of it over a layer's properties."""
