"""Papers of every domain: Word in the layout of official documents, workbooks, PDF."""
