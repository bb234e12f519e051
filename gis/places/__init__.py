"""The one map: every place the state holds is one row of place.place."""
