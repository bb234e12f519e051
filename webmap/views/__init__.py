"""One file per group of addresses."""

from typing import Final

from flask import Blueprint

from webmap.views import layers, openapi, places, questions, reports, search

API: Final[tuple[Blueprint, ...]] = (
    layers.blueprint,
    places.blueprint,
    search.blueprint,
    questions.blueprint,
    reports.blueprint,
    openapi.blueprint,
)
"""What programs ask, beside the tiles: the whole application interface on one screen."""
