"""Use agreements and certificates: which body may use which rooms, on paper."""
