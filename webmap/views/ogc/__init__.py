"""OGC API - Features at `/ogc`: every registered layer, under the rights of whoever asks."""

from flask import Blueprint

from webmap.views.ogc import collections, items, service

BLUEPRINTS: tuple[Blueprint, ...] = (service.blueprint, collections.blueprint, items.blueprint)
