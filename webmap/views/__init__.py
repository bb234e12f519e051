"""One file per group of addresses."""

from typing import Final

from flask import Blueprint

from webmap.views import (
    account,
    accounts,
    attachments,
    campaigns,
    changes,
    closing,
    dividing,
    drawing,
    editing,
    exports,
    filings,
    imports,
    jobs,
    layers,
    loads,
    matches,
    measuring,
    moving,
    openapi,
    organizations,
    pages,
    photos,
    places,
    profiles,
    provider,
    questions,
    reports,
    rules,
    saved_views,
    search,
    sign_in,
    themes,
    tilejson,
    todo,
    unlocated,
)
from webmap.views.ogc import BLUEPRINTS as OGC

PAGES: Final[tuple[Blueprint, ...]] = (
    sign_in.blueprint,
    provider.blueprint,
    account.blueprint,
    accounts.blueprint,
    todo.blueprint,
    pages.blueprint,
    campaigns.blueprint,
    filings.blueprint,
    rules.blueprint,
)
"""What people open."""

API: Final[tuple[Blueprint, ...]] = (
    layers.blueprint,
    exports.blueprint,
    places.blueprint,
    photos.blueprint,
    editing.blueprint,
    drawing.blueprint,
    closing.blueprint,
    dividing.blueprint,
    measuring.blueprint,
    moving.blueprint,
    changes.blueprint,
    organizations.blueprint,
    search.blueprint,
    questions.blueprint,
    themes.blueprint,
    saved_views.blueprint,
    reports.blueprint,
    unlocated.blueprint,
    imports.blueprint,
    loads.blueprint,
    matches.blueprint,
    jobs.blueprint,
    attachments.blueprint,
    profiles.blueprint,
    openapi.blueprint,
    tilejson.blueprint,
    *OGC,
)
"""What programs ask, beside the tiles: the whole application interface on one screen."""
