"""Long work outside the web: a queue's worker, and one process for each job."""
