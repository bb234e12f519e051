"""Benchmarks against peers and floors: `onemap bench`. What each figure means: docs/benchmarks.md.

Never part of the test run: a figure is a ratio of two things measured in turns on one machine.
"""
