"""Who may see and change what: accounts, grants, and the cells that row-level security reads."""
