"""Where things are and who exists: database, rights, history, places, organizations, tiles."""
