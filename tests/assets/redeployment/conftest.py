"""The small city of the requests: each agency has one room of its site, the rest stands idle."""

from tests.assets.requests.conftest import _desk, desk

__all__ = ["_desk", "desk"]
