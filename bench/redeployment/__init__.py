"""Redeployment: how near the best plan a run is proven to come, and how far ahead of greedy."""

from bench.redeployment.run import run

__all__ = ["run"]
