"""The estate: who owns, manages, occupies, lets, leases or lends which place, and since when.

What two domains share about a place is a fact of the estate; domains own their contracts and
verdicts and point at holdings.
"""
