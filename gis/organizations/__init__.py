"""Bodies that hold and use places: the tree, its dated names, succession and headcounts."""
