"""Inspections of office premises: what was found, and that it is put right."""
