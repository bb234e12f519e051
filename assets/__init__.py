"""What the state does with its places: the estate, then one folder per domain."""
