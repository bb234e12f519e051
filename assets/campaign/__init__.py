"""The census as a yearly task: issued, filed by each agency, reviewed, closed and frozen."""
