"""Data in (census, readings, tracks) and files out."""
