"""What is done in inspections, each in one transaction."""
