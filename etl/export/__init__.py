"""Files out: what onemap knows, in the shapes others read."""
