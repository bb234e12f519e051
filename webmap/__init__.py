"""The map and API people see, and the operators' command line."""
