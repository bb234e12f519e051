"""Bring a staged sheet into the register, set-based, inside the load's one transaction."""

from etl.merge.sheet import Outcome, merge_sheet

__all__ = ["Outcome", "merge_sheet"]
