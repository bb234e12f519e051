"""Layers as collections of features: what standard clients read, under row security."""
