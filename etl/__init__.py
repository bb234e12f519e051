"""Data in (census files), files out."""
