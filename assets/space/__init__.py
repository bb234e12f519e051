"""Office space: what each body is entitled to by the standard, what it has, and why."""
